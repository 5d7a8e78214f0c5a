"""Builders that keep Slack's limits whatever they are given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import kit
from blocks.kit import Confirm, Message
from bot.demo.blockkit import check_message, check_view, text_length
from tests.unit.block_samples import START, hostile, sound


@given(hostile(), hostile())
def test_every_builder_stays_within_slack_limits(text: str, other: str) -> None:
    dialog = Confirm(text, other, text, other)
    blocks = [
        kit.header(text),
        kit.section(kit.escape(text)),
        kit.facts([(kit.name(text), kit.escape(other))] * 12),
        kit.paragraph(text),
        kit.preformatted(other),
        kit.context(kit.name(text), *[kit.escape(other)] * 12),
        kit.divider(),
        *kit.actions([kit.button(text, f"a.{n}", other, style="primary", confirm=dialog) for n in range(3)]),
    ]
    sound(Message(kit.lock_screen(text), blocks * 3))


@given(hostile())
def test_every_modal_stays_within_slack_limits(text: str) -> None:
    blocks = [kit.paragraph(text)] * 98 + [
        kit.text_input("a", text, hint=text, multiline=True),
        kit.text_input("b", text, optional=True, limit=100),
        kit.paragraph(text),
    ]
    view = kit.modal(text, blocks, callback="c.v1", submit=text, close=text, metadata=text)
    assert [fault for fault in check_view(view) if "submit is required" not in fault or text] == []


@given(hostile(), hostile())
def test_a_message_is_taken_whatever_it_says(text: str, other: str) -> None:
    message = Message(text, [kit.paragraph(other)] * 60)
    assert len(message.blocks) == 50
    assert check_message(message.text, message.blocks, update=True) == []


def test_only_a_message_that_is_too_long_is_cut() -> None:
    whole = [kit.preformatted("x" * 4000, 4000), kit.paragraph("y" * 2900), kit.paragraph("z" * 2900)]
    assert Message("m", whole).blocks == whole
    cut = Message("m", [*whole, kit.header("short")])
    assert text_length(Message("m", [*whole, kit.paragraph("y" * 900)]).blocks) <= 10_000
    assert cut.blocks[-1] == kit.header("short")


@given(hostile())
def test_what_is_escaped_holds_no_markup(text: str) -> None:
    escaped = kit.escape(text)
    assert not set(escaped) & set("<>`*~\0\u202e")


@pytest.mark.parametrize("name", ["redis_prod", "api_gateway_v2", "R&D", "café"])
def test_a_name_stays_readable(name: str) -> None:
    assert kit.name(name) == name.replace("&", "&amp;")


def test_an_underscore_at_a_word_edge_is_no_italic() -> None:
    assert "_" not in kit.escape("_urgent_")


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_cut_leaves_no_half_of_an_entity_a_link_or_a_date(cut: int) -> None:
    said = kit.clip_markup("Tom &amp; &lt;b&gt; <https://x.example/a|here> <!date^1^{time}|03:12> end", cut)
    assert said.count("<") == said.count(">")
    assert len(said) <= cut
    assert not said.removesuffix("…").endswith(("&", "&a", "&am", "&amp", "&l", "&lt", "&g", "&gt"))


@pytest.mark.parametrize("slack", ["U01ADA", "W012A3CDE"])
def test_somebody_with_a_slack_id_is_mentioned(slack: str) -> None:
    assert kit.person("Ada", slack) == f"<@{slack}>"


@pytest.mark.parametrize("slack", ["", "!channel", "U01ADA> <!here", "u01ada", "C01ADA", "U01ADA\n", "U" * 40])
def test_anything_else_is_only_a_name(slack: str) -> None:
    assert kit.person("<!channel> Ada", slack) == "&lt;!channel&gt; Ada"


def test_times_are_shown_in_the_reader_s_zone() -> None:
    assert kit.moment(START, "03:08") == "<!date^1795403280^{date_short_pretty} {time}|03:08>"
    assert kit.clock_time(START, "03:08") == "<!date^1795403280^{time}|03:08>"
    assert kit.ago(START, "a>b|c") == "<!date^1795403280^{ago}|a b c>"


def test_a_web_address_becomes_a_link() -> None:
    assert kit.link("https://a.example/?x=1&y=2", "Open") == "<https://a.example/?x=1&amp;y=2|Open>"


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "ftp://a.example", "https://", "https://[", "slack://user", "//a.example"),
        *("https://a.example/> <!channel>", "https://a.example|b", "https://a.example/a b", "https://a.example/\n"),
        "https://a.example/" + "x" * 3000,
    ],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert kit.link(url, "Open") == "Open"


@given(st.text() | hostile())
def test_no_address_breaks_out_of_its_link(url: str) -> None:
    sound(Message("m", [kit.context(kit.link(url, "Open")), kit.context(kit.link(f"https://a.example/{url}", "Open"))]))


def test_a_row_has_at_most_25_buttons() -> None:
    row = kit.actions([kit.button("b" * 80, f"a.{n}", "v") for n in range(30)])
    assert len(row[0]["elements"]) == 25
    many = Message("m", row * 20)
    assert 1 <= len(many.blocks) < 20
    assert check_message(many.text, many.blocks) == []


def test_no_buttons_are_no_row() -> None:
    assert kit.actions([]) == []
