"""Another way to somebody: which of two that wait for one person is enough, and what goes after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.directory import Directory
from domain.fallbacks import elsewhere, in_turn, instead, is_spared, is_told, revivable
from domain.incidents import Incident, Severity
from domain.notifications import Notification, NotificationState, Recipient
from domain.oncall import OnCall, Rotation
from domain.outages import SLACK_IS_AWAY
from domain.people import Person, Team
from domain.policies import Channel

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ADA = Person("ada", "ada", "Ada", slack="U01ADA", phone="+33600000001", email="ada@example.com")
INCIDENT = Incident(
    id="i",
    short_id="INC-ABC234",
    title="Redis down",
    severity=Severity.SEV1,
    team="sre",
    detected_at=NOW,
    created_at=NOW,
)
ALWAYS_ADA = OnCall("UTC", (Rotation("primary", datetime(2026, 1, 5, 9), 7, ("ada",)),))  # noqa: DTZ001
SRE = Team("sre", "SRE", "#sre", on_call=ALWAYS_ADA)
DIRECTORY = Directory(people={"ada": ADA}, teams={"sre": SRE})
PLACE = Recipient("", "#war", "#war")
NO_STAND_IN = [
    (Channel.SMS, Channel.EMAIL, Channel.PHONE),
    (Channel.PHONE, Channel.EMAIL, Channel.SMS),
    (Channel.SMS, Channel.SLACK, Channel.PHONE),
    (Channel.PHONE, Channel.SLACK, Channel.SMS),
    (Channel.PHONE, Channel.SMS, None),
    (Channel.SMS, Channel.SMS, None),
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


@pytest.mark.parametrize("waiting", LOUDER)
@pytest.mark.parametrize("went", LOUDER)
def test_what_stands_in_is_not_needed_once_what_it_stood_in_for_has_gone(waiting: Channel, went: Channel) -> None:
    other = page(waiting, id="other", failure="HTTP 503", fallback_of=went.value)
    assert is_spared(other, sent(went)) == (LOUDER.index(went) >= LOUDER.index(waiting))


def test_two_ways_of_one_step_both_go_unless_slack_is_away() -> None:
    went = sent(Channel.PHONE)
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


def test_whoever_can_not_take_it_is_tried_by_no_other_way() -> None:
    assert instead(page(Channel.SMS), [], INCIDENT, DIRECTORY, NOW, frozenset(Channel), ["ada"]) == ()


BY_PHONE = Recipient("ada", "Ada", ADA.phone)
LOST = page(Channel.SMS, failure="HTTP 503")
CHANNEL_LOST = page(Channel.SLACK, recipient=PLACE, failure="HTTP 503")
BESIDE: dict[str, tuple[Notification, list[Notification], list[Channel]]] = {
    "nothing else": (LOST, [], [Channel.PHONE]),
    "an earlier beginning": (replace(LOST, round=1), [sent(Channel.PHONE)], [Channel.PHONE]),
    "another step's call": (LOST, [sent(Channel.PHONE, step=2)], [Channel.PHONE]),
    "this step's call": (LOST, [sent(Channel.PHONE)], []),
    "this step's call in vain": (LOST, [page(Channel.PHONE, failure="busy", recipient=BY_PHONE)], [Channel.SLACK]),
    "this step's call in vain to a former number": (LOST, [page(Channel.PHONE, failure="busy")], [Channel.PHONE]),
    "what was tried before": (LOST, [page(Channel.PHONE, fallback_of=LOST.id, failure="busy")], []),
    "a call that is held": (LOST, [page(Channel.PHONE, id="held")], [Channel.PHONE]),
    "the call that it stands in for": (
        replace(LOST, fallback_of="first"),
        [page(Channel.PHONE, id="first", recipient=BY_PHONE)],
        [Channel.SLACK],
    ),
    "a channel, and nobody reached": (CHANNEL_LOST, [], [Channel.SMS]),
    "a channel, and whoever is on call reached by another step": (CHANNEL_LOST, [sent(Channel.SMS, step=2)], []),
    "a mail to a stranger": (page(Channel.EMAIL, recipient=Recipient("", "Eve", "eve@example.com")), [], []),
}


@pytest.mark.parametrize("name", BESIDE)
def test_another_way_is_tried_unless_the_same_step_reaches_them(name: str) -> None:
    lost, beside, expected = BESIDE[name]
    ways = instead(lost, [lost, *beside], INCIDENT, DIRECTORY, NOW, frozenset(Channel), held=["held"])
    assert [way for way, _ in ways] == expected


def test_whoever_has_no_phone_is_found_by_what_they_have() -> None:
    directory = Directory(people={"ada": replace(ADA, phone="")})
    ((channel, recipient),) = instead(LOST, [LOST], INCIDENT, directory, NOW, frozenset(Channel))
    assert (channel, recipient.address) == (Channel.SLACK, "U01ADA")


def test_whoever_can_not_take_it_is_not_paged_for_a_channel_that_is_broken() -> None:
    assert instead(CHANNEL_LOST, [CHANNEL_LOST], INCIDENT, DIRECTORY, NOW, frozenset(Channel), ["ada"]) == ()


SRE_CHANNEL = Recipient("", "#sre", "#sre")


@pytest.mark.parametrize(
    ("beside", "is_tried"),
    [
        ([], True),
        ([page(Channel.SLACK, id="own", recipient=SRE_CHANNEL)], False),
        ([page(Channel.SLACK, id="own", recipient=SRE_CHANNEL, round=1)], True),
        ([page(Channel.SLACK, id="own", recipient=SRE_CHANNEL, step=2)], True),
        ([page(Channel.SLACK, id="other", recipient=PLACE, fallback_of=CHANNEL_LOST.id)], False),
    ],
)
def test_the_teams_own_channel_stands_in_once_for_one_that_is_broken(
    beside: list[Notification], is_tried: bool
) -> None:
    ways = elsewhere(CHANNEL_LOST, [CHANNEL_LOST, *beside], INCIDENT, DIRECTORY)
    assert ways == (((Channel.SLACK, SRE_CHANNEL),) if is_tried else ())


@pytest.mark.parametrize(
    ("lost", "teams"),
    [
        (page(Channel.SLACK), {"sre": SRE}),
        (page(Channel.SLACK, recipient=SRE_CHANNEL), {"sre": SRE}),
        (CHANNEL_LOST, {}),
        (CHANNEL_LOST, {"sre": replace(SRE, channel="")}),
    ],
)
def test_nothing_stands_in_for_a_person_nor_for_the_teams_own_channel(
    lost: Notification, teams: dict[str, Team]
) -> None:
    assert elsewhere(lost, [lost], INCIDENT, Directory(people={"ada": ADA}, teams=teams)) == ()


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


def test_what_went_or_is_tried_still_does_not_go_a_second_time() -> None:
    lost = sent(Channel.SMS, failure="no sign that it arrived")
    called, tried = sent(Channel.PHONE, failure="no sign that it arrived"), page(Channel.EMAIL, failure="SMTP 451")
    assert revivable(lost, [lost, called, tried]) == ()


def test_what_was_spared_goes_after_all_once_and_to_its_own_person_by_its_own_way() -> None:
    lost = sent(Channel.SMS, step=2, failure="no sign that it arrived")
    spared = page(Channel.SMS, id="spared", step=2, state=NotificationState.CANCELLED, failure="HTTP 503")
    assert revivable(lost, [lost, spared]) == (spared,)
    others = [replace(spared, recipient=Recipient("bob", "Bob", "b")), replace(spared, channel=Channel.EMAIL, step=1)]
    assert revivable(lost, [lost, *others]) == ()


def test_two_channels_of_one_step_do_not_stand_in_for_each_other() -> None:
    waits = page(Channel.SLACK, id="sre", recipient=SRE_CHANNEL, failure=SLACK_IS_AWAY)
    went = sent(Channel.SLACK, recipient=PLACE)
    assert not is_spared(waits, went) and not is_told(waits, [went])


def test_what_an_earlier_step_has_said_keeps_nothing_from_going_after_all() -> None:
    first, lost = sent(Channel.SMS, id="first"), sent(Channel.SMS, step=3, failure="no sign that it arrived")
    away = page(Channel.SLACK, step=3, state=NotificationState.FAILED, failure=SLACK_IS_AWAY)
    second = page(Channel.SMS, id="second", step=2, state=NotificationState.CANCELLED, failure="HTTP 503")
    assert revivable(lost, [first, second, lost, away]) == (away, second)
    assert revivable(lost, [first, second, sent(Channel.SMS, id="later", step=2), lost, away]) == (away,)
