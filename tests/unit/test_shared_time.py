"""The time that several machines share: the server's, whatever their own clocks show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Reading, SharedTime, SystemClock

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SKEWS = st.floats(-86_400, 86_400).filter(lambda seconds: abs(seconds) > SharedTime.GRAIN_SECONDS + 0.01)


class Uptime:
    """A machine's count of seconds."""

    def __init__(self) -> None:
        self.seconds = 4_000.0

    def __call__(self) -> float:
        return self.seconds

    def read(self, shown: datetime, *, took: float = 0.0) -> Reading:
        """What a server shows half way through a question that ends now."""
        return Reading(shown, self.seconds - took, self.seconds)


def test_it_goes_on_by_the_seconds_that_nobody_sets() -> None:
    uptime = Uptime()
    time = SharedTime(uptime.read(NOON), uptime)
    uptime.seconds += 90
    assert time() == NOON + timedelta(seconds=90)


@given(skew=SKEWS)
def test_what_the_server_shows_is_the_time_from_then_on(skew: float) -> None:
    uptime = Uptime()
    time = SharedTime(uptime.read(NOON), uptime)
    uptime.seconds += 5
    server = NOON + timedelta(seconds=5 + skew)
    moved = time.follow(uptime.read(server))
    assert abs(moved - timedelta(seconds=skew)) < timedelta(milliseconds=1)
    uptime.seconds += 5
    assert abs(time() - (server + timedelta(seconds=5))) < timedelta(milliseconds=1)


@given(off=st.floats(-SharedTime.GRAIN_SECONDS, SharedTime.GRAIN_SECONDS))
def test_it_never_goes_back_for_a_trifle(off: float) -> None:
    uptime = Uptime()
    time = SharedTime(uptime.read(NOON), uptime)
    uptime.seconds += 5
    assert not time.follow(uptime.read(NOON + timedelta(seconds=5 + off * 0.999)))
    assert time() == NOON + timedelta(seconds=5)


def test_an_answer_that_took_long_proves_no_more_than_it_can() -> None:
    uptime = Uptime()
    time = SharedTime(uptime.read(NOON), uptime)
    uptime.seconds += 10
    assert not time.follow(uptime.read(NOON + timedelta(seconds=5), took=10)), "asked half way through"
    assert not time.follow(uptime.read(NOON + timedelta(seconds=9), took=10)), "it may have been asked later"
    assert time.follow(uptime.read(NOON + timedelta(seconds=60), took=10))


def test_a_faster_clock_goes_by_it() -> None:
    uptime = Uptime()
    clock = SystemClock(wall=SharedTime(uptime.read(NOON), uptime))
    uptime.seconds += 1
    assert clock.now() == NOON + timedelta(seconds=1)
    assert clock.to_wall(clock.now()) == clock.now()
