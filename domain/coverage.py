"""Where the next days have holes: intervals in which an incident would page nobody, or one person by one channel.

Nothing here decides whom a page reaches: the simulation is asked at every moment where its answer can change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.incidents import Severity
from domain.people import Service
from domain.policies import Channel, Policy
from domain.reach import Reach
from domain.schedules import shifts
from domain.simulation import Simulation, simulate, supposed

AHEAD = timedelta(days=14)
"""How far is looked: two weeks of a rotation, in time to mend what is found."""


WAKING = (Severity.SEV1, Severity.SEV2)
"""What somebody must be woken for. A lesser one may go to a channel alone, or have no policy at all: a choice."""


class Cover(StrEnum):
    """How thin it is."""

    NOBODY = "nobody"
    ONE_WAY = "one_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """An incident of one of `services` that opens from `start` until `end` reaches nobody, or `person` by `channel`
    alone."""

    team: str
    severity: Severity
    services: tuple[str, ...]
    start: datetime
    end: datetime
    cover: Cover
    person: str = ""
    channel: Channel | None = None


Ways = frozenset[tuple[str, Channel, bool]]
"""What a climb reaches in the end, and how: (a person's id or an address, channel, whether that is somebody)."""


def holes(directory: Directory, reach: Reach, now: datetime, ahead: timedelta = AHEAD) -> tuple[Hole, ...]:
    """Every hole for every service and severity from `now` (aware) on, the worst and soonest first."""
    by_team: dict[str, list[Service]] = {}
    for service in directory.services.values():
        by_team.setdefault(service.team, []).append(service)
    found = [
        hole
        for services in by_team.values()
        for severity in Severity
        for hole in _of_one(services, severity, directory, reach, now, now + ahead)
    ]
    return tuple(sorted(found, key=lambda hole: (hole.cover is not Cover.NOBODY, hole.start, hole.severity, hole.team)))


def _of_one(
    services: list[Service], severity: Severity, directory: Directory, reach: Reach, start: datetime, end: datetime
) -> Iterator[Hole]:
    """The holes for services of one team: they share its policies and its rotations."""
    example = services[0]
    policy = directory.policy_for(example.team, severity)
    if policy is None and severity not in WAKING:
        return
    moments = _moments(example.team, policy, directory, start, end)
    known: dict[tuple[object, ...], Ways] = {}
    names = tuple(sorted(service.name for service in services))
    last: Hole | None = None
    for begins, ends in zip(moments, [*moments[1:], end], strict=True):
        key = _who(example.team, policy, directory, begins)
        if key not in known:
            known[key] = _ways(policy, example, severity, directory, reach, begins)
        hole = _hole(known[key], example.team, severity, names, begins, ends)
        if last and hole and replace(hole, start=last.start) == replace(last, end=hole.end):
            last = replace(last, end=hole.end)
            continue
        if last:
            yield last
        last = hole
    if last:
        yield last


def _delays(policy: Policy | None) -> tuple[timedelta, ...]:
    steps = policy.live_steps if policy else ()
    return tuple(sorted({step.delay for step in steps} | {timedelta(0)}))


def _moments(team: str, policy: Policy | None, directory: Directory, start: datetime, end: datetime) -> list[datetime]:
    """When the answer can change: a shift begins or ends as one of the policy's steps falls due."""
    delays = _delays(policy)
    found = shifts(directory.schedule(team), start, end + delays[-1])
    edges = {moment for shift in found for moment in (shift.start, shift.end)}
    moments = {edge - delay for edge in edges for delay in delays}
    return [start, *sorted(moment for moment in moments if start < moment < end)]


def _who(team: str, policy: Policy | None, directory: Directory, at: datetime) -> tuple[object, ...]:
    """Who is on call as each step falls due: two moments that agree in this have the same answer."""
    return tuple(tuple(one.id for one in directory.on_call(team, at + delay)) for delay in _delays(policy))


def _ways(
    policy: Policy | None, service: Service, severity: Severity, directory: Directory, reach: Reach, at: datetime
) -> Ways:
    return _found(simulate(policy, supposed(service, severity, at, directory), directory, reach))


def pages_nobody(foreseen: Simulation) -> bool:
    """Whether a climb has nobody at its end whom it should have: somebody, for what must wake somebody."""
    ways = _found(foreseen)
    return not (any(way[2] for way in ways) if foreseen.incident.severity in WAKING else ways)


def _found(foreseen: Simulation) -> Ways:
    return frozenset(
        (page.person or page.address, page.channel, bool(page.person) or "@" in page.address)
        for _, page in foreseen.pages
    )


def _hole(
    ways: Ways, team: str, severity: Severity, services: tuple[str, ...], start: datetime, end: datetime
) -> Hole | None:
    """At night a channel is looked at by whoever is awake already: what must wake somebody needs a person, twice."""
    people = [way for way in ways if way[2]]
    enough = len(people) > 1 if severity in WAKING else bool(ways)
    if enough:
        return None
    found = Hole(team=team, severity=severity, services=services, start=start, end=end, cover=Cover.NOBODY)
    if not people:
        return found
    person, channel, _ = people[0]
    return replace(found, cover=Cover.ONE_WAY, person=person, channel=channel)


def of_teams(found: Iterable[Hole], teams: Iterable[str]) -> tuple[Hole, ...]:
    """The holes of these teams (ids)."""
    wanted = set(teams)
    return tuple(hole for hole in found if hole.team in wanted)
