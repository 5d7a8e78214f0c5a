"""Post-mortems: looked at, written, published; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from domain import postmortems as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.incidents import Incident
from domain.notifications import Notification
from domain.people import Actor, Permission
from domain.postmortems import Postmortem, PostmortemState
from domain.runbooks import Run
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from storage import catalog, homes, incidents, notifications, postmortems, runs, timeline
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Review:
    """An incident that is over with everything that is known of it, and what was written; `postmortem` is a draft made
    of what is known while nobody has written anything."""

    incident: Incident
    postmortem: Postmortem
    directory: Directory
    entries: tuple[Entry, ...]
    pages: tuple[Notification, ...]
    run: Run | None


class PostmortemService:
    """`wake` is called after a change: the thread has to be told."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def look(self, name: str) -> Review:
        """Everything about an incident (its id or INC-…). Raises NotFound, Conflict while it is open."""
        return await self._store.read(lambda tx: _review(tx, incidents.look_up(tx, name)))

    async def kept(self, name: str) -> Review:
        """The same, when one is due or written. Raises NotFound, Conflict."""
        found = await self.look(name)
        if found.postmortem.state is PostmortemState.DUE and not await self._is_due(found.incident.id):
            raise NotFound(f"{found.incident.short_id} has no post-mortem")
        return found

    async def save(self, name: str, seen: int, actor: Actor, said: Mapping[str, str], *, is_published: bool) -> Review:
        """A new version. Raises Forbidden, Outdated, Invalid by field, Conflict while the incident is open."""
        permit(actor, Permission.RESOLVE)

        def work(tx: Transaction) -> Review:
            now, found = self._clock.now(), _review(tx, incidents.find(tx, name))
            made = rules.saved(found.postmortem, seen, said, actor, now, is_published=is_published)
            postmortems.call_for(tx, found.incident.id, now)
            postmortems.save(tx, made)
            if is_published and found.postmortem.state is not PostmortemState.PUBLISHED:
                entry = Entry(incident=found.incident.id, at=now, event=Event.POSTMORTEM_PUBLISHED, by=actor.name)
                transitions.record(tx, now, entry)
            homes.refresh(tx, now)
            return replace(found, postmortem=made)

        done = await self._store.write(work)
        self._wake()
        return done

    async def _is_due(self, incident: str) -> bool:
        return await self._store.read(lambda tx: postmortems.find(tx, incident)) is not None


def _review(tx: Transaction, incident: Incident) -> Review:
    rules.require_over(incident)
    return Review(
        incident=incident,
        postmortem=_written(tx, incident),
        directory=catalog.directory(tx),
        entries=tuple(timeline.of_incident(tx, incident.id)),
        pages=tuple(notifications.of_incident(tx, incident.id)),
        run=runs.by_incidents(tx, [incident.id]).get(incident.id),
    )


def _written(tx: Transaction, incident: Incident) -> Postmortem:
    found = postmortems.find(tx, incident.id)
    return found if found and found.version else rules.drafted(incident)
