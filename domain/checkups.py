"""Whether people can really be reached: a page tried out on each of them every month, by day, and what speaks against
somebody's being reachable. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.contacts import unverified
from domain.directory import Directory
from domain.people import Person
from domain.policies import Channel
from domain.reach import NOT_SET_UP
from domain.trials import Trial, TrialState
from domain.wall_clock import first, reading

EVERY = timedelta(days=30)
DAY_BEGINS, DAY_ENDS = time(10), time(16)
"""On working days, on the clocks where somebody lives: a test wakes nobody and reaches somebody at work."""
_SATURDAY = 5
TIME_TO_ANSWER = timedelta(days=3)
TIME_TO_PROVE = timedelta(days=7)
"""How long somebody new has to verify their contacts."""
LATER = timedelta(hours=2)
"""Whoever is paged for an incident just then is tested after it."""


class Doubt(StrEnum):
    """What speaks against somebody's being reachable."""

    UNVERIFIED = "unverified"
    """A phone number or an address that nobody has shown to be theirs."""
    REFUSED = "refused"
    """The last test by some channel did not go out."""
    SILENT = "silent"
    """The monthly test went out, and they did not confirm it."""
    BOUNCED = "bounced"
    """The last page by some channel was refused by its provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What is known of somebody: since when they are paged here, when they were last tested, and what was in doubt at
    the last look."""

    person: str
    seen_at: datetime
    tested_at: datetime | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def due_at(self) -> datetime:
        """When the next test may go out, were it day then."""
        return (self.tested_at or self.seen_at) + EVERY


def paged(directory: Directory) -> tuple[Person, ...]:
    """The active people who lead a team, are a member or take turns: whom pages are for."""
    teams = directory.teams.values()
    ids = {one for team in teams for one in (team.lead, *team.members, *directory.ever_on_call(team.id))}
    return tuple(one for one in directory.people.values() if one.id in ids and one.is_active)


def zone_of(person: Person, directory: Directory) -> str:
    """Where somebody lives: as they said, else as the first of their teams, in the order of their names."""
    if person.preferences.timezone:
        return person.preferences.timezone
    teams = sorted((team for team in directory.teams.values() if team.has(person.id)), key=lambda team: team.name)
    return teams[0].on_call.timezone if teams else "UTC"


def by_day(moment: datetime, zone: str) -> datetime:
    """`moment`, or the first one after it at which it is working time in `zone`."""
    clocks = ZoneInfo(zone)
    wall = reading(moment, clocks)
    day = wall.date() if wall.time() < DAY_ENDS else wall.date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    opens = datetime.combine(day, DAY_BEGINS)
    return moment if wall >= opens else first(opens, clocks).astimezone(UTC)


def next_test(checkup: Checkup, person: Person, directory: Directory, now: datetime) -> datetime | None:
    """When somebody is tested next, never before `now`; None when they do not want it."""
    if not person.preferences.test_pages:
        return None
    return by_day(max(checkup.due_at, now), zone_of(person, directory))


def doubts(
    person: Person, directory: Directory, checkup: Checkup, trials: Sequence[Trial], bounced: bool, now: datetime
) -> tuple[Doubt, ...]:
    """What speaks against somebody's being reachable at `now`. `trials` are their last ones."""
    found = {
        Doubt.UNVERIFIED: now - checkup.seen_at >= TIME_TO_PROVE and bool(unverified(person, directory)),
        Doubt.REFUSED: any(one.state is TrialState.REFUSED and _was_sent(one) for one in trials),
        Doubt.SILENT: _is_silent(checkup, trials, now),
        Doubt.BOUNCED: bounced,
    }
    return tuple(doubt for doubt, is_so in found.items() if is_so)


def _was_sent(trial: Trial) -> bool:
    return bool(trial.address) and trial.reason != NOT_SET_UP.get(trial.channel, "")


def _is_silent(checkup: Checkup, trials: Sequence[Trial], now: datetime) -> bool:
    tested_at = checkup.tested_at
    if tested_at is None or now - tested_at < TIME_TO_ANSWER:
        return False
    return not any(one.state is TrialState.CONFIRMED and one.started_at >= tested_at for one in trials)


def next_look(checkup: Checkup, now: datetime) -> datetime:
    """When a doubt may arise by time alone, at the earliest."""
    moments = [checkup.seen_at + TIME_TO_PROVE]
    moments += [checkup.tested_at + TIME_TO_ANSWER] if checkup.tested_at else []
    return min((moment for moment in moments if moment > now), default=now + timedelta(days=1))


def leads(person: Person, directory: Directory) -> tuple[Person, ...]:
    """Who is told that somebody can't be reached for sure: the leads of their teams, but not themselves."""
    ids = dict.fromkeys(team.lead for team in directory.teams.values() if team.has(person.id))
    found = (directory.people.get(one) for one in ids)
    return tuple(one for one in found if one and one.is_active and one.id != person.id)


TRIED = (Channel.SMS, Channel.EMAIL, Channel.PHONE)
"""Channels whose providers say of a page that it can't be delivered at all."""
