"""Another way to somebody: which of two that wait for one person is enough, and what goes after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.directory import Directory
from domain.fallbacks import in_turn, instead, is_spared, is_told, revivable
from domain.incidents import Incident, Severity
from domain.notifications import Notification, NotificationState, Recipient
from domain.outages import SLACK_IS_AWAY
from domain.people import Person
from domain.policies import Channel

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ADA = Person("ada", "ada", "Ada", slack="U01ADA", phone="+33600000001", email="ada@example.com")
INCIDENT = Incident(
    id="i", short_id="INC-ABC234", title="Redis down", severity=Severity.SEV1, detected_at=NOW, created_at=NOW
)
DIRECTORY = Directory(people={"ada": ADA})
NO_STAND_IN = [
    (Channel.SMS, Channel.EMAIL, Channel.PHONE),
    (Channel.PHONE, Channel.EMAIL, Channel.SMS),
    (Channel.SMS, Channel.SLACK, Channel.PHONE),
    (Channel.PHONE, Channel.SLACK, Channel.SMS),
    (Channel.PHONE, Channel.SMS, None),
    (Channel.SLACK, Channel.EMAIL, None),
]
LOUDER = (Channel.EMAIL, Channel.SLACK, Channel.SMS, Channel.PHONE)


def page(channel: Channel, **said: object) -> Notification:
    usual = {"id": channel.value, "incident": "i", "step": 1, "message": "", "why": "", "decided_at": NOW}
    whom = Recipient("ada", "Ada", f"ada by {channel.value}")
    return Notification(**{**usual, "channel": channel, "recipient": whom, **said})  # type: ignore[arg-type]


def sent(channel: Channel, **said: object) -> Notification:
    return page(channel, state=NotificationState.SENT, **said)


@pytest.mark.parametrize("waiting", LOUDER)
@pytest.mark.parametrize("went", LOUDER)
def test_of_two_that_stand_in_for_each_other_one_that_wakes_is_enough(waiting: Channel, went: Channel) -> None:
    first, other = page(waiting, failure="HTTP 503"), sent(went, id="other", fallback_of=waiting.value)
    assert is_spared(first, other) == (LOUDER.index(went) >= LOUDER.index(waiting))


def test_two_ways_of_one_step_both_go_unless_slack_is_away() -> None:
    went = sent(Channel.EMAIL)
    assert not is_spared(page(Channel.SLACK, failure="HTTP 503"), went)
    assert is_spared(page(Channel.SLACK, failure=SLACK_IS_AWAY), went)


@pytest.mark.parametrize("other", [{"step": 2}, {"round": 1}, {"recipient": Recipient("bob", "Bob", "b")}])
def test_another_step_or_person_spares_nobody(other: dict[str, object]) -> None:
    assert not is_spared(page(Channel.SLACK, failure=SLACK_IS_AWAY), sent(Channel.SMS, **other))
    assert not is_told(page(Channel.SLACK), [sent(Channel.SMS, **other)])


def test_of_steps_that_waited_for_one_channel_one_is_enough() -> None:
    later = sent(Channel.SMS, id="later", step=2)
    assert is_spared(page(Channel.SMS, failure="HTTP 503"), later)
    assert not is_spared(page(Channel.SMS, failure="HTTP 503", round=1), later), "the climb began anew"
    assert not is_spared(page(Channel.PHONE, failure="HTTP 503"), later)


def test_what_was_tried_in_vain_waits_for_what_becomes_of_a_later_step() -> None:
    first, second = page(Channel.SMS, failure="HTTP 503"), page(Channel.SMS, id="second", step=2)
    assert in_turn([second, first]) == {first.id}
    assert in_turn([first]) == frozenset(), "alone it goes"
    assert in_turn([page(Channel.SMS), second]) == frozenset(), "neither was tried"
    bob = Recipient("bob", "Bob", "b")
    assert in_turn([first, page(Channel.SMS, id="bob", step=2, recipient=bob)]) == frozenset()


@pytest.mark.parametrize(("channel", "beside", "further"), NO_STAND_IN)
def test_what_rings_nobody_makes_up_for_no_sms(channel: Channel, beside: Channel, further: Channel | None) -> None:
    failed = page(channel, failure="HTTP 503")
    made = [failed, sent(beside, id="beside")]
    ways = instead(failed, made, INCIDENT, DIRECTORY, NOW, frozenset(Channel))
    assert [way for way, _ in ways] == ([further] if further else [])


def test_beside_a_direct_message_only_what_wakes_more_surely_is_tried() -> None:
    failed, beside = page(Channel.SMS, failure="HTTP 503"), sent(Channel.SLACK, id="beside")
    further = frozenset({Channel.SMS, Channel.SLACK, Channel.EMAIL})
    assert instead(failed, [failed, beside], INCIDENT, DIRECTORY, NOW, further) == ()


def test_who_is_paged_though_they_declined_is_tried_another_way_too() -> None:
    channels = frozenset(Channel)
    waits, went = page(Channel.SMS, failure="HTTP 503"), sent(Channel.SMS, failure="no sign that it arrived")
    (way,) = instead(waits, [waits], INCIDENT, DIRECTORY, NOW, channels, ["ada"])
    assert way[1].person == "ada"
    assert instead(went, [went], INCIDENT, DIRECTORY, NOW, channels, ["ada"]) == (), "it went before they declined"


def test_who_is_told_has_a_page_that_went_and_nothing_against_it() -> None:
    assert is_told(page(Channel.SLACK), [sent(Channel.SMS)])
    assert not is_told(page(Channel.SLACK), [page(Channel.SMS)]), "it has not gone yet"
    assert not is_told(page(Channel.SLACK), [sent(Channel.SMS, failure="no sign that it arrived")])


def test_what_was_spared_goes_after_all_and_what_was_refused_does_not() -> None:
    lost = sent(Channel.SMS, failure="no sign that it arrived")
    spared = page(Channel.EMAIL, state=NotificationState.CANCELLED, failure="SMTP 451")
    away = page(Channel.SLACK, state=NotificationState.FAILED, failure=SLACK_IS_AWAY)
    refused = page(Channel.PHONE, state=NotificationState.FAILED, failure="no such number")
    unneeded = replace(spared, id="x", failure="")
    assert revivable(lost, [lost, spared, away, refused, unneeded]) == (spared, away)
    assert revivable(lost, [spared], declined=["ada"]) == ()
    earlier = page(Channel.SMS, id="earlier", step=0, state=NotificationState.CANCELLED, failure="HTTP 503")
    assert revivable(lost, [lost, earlier]) == (earlier,)
    assert revivable(lost, [spared, sent(Channel.SLACK)]) == (), "there is another that arrived"


def test_what_an_earlier_step_has_said_keeps_nothing_from_going_after_all() -> None:
    first, lost = sent(Channel.SMS, id="first"), sent(Channel.SMS, step=3, failure="no sign that it arrived")
    away = page(Channel.SLACK, step=3, state=NotificationState.FAILED, failure=SLACK_IS_AWAY)
    second = page(Channel.SMS, id="second", step=2, state=NotificationState.CANCELLED, failure="HTTP 503")
    assert revivable(lost, [first, second, lost, away]) == (away, second)
    assert revivable(lost, [first, second, sent(Channel.SMS, id="later", step=2), lost, away]) == (away,)
