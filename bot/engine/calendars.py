"""Calendars from outside, read again every few minutes; what can't be read is said once, and its last copy counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.engine.apart import events_of
from domain.calendars import Event, Unreadable, strangers
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import DeliveryError
from domain.notices import NoticeKind
from storage import calendars, catalog, homes, notices
from storage.calendars import Kept
from storage.store import Store, Transaction, serialise

EVERY_SECONDS = 60.0
"""How often it is looked whether one is due: a team that has a new calendar does not wait for long."""
AGAIN = timedelta(minutes=5)
ANEW = timedelta(hours=12)
"""How long what was read counts while the calendar says the same: its events are known for weeks ahead."""
PATIENCE = timedelta(minutes=20)
"""A server that is away for a moment wakes nobody: the last copy counts."""
BEHIND, AHEAD = timedelta(days=35), timedelta(days=70)
_NAMES_TOLD = 5
AT_ONCE = 4
"""Calendars that are asked for at once: a server that hangs holds up few others. Each is worked out by itself, since
that may take much of a small machine's memory."""


class Source(Protocol):
    """Where calendars come from."""

    async def fetch(self, source: str) -> str:
        """The text there. Raises DeliveryError."""


class Calendars:
    """Reads the calendars of teams. `wake` is called when somebody may be on call by one of them now."""

    def __init__(self, store: Store, clock: Clock, source: Source, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._source = source
        self._wake = wake
        self._reading = asyncio.Lock()
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._working_out = asyncio.Lock()
        self._known: dict[str, tuple[int, datetime, list[Event]]] = {}
        """What was read of each team's calendar: of what, when, and its events."""

    async def refresh(self) -> None:
        """Read those that are due, or new; what could not be read the last time keeps nobody else waiting."""
        async with self._reading:
            directory, kept = await self._store.read(lambda tx: (catalog.directory(tx), calendars.kept(tx)))
            gone = [team for team in kept if not _source_of(directory, team)]
            if gone:
                await self._store.write(lambda tx: _forget(tx, gone))
            self._known = {team: known for team, known in self._known.items() if team not in gone}
            due = [team for team in directory.teams if self._is_due(directory, team, kept.get(team))]
            due.sort(key=lambda team: team in kept and bool(kept[team].failure))
            ended = await asyncio.gather(
                *(self._read(team, directory, kept.get(team)) for team in due), return_exceptions=True
            )
            for fault in ended:
                if fault is not None:
                    raise fault
        if due or gone:
            self._wake()

    def _is_due(self, directory: Directory, team: str, kept: Kept | None) -> bool:
        source = _source_of(directory, team)
        if not source or kept is None:
            return bool(source)
        return kept.source != source or self._clock.now() - kept.tried_at >= AGAIN

    async def _read(self, team: str, directory: Directory, before: Kept | None) -> None:
        async with self._asking:
            await self._read_now(team, directory, before)

    async def _read_now(self, team: str, directory: Directory, before: Kept | None) -> None:
        now, source = self._clock.now(), _source_of(directory, team)
        same = before if before and before.source == source else Kept(team=team, source=source, tried_at=now)
        zone = directory.teams[team].on_call.timezone
        text, failure = same.text, ""
        try:
            text = await self._source.fetch(source)
            found = await self._events(team, text, zone, now)
            failure = _lost(found, directory, now)
            read = replace(same, text=text, events=tuple(found), good_at=now)
        except (DeliveryError, Unreadable) as error:
            failure, read = str(error), await self._from_copy(same, zone, now)
        await self._store.write(lambda tx: _keep(tx, before, replace(read, tried_at=now, failure=failure), now))

    async def _from_copy(self, kept: Kept, zone: str, now: datetime) -> Kept:
        """The last good copy, read on: its recurring events go further than they did then."""
        if kept.text:
            with suppress(Unreadable):
                return replace(kept, events=tuple(await self._events(kept.team, kept.text, zone, now)))
        return kept

    async def _events(self, team: str, text: str, zone: str, now: datetime) -> list[Event]:
        """The events of a calendar, read anew when it says something else, or it is long ago. Raises Unreadable."""
        said = hash((text, zone))
        of, at, found = self._known.get(team, (0, now, []))
        if of != said or now - at >= ANEW:
            async with self._working_out:
                found = await events_of(text, zone, now - BEHIND, now + AHEAD)
            self._known[team] = said, now, found
        return found


def _source_of(directory: Directory, team: str) -> str:
    found = directory.teams.get(team)
    return found.on_call.calendar if found else ""


def _lost(found: Sequence[Event], directory: Directory, now: datetime) -> str:
    """Events that name nobody here: read, and yet a hole."""
    names = _strangers(found, directory, now)
    return f"its events name nobody here: {', '.join(names[:_NAMES_TOLD])}" if names else ""


def _strangers(found: Sequence[Event], directory: Directory, now: datetime) -> tuple[str, ...]:
    """Whom events that are not over name and nobody here is."""
    return strangers([one for one in found if one.end > now], list(directory.people.values()))


def _forget(tx: Transaction, teams: list[str]) -> None:
    calendars.forget(tx, teams)
    catalog.touch(tx)


def _keep(tx: Transaction, before: Kept | None, read: Kept, now: datetime) -> None:
    serialise(tx, "calendars")
    serialise(tx, "catalog")
    if _source_of(catalog.directory(tx), read.team) != read.source:
        # Taken away, or another one's place, while it was read.
        return
    told_at = _tell(tx, before, read, now)
    calendars.put(tx, replace(read, told_at=told_at))
    if before is None or (before.events, before.failure, before.source) != (read.events, read.failure, read.source):
        catalog.touch(tx)
        homes.refresh(tx, now)


def _tell(tx: Transaction, before: Kept | None, read: Kept, now: datetime) -> datetime | None:
    """Say in the team's channel that it can't be read, once, and that it can again; when it was said."""
    last, directory = before if before and before.source == read.source else None, catalog.directory(tx)
    told_at = last.told_at if last else None
    if not (_is_news(last, read, directory, now) if read.failure else told_at):
        return told_at
    team = directory.teams.get(read.team)
    details = {"failure": read.failure, "good_at": read.good_at.isoformat() if read.good_at else ""}
    said = notices.notice(NoticeKind.CALENDAR, f"{read.team}:{now.isoformat()}", team=read.team, details=details)
    notices.tell(tx, [said], now, {read.team: team.channel if team else ""})
    return now if read.failure else None


def _is_news(last: Kept | None, read: Kept, directory: Directory, now: datetime) -> bool:
    """Whether what is wrong is something else than what was told last, if anything was: that events name nobody is no
    word of a server that is away, nor of another event."""
    if read.good_at == now:
        known = _strangers(last.events, directory, now) if last and last.told_at else ()
        is_new = bool(set(_strangers(read.events, directory, now)) - set(known))
        return is_new or (last is not None and _is_told_away(last))
    is_late = read.good_at is None or now - read.good_at >= PATIENCE
    return is_late and not (last and _is_told_away(last))


def _is_told_away(last: Kept) -> bool:
    """Whether what was told last is that it can't be read at all."""
    return last.told_at is not None and (last.good_at is None or last.told_at > last.good_at)
