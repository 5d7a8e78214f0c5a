"""How fast messages may go to one place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.rates import RateLimiter, RateLimits
from bot.engine.lanes import Lanes, Rate, Rates
from bot.engine.places import MOMENT_SECONDS, UNTIL_ONE_IS_BACK_SECONDS
from domain.errors import DeliveryError
from domain.notifications import DOUBTS, SLACK_PATIENCE, GiveUp, Patience, Retry, next_attempt

ONE_A_SECOND = Rate(per_second=1.0, burst=4)
RATES = Rates(post=ONE_A_SECOND, edit=ONE_A_SECOND)


def test_a_burst_goes_at_once_and_the_next_waits() -> None:
    lanes = Lanes(RATES)
    assert lanes.room("posts:sre", 0.0) == 4
    for _ in range(4):
        lanes.take("posts:sre", 0.0)
    assert lanes.room("posts:sre", 0.5) == 0
    assert lanes.wait("posts:sre", 0.5) == 0.5
    assert lanes.room("posts:sre", 1.0) == 1


def test_a_pause_is_kept_and_other_lanes_go_on() -> None:
    lanes = Lanes(RATES)
    lanes.pause("posts:sre", 0.0, 30.0)
    assert lanes.wait("posts:sre", 0.0) == 30.0
    assert lanes.room("posts:platform", 0.0) == 4
    assert lanes.room("edits", 0.0) == 4
    assert lanes.room("posts:sre", 30.0) == 1


def test_what_nobody_limits_goes() -> None:
    lanes = Lanes(RATES)
    for _ in range(2000):
        lanes.take("", 0.0)
    assert lanes.room("", 0.0) > 100
    assert lanes.wait("", 0.0) == 0.0


@given(st.lists(st.floats(0, 5), max_size=60))
def test_never_faster_than_the_rate(asked: list[float]) -> None:
    lanes, now, gone = Lanes(RATES), 0.0, []
    for later in asked:
        now += later
        for _ in range(lanes.room("edits", now)):
            lanes.take("edits", now)
            gone.append(now)
    for place, start in enumerate(gone):
        within = [at for at in gone[place:] if at - start <= 10]
        assert len(within) <= ONE_A_SECOND.burst + 10 + 1


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 12), st.floats(0, 3)), max_size=40))
def test_never_refused_however_late_what_was_taken_arrives(sent: list[tuple[float, float, float]]) -> None:
    """Each is (seconds after the one before, seconds on its way, seconds of its answer)."""
    lanes, now = Lanes(Rates()), [0.0]
    coming: list[tuple[float, bool]] = []
    slack = RateLimiter(RateLimits(), lambda: now[0])
    for later, way, back in sent:
        until = now[0] + later
        while coming and min(coming)[0] <= until:
            coming.remove(event := min(coming))
            now[0], is_answer = event
            if is_answer:
                lanes.ended("posts:sre", now[0])
            else:
                assert slack.retry_after("chat.postMessage", "post", "C1") is None
        now[0] = until
        for _ in range(lanes.room("posts:sre", until)):
            lanes.take("posts:sre", until)
            lanes.left("posts:sre", until)
            coming += [(until + way, False), (until + way + back, True)]


def test_what_has_ended_makes_room_again() -> None:
    lanes = Lanes(RATES)
    for _ in range(4):
        lanes.take("posts:sre", 0.0)
        lanes.left("posts:sre", 0.0)
    assert lanes.room("posts:sre", 60.0) == 0
    lanes.ended("posts:sre", 60.0)
    assert (lanes.room("posts:sre", 60.5), lanes.room("posts:sre", 61.0), lanes.room("posts:sre", 99.0)) == (0, 1, 1)


def test_the_reserve_is_for_what_is_urgent() -> None:
    lanes = Lanes(Rates(post=Rate(per_second=1.0, burst=4, reserve=1)))
    assert lanes.room("posts:sre", 0.0) == 4
    assert lanes.room("posts:sre", 0.0, urgent=False) == 3
    for _ in range(3):
        lanes.take("posts:sre", 0.0)
    assert lanes.wait("posts:sre", 0.0) == 0.0
    assert lanes.wait("posts:sre", 0.0, urgent=False) == 1.0


def test_all_channels_share_what_slack_takes_in_a_minute() -> None:
    lanes = Lanes(Rates(posts=Rate(per_second=1.0, burst=10, reserve=4)))
    for channel in range(6):
        lanes.take(f"posts:{channel}", 0.0)
    assert lanes.share(0.0, urgent=False) == 0
    assert lanes.share(0.0) == 4
    assert lanes.wait("posts:new", 0.0) == 0.0
    assert lanes.wait("posts:new", 0.0, urgent=False) == 1.0
    assert lanes.wait("edits", 0.0, urgent=False) == 0.0


def test_another_method_that_rests_is_none_of_a_lanes() -> None:
    lanes = Lanes(RATES)
    lanes.pause("posts:sre", 0.0, 30.0, "conversations.open")
    assert lanes.wait("posts:sre", 0.0) == 0.0
    lanes.pause("posts:sre", 0.0, 30.0, "chat.postMessage")
    assert lanes.wait("posts:sre", 0.0) == 30.0


def test_one_message_is_edited_once_a_second() -> None:
    lanes = Lanes(Rates(same_edit=1.0))
    assert lanes.edit_wait("card:1", 0.0) == 0.0
    lanes.edited("card:1", 0.0)
    assert lanes.edit_wait("card:1", 0.25) == 0.75
    assert lanes.edit_wait("card:2", 0.25) == 0.0
    assert lanes.edit_wait("card:1", 1.0) == 0.0


def test_lanes_that_are_full_are_forgotten_and_those_at_rest_are_not() -> None:
    lanes = Lanes(RATES, most=10)
    lanes.pause("posts:busy", 0.0, 30.0)
    for number in range(100):
        assert lanes.room(f"posts:{number}", 0.0) == 4
    assert len(lanes.lanes) <= 11
    assert lanes.wait("posts:busy", 0.0) == 30.0


def test_processes_share_a_rate() -> None:
    lanes = Lanes(Rates(post=Rate(per_second=1.0, burst=4), posts=Rate(per_second=100.0, burst=100)))
    assert lanes.room("posts:sre", 0) == 4
    lanes.divide(4)
    assert lanes.room("posts:sre", 100) == 1
    lanes.take("posts:sre", 100)
    assert lanes.wait("posts:sre", 100) == 4
    lanes.divide(1)
    assert lanes.wait("posts:sre", 100) == 1


def test_as_many_are_on_their_way_as_there_are_connections() -> None:
    lanes = Lanes(Rates(mail=2, text=3))
    for _ in range(2):
        lanes.take("mails", 0.0)
        lanes.left("mails", 0.0)
    assert (lanes.room("mails", 99.0), lanes.room("texts", 99.0)) == (0, 3)
    assert lanes.wait("mails", 99.0) == UNTIL_ONE_IS_BACK_SECONDS
    lanes.ended("mails", 99.0)
    assert (lanes.room("mails", 99.0), lanes.wait("mails", 99.0)) == (1, 0.0)


def test_few_places_wait_a_moment_for_more() -> None:
    lanes = Lanes(Rates(text=100))
    for _ in range(100):
        lanes.take("texts", 0.0)
        lanes.left("texts", 0.0)
    lanes.ended("texts", 0.01)
    assert lanes.room("texts", 0.01) == 0
    assert lanes.wait("texts", 0.01) == pytest.approx(MOMENT_SECONDS - 0.01)
    assert lanes.room("texts", MOMENT_SECONDS) == 1
    for _ in range(24):
        lanes.ended("texts", 0.015)
    assert lanes.room("texts", 0.015) == 25


def test_connections_are_not_shared_between_processes() -> None:
    lanes = Lanes(Rates(mail=8))
    lanes.divide(10)
    assert lanes.room("mails", 0.0) == 8
    assert lanes.per_second("mails") == 0.0


def test_a_provider_that_asks_for_a_rest_keeps_no_page_back() -> None:
    lanes = Lanes(Rates())
    lanes.pause("texts", 0.0, 30.0)
    assert lanes.wait("texts", 0.0) == 0.0


def test_a_tenth_of_a_rate_still_lets_one_pass_that_is_not_urgent() -> None:
    lanes = Lanes(Rates())
    lanes.divide(10)
    assert lanes.room("posts:sre", 0, urgent=False) == 1


@pytest.mark.parametrize("asked", [float("inf"), float("nan"), -1.0, 1e308])
def test_no_rest_that_a_provider_asks_for_ends_a_lane(asked: float) -> None:
    refused = DeliveryError("slow down", permanent=False, retry_after=asked)
    then = next_attempt(1, refused, 0.5, SLACK_PATIENCE)
    assert isinstance(then, Retry) and timedelta(seconds=then.seconds) <= timedelta(hours=1, minutes=1)
    lanes = Lanes(RATES)
    lanes.pause("posts:sre", 0.0, refused.retry_after or 0.0)
    assert lanes.room("posts:sre", 3610.0)


PATIENT = Patience(attempts=100, longest=30.0, in_doubt=300.0, mended=60.0)
AWAY = DeliveryError("HTTP 503", permanent=False)
REFUSED = DeliveryError("no such number", permanent=True)
UNPAID = DeliveryError("no credit", permanent=True, is_mendable=True)
LOST = DeliveryError("no answer", permanent=False, ambiguous=True)
TOLD = DeliveryError("slow down", permanent=False, retry_after=7.0)


@pytest.mark.parametrize(
    ("error", "attempts", "patience", "longest"),
    [
        (AWAY, 1, PATIENT, 1.0),
        (AWAY, 99, PATIENT, 30.0),
        (AWAY, 100, PATIENT, None),
        (REFUSED, 1, PATIENT, None),
        (UNPAID, 99, PATIENT, 60.0),
        (UNPAID, 1, SLACK_PATIENCE, None),
        (LOST, DOUBTS - 1, PATIENT, 30.0),
        (LOST, DOUBTS, PATIENT, 2.0 ** (DOUBTS - 1)),
        (LOST, 99, PATIENT, 300.0),
        (TOLD, 99, PATIENT, 7.0),
    ],
)
def test_what_failed_is_tried_again_for_as_long_as_it_may_help(
    error: DeliveryError, attempts: int, patience: Patience, longest: float | None
) -> None:
    then = next_attempt(attempts, error, 0.0, patience)
    if longest is None:
        assert isinstance(then, GiveUp)
    else:
        assert isinstance(then, Retry)
        assert then.seconds == (longest if error is TOLD else longest / 2)
