"""Able to page: the database answers, Slack is there and its socket open, the engine is not late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from bot.engine.auditor import ABSENT_SECONDS
from bot.engine.slack_watch import SlackWatch
from bot.engine.worker import LATE, Worker
from bot.sockets import Sockets
from domain.errors import Unavailable
from domain.troubles import Known
from handlers.health.http import Check
from storage import catalog, schema, troubles
from storage.diagnoses import diagnosis, explained
from storage.faults import REFUSED, UNDECIDABLE, Fault
from storage.store import LOCKED_SECONDS, Store

log = logging.getLogger(__name__)

DATABASE_SECONDS = 3.0
GIVEN_UP_SECONDS = 15.0
"""For as long a write that found something locked counts: what is asked for again finds it so again by then."""
SHARED_SECONDS = 60.0
"""For as long a pooler that lends sessions by transaction counts: which one is lent next is its own affair."""
SHOWN = 10
"""Things that can't be read, by name."""


class Readiness:
    """Asked by `/readyz`; every check says in its detail what is the matter."""

    def __init__(
        self,
        store: Store,
        sockets: Sockets,
        worker: Worker,
        watch: SlackWatch,
        absence: Callable[[], timedelta],
    ) -> None:
        """`absence` says for how long the auditor has not come."""
        self._absence = absence
        self._store = store
        self._sockets = sockets
        self._worker = worker
        self._watch = watch
        self._trying: asyncio.Task[None] | None = None

    async def check(self) -> Mapping[str, Check]:
        """Each part by name."""
        slack = {"socket": await self._socket(), "slack": self._slack()}
        engine = {"engine": self._engine(), "auditor": self._auditor()}
        return {"database": await self._database(), **slack, **engine, "targets": await self._targets()}

    async def _targets(self) -> Check:
        """Where pages can't go: said, and no reason to restart."""
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                lasting = await self._store.read(troubles.listed)
        except (TimeoutError, Unavailable, *REFUSED):
            return Check(True, "not known: the database does not answer")
        if not lasting:
            return Check(True, "none is known to be broken")
        return Check(True, "; ".join(_said(one) for one in lasting))

    async def _database(self) -> Check:
        waits = self._store.write_seconds
        if waits > LOCKED_SECONDS:
            return Check(False, f"a write has waited for {waits:.0f} s: end what else holds a lock on the database")
        if self._store.since(Fault.BUSY) < GIVEN_UP_SECONDS:
            return Check(False, "a write has given up: end what else holds a lock on the database")
        if self._store.since(Fault.SHARED) < SHARED_SECONDS:
            return Check(False, diagnosis(Fault.SHARED))
        self._try_to_write()
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                state = await self._store.read(schema.state)
                if state.revision and not state.is_usable:
                    return Check(False, state.explanation)
                lost = (await self._store.read(catalog.directory)).unreadable
                await self._store.try_again()
        except TimeoutError:
            return Check(False, self._store.trouble or f"no answer within {DATABASE_SECONDS:.0f} s")
        except Unavailable as error:
            return Check(False, explained(error, self._store.trouble))
        except UNDECIDABLE as error:
            log.error("what is configured can't be read", exc_info=error)
            return Check(
                False, "what is configured can't be read: no alert is taken, nobody is paged; the log says more"
            )
        if lost:
            said = ", ".join(lost[:SHOWN]) + (f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else "")
            return Check(False, f"what is configured can't be read whole: pages go without {said}; the log says more")
        return Check(state.is_usable, state.explanation)

    def _try_to_write(self) -> None:
        """Have one write under way, that the next look sees how long it takes, also when nothing else is written."""
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._touch())

    async def _touch(self) -> None:
        with suppress(Unavailable):
            await self._store.write(lambda tx: None)

    async def _socket(self) -> Check:
        count = await self._sockets.connected()
        return Check(count > 0, f"{count} Socket Mode connections are open")

    def _slack(self) -> Check:
        away_since = self._watch.health.away_since
        if away_since is None:
            return Check(True, "Slack answers")
        since = away_since.isoformat(timespec="seconds")
        return Check(False, f"Slack is away since {since}: pages go by SMS and e-mail")

    def _auditor(self) -> Check:
        seconds = self._absence().total_seconds()
        return Check(seconds < ABSENT_SECONDS, f"looked for what was overlooked {seconds:.0f} s ago")

    def _engine(self) -> Check:
        late = self._worker.lateness()
        if late is None:
            return Check(False, "has not looked yet")
        if late > LATE:
            return Check(False, f"got through last {late.total_seconds():.0f} s ago: no page leaves; the log says why")
        return Check(True, f"got through last {late.total_seconds():.1f} s ago")


def _said(one: Known) -> str:
    """A trouble for whoever asks, who need not know people's names."""
    label = one.label if one.name.startswith("channel:") else one.name.partition(":")[0]
    return f"{label}: {one.trouble.value} since {one.since:%Y-%m-%d}"
