"""Words outside Slack always fit, never lose the way to acknowledge, and hide nothing."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.text import (
    GSM7_BASIC,
    GSM7_EXTENSION,
    clean,
    clip,
    gsm7,
    gsm7_length,
    is_gsm7,
    one_line,
    sms,
)

LINK = "Ack: https://vigie.example.com/a/eyJpIjoiSU5DLUFCQzIzNCJ9.Zx3kQ2b8"
HOSTILE = "\0\r\n\u202e\u2066\u200f\ud800\ufeff\U000e0041\u0301\u200d"
texts = st.text(st.one_of(st.characters(), st.sampled_from("éàùêçœ“”–…€[]{}🔥👩🏽日本Привет" + HOSTILE)))
latin = st.text(st.characters(min_codepoint=32, max_codepoint=0x17F))
tails = st.sampled_from([LINK, "Reply 1 to acknowledge", "Répondez 1 – merci", "x" * 150])


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_gsm7_table_has_the_standards_size() -> None:
    # 128 places, less the escape to the extension.
    assert len(GSM7_BASIC) == 127
    assert not GSM7_BASIC & GSM7_EXTENSION


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("é à ù è ò ì É Ç ñ ü", "é à ù è ò ì É Ç ñ ü"),
        ("être château maïs çà Noël œuvre", "etre chateau mais cà Noel oeuvre"),
        ("“quoted” ‘single’ «guillemets» – dash — em…", '"quoted" \'single\' "guillemets" - dash - em...'),
        ("🔥 redis 🔥 down 👩🏽\u200d🚒", " redis down "),
        ("a\u00a0b\tc\u2009d", "a b c d"),
        ("a\0b\u202ec\u2066d\u200ee", "abcde"),
        ("ｆｕｌｌ ﬁn ½ ² Łódź ① ٣", "full fin 1/2 2 Lodz 1 3"),
        ("cpu → 95 % ≥ 90 °C ✅ €5", "cpu -> 95 % >= 90 oC OK €5"),
        ("e\u0301tat z\u0351\u0352\u0353algo", "état zalgo"),
        ("line\r\nnext\u2028last", "line\nnext\nlast"),
        ("Сервер", "Сервер"),
    ],
)
def test_gsm7_transliterates(text: str, expected: str) -> None:
    assert gsm7(text) == expected


@given(texts)
def test_gsm7_twice_is_gsm7_once(text: str) -> None:
    assert gsm7(gsm7(text)) == gsm7(text)


@given(latin)
def test_every_latin_text_becomes_gsm7(text: str) -> None:
    assert is_gsm7(gsm7(text))


def test_gsm7_length_counts_the_extension_twice() -> None:
    assert gsm7_length("a{b}€") == 8


@given(texts, tails)
def test_sms_never_exceeds_its_limit_and_always_ends_with_the_tail(body: str, tail: str) -> None:
    message = sms(body, tail)
    assert message.endswith(gsm7(tail))
    if is_gsm7(message):
        assert gsm7_length(message) <= 160
    else:
        assert utf16_length(message) <= (134 if len(tail) <= 134 else 3 * 67)


@given(texts, tails, st.integers(20, 400))
def test_sms_holds_what_cannot_be_seen_never(body: str, tail: str, limit: int) -> None:
    message = sms(body, tail, limit)
    assert message == message.encode().decode()
    unseen = [character for character in message if unicodedata.category(character) in {"Cc", "Cf", "Cs"}]
    assert set(unseen) <= {"\n"}


@given(latin, st.integers(20, 400))
def test_sms_fits_every_limit_its_tail_fits(body: str, limit: int) -> None:
    assert gsm7_length(sms(body, "Reply 1 to ack", limit)) <= limit


def test_sms_that_fits_is_not_cut() -> None:
    assert sms("SEV1 redis down", LINK) == f"SEV1 redis down\n{LINK}"


def test_sms_fills_the_part_it_is_cut_to() -> None:
    message = sms("x" * 500, LINK)
    assert gsm7_length(message) == 160
    assert "x...\n" in message


def test_sms_counts_brackets_twice() -> None:
    assert gsm7_length(sms("[" * 200, LINK)) in (159, 160)


def test_a_foreign_name_costs_a_question_mark_not_half_the_message() -> None:
    message = sms("SEV1 on host 日 in the Paris region, replication stopped", LINK)
    assert message == f"SEV1 on host ? in the Paris region, replication stopped\n{LINK}"


def test_a_foreign_title_keeps_its_letters_in_two_unicode_parts() -> None:
    message = sms("Сервер базы данных не отвечает " * 10, LINK)
    assert message.startswith("Сервер базы данных")
    assert message.endswith(LINK)
    assert utf16_length(message) <= 134


def test_a_short_foreign_message_is_one_part() -> None:
    assert utf16_length(sms("Сервер упал " * 9, "Ответьте 1")) > 70
    assert sms("Сервер упал", "Ответьте 1") == "Сервер упал\nОтветьте 1"


def test_a_tail_longer_than_a_part_is_whole_all_the_same() -> None:
    tail = "https://vigie.example.com/a/" + "k" * 200
    assert sms("SEV1 redis down", tail) == f"SEV1 redis down\n{tail}"


def test_a_tail_that_fills_the_part_pushes_the_body_out() -> None:
    assert sms("redis is down", "x" * 158) == "x" * 158


def test_sms_without_body_or_tail() -> None:
    assert sms("", LINK) == LINK
    assert sms("x" * 200, "") == "x" * 157 + "..."


def test_sms_keeps_single_line_breaks() -> None:
    assert sms("SEV1\n\n\n redis \n down", "Reply 1") == "SEV1\nredis\ndown\nReply 1"


@given(texts)
def test_one_line_is_one_line_without_surprises(text: str) -> None:
    line = one_line(text)
    assert "  " not in line
    assert line.splitlines() in ([line], [])
    assert one_line(line) == line
    line.encode()


@given(texts)
def test_clean_is_always_encodable(text: str) -> None:
    assert "\r" not in clean(text)
    clean(text).encode()


@given(texts, st.integers(-2, 40))
def test_clip_never_exceeds_its_limit(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped) <= max(limit, 0)
    assert clipped == text or limit <= 0 or clipped.endswith("…")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("redis is down", 20, "redis is down"),
        ("redis is down", 7, "redis…"),
        ("cafe\u0301 noir", 5, "caf…"),
        ("ab👩\u200d🚒 cd", 5, "ab…"),
        ("ab👍🏽 cd", 4, "ab…"),
        ("a🇫🇷🇬🇧", 3, "a…"),
        ("a🇫🇷🇬🇧z", 4, "a🇫🇷…"),
        ("abc", 0, ""),
    ],
)
def test_clip_cuts_between_what_is_seen_as_one(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


def test_an_sms_that_is_cut_names_its_incident_while_there_is_room_for_that() -> None:
    body = "! ESCALADE: Incident SEV1 non acquitté depuis 5 min\nINC-UV7CFP: Redis Cluster Down"
    for address in ("https://vigie.example.com/a/" + "x" * length for length in range(20, 40)):
        said = sms(body, f"Acquitter : {address} ou répondre 1a")
        assert "INC-UV7CFP" in said
        assert len(said) <= 160


@given(st.text(st.sampled_from([*sorted(GSM7_BASIC | GSM7_EXTENSION), "ê", "\u0301", "\u200b", "`"])))
def test_sms_has_single_blanks_and_breaks_whatever_its_message_has(body: str) -> None:
    message = sms(body, "Reply 1 to ack", 10_000)
    assert message == "\n".join(line.strip() for line in message.splitlines())
    assert not {"  ", "\n\n"} & {first + second for first, second in itertools.pairwise(message)}
