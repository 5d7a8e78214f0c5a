"""What somebody's Home tab shows, and where in it they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import home as rules
from domain.checkups import Doubt, leads
from domain.clock import Clock
from domain.coverage import Hole, of_teams
from domain.directory import Directory
from domain.home import PAGE, Home, Listing, Place, Section
from domain.incidents import OPEN, Incident, Status
from domain.oversights import Oversight
from domain.people import Actor, Permission, Person, may
from domain.reports import Trend
from handlers.catalog.drift import DriftService
from handlers.postmortems.reading import owed_by
from handlers.reports.trends import Trends
from storage import catalog, checkups, homes, incidents, messages, notifications, outages, oversights, trials
from storage.incidents import Query
from storage.messages import Place as Posted
from storage.store import Store, Transaction

MINE_SHOWN = 5
TRENDS_SHOWN = 3
OUTAGES_SHOWN = timedelta(days=1)
_MOST_OF_MINE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A Home tab, and the hash of the one that Slack shows, "" when it is not known: an older one must not replace a
    newer."""

    home: Home
    hash: str


class HomeService:
    """Reads Home tabs. `admins` are Slack ids, `locale` is for readers who have none of their own."""

    def __init__(self, store: Store, clock: Clock, admins: frozenset[str], locale: str) -> None:
        self._store = store
        self._clock = clock
        self._admins = admins
        self._locale = locale
        self.holes: Callable[[], tuple[Hole, ...]] = tuple
        """Where the next days have nobody; the composition root knows who has looked."""
        self._trends = Trends()
        self._drift = DriftService(store)
        self.workspace_url = ""
        """Where links to messages begin, such as https://example.slack.com/; "" until Slack has told."""

    async def open(self, user: str, name: str) -> Home:
        """The Home tab of somebody who has just opened it: from now on it follows what changes."""
        place = await self._store.write(lambda tx: homes.opened(tx, user, self._clock.now()))
        return await self._store.browse(lambda tx: self._read(tx, user, name, place, self._clock.now()))

    async def go(self, user: str, name: str, place: Place) -> Home:
        """The Home tab at another place."""
        place = replace(place, search=place.search[: rules.LONGEST_SEARCH])
        # First, and alone: what is drawn meanwhile is drawn there, and no page waits for what a Home tab reads.
        await self._store.write(lambda tx: homes.go(tx, user, place, self._clock.now()))
        return await self._store.browse(lambda tx: self._read(tx, user, name, place, self._clock.now()))

    async def look(self, user: str) -> Seen:
        """The Home tab as it is to be now, where its reader left it."""

        def work(tx: Transaction) -> Seen:
            home = self._read(tx, user, "", homes.place_of(tx, user), self._clock.now())
            return Seen(home, messages.ts(tx, key_of(user)))

        return await self._store.browse(work)

    async def published(self, user: str, hash_: str) -> None:
        """Slack shows this one now."""
        await self._store.write(lambda tx: messages.put(tx, [shown(user, hash_)]))

    async def forget(self) -> None:
        """Drop what nobody has looked at for a day."""
        await self._store.write(lambda tx: homes.forget(tx, self._clock.now()))

    def _read(self, tx: Transaction, user: str, name: str, place: Place, now: datetime) -> Home:
        directory = catalog.directory(tx)
        actor = directory.actor_by_slack(user, name, self._admins)
        person = directory.person_by_slack(user)
        found, mine = _mine(tx, actor)
        listing = _listing(tx, directory, place)
        shown = [*mine, *(thing for thing in listing.things if isinstance(thing, Incident))]
        return Home(
            actor=actor,
            person=person,
            locale=directory.locale_of(user) or self._locale,
            now=now,
            directory=directory,
            duties=rules.duties(directory, person, now),
            mine=mine,
            mine_found=found,
            listing=listing,
            links=self._links(tx, [incident.id for incident in shown]),
            trials=trials.of_person(tx, actor.person),
            admins=self._admins,
            outages=tuple(outages.since(tx, now - OUTAGES_SHOWN)),
            oversights=_overlooked(tx, actor, now),
            doubts=_doubts(tx, directory, actor),
            owed=owed_by(tx, directory, actor.person),
            trends=self._own_trends(tx, directory, person, now),
            holes=of_teams(self.holes(), _teams(directory, actor)),
            edits=self._drift.of(tx, directory) if may(actor.role, Permission.PEOPLE) else (),
        )

    def _own_trends(
        self, tx: Transaction, directory: Directory, person: Person | None, now: datetime
    ) -> tuple[Trend, ...]:
        """Of somebody's own teams, those with incidents in the last sixty days."""
        teams = [team for team in directory.teams.values() if person and team.has(person.id)][:TRENDS_SHOWN]
        found = [self._trends.of(tx, team.id, now) for team in teams]
        return tuple(trend for trend in found if trend.now.count or trend.before.count)

    def _links(self, tx: Transaction, ids: list[str]) -> dict[str, str]:
        """The addresses of these incidents' cards."""
        if not self.workspace_url or not ids:
            return {}
        cards = {key: place for key, place in messages.of_incidents(tx, ids).items() if key.startswith("card:")}
        return {
            card.incident: f"{self.workspace_url}archives/{card.channel}/p{card.ts.replace('.', '')}"
            for card in cards.values()
        }


