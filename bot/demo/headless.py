"""The guide's night told on a terminal: an alert comes in, nobody answers, the page climbs, John acknowledges, works
the runbook and resolves."""

from __future__ import annotations

import asyncio
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from blocks import demo as told
from bot.demo.reading import Line, lines
from bot.demo.records import Change, Message
from bot.demo.scenarios import scenarios, send
from bot.demo.stage import Say, Stage
from bot.demo.visible import placed_elements
from domain.clock import Clock

JOHN = "john"
_MARGIN = 6
"""Columns for the minute."""
_WIDEST = 110
"""Columns that the eye follows."""


async def play(stage: Stage, say: Say) -> None:
    """Play the night, told line by line to `say`."""
    narrator = Narrator(stage, say)
    narrator.listen()
    await _night(stage, narrator)


class Narrator:
    """Says what people see and hear, with the minutes since the start. What was said is not said again: of a message
    that changes, or that several people get, only what is new."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self._stage = stage
        self._outside = stage.outside
        self._place = told.Place(stage.language)
        self._say = say
        self._start = stage.clock.now()
        self._told: set[str] = set()
        self._is_over = False
        self._width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)

    def listen(self) -> None:
        """From now on."""
        self._outside.workspace.subscribe(self._changed)
        self._outside.ovh.inbox.subscribe(self._rang)
        self._outside.mail.inbox.subscribe(self._arrived)

    @property
    def minutes(self) -> float:
        """Since the start."""
        return (self._stage.clock.now() - self._start).total_seconds() / 60

    def narrate(self, sentence: str) -> None:
        """What somebody does, between what is seen of it."""
        self._say("")
        self._wrap(f"T+{self.minutes:.0f}", [f"▸ {sentence}"])

    def close(self, sentences: Sequence[str]) -> None:
        """How it ended; what comes after it is not told."""
        self._is_over = True
        self._say("")
        for sentence in sentences:
            self._wrap("", [sentence])

    def _changed(self, change: Change) -> None:
        message, is_edit = change.subject, change.kind == "edit"
        if change.kind not in ("message", "edit") or not isinstance(message, Message):
            return
        # The runbook's overview says after each step what the card and the next step say.
        if is_edit and message.is_reply:
            return
        seen = lines(message, self._outside.workspace, self._place.labelled)
        is_whole = message.is_reply and bool(seen) and seen[0][0] not in self._told
        self._tell(self._where(message, is_edit=is_edit), seen, is_whole=is_whole)

    def _where(self, message: Message, *, is_edit: bool) -> str:
        workspace = self._outside.workspace
        channel = workspace.channels[message.channel]
        if channel.kind != "im":
            return self._place.channel(channel.name, is_thread=message.is_reply, is_edit=is_edit)
        reader = next(one for one in channel.members if one != workspace.bot.id)
        return self._place.direct(workspace.users[reader].real_name, is_edit=is_edit)

    def _rang(self, sms: Any) -> None:
        self._tell(self._place.phone(self._name(phone=sms.to)), [(line,) for line in sms.text.splitlines()])

    def _arrived(self, mail: Any) -> None:
        self._tell(self._place.mail(self._name(email=mail.to)), [(mail.subject,)])

    def _name(self, phone: str = "", email: str = "") -> str:
        people = self._stage.people
        found = (one.name for one in people if (phone and one.phone == phone) or (email and one.email == email))
        return next(found, phone or email)

    def _tell(self, where: str, seen: Sequence[Line], *, is_whole: bool = False) -> None:
        parts = ([part for part in line if is_whole or part not in self._told] for line in seen)
        new = [" · ".join(line) for line in parts if line]
        self._told.update(part for line in seen for part in line)
        if new and not self._is_over:
            self._wrap(f"T+{self.minutes:.0f}", [f"{where} │ {new[0]}", *new[1:]])

    def _wrap(self, first: str, paragraphs: Iterable[str]) -> None:
        margin = first.ljust(_MARGIN)
        for paragraph in paragraphs:
            own = paragraph[: len(paragraph) - len(paragraph.lstrip())]
            for piece in textwrap.wrap(
                paragraph.strip(),
                self._width - _MARGIN - len(own),
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            ):
                self._say(f"{margin}{own}{piece}".rstrip())
                margin = " " * _MARGIN


async def _night(stage: Stage, narrator: Narrator) -> None:
    """The guide's story; every wait is in the product's minutes."""
    outside, clock, language = stage.outside, stage.clock, stage.language
    alert = scenarios(language)["redis"].alerts[0]
    narrator.narrate(told.first(alert["title"], language))
    started = clock.now()
    await send(stage, alert, alert["title"])
    john, workspace = outside.slack.member(JOHN), outside.workspace
    page = await workspace.wait_for(lambda: john.direct_messages, timeout=600, what="the page")
    await _until(clock, started, 8)
    narrator.narrate(told.woken(language))
    acknowledged = narrator.minutes
    await john.click(page[-1], "incident.acknowledge.v1")
    card = next(message for message in workspace.messages_in("sre-incidents") if not message.is_reply)
    for number in range(1, 7):
        await _until(clock, started, 8 + 3 * number)
        step = await workspace.wait_for(lambda n=number: _step(workspace.thread(card), n), timeout=30)  # type: ignore[misc]
        narrator.narrate(told.pressed_step(number, is_critical=number == 4, locale=language))
        await john.click(step, "step.done.v1", confirm=True if number == 4 else None)
    await _until(clock, started, 30)
    narrator.narrate(told.resolves(language))
    resolved = narrator.minutes
    await john.click(card, "incident.resolve.v1")
    await workspace.wait_for(lambda: john.view if john.view and "input" in str(john.view.body["blocks"]) else None)
    note, cause = told.note(language)
    await john.submit(john.view, {"note": note, "root_cause": cause})
    await workspace.wait_for(
        lambda: any("MTTR" in said.words for said in workspace.thread(card)), timeout=30, what="the night's figures"
    )
    sent = len(outside.ovh.inbox.messages), len(outside.mail.inbox.messages)
    name = card.text.partition("(")[2].partition(")")[0]
    narrator.close(told.closing(name, acknowledged, resolved, *sent, language))


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
