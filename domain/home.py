"""What somebody finds in their Home tab: what waits for them, whether they are on call, and the catalog, page by page.
Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.checkups import Doubt
from domain.coverage import Hole
from domain.directory import Directory
from domain.drift import Drifted
from domain.incidents import Incident, Severity
from domain.oncall import Shift
from domain.outages import Outage
from domain.oversights import Oversight
from domain.people import Actor, Person, Service, Team
from domain.policies import Policy
from domain.postmortems import Owed
from domain.reports import Trend
from domain.runbooks import Runbook
from domain.schedules import after
from domain.trials import Trial

PAGE = 10
"""Things on a page: two hundred policies are twenty pages, and never more blocks than Slack takes."""
LONGEST_SEARCH = 100


class Section(StrEnum):
    """The part of the Home tab that is shown."""

    INCIDENTS = "incidents"
    POLICIES = "policies"
    RUNBOOKS = "runbooks"
    SERVICES = "services"
    TEAMS = "teams"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in their Home tab. `page` counts from 1."""

    section: Section = Section.INCIDENTS
    search: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Duty:
    """One team's shift of now: whose, until when, and who is next ("" when nobody is)."""

    team: str
    person: str
    until: datetime
    next: str


Thing = Incident | Policy | Runbook | Service | Team | Person


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a section: how many were `found` in all, and the things on this one."""

    place: Place
    found: int = 0
    things: tuple[Thing, ...] = ()

    @property
    def pages(self) -> int:
        return max(-(-self.found // PAGE), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Everything that one person's Home tab shows at `now`. `mine` are the open incidents that they have or were paged
    for, of `mine_found`; `links` lead to incidents' cards, by incident; `trials` are their last tests; `admins` are
    the Slack ids that are admins whatever the catalog says."""

    actor: Actor
    person: Person | None
    locale: str
    now: datetime
    directory: Directory
    duties: tuple[Duty, ...] = ()
    mine: tuple[Incident, ...] = ()
    mine_found: int = 0
    listing: Listing = Listing(Place())
    links: Mapping[str, str] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    admins: frozenset[str] = frozenset()
    holes: tuple[Hole, ...] = ()
    """Where the next days of the reader's teams have nobody, or one person by one channel."""
    outages: tuple[Outage, ...] = ()
    """The times without Slack of the last day."""
    oversights: tuple[Oversight, ...] = ()
    """For admins: what should have happened in the last day and did not."""
    doubts: Mapping[str, tuple[Doubt, ...]] = field(default_factory=dict)
    """Who can't be reached for sure, by id: the reader, and those whom they lead."""
    owed: Owed = field(default_factory=Owed)
    """Post-mortems that the reader has to write, and what they promised in others."""
    edits: tuple[Drifted, ...] = ()
    """What was edited by hand since files were loaded, for whoever may load them."""
    trends: tuple[Trend, ...] = ()
    """The last 30 days of the reader's own teams that had incidents."""


def duties(directory: Directory, person: Person | None, now: datetime) -> tuple[Duty, ...]:
    """The shifts of now in the teams of `person`, their own first."""
    running = [
        (team, shift)
        for team in directory.teams.values()
        for shift in directory.shifts_at(team.id, now)
        if person and (team.has(person.id) or shift.person == person.id)
    ]
    running.sort(key=lambda one: (one[1].person != (person.id if person else ""), one[0].name.casefold()))
    return tuple(_duty(team, shift, directory) for team, shift in running)


def _duty(team: Team, shift: Shift, directory: Directory) -> Duty:
    following = after(directory.schedule(team.id), shift)
    return Duty(team.id, shift.person, shift.end, following.person if following else "")


def listing(directory: Directory, place: Place) -> Listing:
    """A page of the catalog: what is active first, then by name. Incidents are the database's to list."""
    wanted = place.search.casefold()
    found = [
        (named, thing)
        for named, thing in _things(directory, place.section)
        if any(wanted in text.casefold() for text in named.texts)
    ]
    found.sort(key=lambda one: (not one[0].is_active, one[0].texts[0].casefold()))
    place = within(place, len(found))
    start = (place.page - 1) * PAGE
    return Listing(place, len(found), tuple(thing for _, thing in found[start : start + PAGE]))


def within(place: Place, found: int) -> Place:
    """`place` on a page that there is."""
    last = max(-(-found // PAGE), 1)
    return replace(place, page=min(max(place.page, 1), last))


@dataclass(frozen=True, slots=True)
class _Named:
    """What a thing is found by, its own name first."""

    texts: tuple[str, ...]
    is_active: bool = True


def _things(directory: Directory, section: Section) -> Iterable[tuple[_Named, Thing]]:
    teams = {team.id: team.name for team in directory.teams.values()}
    match section:
        case Section.POLICIES:
            for policy in directory.policies.values():
                texts = (policy.name, policy.description, teams.get(policy.team, ""), _severity(policy.severity_filter))
                yield _Named(texts, policy.is_active), policy
        case Section.RUNBOOKS:
            for book in directory.runbooks.values():
                service = directory.service_name(book.service)
                texts = (book.title, book.description, service, _severity(book.severity_filter))
                yield _Named(texts, book.is_active), book
        case Section.SERVICES:
            for one in directory.services.values():
                yield _Named((one.name, *one.aliases, teams.get(one.team, ""))), one
        case Section.TEAMS:
            for team in directory.teams.values():
                yield _Named((team.name, team.channel)), team
        case Section.PEOPLE:
            for person in directory.people.values():
                yield _Named((person.name, person.handle, person.email, person.role.value), person.is_active), person
        case Section.INCIDENTS:
            return


def _severity(severity: Severity | None) -> str:
    return severity.value if severity else ""
