"""When a week's figures are due, on every clock there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from blocks.digests import digest
from bot.demo.blockkit import check_blocks
from domain.digests import LATEST_DIGEST, Week, last_week, next_digest
from domain.incidents import Severity
from domain.reports import Figure, Report

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    ["UTC", "Europe/Paris", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "America/Asuncion", "Africa/Cairo"]
)


@given(MOMENTS, ZONES)
def test_a_week_is_whole_and_over(now: datetime, zone: str) -> None:
    start, end = last_week(now, zone)
    for moment in (start, end):
        there = moment.astimezone(ZoneInfo(zone))
        assert there.weekday() == 0
        assert there.hour <= 1, "a day may begin at 01:00 when the clocks are changed at midnight"
    assert end <= now
    assert timedelta(days=7, hours=-1) <= end - start <= timedelta(days=7, hours=1)
    assert last_week(start, zone)[1] == start, "the week before ends where this one begins"


@given(MOMENTS, ZONES)
def test_a_digest_is_due_on_mondays_at_nine_and_for_a_day(now: datetime, zone: str) -> None:
    found = next_digest(now, zone)
    there = found.next.astimezone(ZoneInfo(zone))
    assert (there.weekday(), there.hour, there.minute) == (0, 9, 0)
    assert now < found.next <= now + timedelta(days=7, hours=1)
    assert next_digest(found.next, zone).is_due
    assert not next_digest(found.next - timedelta(microseconds=1), zone).is_due
    assert not next_digest(found.next + LATEST_DIGEST, zone).is_due
    assert last_week(found.next, zone)[1] <= found.next, "what it tells of is over"


def test_weeks_in_which_the_clocks_change() -> None:
    start, end = last_week(datetime(2026, 3, 30, 12, tzinfo=UTC), "Europe/Paris")
    assert end - start == timedelta(hours=167)
    start, end = last_week(datetime(2026, 10, 26, 12, tzinfo=UTC), "Europe/Paris")
    assert end - start == timedelta(hours=169)


LENGTHS = st.floats(0, 10**7)
FIGURES = st.just(Figure()) | st.builds(Figure, st.integers(1, 10**6), LENGTHS, LENGTHS, LENGTHS)
REPORTS = st.builds(
    Report,
    count=st.integers(0, 10**6),
    open=st.integers(0, 50),
    duplicates=st.integers(0, 50),
    self_resolved=st.integers(0, 50),
    mtta=FIGURES,
    mttr=FIGURES,
)


@given(
    st.text(max_size=300) | st.just("<!channel> *{first}* `x` & <@U01ADA>"),
    REPORTS,
    REPORTS,
    st.sampled_from(["en", "fr"]),
)
def test_slack_takes_every_digest_and_nobody_is_mentioned(
    team: str, found: Report, before: Report, locale: str
) -> None:
    days = (datetime(2026, 11, 16, tzinfo=UTC).date(), datetime(2026, 11, 22, tzinfo=UTC).date())
    made = digest(team, Week(days, found, before, {Severity.SEV1: 2}), locale)
    assert check_blocks(made.blocks) == []
    assert "<!" not in str(made.blocks) + made.text
    assert "<@" not in str(made.blocks) + made.text
