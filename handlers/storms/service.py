"""Looks into messages for many pages, and takes all that is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.incidents import Status
from domain.people import Actor, Permission, Role
from domain.policies import Channel
from domain.storms import PAGE, Bundle, Tally
from domain.timeline import Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.storms.schema import Kind
from storage import catalog, held_cards, homes, incidents, letters, respites, rooms, storms, timeline
from storage.store import Store, Transaction

GOOD_FOR = timedelta(days=1)
"""How long after it began to gather a message's link acts."""
AT_ONCE = 25
"""Incidents taken in one transaction, so that pages and alerts find their turn in between."""
RESPITE_SECONDS = 60
"""How long no page leaves about those that are not taken yet. Whoever is stopped in between is called again then."""
_MOST_HELD = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A message for many, as things are now."""

    bundle: Bundle
    tally: Tally
    page: int
    locale: str
    is_expired: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is held back now for one reader or team, and when it leaves; a digest is there all the time. `kind` is
    public."""

    kind: Kind
    channel: Channel
    name: str
    incidents: int
    cards: int
    since: datetime
    due_at: datetime | None


class StormService:
    """`wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    @property
    def now(self) -> datetime:
        """The moment it is."""
        return self._clock.now()

    async def look(self, bundle: str, page: int = 1) -> Seen:
        """A page of a message's incidents. Raises NotFound."""
        return await self._store.read(lambda tx: self._seen(tx, bundle, page))

    async def acknowledge_all(self, bundle: str, actor: Actor, shown_at: datetime | None = None) -> int:
        """Take every incident of a message that nobody has, of those that were in it at `shown_at`; how many that were.
        A few at a time: whoever is stopped in between presses again. Raises NotFound, Forbidden."""
        permit(actor, Permission.ACKNOWLEDGE)
        return await self._take(bundle, actor, shown_at)

    async def acknowledge_as_reader(self, bundle: str, seen_at: datetime | None = None) -> Seen:
        """The same for whoever got the message and was shown it at `seen_at`, by its link, whatever their role. What
        was taken and given back since is not taken again: a browser may send its form twice. An expired link changes
        nothing. Raises NotFound."""
        seen, reader = await self._store.read(lambda tx: (self._seen(tx, bundle, 1), _reader(tx, bundle)))
        if not seen.is_expired:
            await self._take(bundle, reader, untaken_since=seen_at or seen.bundle.opened_at)
        return await self.look(bundle)

    async def held(self) -> list[Held]:
        """What is held back now, what leaves first first."""

        def work(tx: Transaction) -> list[Held]:
            mails, directory = letters.held(tx), catalog.directory(tx)
            gathering = [
                _gathering("stakeholder" if one.id in mails else "person", one, mails.get(one.id, count), due)
                for one, count, due in storms.held_pages(tx)
                if not one.is_digest
            ]
            digests = [
                replace(
                    _gathering("digest", one, sum(storms.counts(tx, one.id).values()), None), cards=_held_cards(tx, one)
                )
                for one in storms.quiet_digests(tx, self._clock.now())
            ]
            waiting = [
                Held(
                    "war_rooms",
                    Channel.SLACK,
                    directory.teams[team].name if team in directory.teams else "",
                    count,
                    0,
                    since,
                    due,
                )
                for team, count, since, due in rooms.held(tx)
            ]
            return [*digests, *gathering, *waiting]

        return await self._store.read(work)

    async def counts(self) -> dict[str, int]:
        """How many pages and letters wait in messages that gather, and how many war rooms wait."""

        def work(tx: Transaction) -> dict[str, int]:
            made = sum(count for _, count, _, _ in rooms.held(tx))
            return {"pages": storms.pages_held(tx), "letters": sum(letters.held(tx).values()), "rooms": made}

        return await self._store.read(work)

    async def forget(self) -> None:
        """Drop what counts for nothing any more."""
        await self._store.write(lambda tx: storms.forget(tx, self._clock.now() - timedelta(hours=4)))

    async def _take(
        self, bundle: str, actor: Actor, shown_at: datetime | None = None, untaken_since: datetime | None = None
    ) -> int:
        """Those that wait now. What joins a digest later, whoever presses has not seen."""
        taken, until = 0, self._clock.now() + self._clock.span(RESPITE_SECONDS)
        left = await self._store.read(lambda tx: _untaken(tx, storms.waiting(tx, bundle, shown_at), untaken_since))
        while left:
            # By itself: what it puts off is asked for by others once they hold its incident.
            await self._store.act(partial(respites.give, theirs=left, until=until))
            taken += await self._store.act(partial(self._some, some=left[:AT_ONCE], actor=actor))
            left = left[AT_ONCE:]
            self._wake()
        return taken

    def _some(self, tx: Transaction, some: Sequence[str], actor: Actor) -> int:
        ids = incidents.hold(tx, sorted(some))
        now = self._clock.now()
        waiting = [one for one in incidents.by_ids(tx, ids).values() if one.status is Status.TRIGGERED]
        for incident in waiting:
            transitions.acknowledge(tx, incident, actor, now, with_others=True)
        homes.refresh(tx, now)
        return len(waiting)

    def _seen(self, tx: Transaction, identity: str, page: int) -> Seen:
        bundle = storms.find(tx, identity)
        if bundle is None:
            raise NotFound("this message is of another time")
        directory = catalog.directory(tx)
        total = sum(storms.counts(tx, identity).values())
        page = min(max(page, 1), max(-(-total // PAGE), 1))
        tally = tally_of(tx, bundle, directory, (page - 1) * PAGE, PAGE)
        expired = self._clock.now() - (bundle.sent_at or bundle.opened_at) > GOOD_FOR
        return Seen(bundle, tally, page, locale_of(bundle, directory), expired, self._clock.now())


def _untaken(tx: Transaction, waiting: list[str], since: datetime | None) -> list[str]:
    """Those of these that nobody has taken since."""
    taken = timeline.last_of(tx, waiting, [Event.ACKNOWLEDGED]) if since else {}
    return [one for one in waiting if since is None or one not in taken or taken[one] < since]


def _gathering(kind: Kind, one: Bundle, incidents: int, due: datetime | None) -> Held:
    return Held(kind, one.channel, one.name, incidents, 0, one.opened_at, due)


def tally_of(tx: Transaction, bundle: Bundle, directory: Directory, offset: int, limit: int) -> Tally:
    """How a message's incidents stand, and a page of them."""
    counts = storms.counts(tx, bundle.id)
    shown = tuple(storms.listed(tx, bundle.id, offset, limit))
    return Tally(
        total=sum(counts.values()),
        waiting=counts.get(Status.TRIGGERED, 0),
        over=counts.get(Status.RESOLVED, 0),
        shown=shown,
        worst=min((one.severity for one in shown), default=None),
        services={one.service: directory.service_name(one.service) for one in shown},
        held_cards=_held_cards(tx, bundle) if bundle.is_digest and bundle.closed_at is None else 0,
    )


def _held_cards(tx: Transaction, bundle: Bundle) -> int:
    return len(held_cards.of_channel(tx, bundle.address, _MOST_HELD))


def locale_of(bundle: Bundle, directory: Directory) -> str:
    """The reader's language, else the team's, "" when neither has one."""
    team = directory.teams.get(bundle.team)
    return bundle.locale or (team.locale if team else "")


def _reader(tx: Transaction, bundle: str) -> Actor:
    found = storms.find(tx, bundle)
    assert found is not None
    person = catalog.directory(tx).people.get(found.person)
    if person is None:
        return Actor(key=f"link:{found.address}", name=found.name, role=Role.RESPONDER)
    return Actor(key=f"person:{person.id}", name=person.name, role=person.role, slack=person.slack, person=person.id)
