"""What is shown of schedules: Slack takes it whatever names and reasons hold; calendars are read with care."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from blocks import calendars as feeds
from blocks import notices, schedule_editor, schedules, stand_ins
from blocks.calendars import Link
from blocks.notices import Told
from blocks.schedules import Coming
from blocks.stand_ins import Cover
from bot.demo.blockkit import check_view
from bot.notifiers.calendars import CalendarSource
from domain.calendars import Event, Unreadable, known_as, person_of, strangers
from domain.directory import Directory
from domain.errors import Conflict, DeliveryError, Invalid, NotFound
from domain.notices import HandOver, Notice, NoticeKind, hand_overs
from domain.oncall import Hours, OnCall, Rotation, Unit
from domain.people import Actor, Person, Role, Team
from domain.schedule_drafts import ScheduleDraft
from domain.schedules import Override, shifts
from domain.stand_ins import Swap, SwapState, own_shifts
from handlers.oncall import moments
from handlers.oncall.calendar_files import events
from handlers.oncall.editor import RotationForm, rotation
from handlers.oncall.slack_schedules import outlook
from tests.unit.block_samples import INCIDENT, START, hostile, sound

ADMIN = Actor(key="person:ada", name="Ada", role=Role.ADMIN, slack="U01ADA", person="ada")
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n"


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Two teams with rotations of every kind, their words anything."""
    text = draw(hostile())
    people = {one: Person(one, one, text, slack="U01ADA" if one == "ada" else "") for one in ("ada", "bob")}
    hours = draw(st.sampled_from([(), (Hours((0, 1, 2, 3, 4), time(9), time(18)), Hours((5,)))]))
    kinds = [(1, Unit.HOUR), (6, Unit.HOUR), (1, Unit.DAY), (14, Unit.DAY), (366, Unit.DAY)]
    every, unit = draw(st.sampled_from(kinds))
    start = START.replace(tzinfo=None) - timedelta(days=draw(st.integers(-3, 3)))
    one = Rotation(text, start, every, draw(st.sampled_from([("ada",), ("ada", "bob")])), unit, hours)
    rotations = draw(st.sampled_from([(), (one,), (one, replace(one, layer=1, hours=(Hours(),)))]))
    on_call = OnCall("Europe/Paris", rotations, draw(st.sampled_from(["", "/a.ics"])))
    teams = {name: Team(name, text, text, "ada", ("ada",), on_call=on_call) for name in ("t", "u")}
    override = Override(
        id="o", team="t", person="bob", start=START, end=START + timedelta(days=draw(st.integers(1, 9))), reason=text
    )
    return Directory(people=people, teams=teams, overrides=draw(st.sampled_from([(), (override,)])))


@settings(deadline=None)
@given(directories(), st.sampled_from(["en", "fr"]), st.booleans())
def test_slack_takes_whatever_is_shown(directory: Directory, locale: str, is_resumed: bool) -> None:
    team = directory.teams["t"]
    shown = outlook(team, directory, START, ADMIN)
    sound(schedules.schedule(shown, locale))
    coming = [Coming(team=team, running=(), coming=shown.shifts)]
    sound(schedules.upcoming(coming, directory, START, locale))
    draft = ScheduleDraft("a", "t", team.on_call, team.on_call, 3)
    cover = Cover(teams=[team], team="t", person="U01ADA", start=START, end=START, may_choose=is_resumed)
    views = [
        schedule_editor.editor(draft, shown, ["ada"], locale, is_resumed=is_resumed),
        schedule_editor.saved(team, locale),
        schedule_editor.outdated(team.name, "t", locale),
        schedule_editor.rotation_form(None, [], [], "", "t|0", locale),
        *(
            schedule_editor.rotation_form(one, ["U01ADA"], [team.name], "", "t|1", locale)
            for one in team.on_call.rotations
        ),
        stand_ins.override_form(cover, locale),
        stand_ins.swap_form(own_shifts(directory, "ada", START), "", locale),
        stand_ins.no_team(locale),
    ]
    for view in views:
        assert check_view(view) == []
    sound(feeds.links([Link(team.name, "https://vigie.example.com/ical/a.b.ics", "team:t")], locale))


@settings(deadline=None)
@given(directories(), st.sampled_from(["en", "fr"]), st.sampled_from(NoticeKind), st.sampled_from(SwapState))
def test_every_notice_is_one_that_slack_takes(
    directory: Directory, locale: str, kind: NoticeKind, state: SwapState
) -> None:
    text = directory.teams["t"].name
    details = {"teams": "t,u", "start": START.isoformat(), "end": (START + timedelta(days=1)).isoformat()}
    details |= {"reason": text, "by": text, "person": "ada", "asker": "bob", "asked": "ada", "swap": "s"}
    details |= {"failure": text, "good_at": START.isoformat(), "state": state.value, "instead_of": "bob"}
    swap = Swap(id="s", team="t", asker="bob", asked="ada", start=START, end=START, expires_at=START, state=state)
    told = Told(
        notice=Notice("n", "k", kind, "t", "ada", details),
        directory=directory,
        now=START,
        locale=locale,
        incidents=[replace(INCIDENT, title=text, team="t")] * 12,
        swap=swap,
    )
    sound(notices.notice(told))


