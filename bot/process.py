"""The process around Vigie: tuned, started, and stopped by a signal after finishing what it holds."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys

from bot.app import App
from bot.settings import Settings
from domain.errors import VigieError

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish what is held."""
    # A database thread may keep the interpreter this long from the loop, which has a click to answer; 5 ms is usual.
    sys.setswitchinterval(0.0002)
    app = App(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await app.start()
    except VigieError:
        app.close()
        raise
    # What the start made stays: looked through at every full collection, it holds up a click for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    await stopping.wait()
    log.info("stopping: finishing what is on its way")
    await app.stop()
