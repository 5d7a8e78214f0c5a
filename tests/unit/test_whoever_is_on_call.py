"""Who is on call, reckoned for one moment at a time from what the documents say, and by nothing of the product's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.oncall import Hours, OnCall, Rotation, Unit
from domain.schedules import Override, Schedule, gaps, next_change, people_of, shifts, shifts_at

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
A_MOMENT = timedelta(microseconds=1)
CHANGES = {
    "Europe/Paris": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/Sao_Paulo": ("2018-02-18T02:00", "2018-11-04T03:00"),
    "Asia/Kathmandu": ("1985-12-31T18:30", "2026-04-01T00:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
}
"""Moments at which clocks change, where they do."""
PEOPLE = "abcde"


@lru_cache(maxsize=4096)
def readings(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The latest that clocks have said by `at`, and the earliest that they will say from then on."""
    shown = at.astimezone(zone).replace(tzinfo=None)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    before = [quarter - number * QUARTER - A_MOMENT for number in range(9)]
    after = [quarter + number * QUARTER for number in range(1, 9)]
    seen = [moment.astimezone(zone).replace(tzinfo=None) for moment in before]
    to_come = [moment.astimezone(zone).replace(tzinfo=None) for moment in after]
    return max(shown, *seen), min(shown + A_MOMENT, *to_come)


def covers(hours: Hours, latest: datetime, earliest: datetime) -> bool:
    days = ((latest - timedelta(days=back)).date() for back in range(3))
    for day in (day for day in days if day.weekday() in hours.days):
        until = day if hours.end > hours.start else day + DAY
        if datetime.combine(day, hours.start) <= latest and earliest <= datetime.combine(until, hours.end):
            return True
    return False


def turn_of(rotation: Rotation, at: datetime, zone: ZoneInfo) -> list[str]:
    latest, earliest = readings(at, zone)
    if rotation.hours and not any(covers(hours, latest, earliest) for hours in rotation.hours):
        return []
    length = rotation.length
    turns = range(max((earliest - rotation.start) // length - 1, 0), (latest - rotation.start) // length + 1)
    running = (turn for turn in turns if earliest <= rotation.start + (turn + 1) * length)
    return [rotation.people[turn % len(rotation.people)] for turn in running]


class Place:
    """Somebody is on call here, for as long as they are not switched off: else whoever was before."""

    def __init__(self, person: str, below: Iterable[Place] = ()) -> None:
        self.person, self.below = person, list(below)


def taken(places: list[Place], override: Override, absent: frozenset[str]) -> list[Place]:
    if not override.instead_of:
        return [Place(override.person, places)]
    found = []
    for place in places:
        if place.person == override.instead_of:
            found.append(Place(override.person, [place]))
        elif place.person in absent:
            found.append(Place(place.person, taken(place.below, override, absent)))
        else:
            found.append(place)
    return found


def there(places: Iterable[Place], absent: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for place in places:
        found |= there(place.below, absent) if place.person in absent else {place.person}
    return found


def on_call(of: Schedule, at: datetime) -> set[str]:
    zone, absent = ZoneInfo(of.zone), of.absent
    overrides = [one for one in of.overrides if one.start <= at < one.end]
    for layer in sorted({one.layer for one in of.on_call.rotations}, reverse=True):
        rotations = (one for one in of.on_call.rotations if one.layer == layer)
        written = [Place(person) for rotation in rotations for person in turn_of(rotation, at, zone)]
        places = written
        for override in (one for one in overrides if one.instead_of):
            places = taken(places, override, absent)
        if there(places, absent):
            break
    else:
        written = []
    for override in overrides:
        written = taken(written, override, absent)
    return there(written, absent)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    local = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    quarters = st.integers(-300, 300).map(lambda number: number * QUARTER)
    clock = st.sampled_from([time(0), time(1, 30), time(2), time(2, 30), time(3), time(9), time(18), time(23)])
    days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
    rotations = st.builds(
        Rotation,
        st.just("r"),
        quarters.map(lambda away: (local + away).replace(second=0, microsecond=0)),
        st.sampled_from([1, 2, 5, 7, 12]),
        st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3).map(tuple),
        st.sampled_from(Unit),
        st.lists(st.builds(Hours, days, clock, clock), max_size=2).map(tuple),
        st.integers(0, 2),
    )
    pairs = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["", *PEOPLE])).filter(lambda two: two[0] != two[1])
    overrides = []
    for number, (person, relieved) in enumerate(draw(st.lists(pairs, max_size=5))):
        start = change + draw(quarters)
        end = start + draw(st.integers(1, 300)) * QUARTER
        overrides.append(Override(id=str(number), team="t", person=person, start=start, end=end, instead_of=relieved))
    written = OnCall(zone, tuple(draw(st.lists(rotations, max_size=3))))
    absent = draw(st.frozensets(st.sampled_from(PEOPLE), max_size=2))
    return Schedule(written, tuple(overrides), absent=absent), change


@given(schedules(), st.lists(st.integers(-4000, 4000), min_size=4, max_size=4))
def test_whoever_is_on_call_is_whom_the_documents_say(drawn: tuple[Schedule, datetime], minutes: list[int]) -> None:
    of, change = drawn
    edges = {change, *(moment for one in of.overrides for moment in (one.start, one.end))}
    edges |= {next_change(of, change + timedelta(minutes=minute)) for minute in minutes}
    moments = {moment for edge in edges for moment in (edge - A_MOMENT, edge, edge + QUARTER)}
    moments |= {change + timedelta(minutes=minute) for minute in minutes}
    start, end = min(moments), max(moments) + A_MOMENT
    running, holes = shifts(of, start, end), gaps(of, start, end)
    for at in sorted(moments):
        expected = on_call(of, at)
        assert set(people_of(shifts_at(of, at))) == expected
        assert {one.person for one in running if one.start <= at < one.end} == expected
        assert any(hole.start <= at < hole.end for hole in holes) == (not expected)
        middle = at + (next_change(of, at) - at) / 2
        assert on_call(of, middle) == expected, "nothing changes before there is something to look at"
