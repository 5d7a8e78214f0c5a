"""`vigie demo`: the page, or with `once` the night on the terminal, until Ctrl-C or its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

from blocks import demo as told
from bot.demo.headless import play
from bot.demo.page import Page
from bot.demo.stage import HOST, Say, Stage, free_port, stage
from bot.manifest import manifest
from bot.settings import Settings
from domain.errors import VigieError

USUAL_PORT = 8080


async def show(settings: Settings, say: Say, *, port: int | None, once: bool) -> None:
    """Run the demo. The page listens on `port`; None is 8080 or, when something is there, any.

    Raises VigieError when a port that was asked for is taken.
    """
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    work = _tell(settings, say) if once else _show(settings, say, _port(port))
    await _unless(stopping, work)


def _port(asked: int | None) -> int:
    if asked is None:
        return free_port(USUAL_PORT)
    if asked and free_port(asked) != asked:
        raise VigieError(f"--port {asked}: something listens on {HOST}:{asked} already; take another, or 0 for any")
    return asked


async def _tell(settings: Settings, say: Say) -> None:
    async with stage(settings.model_copy(update={"port": 0}), say) as played:
        await play(played, say)


async def _show(settings: Settings, say: Say, port: int) -> None:
    beside = free_port(port + 1) if port else 0
    async with stage(settings.model_copy(update={"port": beside}), say) as shown:
        page = page_of(shown)
        await page.start(port)
        try:
            say(told.address(page.address, settings.locale))
            await asyncio.Event().wait()
        finally:
            say(told.stopping(settings.locale))
            await page.stop()


def page_of(shown: Stage) -> Page:
    """The page of a stage, with the commands that the app has."""
    features = manifest()["features"]
    return Page(shown, features["slash_commands"], features["shortcuts"])


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do `work` until it ends or somebody wants it to."""
    working = asyncio.create_task(work)
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stopped):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
