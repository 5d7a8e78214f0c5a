"""What somebody's Home tab shows, read in one look, and whose tab shows what is no longer so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.directory import Directory
from domain.incidents import Incident, Status
from domain.people import Person
from storage import catalog, homes, incidents, notifications
from storage.homes import Home
from storage.incidents import Query
from storage.store import Store, Transaction

OPEN = tuple(status.value for status in Status if status is not Status.RESOLVED)
MOST_OPEN = 200
"""Open incidents that are looked through for somebody's own."""
KEPT = timedelta(days=1)
"""How long after somebody opened it a Home tab is kept up to date."""
MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything a Home tab shows. `mine` are the incidents somebody has or is paged for, `open` the newest of all."""

    home: Home
    directory: Directory
    person: Person | None
    mine: tuple[Incident, ...]
    open: tuple[Incident, ...]
    open_count: int
    now: datetime


class HomeService:
    """Reads Home tabs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(self, user: str) -> Seen:
        """Somebody opens their Home tab, where they left it."""
        return await self._store.write(lambda tx: self._kept(tx, homes.find(tx, user)))

    async def go(self, home: Home) -> Seen:
        """Somebody goes elsewhere in it."""
        return await self._store.write(lambda tx: self._kept(tx, home))

    async def outdated(self) -> list[Seen]:
        """The Home tabs that show what is no longer so, as they are to be now."""
        since = self._clock.now() - KEPT
        if not await self._store.read(lambda tx: homes.has_outdated(tx, since)):
            return []
        return await self._store.write(
            lambda tx: [self._seen(tx, home) for home in homes.claim_outdated(tx, since, MOST_AT_ONCE)]
        )

    def _kept(self, tx: Transaction, home: Home) -> Seen:
        homes.keep(tx, home, self._clock.now())
        return self._seen(tx, home)

    def _seen(self, tx: Transaction, home: Home) -> Seen:
        directory = catalog.directory(tx)
        person = directory.person_by_slack(home.user)
        count, found = incidents.listed(tx, Query(statuses=OPEN, limit=MOST_OPEN))
        waiting = [one.id for one in found if one.status is Status.TRIGGERED]
        paged = notifications.paged(tx, waiting, person.id) if person and waiting else set()
        mine = [one for one in found if one.acknowledged_slack == home.user or one.id in paged]
        return Seen(
            home=home,
            directory=directory,
            person=person,
            mine=tuple(mine),
            open=tuple(found),
            open_count=count,
            now=self._clock.now(),
        )


__all__ = ["Home", "HomeService", "Seen"]
