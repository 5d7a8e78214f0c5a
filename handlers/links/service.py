"""What the link in a page does: shows, and acknowledges for whoever was paged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, NotFound
from domain.incidents import Incident, Status
from domain.notifications import Notification
from domain.people import Actor, Role
from domain.receipts import age
from handlers.incidents import transitions, turns
from storage import catalog, homes, incidents, notifications, receipts
from storage.store import Store, Transaction

GOOD_FOR = timedelta(days=1)
"""How long after it went out a page's link acts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that a link leads to, as things are now."""

    incident: Incident
    service: str
    team: str
    name: str
    locale: str
    is_expired: bool
    at: datetime
    has_declined: bool = False
    is_nobody_left: bool = False
    may_decline: bool = False
    was_opened: bool = False
    main: str = ""
    """The incident (a short id) that it was a duplicate of."""


class LinkService:
    """Shows and acknowledges. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def look(self, notification: str) -> Seen:
        """What the link is about. Raises NotFound for a page that is no longer kept."""
        return await self._store.read(lambda tx: self._seen(tx, page_of(tx, notification)))

    async def open(self, notification: str) -> Seen:
        """As `look`, for whoever opens the link: the page's receipt says when that was first."""
        seen = await self.look(notification)
        if not seen.was_opened:
            await self._store.write(lambda tx: receipts.opened(tx, notification, self._clock.now()))
        return seen

    async def acknowledge(self, notification: str, seen_at: datetime | None = None) -> Seen:
        """Take the incident for whoever got this page and was shown it at `seen_at`. Raises Conflict when somebody has
        it, NotFound.

        An expired link changes nothing. Whoever was paged may acknowledge, whatever their role.
        """

        def work(tx: Transaction, page: Notification, reader: Actor) -> None:
            incident, now = incidents.find(tx, page.incident), self._clock.now()
            if incident.status is Status.TRIGGERED and _has_acted(page, seen_at):
                raise Conflict("this link took it before, and it was given back since")
            transitions.take(tx, incident, reader, now)
            receipts.acknowledged(tx, page.id, now)

        return await self._act(notification, work)

    async def decline(self, notification: str) -> Seen:
        """Say that whoever got this page can't take it. Raises Conflict when somebody else has it, or they are nobody
        whom Vigie knows, NotFound. An expired link changes nothing."""

        def work(tx: Transaction, page: Notification, reader: Actor) -> None:
            person = catalog.directory(tx).people.get(reader.person)
            if person is None:
                raise Conflict("you are not among the people whom Vigie pages")
            turns.decline(tx, incidents.find(tx, page.incident), person, reader, self._clock.now())

        return await self._act(notification, work)

    async def _act(self, notification: str, work: Callable[[Transaction, Notification, Actor], None]) -> Seen:
        def whole(tx: Transaction) -> Seen:
            page = page_of(tx, notification)
            seen = self._seen(tx, page)
            if seen.is_expired:
                return seen
            work(tx, page, reader_of(page, catalog.directory(tx)))
            homes.refresh(tx, self._clock.now())
            return self._seen(tx, page)

        seen = await self._store.act(whole)
        self._wake()
        return seen

    def _seen(self, tx: Transaction, page: Notification) -> Seen:
        directory = catalog.directory(tx)
        incident = incidents.by_ids(tx, [page.incident])[page.incident]
        team = directory.teams.get(incident.team)
        person = page.recipient.person
        main = incidents.by_ids(tx, [incident.duplicate_of]).get(incident.duplicate_of)
        has_declined = bool(person) and person in turns.life_of(tx, incident).climb.declined
        is_waiting = incident.status is Status.TRIGGERED
        is_theirs = is_waiting or incident.owner == person
        return Seen(
            incident=incident,
            service=directory.service_name(incident.service),
            team=team.name if team else "",
            name=page.recipient.name,
            locale=page.recipient.locale or (team.locale if team else ""),
            is_expired=age(page, self._clock.now()) > GOOD_FOR,
            at=self._clock.now(),
            has_declined=has_declined,
            is_nobody_left=has_declined and is_waiting and turns.is_nobody_left(tx, incident, self._clock.now()),
            may_decline=person in directory.people and is_theirs and not has_declined,
            was_opened=page.opened_at is not None,
            main=main.short_id if main else "",
        )


def _has_acted(page: Notification, seen_at: datetime | None) -> bool:
    """Whether this page took the incident since it was shown: a browser that sends its form again takes nothing that
    was given back meanwhile."""
    return page.acknowledged_at is not None and (seen_at is None or seen_at <= page.acknowledged_at)


def page_of(tx: Transaction, notification: str) -> Notification:
    """The page that a link is about. Raises NotFound for one that is no longer kept."""
    found = notifications.by_ids(tx, [notification]).get(notification)
    if found is None:
        raise NotFound("this link leads nowhere any more")
    return found


def reader_of(page: Notification, directory: Directory) -> Actor:
    """Whoever got `page`, as the one who acts."""
    person = directory.people.get(page.recipient.person)
    if person is None:
        return Actor(key=f"link:{page.recipient.address}", name=page.recipient.name, role=Role.RESPONDER)
    return Actor(key=f"person:{person.id}", name=person.name, role=person.role, slack=person.slack, person=person.id)
