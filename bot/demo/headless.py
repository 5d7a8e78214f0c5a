"""The demo on a terminal: a real Vigie between a Slack, phones and a mailbox of its own, playing one night.

An alert comes in, nobody answers, the page climbs, John acknowledges, works the runbook and resolves.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.clock import wall_now
from bot.demo.outside import Outside
from bot.demo.records import Change, Message
from bot.settings import Settings
from domain.clock import Clock
from domain.people import Actor, Role
from handlers.catalog.service import CatalogService

SAMPLES = Path(__file__).parent / "sample"
SOMEBODY = Actor(key="demo", name="demo", role=Role.ADMIN)
JOHN = "john"
Say = Callable[[str], None]


async def play(settings: Settings, say: Say, *, stay: bool) -> None:
    """Play the night, told line by line to `say`; with `stay`, go on until Ctrl-C."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with _stage(settings, say) as (app, outside, token):
        night = asyncio.create_task(_night(app, outside, token, say))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({night, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if night.done():
            await night
            if stay:
                _explain(app, token, say)
                await stopped
        for task in (night, stopped):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def _stage(settings: Settings, say: Say) -> AsyncIterator[tuple[App, Outside, str]]:
    """Everything started in a folder of its own, and gone afterwards."""
    clocks: list[Clock] = []
    outside = Outside(lambda: clocks[0].now() if clocks else wall_now())
    await outside.start()
    with tempfile.TemporaryDirectory(prefix="vigie-demo-") as folder:
        environment: dict[str, Any] = {name.lower(): value for name, value in outside.environment().items()}
        app = App(settings.model_copy(update={**environment, "database_url": f"sqlite:///{folder}/vigie.db"}))
        clocks.append(app.clock)
        files = [(path.name, path.read_text("utf-8")) for path in sorted(SAMPLES.glob("*.yaml"))]
        await CatalogService(app.store, app.clock).load(files, SOMEBODY)
        token = await app.tokens.create("demo", ["ingest", "read", "write"], SOMEBODY)
        try:
            await app.start()
            await outside.slack.sockets.wait_connected(2)
            Narrator(app.clock, outside, say).listen()
            yield app, outside, token
        finally:
            say("stopping")
            await app.stop()
            await outside.stop()


class Narrator:
    """Says what people would see and hear, with the minutes since the start."""

    def __init__(self, clock: Clock, outside: Outside, say: Say) -> None:
        self._clock = clock
        self._outside = outside
        self._say = say
        self._start = clock.now()
        self._heard = 0
        self._read = 0

    def listen(self) -> None:
        """From now on."""
        self._outside.workspace.subscribe(self._changed)
        self._outside.ovh.inbox.subscribe(self._rang)
        self._outside.mail.inbox.subscribe(self._arrived)

    def _changed(self, change: Change) -> None:
        if change.kind not in ("message", "edit") or not isinstance(change.subject, Message):
            return
        message: Message = change.subject
        channel = self._outside.workspace.channels[message.channel]
        place = f"#{channel.name}" if channel.kind != "im" else "direct message"
        kind = "thread" if message.is_reply else "edited" if change.kind == "edit" else "card"
        if change.kind == "edit" and message.is_reply:
            return
        first = " · ".join(line for line in message.words.splitlines()[:4] if not line.startswith("*"))
        self._tell(f"{place:16} {kind:7} {first[:110]}")

    def _rang(self, sms: Any) -> None:
        self._tell(f"{'phone':16} {sms.to:7} {' / '.join(sms.text.splitlines())}")

    def _arrived(self, mail: Any) -> None:
        self._tell(f"{'mailbox':16} {', '.join(mail.to)}  {mail.subject}")

    def _tell(self, line: str) -> None:
        minutes = (self._clock.now() - self._start).total_seconds() / 60
        self._say(f"T+{minutes:04.1f}  {line}")


async def _night(app: App, outside: Outside, token: str, say: Say) -> None:
    """The guide's story; every wait is in the product's minutes."""
    say("an alert comes in: Redis cluster down")
    started = app.clock.now()
    await fire(app, token, "Redis cluster down", "redis-prod", "critical")
    john, workspace = outside.slack.member(JOHN), outside.workspace
    page = await workspace.wait_for(lambda: john.direct_messages, timeout=600, what="the page")
    await _until(app.clock, started, 8)
    say("John, woken, presses Acknowledge on his phone")
    await john.click(page[-1], "Acknowledge")
    card = next(message for message in workspace.messages_in("sre-incidents") if not message.is_reply)
    for number in range(1, 7):
        await _until(app.clock, started, 8 + 3 * number)
        step = await workspace.wait_for(lambda n=number: _step(workspace.thread(card), n), timeout=30)  # type: ignore[misc]
        say(f"John presses Done on step {number}" + (" and confirms: it is critical" if number == 4 else ""))
        await john.click(step, "Done", confirm=True if number == 4 else None)
    await _until(app.clock, started, 30)
    say("John presses Resolve and writes what mended it")
    await john.click(card, "Resolve")
    await workspace.wait_for(lambda: john.view if john.view and "input" in str(john.view.body["blocks"]) else None)
    await john.submit(john.view, {"note": "Promoted replica 0", "root_cause": "A full disk on the master"})
    await workspace.wait_for(lambda: any("is resolved" in said.words for said in workspace.thread(card)), timeout=30)


def _step(thread: list[Message], number: int) -> Message | None:
    return next((message for message in thread if message.words.startswith(f"Step {number}/")), None)


async def _until(clock: Clock, started: datetime, minutes: float) -> None:
    """Wait until that many minutes after `started`."""
    left = minutes * 60 - (clock.now() - started).total_seconds()
    await asyncio.sleep(max(left, 0) / clock.span(1).total_seconds())


async def fire(app: App, token: str, title: str, service: str, severity: str) -> None:
    """Send an alert as Alertmanager does."""
    labels = {"alertname": title, "service": service, "severity": severity}
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": title},
        "startsAt": wall_now().isoformat(),
    }
    body = {"version": "4", "groupKey": title, "status": "firing", "commonLabels": labels, "alerts": [alert]}
    address = f"http://127.0.0.1:{app.port}/api/v1/webhooks/alertmanager/"
    headers = {"Authorization": f"Token {token}"}
    async with aiohttp.ClientSession() as session, session.post(address, json=body, headers=headers) as answer:
        answer.raise_for_status()


def _explain(app: App, token: str, say: Say) -> None:
    say("")
    say("That was the night. Vigie goes on; Ctrl-C stops it. To look at what it kept:")
    say(f"  curl -H 'Authorization: Token {token}' http://127.0.0.1:{app.port}/api/v1/incidents/")
