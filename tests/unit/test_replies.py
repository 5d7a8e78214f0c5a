"""What an answer to an SMS means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.replies import answer_sms
from blocks.text import gsm7_length, is_gsm7
from domain.replies import MOST_AN_HOUR, MOST_NUMBERS, Answer, Reply, Verb, may_answer, read, short_numbers

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("a", Reply(Verb.TAKE)),
        (" A. ", Reply(Verb.TAKE)),
        ("Ack", Reply(Verb.TAKE)),
        ("12a", Reply(Verb.TAKE, 12)),
        ("12 A", Reply(Verb.TAKE, 12)),
        ("a 12", Reply(Verb.TAKE, 12)),
        ("ack #12", Reply(Verb.TAKE, 12)),
        ("ack INC-abc234", Reply(Verb.TAKE, name="INC-ABC234")),
        ("ack inc abc234!", Reply(Verb.TAKE, name="INC-ABC234")),
        ("n", Reply(Verb.DECLINE)),
        ("3n", Reply(Verb.DECLINE, 3)),
        ("Non", Reply(Verb.DECLINE)),
        ("e", Reply(Verb.ESCALATE)),
        ("e INC-ABC234\n-- \nsent from a phone", Reply(Verb.ESCALATE, name="INC-ABC234")),
        ("\n\n a", Reply(Verb.TAKE)),
        ("STOP", Reply(Verb.SILENCE)),
        ("stop.", Reply(Verb.SILENCE)),
        ("   ", Reply(Verb.SILENCE)),
        ("I am on holiday", Reply(Verb.NOTHING)),
        ("12", Reply(Verb.NOTHING)),
        ("12a 13", Reply(Verb.NOTHING)),
        ("abc", Reply(Verb.NOTHING)),
    ],
)
def test_what_is_typed_at_night_is_understood(text: str, reply: Reply) -> None:
    assert read(text) == reply


@given(st.text())
def test_every_text_means_something(text: str) -> None:
    found = read(text)
    assert found.code >= 0 and (not found.name or len(found.name) == 10)


@given(st.lists(st.sampled_from(list(Answer)), max_size=60))
def test_no_number_is_answered_without_end(wanted: list[Answer]) -> None:
    said: list[tuple[datetime, Answer]] = []
    for answer in wanted:
        if may_answer(answer, said, NOW):
            said.append((NOW, answer))
    assert len(said) <= MOST_AN_HOUR
    assert sum(answer in (Answer.HELP, Answer.UNKNOWN_PAGE) for _, answer in said) <= 2
    assert may_answer(Answer.TAKEN, said, NOW + timedelta(hours=2))


@given(st.lists(st.integers(1, 30)), st.integers(1, 40))
def test_short_numbers_are_nobody_elses_and_as_short_as_can_be(taken: list[int], count: int) -> None:
    found = short_numbers(taken, count)
    assert len(found) == count and not set(found) & set(taken)
    assert {*taken, *found} >= set(range(1, found[-1] + 1))


def test_what_cannot_be_typed_is_no_short_number() -> None:
    assert short_numbers(range(1, MOST_NUMBERS), 3) == [MOST_NUMBERS]


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.NONE])
def test_every_answer_is_one_part(answer: Answer, locale: str) -> None:
    details = {"short_id": "INC-ABC234", "title": "é" * 400, "reason": "Ada Admin has it already", "said": "INC-ZZZZZZ"}
    said = answer_sms(answer, details, locale)
    assert is_gsm7(said) and gsm7_length(said) <= 160, said
