"""The guide's night told on a terminal: an alert comes in, nobody answers, the page climbs, John acknowledges, works
the runbook and resolves."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from bot.demo.outside import Outside
from bot.demo.records import Change, Message
from bot.demo.scenarios import scenarios, send
from bot.demo.stage import Say, Stage
from bot.demo.visible import placed_elements
from domain.clock import Clock

JOHN = "john"


async def play(stage: Stage, say: Say) -> None:
    """Play the night, told line by line to `say`."""
    Narrator(stage.clock, stage.outside, say).listen()
    await _night(stage, say)


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
        self._tell(f"{'mailbox':16} {mail.to}  {mail.subject}")

    def _tell(self, line: str) -> None:
        minutes = (self._clock.now() - self._start).total_seconds() / 60
        self._say(f"T+{minutes:04.1f}  {line}")


async def _night(stage: Stage, say: Say) -> None:
    """The guide's story; every wait is in the product's minutes."""
    outside, clock = stage.outside, stage.clock
    alert = scenarios(stage.language)["redis"].alerts[0]
    say(f"an alert comes in: {alert['title']}")
    started = clock.now()
    await send(stage, alert, alert["title"])
    john, workspace = outside.slack.member(JOHN), outside.workspace
    page = await workspace.wait_for(lambda: john.direct_messages, timeout=600, what="the page")
    await _until(clock, started, 8)
    say("John, woken, presses Acknowledge on his phone")
    await john.click(page[-1], "incident.acknowledge.v1")
    card = next(message for message in workspace.messages_in("sre-incidents") if not message.is_reply)
    for number in range(1, 7):
        await _until(clock, started, 8 + 3 * number)
        step = await workspace.wait_for(lambda n=number: _step(workspace.thread(card), n), timeout=30)  # type: ignore[misc]
        say(f"John presses Done on step {number}" + (" and confirms: it is critical" if number == 4 else ""))
        await john.click(step, "step.done.v1", confirm=True if number == 4 else None)
    await _until(clock, started, 30)
    say("John presses Resolve and writes what mended it")
    await john.click(card, "incident.resolve.v1")
    await workspace.wait_for(lambda: john.view if john.view and "input" in str(john.view.body["blocks"]) else None)
    await john.submit(john.view, {"note": "Promoted replica 0", "root_cause": "A full disk on the master"})
    await workspace.wait_for(
        lambda: any("MTTR" in said.words for said in workspace.thread(card)), timeout=30, what="the night's figures"
    )


def _step(thread: list[Message], number: int) -> Message | None:
    return next((message for message in thread if _offers(message, "step.done.v1", f":{number}")), None)


def _offers(message: Message, action: str, ending: str = "") -> bool:
    """Whether a message has this button, in whatever language."""
    elements = (placed.element for placed in placed_elements(message.blocks))
    return any(one["action_id"] == action and str(one.get("value", "")).endswith(ending) for one in elements)


async def _until(clock: Clock, started: datetime, minutes: float) -> None:
    """Wait until that many minutes after `started`."""
    left = minutes * 60 - (clock.now() - started).total_seconds()
    await asyncio.sleep(max(left, 0) / clock.span(1).total_seconds())
