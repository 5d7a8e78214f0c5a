"""A dump says all of the catalog, in words that `load` reads as the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from domain.directory import Directory
from domain.errors import Fault
from domain.incidents import Severity
from domain.oncall import Hours, OnCall, Rotation, Unit
from domain.people import Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog import dump
from handlers.catalog.catalog import read, resolve, unversioned
from tests.world import read as payload

PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
AWKWARD = st.sampled_from(
    ["yes", "null", "~", "010", "- x", "{a: b}", "#1", "a: b", "'", '"', "&x", "*y", "%", "!z", "2026-01-01"]
)
LINE = (st.text(PRINTABLE, min_size=1, max_size=30) | AWKWARD).map(lambda text: " ".join(text.split())).filter(bool)
LINES = st.lists(st.text(PRINTABLE, max_size=20) | AWKWARD, max_size=4).map(lambda lines: "\n".join(lines).strip("\n"))
ZONES = st.sampled_from(["UTC", "Europe/Paris"])
SEVERITIES = st.none() | st.sampled_from(Severity)


def unique(prefix: str, number: int, words: str) -> str:
    return f"{prefix}{number} {words}"


HOURS = st.builds(
    Hours,
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Any catalog that could be there."""
    people = [
        Person(
            id=f"p{n}",
            handle=f"handle-{n}",
            name=draw(LINE),
            email=draw(st.sampled_from(["", f"p{n}@example.com"])),
            phone=draw(st.sampled_from(["", f"+3363998000{n}"])),
            slack=draw(st.sampled_from(["", f"U0{n}ABC"])),
            role=draw(st.sampled_from(Role)),
            locale=draw(st.sampled_from(["", "en", "fr"])),
            is_active=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    ids = [one.id for one in people]
    some = st.sampled_from([(), tuple(ids), tuple(ids[:1]), tuple(reversed(ids))])
    rotations = st.builds(
        Rotation,
        name=LINE,
        start=st.datetimes().map(lambda at: at.replace(microsecond=0)),
        every=st.integers(1, 60),
        people=st.sampled_from([tuple(ids), tuple(ids[:1]), tuple(reversed(ids))]),
        unit=st.sampled_from(Unit),
        hours=st.lists(HOURS, max_size=2).map(tuple),
        layer=st.integers(0, 9),
    )
    teams = [
        Team(
            id=f"t{n}",
            name=unique("Team", n, draw(LINE)),
            channel=draw(st.sampled_from(["", "#sre-incidents", "C0ABCDEF"])),
            lead=draw(st.sampled_from(["", *(one.id for one in people)])),
            members=draw(some),
            locale=draw(st.sampled_from(["", "fr"])),
            on_call=OnCall(
                draw(st.sampled_from(["UTC", "Europe/Paris"])),
                tuple(draw(st.lists(rotations, max_size=2))),
                draw(st.sampled_from(["", "https://calendars.example/sre.ics?a=1", "/etc/vigie/sre.ics"])),
                draw(st.booleans()),
            ),
        )
        for n in range(draw(st.integers(1, 2)))
    ]
    services = [
        Service(
            id=f"s{n}",
            name=unique("Service", n, draw(LINE)),
            team=draw(st.sampled_from(teams)).id,
            aliases=tuple(unique("Alias", n, words) for words in draw(st.lists(LINE, max_size=1))),
            auto_resolve=draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    books = [
        Runbook(
            id=f"r{n}",
            title=unique("Book", n, draw(LINE)),
            description=draw(LINES),
            service=draw(st.sampled_from(["", *(one.id for one in services)])),
            severity_filter=draw(SEVERITIES),
            is_active=draw(st.booleans()),
            four_eyes=draw(st.booleans()),
            steps=tuple(draw(runbook_step(order)) for order in range(1, draw(st.integers(2, 4)))),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    leads = [team.id for team in teams if team.lead]
    policies = [
        Policy(
            id=f"e{n}",
            name=unique("Policy", n, draw(LINE)),
            description=draw(LINES),
            team=draw(st.sampled_from(["", *leads])),
            severity_filter=draw(SEVERITIES),
            is_active=draw(st.booleans()),
            is_default=draw(st.booleans()),
            ack_timeout_minutes=draw(st.sampled_from([0, 30])),
            steps=tuple(draw(policy_step(order)) for order in range(1, draw(st.integers(2, 4)))),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return Directory(
        people={one.id: one for one in people},
        teams={one.id: one for one in teams},
        services={one.id: one for one in services},
        runbooks={one.id: one for one in books},
        policies={one.id: one for one in policies},
    )


def runbook_step(order: int) -> st.SearchStrategy[RunbookStep]:
    return st.builds(
        RunbookStep,
        order=st.just(order),
        title=LINE,
        description=LINES,
        checklist=st.lists(LINE, max_size=3).map(tuple),
        command=LINES,
        expected_duration=st.integers(0, 600),
        is_critical=st.booleans(),
        requires_confirmation=st.booleans(),
        rollback_instructions=LINES,
    )


TARGETS = st.sampled_from(
    [
        Target(TargetType.ON_CALL),
        Target(TargetType.TEAM),
        Target(TargetType.USER, "team_lead"),
        Target(TargetType.USER, "handle-0"),
        Target(TargetType.EMAIL, "cto@company.com"),
        Target(TargetType.CHANNEL, "#sre-incidents"),
        Target(TargetType.CHANNEL, "https://discord.com/api/webhooks/1/x"),
    ]
)


def policy_step(order: int) -> st.SearchStrategy[PolicyStep]:
    return st.builds(
        PolicyStep,
        order=st.just(order),
        delay_minutes=st.integers(0, 600),
        channels=st.lists(st.sampled_from(Channel), min_size=1, unique=True).map(tuple),
        target=TARGETS,
        message=LINES,
        is_active=st.booleans(),
        requires_postmortem=st.booleans(),
    )


def again(directory: Directory) -> Directory:
    """What `load` makes of a dump of it."""
    found: list[Fault] = []
    numbers: Iterator[int] = count()
    catalog = resolve(read(list(dump.files(directory).items()), found), directory, lambda: f"new{next(numbers)}")
    assert not found, [str(fault) for fault in found]
    return Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        runbooks={one.id: one for one in catalog.runbooks},
        policies={one.id: one for one in catalog.policies},
    )


@given(directories())
def test_a_load_of_a_dump_changes_nothing(directory: Directory) -> None:
    assert again(directory) == directory


def test_the_guide_is_dumped_as_people_write_it() -> None:
    found: list[Fault] = []
    numbers = count()
    texts = [("o", payload("organisation.yaml")), ("g", payload("guide.yaml"))]
    catalog = resolve(read(texts, found), Directory(), lambda: str(next(numbers)))
    directory = Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        runbooks={one.id: one for one in catalog.runbooks},
        policies={one.id: one for one in catalog.policies},
    )
    written = dump.files(directory)
    assert "  4:\n    title: Effectuer un failover si nécessaire\n" in written["runbooks.yaml"]
    assert "    command: |-\n      # État global\n" in written["runbooks.yaml"]
    assert "    target: CHANNEL (#sre-incidents)\n" in written["policies.yaml"]
    assert [unversioned(one) for one in again(directory).runbooks.values()]