def _overlooked(tx: Transaction, actor: Actor, now: datetime) -> tuple[Oversight, ...]:
    """For whoever looks after Vigie itself."""
    return tuple(oversights.since(tx, now - OUTAGES_SHOWN)) if may(actor.role, Permission.TOKENS) else ()


def _teams(directory: Directory, actor: Actor) -> list[str]:
    """Those whose holes somebody can mend, or falls into."""
    is_everybodys = may(actor.role, Permission.POLICIES)
    return [team.id for team in directory.teams.values() if is_everybodys or team.has(actor.person)]


def key_of(user: str) -> str:
    """The name under which a Home tab's hash is kept among the messages."""
    return f"home:{user}"


def shown(user: str, hash_: str) -> Posted:
    """A Home tab as a message: its user is the channel, its hash the time stamp."""
    return Posted(key_of(user), "", user, hash_)


def _mine(tx: Transaction, actor: Actor) -> tuple[int, tuple[Incident, ...]]:
    """How many open incidents somebody has or was paged for, and the first of them: what waits for them first."""
    ids = {*notifications.paged(tx, actor.person), *incidents.held_by(tx, actor.person, actor.slack, _MOST_OF_MINE)}
    found = sorted(
        incidents.by_ids(tx, ids).values(),
        key=lambda one: (one.status is not Status.TRIGGERED, one.severity.value, one.created_at),
    )
    return len(found), tuple(found[:MINE_SHOWN])


def _listing(tx: Transaction, directory: Directory, place: Place) -> Listing:
    if place.section is not Section.INCIDENTS:
        return rules.listing(directory, place)
    query = Query(statuses=OPEN, search=place.search, offset=(max(place.page, 1) - 1) * PAGE, limit=PAGE)
    count, page = incidents.listed(tx, query)
    place = rules.within(place, count)
    if not page and count:
        _, page = incidents.listed(tx, replace(query, offset=(place.page - 1) * PAGE))
    return Listing(place, count, tuple(page))


def _doubts(tx: Transaction, directory: Directory, actor: Actor) -> dict[str, tuple[Doubt, ...]]:
    """Who can't be reached for sure: the reader, and those whom they lead."""
    found = {one.person: one.doubts for one in checkups.all_of(tx).values() if one.doubts and actor.person}
    known = {one: directory.people[one] for one in found if one in directory.people}
    return {
        person: found[person]
        for person, one in known.items()
        if person == actor.person or actor.person in {lead.id for lead in leads(one, directory)}
    }
