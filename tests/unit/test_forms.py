"""What Slack sends, read: nothing in it is taken on trust."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import forms


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("see <https://example.com/x|the graph>", "see the graph"),
        ("see <https://example.com/x>", "see https://example.com/x"),
        ("<@U01ADA> and <@U01ADA|ada>", "@U01ADA and @ada"),
        ("<#C01|general>", "#general"),
        ("<!here> <!subteam^S01|@sre> <!date^1^{time}|03:12>", "@here @sre 03:12"),
        ("<>", "<>"),
        ("nul\0 half\ud800", "nul half?"),
    ],
)
def test_a_message_as_people_read_it(markdown: str, plain: str) -> None:
    assert forms.plain_text(markdown) == plain


@given(st.text())
def test_every_text_can_be_kept(text: str) -> None:
    kept = forms.storable(text)
    assert "\0" not in kept
    assert kept.encode("utf-8").decode() == kept


def test_where_a_message_stands() -> None:
    body = {"team": {"domain": "acme"}, "channel": {"id": "C01"}, "message": {"ts": "1700000000.000100", "text": "x"}}
    assert forms.message_link(body) == "https://acme.slack.com/archives/C01/p1700000000000100"
    assert forms.thread_of(body) == "1700000000.000100"
    reply = body | {"message": {"ts": "1700000009.000200", "thread_ts": "1700000000.000100"}}
    assert forms.message_link(reply).endswith("/p1700000009000200?thread_ts=1700000000.000100&cid=C01")
    assert forms.thread_of(reply) == "1700000000.000100"
    assert forms.message_link({}) == ""


def test_a_message_of_attachments_alone() -> None:
    assert forms.message_text({"message": {"text": "", "attachments": [{"fallback": "CPU is high"}]}}) == "CPU is high"
    assert forms.message_text({}) == ""


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("10:SEV1 redis", (10, "SEV1 redis")),
        ("0:", (0, "")),
        ("-1:x", (0, "x")),
        ("9" * 20 + ":x", (0, "x")),
        ("", (0, "")),
    ],
)
def test_the_page_that_a_button_turns_to(value: str, read: tuple[int, str]) -> None:
    assert forms.turned(value) == read
