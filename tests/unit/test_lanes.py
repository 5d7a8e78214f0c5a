"""How fast messages may go to one place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.lanes import Lanes, Rate

ONE_A_SECOND = Rate(per_second=1.0, burst=4)


def test_a_burst_goes_at_once_and_the_rest_queue_a_second_apart() -> None:
    lanes = Lanes()
    waits = [lanes.take("post:C1", ONE_A_SECOND, 0.0) for _ in range(7)]
    assert waits == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0]


def test_what_somebody_waits_for_takes_the_next_token() -> None:
    lanes = Lanes()
    for _ in range(30):
        lanes.take("post:C1", ONE_A_SECOND, 0.0)
    assert lanes.take("post:C1", ONE_A_SECOND, 0.5, is_awaited=True) == 0.5
    assert lanes.take("post:C1", ONE_A_SECOND, 1.0, is_awaited=True) == 0.0


def test_a_pause_is_kept_and_other_lanes_go_on() -> None:
    lanes = Lanes()
    lanes.pause("post:C1", ONE_A_SECOND, 0.0, 30.0)
    assert lanes.take("post:C1", ONE_A_SECOND, 0.0) >= 30.0
    assert lanes.take("post:C2", ONE_A_SECOND, 0.0) == 0.0
    assert lanes.take("post:C1", ONE_A_SECOND, 30.0, is_awaited=True) == 0.0


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=60))
def test_never_faster_than_the_rate(asked: list[tuple[float, bool]]) -> None:
    lanes, now, gone = Lanes(), 0.0, []
    for later, is_awaited in asked:
        now += later
        if lanes.take("update", ONE_A_SECOND, now, is_awaited=is_awaited) == 0.0:
            gone.append(now)
    for place, start in enumerate(gone):
        within = [at for at in gone[place:] if at - start <= 10]
        assert len(within) <= ONE_A_SECOND.burst + 10 + 1