@settings(deadline=None)
@given(directories())
def test_a_calendar_program_reads_what_is_written(directory: Directory) -> None:
    found = shifts(directory.schedule("t"), START, START + timedelta(days=9))
    for person in ("", "ada"):
        body = feeds.feed([("t", one) for one in found], directory, START, "fr", team="t", person=person)
        read = Calendar.from_ical(body.decode()).walk("VEVENT")
        assert [(one.decoded("dtstart"), one.decoded("dtend")) for one in read] == [
            (one.start, one.end) for one in found
        ]


def test_who_comes_and_who_goes() -> None:
    before = {"a": ("ada",), "b": ("ada", "bob"), "gone": ("ada",)}
    now = {"a": ("bob",), "b": ("bob",), "new": ("cho",)}
    assert hand_overs(before, now) == (HandOver("bob", ("a",), ()), HandOver("ada", (), ("a", "b")))
    assert hand_overs(now, now) == ()


def test_events_of_every_kind() -> None:
    text = HEAD + (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261123\r\nSUMMARY:On call: Ada\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;TZID=Europe/Paris:20260105T090000\r\nDTEND;TZID=Europe/Paris:20260105T180000"
        "\r\nRRULE:FREQ=DAILY\r\nSUMMARY:x\r\nATTENDEE:mailto:bob@example.com\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20261124T090000\r\nDTEND:20261124T100000\r\nSTATUS:CANCELLED\r\n"
        "SUMMARY:Bob\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    start = datetime(2026, 11, 23, 12, tzinfo=UTC)
    found = events(text, "Europe/Paris", start, start + timedelta(days=1))
    people = [Person("ada", "ada", "Ada"), Person("bob", "bob", "Bob", email="Bob@example.com")]
    ada, bob, again = found
    assert (ada.start, ada.end) == (datetime(2026, 11, 22, 23, tzinfo=UTC), datetime(2026, 11, 23, 23, tzinfo=UTC))
    assert [person.id for one in found if (person := person_of(one, known_as(people)))] == ["ada", "bob", "bob"]
    assert (bob.start.hour, again.start - bob.start) == (8, timedelta(days=1))
    assert strangers([Event(start, start, ("zoe", "Zoe Who"))], people) == ("Zoe Who",)


def test_of_two_whom_a_name_may_mean_it_is_whoever_is_there() -> None:
    start = datetime(2026, 11, 23, 12, tzinfo=UTC)
    left, ada, twin = (Person(one, one, "Ada Zoé") for one in ("1-left", "2-ada", "3-twin"))
    left = replace(left, is_active=False, email="ada@example.com")
    called_ada = Person("4-bob", "bob", "2-ada")
    for people in itertools.permutations([left, ada, twin, called_ada]):
        known = known_as(people)
        said = {"ada zoe\u0301": ada, " @2-Ada": ada, "MAILTO:ada@example.com": left, "3-twin": twin, "nobody": None}
        assert [person_of(Event(start, start, (name,)), known) for name in said] == list(said.values())


def test_who_declined_an_event_is_not_on_call_by_it() -> None:
    said = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART;VALUE=DATE:202611{}\r\nSUMMARY:On call\r\n{}END:VEVENT\r\n"
    ada = "ATTENDEE;PARTSTAT={}:mailto:ada@example.com\r\n"
    bob = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com\r\n"
    shown = [(ada.format("DECLINED") + bob), (ada.format("tentative") + bob), ada.format("Declined"), ""]
    text = HEAD + "".join(said.format(day, day, who) for day, who in zip(range(23, 27), shown, strict=True))
    start = datetime(2026, 11, 22, tzinfo=UTC)
    found = events(text + "END:VCALENDAR\r\n", "UTC", start, start + timedelta(days=9))
    people = [
        Person("ada", "ada", "Ada", email="ada@example.com"),
        Person("bob", "bob", "Bob", email="bob@example.com"),
    ]
    assert [person.id if (person := person_of(one, known_as(people))) else "" for one in found] == [
        "bob",
        "ada",
        "",
        "",
    ]
    assert strangers(found, people) == ("On call",)


def test_an_event_without_a_time_takes_no_other_along() -> None:
    said = "BEGIN:VEVENT\r\nUID:{}\r\n{}SUMMARY:{}\r\nEND:VEVENT\r\n"
    daily = "DTSTART:20261120T090000Z\r\nDTEND:20261120T100000Z\r\nRRULE:FREQ=DAILY\r\n"
    cancelled = "RECURRENCE-ID:20261124T090000Z\r\nSTATUS:CANCELLED\r\n"
    text = HEAD + said.format(1, daily, "Ada") + said.format(2, "", "Bob") + said.format(1, cancelled, "Ada")
    start = datetime(2026, 11, 23, tzinfo=UTC)
    found = events(text + "END:VCALENDAR\r\n", "UTC", start, start + timedelta(days=1))
    assert [(one.start.day, one.names) for one in found] == [(23, ("Ada",))]


@pytest.mark.parametrize("text", ["", "<html>", "BEGIN:VCALENDAR", HEAD + "RRULE:FREQ=SECONDLY\r\nEND:VCALENDAR"])
def test_what_is_no_calendar_says_so(text: str) -> None:
    with pytest.raises(Unreadable):
        events(text, "UTC", START, START + timedelta(days=9))


@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:1/a.ics",
        "http://[::1]:1/a.ics",
        "http://[::ffff:127.0.0.1]:1/a.ics",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/a.ics",
        "http://localhost:1/a.ics",
        "http://0.0.0.0:1/a.ics",
    ],
)
async def test_addresses_inside_the_network_are_refused(source: str) -> None:
    with pytest.raises(DeliveryError, match="inside the network"):
        await CalendarSource().fetch(source)


