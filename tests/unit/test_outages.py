"""Slack is away, and is back: what is made of failures, silence and closed sockets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.notifications import Notification, NotificationState, Recipient
from domain.outages import SLACK_IS_AWAY, Detour, Health, Part, answered, detours, failed, heard, probed
from domain.policies import Channel

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=15)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_three_failures_in_a_row_are_an_outage_from_the_first_on() -> None:
    health = Health()
    for seconds in range(3):
        assert not health.is_away
        health = failed(health, later(seconds))
    assert health.is_away and health.is_silent and health.away_since == NOW


def test_an_answer_between_them_is_none() -> None:
    health = answered(failed(failed(Health(), NOW), NOW))
    assert not failed(failed(health, NOW), NOW).is_away


def test_one_failure_without_a_socket_is_enough() -> None:
    deaf = heard(Health(), False, NOW, PATIENCE)
    assert not deaf.is_away
    assert failed(deaf, later(1)).is_silent
    assert heard(failed(Health(), NOW), False, later(1), PATIENCE).is_silent


def test_sockets_closed_for_a_while_are_an_outage_in_which_things_are_posted() -> None:
    health = heard(Health(), False, NOW, PATIENCE)
    health = heard(health, False, later(14), PATIENCE)
    assert not health.is_away
    health = heard(health, False, later(15), PATIENCE)
    assert health.is_away and not health.is_silent and health.away_since == NOW
    assert not probed(heard(health, True, later(16), PATIENCE), True, later(16)).is_away


def test_a_clock_that_is_set_back_hides_no_closed_socket() -> None:
    health = heard(Health(), False, later(3600), PATIENCE)
    health = heard(health, False, NOW, PATIENCE)
    assert heard(health, False, later(15), PATIENCE).is_away


def test_the_web_api_alone_is_not_enough_to_be_back() -> None:
    deaf = heard(failed(Health(), NOW), False, NOW, PATIENCE)
    half = probed(deaf, True, later(5))
    assert half.is_away and not half.is_silent and half.part is Part.SOCKET
    assert half.away_since == NOW


Step = st.sampled_from(["fails", "answers", "open", "closed", "probe well", "probe badly"])


@given(st.lists(Step, max_size=40))
def test_once_away_it_is_back_by_a_probe_alone(steps: list[str]) -> None:
    health, now = Health(), NOW
    for step in steps:
        now += timedelta(seconds=1)
        before = health
        match step:
            case "fails":
                health = failed(health, now)
            case "answers":
                health = answered(health)
            case "probe well" | "probe badly":
                health = probed(health, step == "probe well", now) if health.is_away else health
            case _:
                health = heard(health, step == "open", now, PATIENCE)
        if before.is_away and not health.is_away:
            assert step == "probe well" and before.deaf_since is None
        if before.is_away and health.is_away:
            assert health.away_since == before.away_since


def page(identity: str, channel: Channel, name: str, **more: object) -> Notification:
    said = {"id": identity, "incident": "i", "step": 1, "channel": channel, "message": "", "why": "", "decided_at": NOW}
    return Notification(**{**said, "recipient": Recipient("p", name, "a"), **more})  # type: ignore[arg-type]


def test_detours_are_what_went_in_the_stead_of_slack() -> None:
    sent = NotificationState.SENT
    made = [
        page("1", Channel.SLACK, "John", failure=SLACK_IS_AWAY),
        page("2", Channel.SMS, "John", fallback_of="1", state=sent),
        page("3", Channel.SLACK, "Lea", failure=SLACK_IS_AWAY),
        page("4", Channel.SMS, "Lea", fallback_of="3", state=sent),
        page("5", Channel.EMAIL, "Bob", state=sent),
        page("6", Channel.SMS, "Eve", fallback_of="3"),
    ]
    assert detours(made, NOW) == (Detour(Channel.SMS, ("John", "Lea")),)
    assert detours(made, later(1)) == ()


def test_a_page_that_failed_before_it_was_known_why_is_a_detour_too() -> None:
    sent = NotificationState.SENT
    made = [
        page("1", Channel.SLACK, "John", failure="Slack answers HTTP 500"),
        page("2", Channel.SMS, "John", fallback_of="1", state=sent),
        page("3", Channel.SMS, "Lea", failure="the number is unknown"),
        page("4", Channel.EMAIL, "Lea", fallback_of="3", state=sent),
        page("5", Channel.SLACK, "#billing"),
        page("6", Channel.SLACK, "#sre", fallback_of="5", state=sent),
    ]
    assert detours(made, NOW) == (Detour(Channel.SMS, ("John",)),)
