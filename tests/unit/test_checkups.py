"""Monthly tests fall by day on working days, whatever the clocks do; what speaks against somebody's being reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from domain.checkups import (
    DAY_BEGINS,
    DAY_ENDS,
    EVERY,
    TIME_TO_ANSWER,
    TIME_TO_PROVE,
    Checkup,
    Doubt,
    by_day,
    doubts,
    leads,
    next_test,
    paged,
)
from domain.directory import Directory
from domain.people import Person, Team
from domain.policies import Channel
from domain.preferences import Preferences
from domain.trials import Trial, TrialState

ZONES = some.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ADA = Person("ada", "ada", "Ada", email="ada@example.com", phone="+33600000001", slack="U01ADA")
LEA = Person("lea", "lea", "Léa", email="lea@example.com")
SRE = Team("sre", "SRE", lead="lea", members=("ada", "lea"))
HERE = Directory(people={"ada": ADA, "lea": LEA}, teams={"sre": SRE}, verified=frozenset())
PROVED = replace(HERE, verified=frozenset({("ada", ADA.phone), ("ada", ADA.email)}))


@given(some.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)), ZONES)
def test_a_test_is_always_by_day(moment: datetime, zone: str) -> None:
    found = by_day(moment, zone)
    there = found.astimezone(ZoneInfo(zone))
    assert moment <= found <= moment + timedelta(days=4)
    assert there.weekday() < 5 and DAY_BEGINS <= there.time() < DAY_ENDS


def test_it_is_every_thirty_days_unless_somebody_does_not_want_it() -> None:
    known = Checkup(person="ada", seen_at=NOW)
    assert next_test(known, ADA, HERE, NOW) == NOW + EVERY
    tested = replace(known, tested_at=NOW + timedelta(days=60))
    assert next_test(tested, ADA, HERE, NOW) == NOW + timedelta(days=90)
    assert next_test(known, replace(ADA, preferences=Preferences(test_pages=False)), HERE, NOW) is None
    late = NOW.replace(hour=22)
    abroad = replace(ADA, preferences=Preferences(timezone="Pacific/Auckland"))
    assert next_test(replace(known, seen_at=late - EVERY), abroad, HERE, late) == late


def trial(state: TrialState, started_at: datetime = NOW) -> Trial:
    return Trial(id="t", person="ada", channel=Channel.SMS, address=ADA.phone, started_at=started_at, state=state)


def test_what_speaks_against_somebody() -> None:
    fresh = Checkup(person="ada", seen_at=NOW)
    assert doubts(ADA, HERE, fresh, (), False, NOW) == ()
    old = replace(fresh, seen_at=NOW - TIME_TO_PROVE)
    assert doubts(ADA, HERE, old, (), False, NOW) == (Doubt.UNVERIFIED,)
    assert doubts(ADA, PROVED, old, (), True, NOW) == (Doubt.BOUNCED,)
    assert doubts(ADA, PROVED, old, (trial(TrialState.REFUSED),), False, NOW) == (Doubt.REFUSED,)
    refused = trial(TrialState.REFUSED)
    for harmless in (replace(refused, address=""), replace(refused, reason="SMS is not set up")):
        assert doubts(ADA, PROVED, old, (harmless,), False, NOW) == ()


def test_silence_after_a_monthly_test() -> None:
    tested = Checkup(person="ada", seen_at=NOW - EVERY, tested_at=NOW)
    late = NOW + TIME_TO_ANSWER
    assert doubts(ADA, PROVED, tested, (trial(TrialState.ACCEPTED),), False, late - timedelta(seconds=1)) == ()
    assert doubts(ADA, PROVED, tested, (trial(TrialState.ACCEPTED),), False, late) == (Doubt.SILENT,)
    assert doubts(ADA, PROVED, tested, (trial(TrialState.CONFIRMED),), False, late) == ()
    before = trial(TrialState.CONFIRMED, NOW - timedelta(days=1))
    assert doubts(ADA, PROVED, tested, (before,), False, late) == (Doubt.SILENT,)


def test_leads_are_told_of_others_and_nobody_is_tested_who_is_not_paged() -> None:
    assert leads(ADA, HERE) == (LEA,)
    assert leads(LEA, HERE) == ()
    stranger = replace(ADA, id="eve", handle="eve")
    assert paged(replace(HERE, people={**HERE.people, "eve": stranger})) == (ADA, LEA)
