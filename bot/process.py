"""The process around Vigie: tuned, started, and stopped by a signal after finishing what it holds."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from contextlib import suppress

from bot.app import App
from bot.opening import AlreadyRunning, NotOpenYet
from bot.settings import Settings
from domain.errors import Unavailable
from storage.faults import MENDED_BY, Fault
from storage.store import LOCKED_SECONDS, Store

log = logging.getLogger(__name__)

AWAY_SECONDS = 300.0
"""A server that starts with this machine, or whose place another takes, is waited for as long: whatever starts Vigie
again when it ends may do so a few times only."""
ENDING_SECONDS = 30.0
"""For as long a Vigie that was told to stop may go on with its SQLite file."""
AGAIN_SECONDS = 1.0


async def run(settings: Settings) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP, then finish what is held."""
    # A database thread may keep the interpreter this long from the loop, which has a click to answer; 5 ms is usual.
    sys.setswitchinterval(0.0002)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Under nohup it goes on when the terminal closes.
    hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    for number in (signal.SIGTERM, signal.SIGINT, *hangup):
        loop.add_signal_handler(number, stopping.set)
    app = await _opened(settings, stopping)
    if app is None or not await _started(app, stopping):
        return
    # What the start made stays: looked through at every full collection, it holds up a click for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    await stopping.wait()
    log.info("stopping: finishing what is on its way")
    await app.stop()


async def _opened(settings: Settings, stopping: asyncio.Event) -> App | None:
    """Vigie with its database, which may not be up yet, or have one on it that was told to stop; None when this one is
    told so before. Raises VigieError."""
    loop, is_said = asyncio.get_running_loop(), False
    begun = loop.time()
    while not stopping.is_set():
        try:
            return App(settings)
        except (NotOpenYet, Unavailable, AlreadyRunning) as error:
            patience = ENDING_SECONDS if isinstance(error, AlreadyRunning) else AWAY_SECONDS
            if loop.time() >= begun + patience:
                raise
            if not is_said:
                log.warning("the start waits for the database: %s", error)
                is_said = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), AGAIN_SECONDS)
    return None


async def _started(app: App, stopping: asyncio.Event) -> bool:
    """Whether Vigie is up; not where it is told to stop while it waits for Slack, or for a table that somebody has
    locked. Raises VigieError."""
    starting, told = asyncio.ensure_future(app.start()), asyncio.ensure_future(stopping.wait())
    saying = asyncio.create_task(_said_to_wait(app.store))
    await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    saying.cancel()
    if not starting.done():
        cutting = asyncio.create_task(app.store.cut_off(0))
        starting.cancel()
        await asyncio.wait({starting})
        cutting.cancel()
    if starting.cancelled():
        return False
    starting.result()
    return True


async def _said_to_wait(store: Store) -> None:
    """Say once that somebody holds a lock that the start waits for, or that the server gives no answer."""
    while True:
        await asyncio.sleep(AGAIN_SECONDS)
        if store.asked_seconds > LOCKED_SECONDS:
            log.warning("the start waits for the database, which gives no answer: %s", MENDED_BY[Fault.BUSY])
            return
