"""Providers that take what is sent and do not answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.engine.hangs import HANG_SECONDS, TURN_SECONDS, Hangs
from domain.errors import DeliveryError
from storage.parcels import Kind, Parcel
from tests.world import PushedClock

SILENT = DeliveryError("no answer", permanent=False, ambiguous=True)
LONG, SHORT = TURN_SECONDS + 1, TURN_SECONDS - 1


def waiting(
    clock: PushedClock, seconds: float, lane: str = "mails", kind: Kind = Kind.PAGE, attempts: int = 1
) -> Parcel:
    due = clock.now() - timedelta(seconds=seconds)
    return Parcel(kind=kind, incident="one", subject="page", due_at=due, lane=lane, attempts=attempts)


@pytest.mark.parametrize("lane", ["mails", "texts", "calls", "hook:1"])
def test_who_waited_long_behind_a_provider_that_hangs_does_not_wait_for_a_try(lane: str) -> None:
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed(lane, SILENT, HANG_SECONDS)
    said = hangs.before(waiting(clock, LONG, lane))
    assert said is not None and (said.reason, said.ambiguous) == ("no answer", False), "nothing of it was tried"
    assert hangs.before(waiting(clock, SHORT, lane)) is None
    assert hangs.before(waiting(clock, LONG, "posts:sre")) is None


def test_who_waited_for_something_else_is_tried() -> None:
    """The provider hung once, an hour ago, and got nothing since; it was the database that kept the page waiting."""
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed("mails", SILENT, HANG_SECONDS)
    clock.push(timedelta(hours=1))
    assert hangs.before(waiting(clock, LONG)) is None


def test_a_second_try_is_a_real_one() -> None:
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed("mails", SILENT, HANG_SECONDS)
    assert hangs.before(waiting(clock, LONG, attempts=2)) is None


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.CODE, Kind.REPLY])
def test_nothing_but_pages_gives_up_its_turn(kind: Kind) -> None:
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed("mails", SILENT, HANG_SECONDS)
    assert hangs.before(waiting(clock, LONG, kind=kind)) is None


def test_an_answer_ends_it_and_a_refusal_is_one() -> None:
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed("mails", SILENT, HANG_SECONDS)
    hangs.answered("mails")
    assert hangs.before(waiting(clock, LONG)) is None
    hangs.failed("mails", SILENT, HANG_SECONDS)
    hangs.failed("mails", DeliveryError("no such mailbox", permanent=True), 0.1)
    assert hangs.before(waiting(clock, LONG)) is None


def test_slack_has_a_watch_of_its_own() -> None:
    clock = PushedClock()
    hangs = Hangs(clock)
    hangs.failed("posts:@U1", SILENT, HANG_SECONDS)
    assert hangs.before(waiting(clock, LONG, "posts:@U1")) is None
