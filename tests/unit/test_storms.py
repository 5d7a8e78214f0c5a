"""A storm: nothing is dropped, the first page leaves at once, and nobody gets more than the limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policies import Channel
from domain.storms import (
    CARDS,
    NONE,
    USUAL,
    Allowance,
    Limits,
    admit,
    admit_worst,
    left,
    limits_of,
    never_left,
    next_at,
    went_later,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SMS = USUAL[Channel.SMS]


@dataclass
class Reader:
    """Somebody, and what reaches them: each message with the pages in it."""

    limits: Limits
    allowance: Allowance = field(default_factory=Allowance)
    messages: list[tuple[datetime, list[int]]] = field(default_factory=list)
    gathering: list[int] = field(default_factory=list)
    due_at: datetime | None = None

    def until(self, now: datetime) -> None:
        """Time goes by: what gathers leaves when it is due."""
        if self.due_at is not None and self.due_at <= now:
            self.allowance = left(self.allowance, "b", self.due_at)
            self.messages.append((self.due_at, self.gathering))
            self.gathering, self.due_at = [], None

    def page(self, number: int, now: datetime) -> None:
        self.until(now)
        verdict = admit(self.allowance, "b", now, self.limits)
        self.allowance = verdict.allowance
        if verdict.passes:
            self.messages.append((now, [number]))
            return
        self.gathering.append(number)
        if verdict.is_new:
            self.due_at = verdict.due_at


def play(limits: Limits, gaps: list[float]) -> Reader:
    reader, now = Reader(limits), NOW
    for number, gap in enumerate(gaps):
        now += timedelta(seconds=gap)
        reader.page(number, now)
    reader.until(now + timedelta(hours=4))
    return reader


Gaps = st.lists(st.floats(0, 400) | st.just(0.0), max_size=150)


@given(Gaps, st.sampled_from([*USUAL.values(), CARDS]))
def test_never_drops_and_never_more_than_the_bucket(gaps: list[float], limits: Limits) -> None:
    reader = play(limits, gaps)
    assert sorted(page for _, pages in reader.messages for page in pages) == list(range(len(gaps)))
    assert not reader.gathering
    moments = [at for at, _ in reader.messages]
    assert moments == sorted(moments)
    for window in limits.windows:
        for place, start in enumerate(moments):
            assert sum(at - start < window.span for at in moments[place:]) <= window.most


@given(Gaps, st.sampled_from(list(USUAL.values())))
def test_the_first_page_leaves_at_once_and_held_ones_as_soon_as_there_is_room(
    gaps: list[float], limits: Limits
) -> None:
    reader = play(limits, gaps)
    if gaps:
        assert reader.messages[0] == (NOW + timedelta(seconds=gaps[0]), [0])
    sent: list[datetime] = []
    for at, _ in reader.messages:
        assert next_at(sent, at, limits) <= at
        sent.append(at)


@given(Gaps)
def test_without_limits_everything_leaves_at_once(gaps: list[float]) -> None:
    assert all(len(pages) == 1 for _, pages in play(NONE, gaps).messages)


def test_a_thousand_alerts_in_ten_seconds_are_five_sms_in_a_quarter_of_an_hour() -> None:
    reader = play(SMS, [0.01] * 1000)
    early = [pages for at, pages in reader.messages if at < NOW + timedelta(minutes=15)]
    assert len(early) <= 5
    assert sum(map(len, early)) == 1000
    told = [at for at, pages in reader.messages if 999 in pages]
    assert told[0] <= NOW + timedelta(seconds=30)


@pytest.mark.parametrize(("sent", "wait"), [(1, 0), (2, 15), (3, 30), (4, 60)])
def test_the_pause_grows(sent: int, wait: int) -> None:
    assert next_at([NOW] * sent, NOW, SMS) - NOW == timedelta(seconds=wait)


def test_after_five_there_is_room_when_the_first_is_a_quarter_of_an_hour_old() -> None:
    sent = [NOW + timedelta(minutes=number) for number in range(5)]
    assert next_at(sent, NOW + timedelta(minutes=5), SMS) == NOW + timedelta(minutes=15)


def test_what_was_late_counts_from_its_arrival() -> None:
    sent = [NOW + timedelta(minutes=number) for number in range(5)]
    allowance = went_later(Allowance(tuple(sent), "b"), sent[0], sent[2])
    assert allowance == Allowance((sent[1], sent[2], *sent[2:]), "b")
    assert next_at(allowance.recent, sent[4], SMS) == sent[1] + timedelta(minutes=15)
    assert went_later(Allowance(), NOW, sent[1]) == Allowance(), "a drill's counts for nobody"


def test_what_never_left_counts_for_nothing() -> None:
    sent = (NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1))
    assert never_left(Allowance(sent, "b"), sent[1]) == Allowance(sent[:2], "b")


def test_a_clock_that_was_set_back_holds_no_page() -> None:
    had = Allowance((NOW,) * 5)
    assert not admit(had, "b", NOW + timedelta(seconds=1), SMS).passes
    assert admit(had, "b", NOW - timedelta(hours=1), SMS).passes


def test_quiet_times_need_no_gathering() -> None:
    reader = play(SMS, [600.0] * 10)
    assert all(len(pages) == 1 for _, pages in reader.messages)


@given(st.lists(st.tuples(st.floats(0, 400) | st.just(0.0), st.booleans()), max_size=150), st.sampled_from(list(USUAL)))
def test_with_what_is_kept_for_the_worst_it_is_never_more_than_the_bucket(
    arrivals: list[tuple[float, bool]], channel: Channel
) -> None:
    whole = USUAL[channel]
    reader, spare, now, alone = Reader(whole.shared), Allowance(), NOW, []
    for number, (gap, is_worst) in enumerate(arrivals):
        now += timedelta(seconds=gap)
        reader.until(now)
        passes = admit(reader.allowance, "b", now, whole.shared).passes
        after = admit_worst(spare, now, whole) if is_worst and not passes else None
        if after:
            spare = after
            alone.append(now)
        else:
            reader.page(number, now)
    reader.until(now + timedelta(hours=4))
    moments = sorted([*alone, *(at for at, _ in reader.messages)])
    for window in whole.windows:
        for place, start in enumerate(moments):
            assert sum(at - start < window.span for at in moments[place:]) <= window.most


def test_the_worst_does_not_wait_behind_what_used_the_limit_up() -> None:
    noise = play(SMS.shared, [0.0] * 60)
    assert len(noise.messages) == 3
    first = admit_worst(Allowance(), NOW, SMS)
    assert first is not None
    second = admit_worst(first, NOW, SMS)
    assert second is not None and admit_worst(second, NOW, SMS) is None
    assert admit_worst(second, NOW + timedelta(minutes=16), SMS) is not None


@pytest.mark.parametrize(
    ("written", "kept", "shared"), [("SMS=10/15m", 4, 6), ("SMS=2/15m", 0, 2), ("SMS=1/15m", 0, 1)]
)
def test_little_is_kept_of_little(written: str, kept: int, shared: int) -> None:
    limits = limits_of(written)[Channel.SMS]
    assert (limits.kept.windows[0].most, limits.shared.windows[0].most) == (kept, shared)
    assert kept or admit_worst(Allowance(), NOW, limits) is None


def test_without_limits_the_worst_leaves_too() -> None:
    assert admit_worst(Allowance(), NOW, NONE) is not None
