"""How fast messages may go to one place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.lanes import Lanes, Rate, Rates

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


def test_processes_share_a_rate() -> None:
    lanes = Lanes(Rates(post=Rate(per_second=1.0, burst=4)))
    assert lanes.room("posts:sre", 0) == 4
    lanes.share(4)
    assert lanes.room("posts:sre", 100) == 1
    lanes.take("posts:sre", 100)
    assert lanes.wait("posts:sre", 100) == 4
    lanes.share(1)
    assert lanes.wait("posts:sre", 100) == 1
