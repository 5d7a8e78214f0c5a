"""Messages that people keep in an incident's timeline by an emoji; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.clock import Clock
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Incident
from domain.people import Actor, Permission
from domain.timeline import Entry, Event
from handlers.incidents.service import permit
from storage import homes, incidents, messages, timeline
from storage.messages import Place
from storage.store import Store, Transaction

LONGEST = 2000
"""Characters of a message that are kept, as of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A message: where it is, the time stamp that its thread hangs under (its own when it is in none), what it says
    and who wrote it."""

    channel: str
    ts: str
    thread: str
    text: str
    author: str


class PinService:
    """Keeps messages. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def is_ours(self, channel: str) -> bool:
        """Whether any incident's card was ever put in a channel: an emoji elsewhere is nothing to Vigie."""
        return await self._store.browse(lambda tx: messages.has_cards(tx, channel))

    async def keep(self, message: Pinned, actor: Actor) -> Incident | None:
        """Keep a message with the incident of its thread, else with the one that is open in its channel; None when it
        is kept already, or belongs to none. Raises Conflict when several are open there, Invalid when it says nothing,
        Forbidden."""
        permit(actor, Permission.NOTE)

        def work(tx: Transaction) -> Incident | None:
            name, key = _incident_of(tx, message), f"pinned:{message.channel}:{message.ts}"
            if not name:
                return None
            incident = incidents.find(tx, name)
            if messages.has(tx, key):
                return None
            if not message.text.strip():
                raise Invalid([Fault("text", "that message has no words to keep")])
            messages.put(tx, [Place(key, incident.id, message.channel, message.ts)])
            timeline.add(tx, [self._entry(incident, message, actor)])
            homes.refresh(tx, self._clock.now())
            return incident

        kept = await self._store.write(work)
        self._wake()
        return kept

    def _entry(self, incident: Incident, message: Pinned, actor: Actor) -> Entry:
        details: dict[str, str | int] = {"text": message.text.strip()[:LONGEST], "author": message.author[:200]}
        now = self._clock.now()
        at = min(self._clock.from_wall(datetime.fromtimestamp(float(message.ts), UTC)), now)
        return Entry(incident=incident.id, at=at, event=Event.PINNED, by=actor.name, details=details)


def _incident_of(tx: Transaction, message: Pinned) -> str:
    carded = messages.carded_at(tx, message.channel, message.thread)
    if carded:
        return carded
    here = messages.open_in(tx, message.channel)
    if len(here) > 1:
        raise Conflict("several incidents are open here: choose “Add to the timeline” in the message's menu")
    return here[0] if here else ""
