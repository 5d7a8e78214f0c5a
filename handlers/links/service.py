"""What the link in a page does: shows, and acknowledges for whoever was paged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.incidents import Incident
from domain.notifications import Notification
from domain.people import Actor, Role
from handlers.incidents import transitions
from storage import catalog, incidents, notifications
from storage.store import Store, Transaction

GOOD_FOR = timedelta(days=1)
"""How long after it was decided a page's link acts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that a link leads to, as things are now."""

    incident: Incident
    service: str
    team: str
    name: str
    locale: str
    is_expired: bool


class LinkService:
    """Shows and acknowledges. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def look(self, notification: str) -> Seen:
        """What the link is about. Raises NotFound for a page that is no longer kept."""
        return await self._store.read(lambda tx: self._seen(tx, _page(tx, notification)))

    async def acknowledge(self, notification: str) -> Seen:
        """Take the incident for whoever got this page. Raises Conflict when somebody has it, NotFound.

        An expired link changes nothing. Whoever was paged may acknowledge, whatever their role.
        """

        def work(tx: Transaction) -> Seen:
            page = _page(tx, notification)
            seen = self._seen(tx, page)
            if seen.is_expired:
                return seen
            incident = incidents.find(tx, page.incident)
            transitions.acknowledge(tx, incident, _reader(page, catalog.directory(tx)), self._clock.now())
            return self._seen(tx, page)

        seen = await self._store.write(work)
        self._wake()
        return seen

    def _seen(self, tx: Transaction, page: Notification) -> Seen:
        directory = catalog.directory(tx)
        incident = incidents.by_ids(tx, [page.incident])[page.incident]
        team = directory.teams.get(incident.team)
        return Seen(
            incident=incident,
            service=directory.service_name(incident.service),
            team=team.name if team else "",
            name=page.recipient.name,
            locale=page.recipient.locale or (team.locale if team else ""),
            is_expired=self._clock.now() - page.decided_at > GOOD_FOR,
        )


def _page(tx: Transaction, notification: str) -> Notification:
    found = notifications.by_ids(tx, [notification]).get(notification)
    if found is None:
        raise NotFound("this link leads nowhere any more")
    return found


def _reader(page: Notification, directory: Directory) -> Actor:
    person = directory.people.get(page.recipient.person)
    if person is None:
        return Actor(key=f"link:{page.recipient.address}", name=page.recipient.name, role=Role.RESPONDER)
    return Actor(key=f"person:{person.id}", name=person.name, role=person.role, slack=person.slack, person=person.id)
