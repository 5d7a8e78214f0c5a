"""The Home tab: never more than Slack takes, whatever the catalog holds, and what it says of its reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import home as looks
from blocks.contacts import masked
from bot.demo.blockkit import check_view
from bot.demo.visible import words
from domain import home as rules
from domain.directory import Directory
from domain.home import PAGE, Home, Listing, Place, Section
from domain.incidents import Severity, Status
from domain.oncall import OnCall, Rotation
from domain.people import Actor, Person, Role, Service, Team
from domain.policies import Policy
from domain.runbooks import Runbook
from domain.schedules import Schedule, after, shifts_at
from handlers.home.forms import place_of
from tests.unit.block_samples import INCIDENT, START, hostile

WEEKLY = Schedule(
    OnCall("Europe/Paris", (Rotation("primary", datetime.fromisoformat("2026-01-05T09:00"), 7, ("ada", "john")),))
)
ADA = Person("ada", "ada", "Ada Admin", "ada@example.com", "+33600000001", "U01ADA", Role.ADMIN)


def shown(directory: Directory, place: Place, role: Role = Role.ADMIN, **more: Any) -> Home:
    actor = Actor(key="person:ada", name="Ada", role=role, slack="U01ADA", person="ada")
    listing = rules.listing(directory, place)
    home = Home(actor=actor, person=ADA, locale="en", now=START, directory=directory, listing=listing)
    return replace(home, **more)


@st.composite
def catalogs(draw: st.DrawFn) -> Directory:
    """Up to 300 things of each kind, their words anything."""
    text, count = draw(hostile()), draw(st.integers(0, 300))
    ids = [f"{number:03}" for number in range(count)]
    team = Team("team", text, text, "ada", ("ada",), "", replace(WEEKLY.on_call))
    return Directory(
        people={"ada": replace(ADA, name=text, email=text, phone=text), "john": Person("john", "john", text)},
        teams={"team": team, **{i: Team(i, f"{text}{i}", text) for i in ids}},
        services={i: Service(i, f"{i}{text}", "team", (text, text)) for i in ids},
        policies={
            i: Policy(id=i, name=f"{i}{text}", description=text, team="team", severity_filter=Severity.SEV1)
            for i in ids
        },
        runbooks={i: Runbook(id=i, title=f"{i}{text}", service=i, is_active=int(i) % 2 == 0) for i in ids},
    )


@given(catalogs(), st.sampled_from(Section), st.integers(1, 40), hostile(), st.sampled_from(Role), st.booleans())
def test_slack_always_takes_it(
    directory: Directory, section: Section, page: int, text: str, role: Role, is_searched: bool
) -> None:
    place = Place(section, text[: rules.LONGEST_SEARCH] if is_searched else "", page)
    incidents = tuple(
        replace(INCIDENT, id=str(n), title=text, acknowledged_by=text, status=status, service=text)
        for n, status in enumerate([Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED] * 4)
    )
    home = shown(directory, place, role)
    if section is Section.INCIDENTS:
        home = replace(home, listing=Listing(place, 3000, incidents[:PAGE]))
    links = dict.fromkeys((incident.id for incident in incidents), "https://example.slack.com/archives/C1/p1")
    duties = rules.duties(directory, ADA, START)
    home = replace(home, mine=incidents[:5], mine_found=300, links=links, duties=duties * 6)
    for locale in ("en", "fr"):
        view = looks.home(replace(home, locale=locale))
        assert check_view(view) == []
        assert len(view["blocks"]) <= 100
        assert len(home.listing.things) <= PAGE
    assert check_view(looks.search_form(place, "fr")) == []


@given(st.integers(0, 300), st.text(max_size=3), st.integers(-5, 50))
def test_every_page_is_there(count: int, search: str, page: int) -> None:
    policies = {str(n): Policy(id=str(n), name=f"Policy {n}") for n in range(count)}
    directory = Directory(policies=policies)
    seen: list[str] = []
    first = rules.listing(directory, Place(Section.POLICIES, search, page))
    assert 1 <= first.place.page <= first.pages
    for number in range(1, first.pages + 1):
        things = rules.listing(directory, Place(Section.POLICIES, search, number)).things
        seen += [thing.name for thing in things if isinstance(thing, Policy)]
    assert sorted(seen) == sorted(p.name for p in policies.values() if search.casefold() in p.name.casefold())


@given(st.sampled_from(Section), st.text(max_size=rules.LONGEST_SEARCH), st.integers(1, 100_000))
def test_a_place_comes_back_as_it_went(section: Section, search: str, page: int) -> None:
    place = Place(section, search.replace("\0", ""), page)
    assert place_of(looks.metadata(place)) == place


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"section": "x"}', '{"section": []}', "null", "1", '{"page": 1}']
)
def test_a_place_that_nobody_knows_is_the_start(text: str) -> None:
    assert place_of(text) == Place()


def test_a_page_that_is_no_number_is_the_first() -> None:
    assert place_of('{"section": "teams", "page": "2", "search": null}') == Place(Section.TEAMS)
    assert place_of('{"section": "teams", "page": -2}') == Place(Section.TEAMS)


def test_whoever_is_on_call_reads_it_first() -> None:
    start = START.replace(tzinfo=None)
    both, john = (OnCall("UTC", (Rotation("r", start, 7, people),)) for people in (("ada", "john"), ("john",)))
    teams = {
        "a": Team("a", "Alpha", members=("ada",), on_call=john),
        "z": Team("z", "Zeta", lead="ada", on_call=both),
        "o": Team("o", "Other", members=("john",), on_call=john),
    }
    people = {"ada": ADA, "john": Person("john", "john", "John Doe")}
    directory = Directory(people=people, teams=teams)
    duties = rules.duties(directory, ADA, START + timedelta(hours=1))
    assert [(duty.team, duty.person, duty.next) for duty in duties] == [("z", "ada", "john"), ("a", "john", "john")]
    said = words(looks.home(shown(directory, Place(), duties=duties))["blocks"])
    assert said.index("You are on call") < said.index("Alpha: John Doe is on call")
    assert "You are not on call" not in said


@given(st.timedeltas(timedelta(days=1), timedelta(days=700)))
def test_the_next_shift_follows_without_a_hole(later: timedelta) -> None:
    for shift in shifts_at(WEEKLY, datetime(2026, 1, 5, 9, tzinfo=UTC) + later):
        following = after(WEEKLY, shift)
        assert following is not None
        assert following.start <= shift.end < following.end
        assert following.person != shift.person


def test_a_rotation_without_people_has_no_next() -> None:
    shift = shifts_at(WEEKLY, START)[0]
    assert after(Schedule(OnCall("Europe/Paris")), shift) is None


def test_what_is_missing_is_said() -> None:
    nobody = replace(ADA, phone="", email="", slack="")
    said = words(looks.home(shown(Directory(), Place(), person=nobody))["blocks"])
    assert said.count("none ⚠️") == 3
    stranger = words(looks.home(shown(Directory(), Place(), person=None))["blocks"])
    assert "Vigie does not know you yet" in stranger


@given(st.text("+0123456789 ", max_size=20))
def test_a_phone_number_never_shows_its_middle(phone: str) -> None:
    hidden = masked(phone)
    assert len(hidden) <= 7
    assert len(phone) <= 8 or phone[4:-2] not in hidden
