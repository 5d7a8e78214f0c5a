"""Slack, watched: noticed when it goes, asked until it is back, and what happened meanwhile said where it belongs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.engine.patience import patiently, readable
from domain import outages as rules
from domain.clock import Clock
from domain.errors import DeliveryError, Unavailable
from domain.incidents import Incident
from domain.notifications import Notification
from domain.outages import Health, Outage, Part
from domain.timeline import Entry, Event
from storage import homes, hurries, incidents, messages, notifications, outages, outbox, timeline
from storage.outbox import HELD, Kind, Parcel
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 1
ORPHANS_SECONDS = 15
DEAF_SECONDS = 15.0
"""Sockets are recycled, and open again within a second: longer than that nobody's click is heard."""
PROBE_SECONDS = 4.0
CATCH_UP_SECONDS = 1800.0
"""What waited for Slack has left so long after it was back."""


async def _never() -> object:
    raise DeliveryError("nobody to ask", permanent=False)


async def _none() -> int:
    return 0


class SlackWatch:
    """Told of every call's end by the transport; looks by itself every second. `wake` is called when Slack goes, and
    when it is back."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._health = Health()
        self._noted: Outage | None = None
        self._last: Outage | None = None
        """The one before, which is over."""
        self._orphan = ""
        self.holder = ""
        """This process's name, as the others see it; the composition root knows."""
        self._looking = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None
        self._ask: Callable[[], Awaitable[object]] = _never
        self._connected: Callable[[], Awaitable[int]] = _none

    @property
    def is_away(self) -> bool:
        """Whether pages go another way."""
        return self._health.is_away

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be posted either."""
        return self._health.is_silent

    @property
    def health(self) -> Health:
        """What is known of Slack."""
        return self._health

    def unasked_since(self, moment: datetime) -> datetime:
        """Since when Slack could not be asked what it had posted, or `moment`: an outage's begin, also while what
        waited for its end still leaves."""
        outage = self._noted or self._last
        if outage is None or (outage.until and outage.until < moment - self._clock.span(CATCH_UP_SECONDS)):
            return moment
        return min(outage.since, moment)

    async def begin(
        self, ask: Callable[[], Awaitable[object]], connected: Callable[[], Awaitable[int]], *, is_there: bool
    ) -> None:
        """`ask` asks Slack for something small, `connected` counts open sockets; `is_there` when Slack has just
        answered. An outage that a process before this one noticed goes on until Slack is asked."""
        self._ask, self._connected = ask, connected
        self._noted = await patiently(lambda: self._store.read(outages.current))
        now = self._clock.now()
        if self._noted:
            self._health = Health(away_since=self._noted.since, part=self._noted.part)
        elif not is_there:
            self._health = Health(away_since=now, failing_since=now, part=Part.API)

    def told(self, error: DeliveryError | None) -> None:
        """A call has ended, well or with `error`."""
        if error is None or not error.is_outage:
            self._health = rules.answered(self._health)
            return
        was_away = self._health.is_away
        self._health = rules.failed(self._health, self._clock.now())
        if not was_away and (self._soon is None or self._soon.done()):
            # At once: whether the sockets are gone too says more than two further calls that fail.
            self._soon = asyncio.create_task(self._look_now())

    async def _look_now(self) -> None:
        """`look`, that leaves it to the next second's to write down what it sees while the database is away too."""
        with suppress(Unavailable):
            await self.look()

    async def look(self) -> None:
        """How the sockets are; while Slack is away, whether it is back."""
        async with self._looking:
            is_open = await self._connected() > 0
            now, patience = self._clock.now(), self._clock.span(DEAF_SECONDS)
            self._health = rules.heard(self._health, is_open, now, patience)
            if self._health.is_away and self._noted is None:
                await self._went()
            if self._noted is not None:
                await self._probe()

    async def take_over(self) -> None:
        """An outage whose process has died is over when this one says so. Its name may be free for a moment after the
        database was away: it counts when it still is the next time."""
        before, found = self._orphan, await self._store.read(lambda tx: outages.orphan(tx, self.holder))
        self._orphan = found.id if found else ""
        if found is None or found.id != before:
            return
        await self._store.write(lambda tx: outages.inherit(tx, found.id, self.holder))
        self._noted = self._noted or found
        await self.look()

    async def stop(self) -> None:
        """Look no more."""
        if self._soon is not None:
            self._soon.cancel()
            await asyncio.gather(self._soon, return_exceptions=True)

    async def _went(self) -> None:
        away_since, part = self._health.away_since or self._clock.now(), self._health.part
        log.warning("Slack is away (%s): pages go by the other channels until it is back", part.value)
        self._wake()
        self._noted = await self._store.write(lambda tx: outages.begin(tx, away_since, part, self.holder))

    async def _probe(self) -> None:
        """What Slack's being back changes is on the disk before anything that waits for it may leave."""
        is_answered = await self._answers()
        outage, after = self._noted, rules.probed(self._health, is_answered, self._clock.now())
        if outage and self._health.is_silent and not after.is_silent:
            await self._store.write(lambda tx: outages.note_waiting(tx, outage.id))
        if outage and not after.is_away:
            await self._store.write(lambda tx: back(tx, outage, self._clock.now()))
        self._health = after
        if not after.is_away:
            log.warning("Slack is back")
            self._last = replace(outage, until=self._clock.now()) if outage else None
            self._noted = None
            self._wake()

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._ask()
        except (DeliveryError, TimeoutError) as error:
            return isinstance(error, DeliveryError) and not error.is_outage
        return True


def back(tx: Transaction, outage: Outage, now: datetime) -> None:
    """Slack is back: every thread concerned says so, once, and pages that found no other way leave now."""
    # Before the outage, as whoever notes a detour does: no card comes meanwhile, and leaves what hangs under it held.
    incidents.hold(tx, outages.touched(tx, outage.id))
    if not outages.end(tx, outage.id, now):
        return
    said = _said(tx, outages.touched(tx, outage.id), outage, now)
    names = timeline.add(tx, [entry for _, entry in said])
    carded = messages.carded(tx, [incident.id for incident, _ in said])
    lines = [
        Parcel(
            kind=Kind.LINE,
            incident=incident.id,
            subject=name,
            due_at=now if incident.id in carded else HELD,
            lane=outbox.posts(incident.channel),
        )
        for (incident, _), name in zip(said, names, strict=True)
    ]
    outbox.put_new(tx, lines)
    hurries.slack_pages(tx, now)
    homes.refresh(tx, now)


def _said(tx: Transaction, ids: Sequence[str], outage: Outage, now: datetime) -> list[tuple[Incident, Entry]]:
    """What is said of each incident; one that can't be read keeps Slack from coming back for nobody."""
    found = readable(lambda these: incidents.by_ids(tx, these), ids)
    made = readable(lambda these: notifications.of_incidents(tx, these), list(found))
    return [(found[one], _entry(found[one], made.get(one, []), outage, now)) for one in ids if one in found]


def _entry(incident: Incident, made: list[Notification], outage: Outage, now: datetime) -> Entry:
    began = max(outage.since, incident.created_at)
    instead = [f"{one.channel.value}: {', '.join(one.names)}" for one in rules.detours(made, outage.since)]
    details: dict[str, str | int] = {
        "since": outage.since.isoformat(),
        "until": now.isoformat(),
        "part": outage.part.value,
        "instead": "; ".join(instead),
    }
    return Entry(incident=incident.id, at=max(now, began), event=Event.SLACK_WAS_AWAY, details=details)