async def test_other_addresses_are_not_read() -> None:
    with pytest.raises(DeliveryError):
        await CalendarSource().fetch("file:///etc/passwd")
    with pytest.raises(DeliveryError, match="no such file"):
        await CalendarSource().fetch("/nowhere/at/all.ics")


def test_times_as_they_are_typed() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert moments.moment("14:00", "Europe/Paris", now) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert moments.moment("03:00", "Europe/Paris", now) == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert moments.moment("2026-12-01 03:00", "Europe/Paris", now) == datetime(2026, 12, 1, 2, tzinfo=UTC)
    for wrong in ("", "25:00", "noon", "99999-01-01"):
        with pytest.raises(Invalid):
            moments.moment(wrong, "UTC", now)
    lengths = {"2h": 120, "1h30": 90, "45m": 45, "3d": 4320, "1d2h": 1560}
    assert {text: moments.length(text) for text in lengths} == {
        text: timedelta(minutes=minutes) for text, minutes in lengths.items()
    }
    assert [moments.length(text) for text in ("", "0h", "soon", "@bob")] == [None] * 4
    assert moments.asking(["SRE", "Core", "at", "03:00"]) == moments.Asking("SRE Core", "03:00")


def test_people_and_teams_as_they_are_typed() -> None:
    people = {"ada": Person("ada", "ada", "Ada Admin", slack="U01ADA"), "bob": Person("bob", "bob", "Bob")}
    teams = {name: Team(name, name, members=("ada",)) for name in ("Core", "Edge")}
    directory = Directory(people=people, teams=teams)
    for written in ("@ada", "ADA", "<@U01ADA|ada>", "Ada Admin", "admin"):
        assert moments.person(written, directory).id == "ada"
    for written in ("<@U09>", "@zoe"):
        with pytest.raises(NotFound):
            moments.person(written, directory)
    with pytest.raises(Conflict, match="say which team: Core, Edge"):
        moments.own_team("", ADMIN, directory)
    assert moments.own_team("edge", ADMIN, directory).id == "Edge"
    with pytest.raises(NotFound):
        moments.own_team("", ADMIN, Directory())


def test_whom_no_picker_shows_stays_in_the_rotation() -> None:
    people = {"ada": Person("ada", "ada", "Ada", slack="U01ADA"), "bob": Person("bob", "bob", "Bob")}
    people["cho"] = Person("cho", "cho", "Cho", slack="U03CHO")
    directory = Directory(people=people)
    before = Rotation("r", START.replace(tzinfo=None), 7, ("ada", "bob", "cho"))
    form = RotationForm(name="r", people=("U01ADA", "U03CHO"), day="2026-01-05", time="09:00", every=7)
    assert rotation(form, before, directory).people == ("ada", "bob", "cho")
    turned = replace(form, people=("U03CHO", "U01ADA"))
    assert rotation(turned, before, directory).people == ("cho", "ada", "bob")
    with pytest.raises(Invalid) as refused:
        rotation(replace(form, people=("U99",), day="", hours="noon"), None, directory)
    assert {fault.field for fault in refused.value.faults} == {"people", "day", "hours"}
    with pytest.raises(Invalid) as refused:
        rotation(replace(form, people=(), name="", every=0, layer=12), None, directory)
    assert {fault.field for fault in refused.value.faults} == {"people", "name", "every", "layer"}


def test_two_of_one_name_are_told_apart_before_one_is_put_on_call() -> None:
    people = [Person("1", "am", "Ada Martin"), Person("2", "ada", "ada martin"), Person("3", "bob", "Bob Martin")]
    directory = Directory(people={one.id: one for one in people})
    with pytest.raises(Conflict, match=r"several fit: Ada Martin \(@am\), ada martin \(@ada\)"):
        moments.person("Ada Martin", directory)
    assert [moments.person(said, directory).id for said in ("@ada", "ada martin (@am)", "bob")] == ["2", "1", "3"]
    gone = replace(directory, people={**directory.people, "2": replace(people[1], is_active=False)})
    assert moments.person("ada martin", gone).id == "1"
