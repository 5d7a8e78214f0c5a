"""Who is on call: turns without holes whatever the clocks do, layers, hours, and whoever stands in for somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import wall_clock
from domain.directory import Directory
from domain.oncall import Hours, OnCall, Rotation, Shift, Unit
from domain.people import Person, Team
from domain.schedules import (
    Override,
    Schedule,
    after,
    gaps,
    next_change,
    next_shifts,
    overlaps,
    people_of,
    shifts,
    shifts_at,
)
from handlers.catalog.on_call import hours, hours_text

PARIS = ZoneInfo("Europe/Paris")
FORWARD = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""02:00 in Paris becomes 03:00."""
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""03:00 in Paris becomes 02:00."""
WEEKDAYS = Hours((0, 1, 2, 3, 4), time(9), time(18))
NIGHTS = Hours(start=time(18), end=time(9))


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def paris(text: str) -> datetime:
    return wall(text).replace(tzinfo=PARIS).astimezone(UTC)


def rotation(start: str = "2026-01-05T09:00", every: int = 7, *people: str, **more: object) -> Rotation:
    return Rotation("primary", wall(start), every, people or ("ada", "bob"), **more)  # type: ignore[arg-type]


def schedule(*rotations: Rotation, overrides: tuple[Override, ...] = (), absent: tuple[str, ...] = ()) -> Schedule:
    return Schedule(OnCall("Europe/Paris", rotations), overrides, absent=frozenset(absent))


def override(person: str, start: str, end: str, instead_of: str = "") -> Override:
    return Override(
        id=f"{person}{start}", team="t", person=person, start=paris(start), end=paris(end), instead_of=instead_of
    )


def on_call(of: Schedule, at: str) -> tuple[str, ...]:
    return people_of(shifts_at(of, paris(at)))


ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))  # noqa: DTZ001


@given(
    ZONES,
    STARTS,
    st.sampled_from([(1, Unit.HOUR), (5, Unit.HOUR), (12, Unit.HOUR), (1, Unit.DAY), (3, Unit.DAY), (7, Unit.DAY)]),
    st.integers(1, 4),
    st.timedeltas(timedelta(days=1), timedelta(days=500)),
)
def test_an_unrestricted_rotation_leaves_no_hole(
    zone: str, start: datetime, every: tuple[int, Unit], people: int, later: timedelta
) -> None:
    names = tuple("abcd"[:people])
    of = Schedule(OnCall(zone, (Rotation("r", start, every[0], names, every[1]),)))
    now = start.replace(tzinfo=UTC) + later
    assert gaps(of, now, now + timedelta(days=9)) == ()
    running = shifts_at(of, now)
    assert 1 <= len(running) <= 3
    for shift in running:
        following = after(of, shift)
        assert following is not None
        assert following.start <= shift.end < following.end


@given(STARTS, st.timedeltas(timedelta(days=1), timedelta(days=500)))
def test_the_answer_is_the_same_however_it_is_asked(start: datetime, later: timedelta) -> None:
    of = schedule(
        Rotation("night", start, 1, ("ada", "bob"), hours=(NIGHTS,)),
        Rotation("top", start, 12, ("cho",), Unit.HOUR, (WEEKDAYS,), 1),
        overrides=(override("dan", "2026-06-01T12:00", "2026-12-01T12:00", "ada"),),
    )
    now = start.replace(tzinfo=UTC) + later
    wide = shifts(of, now - timedelta(days=3), now + timedelta(days=3))
    assert sorted(map(repr, shifts_at(of, now))) == sorted(repr(one) for one in wide if one.start <= now < one.end)
    assert next_change(of, now) > now
    people = {name: Person(name, name, name) for name in ("ada", "bob", "cho", "dan")}
    directory = Directory(people=people, teams={"t": Team("t", "T", on_call=of.on_call)}, overrides=of.overrides)
    assert directory.shifts_at("t", now) == shifts_at(of, now)


@pytest.mark.parametrize("hour", [1, 2, 3])
def test_both_clock_changes_of_paris(hour: int) -> None:
    of = schedule(rotation(f"2026-01-05T0{hour}:30", 1))
    for change in (FORWARD, BACK):
        assert gaps(of, change - timedelta(days=2), change + timedelta(days=2)) == ()
    both = overlaps(of, BACK - timedelta(hours=12), BACK + timedelta(hours=12))
    if hour == 2:
        assert [(one.start, one.end) for one in both] == [(paris("2026-10-25T02:30"), BACK + timedelta(minutes=30))]
    else:
        assert both == ()
    assert overlaps(of, FORWARD - timedelta(hours=12), FORWARD + timedelta(hours=12)) == ()


def test_a_time_that_clocks_skip_is_when_they_do() -> None:
    assert wall_clock.first(wall("2026-03-29T02:30"), PARIS) == FORWARD
    assert wall_clock.last(wall("2026-03-29T02:30"), PARIS) == FORWARD
    assert wall_clock.first(wall("2026-10-25T02:30"), PARIS) == BACK - timedelta(minutes=30)
    assert wall_clock.last(wall("2026-10-25T02:30"), PARIS) == BACK + timedelta(minutes=30)


def test_a_hand_off_stays_on_its_wall_clock_time() -> None:
    of = schedule(rotation())
    starts = [one.start.astimezone(PARIS).hour for one in shifts(of, FORWARD - timedelta(28), FORWARD + timedelta(28))]
    assert set(starts) == {9}


def test_before_the_first_turn_nobody_is_there() -> None:
    of = schedule(rotation())
    assert on_call(of, "2026-01-05T08:59") == ()
    assert on_call(of, "2026-01-05T09:00") == ("ada",)
    (gap,) = gaps(of, paris("2026-01-04T00:00"), paris("2026-01-20T00:00"))
    assert gap.end == paris("2026-01-05T09:00")


def test_hours_are_all_that_a_rotation_covers() -> None:
    of = schedule(rotation(hours=(WEEKDAYS,)))
    assert on_call(of, "2026-01-07T10:00") == ("ada",)
    assert on_call(of, "2026-01-07T18:00") == ()
    assert on_call(of, "2026-01-10T10:00") == ()
    (shift,) = shifts_at(of, paris("2026-01-07T10:00"))
    assert (shift.start, shift.end) == (paris("2026-01-07T09:00"), paris("2026-01-07T18:00"))
    assert len(gaps(of, paris("2026-01-05T09:00"), paris("2026-01-12T09:00"))) == 5
    assert after(of, shift) is None


def test_nights_go_over_midnight_and_days_join() -> None:
    of = schedule(rotation(hours=(NIGHTS, Hours((5, 6)))))
    assert on_call(of, "2026-01-08T03:00") == ("ada",)
    assert on_call(of, "2026-01-08T12:00") == ()
    (weekend,) = shifts_at(of, paris("2026-01-10T12:00"))
    assert (weekend.start, weekend.end) == (paris("2026-01-09T18:00"), paris("2026-01-12T09:00"))


@pytest.mark.parametrize("day", [5, 7, 9])
def test_days_that_join_are_one_shift_whenever_it_is_looked_at(day: int) -> None:
    of = schedule(rotation("2026-01-05T00:00", 14, "ada", "bob", hours=(Hours((0, 1, 2, 3, 4)),)))
    (shift,) = shifts_at(of, paris(f"2026-01-{day:02}T12:00"))
    assert (shift.start, shift.end) == (paris("2026-01-05T00:00"), paris("2026-01-10T00:00"))
    assert after(of, shift) is None
    always = schedule(rotation("2026-01-05T00:00", 14, "ada", "bob", hours=(Hours((0, 1, 2, 3, 4)), Hours((5, 6)))))
    (shift,) = shifts_at(always, paris(f"2026-01-{day:02}T12:00"))
    assert (shift.start, shift.end) == (paris("2026-01-05T00:00"), paris("2026-01-19T00:00"))


def test_rotations_of_one_layer_are_all_on_call() -> None:
    of = schedule(rotation(), Rotation("second", wall("2026-01-05T09:00"), 7, ("cho",)))
    assert on_call(of, "2026-01-06T12:00") == ("ada", "cho")


def test_a_higher_layer_covers_while_it_has_somebody() -> None:
    of = schedule(rotation(), Rotation("office", wall("2026-01-05T00:00"), 7, ("cho",), hours=(WEEKDAYS,), layer=1))
    assert on_call(of, "2026-01-06T12:00") == ("cho",)
    assert on_call(of, "2026-01-06T20:00") == ("ada",)
    (night,) = shifts_at(of, paris("2026-01-06T20:00"))
    assert (night.start, night.end) == (paris("2026-01-06T18:00"), paris("2026-01-07T09:00"))
    following = after(of, night)
    assert following is not None and following.person == "cho"
    away = Schedule(of.on_call, absent=frozenset(["cho"]))
    assert on_call(away, "2026-01-06T12:00") == ("ada",)


def test_an_override_for_everybody_is_the_only_one() -> None:
    of = schedule(rotation(), overrides=(override("cho", "2026-01-06T10:00", "2026-01-06T12:00"),))
    assert on_call(of, "2026-01-06T09:59") == ("ada",)
    assert on_call(of, "2026-01-06T10:00") == ("cho",)
    assert on_call(of, "2026-01-06T12:00") == ("ada",)
    before, taken, rest = shifts(of, paris("2026-01-06T09:00"), paris("2026-01-06T13:00"))
    assert (before.end, taken.end, rest.end) == (
        paris("2026-01-06T10:00"),
        paris("2026-01-06T12:00"),
        paris("2026-01-12T09:00"),
    )


def test_an_override_fills_a_hole_and_goes_over_hand_offs() -> None:
    of = schedule(rotation(hours=(WEEKDAYS,)), overrides=(override("cho", "2026-01-09T12:00", "2026-01-13T12:00"),))
    assert gaps(of, paris("2026-01-09T09:00"), paris("2026-01-13T18:00")) == ()
    assert on_call(of, "2026-01-11T03:00") == ("cho",)


def test_an_override_of_one_person_takes_theirs_alone() -> None:
    two = (rotation(), Rotation("second", wall("2026-01-05T09:00"), 7, ("cho",)))
    of = schedule(*two, overrides=(override("dan", "2026-01-06T10:00", "2026-01-20T10:00", "ada"),))
    assert on_call(of, "2026-01-07T12:00") == ("dan", "cho")
    assert on_call(of, "2026-01-13T12:00") == ("bob", "cho")
    (taken,) = (one for one in shifts_at(of, paris("2026-01-07T12:00")) if one.person == "dan")
    assert (taken.instead_of, taken.rotation, taken.end) == ("ada", "primary", paris("2026-01-12T09:00"))


def test_a_later_override_counts_last() -> None:
    first = override("cho", "2026-01-06T10:00", "2026-01-06T20:00", "ada")
    second = override("dan", "2026-01-06T12:00", "2026-01-06T14:00", "cho")
    of = schedule(rotation(), overrides=(first, second))
    assert on_call(of, "2026-01-06T11:00") == ("cho",)
    assert on_call(of, "2026-01-06T13:00") == ("dan",)
    assert on_call(of, "2026-01-06T15:00") == ("cho",)


def test_whoever_is_switched_off_covers_nothing() -> None:
    of = schedule(rotation(), overrides=(override("cho", "2026-01-06T10:00", "2026-01-06T20:00"),), absent=("cho",))
    assert on_call(of, "2026-01-06T12:00") == ("ada",)
    gone = schedule(rotation(), absent=("ada",))
    assert on_call(gone, "2026-01-06T12:00") == ()
    assert on_call(gone, "2026-01-13T12:00") == ("bob",)


def test_whoever_stands_in_for_somebody_who_is_switched_off_stays_on_call() -> None:
    first = override("cho", "2026-01-06T10:00", "2026-01-06T20:00", "ada")
    second = override("dan", "2026-01-06T12:00", "2026-01-06T14:00", "cho")
    below = Rotation("below", wall("2026-01-05T09:00"), 7, ("eve",))
    of = schedule(replace(rotation(), layer=1), below, overrides=(first, second), absent=("ada",))
    assert on_call(of, "2026-01-06T09:00") == ("eve",)
    assert on_call(of, "2026-01-06T11:00") == ("cho",)
    assert on_call(of, "2026-01-06T13:00") == ("dan",)
    assert on_call(of, "2026-01-06T20:00") == ("eve",)


@pytest.mark.parametrize("relieved", ["ada", ""])
def test_whoever_took_over_from_somebody_who_is_switched_off_since_stays_on_call(relieved: str) -> None:
    first = override("cho", "2026-01-06T10:00", "2026-01-06T20:00", relieved)
    second = override("dan", "2026-01-06T12:00", "2026-01-06T22:00", "cho")
    third = override("eve", "2026-01-06T14:00", "2026-01-06T16:00", "dan")
    of = schedule(rotation(), overrides=(first, second, third), absent=("cho",))
    assert on_call(of, "2026-01-06T11:00") == ("ada",)
    assert on_call(of, "2026-01-06T13:00") == ("dan",)
    assert on_call(of, "2026-01-06T15:00") == ("eve",)
    assert on_call(of, "2026-01-06T21:00") == ("ada",)
    both = replace(of, absent=frozenset({"cho", "dan"}))
    assert on_call(both, "2026-01-06T13:00") == ("ada",)
    assert on_call(both, "2026-01-06T15:00") == ("eve",)


def test_what_was_taken_back_from_somebody_who_is_switched_off_since_goes_to_nobody_else() -> None:
    first = override("cho", "2026-01-06T10:00", "2026-01-06T20:00", "ada")
    back = override("ada", "2026-01-06T10:00", "2026-01-06T15:00", "cho")
    other = override("dan", "2026-01-06T10:00", "2026-01-06T20:00", "cho")
    of = schedule(rotation(), overrides=(first, back, other), absent=("cho",))
    assert on_call(of, "2026-01-06T12:00") == ("ada",)
    assert on_call(of, "2026-01-06T18:00") == ("dan",)
    assert not shifts_at(of, paris("2026-01-06T12:00"))[0].instead_of


def test_who_took_over_from_somebody_who_is_switched_off_since_relieves_nobody_who_came_later() -> None:
    hours = ("2026-01-06T10:00", "2026-01-06T20:00")
    everybody, taken = override("cho", *hours), override("eve", *hours, "cho")
    later = override("dan", "2026-01-06T12:00", "2026-01-06T14:00")
    of = schedule(rotation(), overrides=(everybody, later, taken), absent=("cho",))
    assert on_call(of, "2026-01-06T11:00") == ("eve",)
    assert on_call(of, "2026-01-06T13:00") == ("dan",)
    assert on_call(of, "2026-01-06T15:00") == ("eve",)


@pytest.mark.parametrize(("layer", "there"), [(0, {"bob", "cho"}), (1, {"bob"})])
@pytest.mark.parametrize("absent", [(), ("ada",)])
def test_who_took_over_from_somebody_is_not_relieved_by_what_was_made_before(
    layer: int, there: set[str], absent: tuple[str, ...]
) -> None:
    hours = ("2026-01-06T10:00", "2026-01-06T20:00")
    own, more = override("cho", *hours, "bob"), override("bob", *hours, "ada")
    two = (rotation("2026-01-05T09:00", 7, "ada", layer=layer), replace(rotation(), name="second", people=("bob",)))
    of = schedule(*two, overrides=(own, more), absent=absent)
    assert set(on_call(of, "2026-01-06T12:00")) == there


def test_two_who_passed_a_night_to_and_fro_and_are_switched_off_since_cost_no_time() -> None:
    hours = ("2026-01-06T10:00", "2026-01-06T20:00")
    pairs = [("cho", "ada"), *[("dan", "cho"), ("cho", "dan")] * 20, ("eve", "cho")]
    passed = tuple(override(to, *hours, of) for to, of in pairs)
    assert on_call(schedule(rotation(), overrides=passed, absent=("cho", "dan")), "2026-01-06T12:00") == ("eve",)


def test_a_calendar_covers_the_rotations_below_it() -> None:
    event = Shift("cho", "calendar", paris("2026-01-06T10:00"), paris("2026-01-06T12:00"), 1)
    of = Schedule(OnCall("Europe/Paris", (rotation(),)), calendar=(event,))
    assert on_call(of, "2026-01-06T11:00") == ("cho",)
    assert on_call(of, "2026-01-06T12:00") == ("ada",)


def test_what_comes_next() -> None:
    of = schedule(rotation(), Rotation("second", wall("2026-01-05T12:00"), 1, ("cho", "dan")))
    now = paris("2026-01-06T10:00")
    assert {one.rotation: one.person for one in next_shifts(of, now)} == {"primary": "bob", "second": "dan"}
    assert next_change(of, now) == paris("2026-01-06T12:00")
    assert next_shifts(schedule(), now) == ()


def test_who_comes_next_is_known_of_a_turn_that_lasts_for_months() -> None:
    of = schedule(rotation("2026-01-05T09:00", 7 * 26, "ada", "bob"))
    (coming,) = next_shifts(of, paris("2026-01-06T10:00"))
    assert (coming.person, coming.start) == ("bob", paris("2026-07-06T09:00"))


def test_a_directory_asks_with_overrides() -> None:
    people = {name: Person(name, name, name.title()) for name in ("ada", "bob", "cho")}
    team = Team("t", "T", on_call=OnCall("Europe/Paris", (rotation(),)))
    taken = override("cho", "2026-01-06T10:00", "2026-01-06T12:00")
    directory = Directory(people=people, teams={"t": team}, overrides=(taken,))
    assert [one.id for one in directory.on_call("t", paris("2026-01-06T11:00"))] == ["cho"]
    assert [one.id for one in directory.on_call("t", paris("2026-01-06T12:00"))] == ["ada"]
    assert directory.on_call("nowhere", paris("2026-01-06T12:00")) == ()


def test_whoever_is_gone_stands_in_for_nobody() -> None:
    team = Team("t", "T", on_call=OnCall("Europe/Paris", (rotation(),)))
    taken = override("gone", "2026-01-06T10:00", "2026-01-06T12:00")
    directory = Directory(people={"ada": Person("ada", "ada", "Ada")}, teams={"t": team}, overrides=(taken,))
    assert [one.id for one in directory.on_call("t", paris("2026-01-06T11:00"))] == ["ada"]


def test_whoever_took_over_from_somebody_who_is_gone_stays_on_call() -> None:
    team = Team("t", "T", on_call=OnCall("Europe/Paris", (rotation(),)))
    people = {name: Person(name, name, name.title()) for name in ("ada", "bob", "dan")}
    hours = ("2026-01-06T10:00", "2026-01-06T20:00")
    passed = (override("gone", *hours, "ada"), override("dan", *hours, "gone"))
    directory = Directory(people=people, teams={"t": team}, overrides=passed)
    assert [one.id for one in directory.on_call("t", paris("2026-01-06T12:00"))] == ["dan"]


def test_whoever_is_gone_covers_nobody() -> None:
    top = Rotation("top", wall("2026-01-05T09:00"), 7, ("gone", "ada"), layer=1)
    team = Team("t", "T", on_call=OnCall("Europe/Paris", (rotation(), top)))
    people = {name: Person(name, name, name.title()) for name in ("ada", "bob")}
    directory = Directory(people=people, teams={"t": team})
    assert [one.id for one in directory.on_call("t", paris("2026-01-06T11:00"))] == ["ada"]
    assert [one.id for one in directory.on_call("t", paris("2026-01-13T11:00"))] == ["ada"]
    assert [one.id for one in directory.on_call("t", paris("2026-01-20T11:00"))] == ["ada"]
    (gap, *_) = gaps(Directory(teams={"t": team}).schedule("t"), paris("2026-01-06T11:00"), paris("2026-01-08T11:00"))
    assert gap.end == paris("2026-01-08T11:00")


@pytest.mark.parametrize(
    ("written", "days", "start", "end", "again"),
    [
        ("mon-fri 09:00-18:00", (0, 1, 2, 3, 4), 9, 18, "mon-fri 09:00-18:00"),
        ("Monday - friday 9h00 à 18h00", (0, 1, 2, 3, 4), 9, 18, ""),
        ("sat,sun 00:00-24:00", (5, 6), 0, 0, "sat,sun 00:00-24:00"),
        ("fri-mon 18:00-09:00", (0, 4, 5, 6), 18, 9, "mon,fri,sat,sun 18:00-09:00"),
        ("lun-ven 9:00-18:00", (0, 1, 2, 3, 4), 9, 18, "mon-fri 09:00-18:00"),
        ("22:00 to 06:00", tuple(range(7)), 22, 6, "22:00-06:00"),
    ],
)
def test_hours_as_people_write_them(written: str, days: tuple[int, ...], start: int, end: int, again: str) -> None:
    found = hours(written)
    if not again:
        assert found is None
        return
    assert found == Hours(days, time(start), time(end))
    assert hours_text(found) == again
    assert hours(again) == found


def test_no_name_is_more_than_no_zone() -> None:
    """Python looks for a zone by importing a package for each part of its name."""
    assert wall_clock.is_zone("Europe/Paris")
    for name in ("Mars/Olympus", "", "Europe", "../../etc/passwd", "\0", "a/" * 2000 + "b", "x" * 5000):
        assert not wall_clock.is_zone(name)
