"""A dump says all of the catalog, in words that `load` reads as the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.alert_mappings import FIELDS, USUAL, AlertMapping
from domain.alert_rules import AlertRule
from domain.directory import Directory
from domain.errors import Fault
from domain.incidents import Severity
from domain.oncall import Hours, OnCall, Rotation, Unit
from domain.people import Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.runbooks import Runbook, RunbookStep
from domain.schedules import Override
from handlers.catalog import dump
from handlers.catalog.catalog import read, resolve, unversioned
from handlers.catalog.overrides import is_there
from handlers.forms import storable
from tests.world import read as payload

PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
WORDS = "yes no on null ~ 010 0x1F 1e3 1_000 .inf 12:30 2026-01-01 2026-01-05T09:00 [a] #1 &x *y %YAML !z << ? | > ---"
HOSTILE = "... @x `x` ' \" a\\b \u202eabc \ufeffx é\u0301 👩\u200d🚒 日本 <@U01ADA> - x, {a: b}, a: b, a #b, \u00a0x"
AWKWARD = st.sampled_from([*WORDS.split(), *HOSTILE.split(" "), "- x", "{a: b}", "a: b", "a #b"])
INDENTED = st.sampled_from(["", " ", "  ", "\t", "    - "])
LINE = (st.text(PRINTABLE, min_size=1, max_size=30) | AWKWARD).map(lambda text: " ".join(text.split())).filter(bool)


def _line(indent: str, text: str, end: str) -> str:
    return indent + text + end


LINES = st.lists(
    st.builds(_line, INDENTED, st.text(PRINTABLE, max_size=20) | AWKWARD, INDENTED),
    max_size=4,
).map(lambda lines: storable("\n".join(lines)).strip("\n"))
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
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
        start=st.datetimes(datetime(1900, 1, 1), datetime(9000, 12, 31)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
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
            digest=draw(st.booleans()),
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
        alert_rules=tuple(draw(alert_rule(n, services, teams)) for n in range(1, draw(st.integers(1, 3)))),
        alert_mappings={f"m{n}": draw(alert_mapping(n)) for n in range(draw(st.integers(0, 2)))},
        overrides=tuple(draw(override(n, teams, ids)) for n in range(draw(st.integers(0, 2)))),
    )


def alert_rule(place: int, services: list[Service], teams: list[Team]) -> st.SearchStrategy[AlertRule]:
    """One of the house's rules, its name and its place in their order."""
    patterns = st.lists(LINE, min_size=1, max_size=2).map(tuple)
    matches = st.dictionaries(LINE.filter(_is_a_name), patterns, max_size=2).map(lambda match: tuple(match.items()))
    effects: dict[str, Any] = {
        "service": st.sampled_from(["", *(one.name for one in services)]),
        "team": st.sampled_from(["", *(one.name for one in teams)]),
        "severity": SEVERITIES,
        "hold_minutes": st.integers(0, 60),
    }
    common: dict[str, Any] = {"id": st.just(f"a{place}"), "name": LINE.map(lambda words: unique("Rule", place, words))}
    common |= {"match": matches, "is_active": st.booleans(), "position": st.just(place)}
    return st.builds(AlertRule, **common, **effects) | st.builds(AlertRule, **common, drop=st.just(True))


def _is_a_name(label: str) -> bool:
    """Names of labels are told apart without case, spaces, - and _: some that differ would be the same."""
    return label.isascii() and label.isalnum()


def alert_mapping(number: int) -> st.SearchStrategy[AlertMapping]:
    path = st.from_regex(r"[a-z]{1,9}(\.[a-z0-9]{1,9}){0,2}", fullmatch=True)
    paths = {name: st.lists(path, min_size=int(name == "title"), max_size=2).map(tuple) for name in FIELDS}
    return st.builds(
        AlertMapping,
        id=st.just(f"m{number}"),
        name=LINE.map(lambda words: unique("Mapping", number, words)),
        **paths,
        resolved=st.just(USUAL.resolved) | st.lists(LINE.map(str.lower), min_size=1, max_size=2).map(tuple),
    )


def override(number: int, teams: list[Team], people: list[str]) -> st.SearchStrategy[Override]:
    """Somebody stands in for somebody else, or for everybody, some time after `NOW`."""
    starts = st.datetimes(NOW.replace(tzinfo=None), datetime(2027, 11, 26), timezones=st.just(UTC))  # noqa: DTZ001
    hours = st.integers(1, 24 * 60)
    who = st.sampled_from(people).flatmap(
        lambda person: st.tuples(st.just(person), st.sampled_from(["", *(one for one in people if one != person)]))
    )
    return st.builds(
        lambda team, start, length, pair, reason: Override(
            id=f"o{number}",
            team=team,
            person=pair[0],
            instead_of=pair[1],
            start=start,
            end=start + timedelta(hours=length),
            reason=reason,
        ),
        st.sampled_from([team.id for team in teams]),
        starts,
        hours,
        who,
        st.just("") | LINE,
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
    catalog = resolve(read(list(dump.files(directory, NOW).items()), found), directory, lambda: f"new{next(numbers)}")
    assert not found, [str(fault) for fault in found]
    return Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        runbooks={one.id: one for one in catalog.runbooks},
        policies={one.id: one for one in catalog.policies},
        alert_rules=tuple(catalog.alert_rules),
        alert_mappings={one.id: one for one in catalog.alert_mappings},
        overrides=directory.overrides if all(is_there(one, directory) for one in catalog.overrides) else (),
    )


@given(directories())
def test_a_load_of_a_dump_changes_nothing(directory: Directory) -> None:
    assert again(directory) == directory


def test_a_load_of_a_dump_of_nothing_changes_nothing() -> None:
    [printed] = dump.files(Directory(), NOW).values()
    assert printed
    assert again(Directory()) == Directory()


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
    written = dump.files(directory, NOW)
    assert "  4:\n    title: Effectuer un failover si nécessaire\n" in written["runbooks.yaml"]
    assert "    command: |-\n      # État global\n" in written["runbooks.yaml"]
    assert "    target: CHANNEL (#sre-incidents)\n" in written["policies.yaml"]
    assert [unversioned(one) for one in again(directory).runbooks.values()]
