"""Letters to stakeholders: written as things are now, few at a time, and what became of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.engine.context import Context, load
from bot.engine.delivered import Delivered
from bot.engine.rendering import Renderer
from bot.engine.transports import Transports
from bot.notifiers.base import Email
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.storms import Bundle
from domain.timeline import Entry
from domain.updates import Letter, LetterState
from storage import letters, storms, timeline
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

_AT_ONCE = 2
"""Pages go by the same mail server: so many of its connections at most are taken from them."""


@dataclass(frozen=True, slots=True)
class Many:
    """A mail for many incidents: the letters in it that wait, and what they are about."""

    bundle: Bundle
    letters: tuple[Letter, ...]
    context: Context


class Stakeholders:
    """Writes to them. `mail_domain` is what Message-IDs end with."""

    def __init__(self, store: Store, to: Transports, renderer: Renderer, clock: Clock, mail_domain: str) -> None:
        self._store = store
        self._email = to.email
        self._words = renderer
        self._clock = clock
        self._domain = mail_domain
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one letter; its Message-ID makes a second copy of it one that mailboxes drop. Raises DeliveryError."""
        if self._email is None:
            raise DeliveryError("e-mail is not set up", permanent=True)
        return await self._one(parcel.subject, context)

    async def round_up(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one mail about many incidents, as things are now; about a single one, its letter."""
        if self._email is None:
            raise DeliveryError("e-mail is not set up", permanent=True)
        many = await self._store.read(lambda tx: _many(tx, parcel, self._clock.now()))
        if many is None:
            return Delivered()
        if len(many.context.incidents) == 1 and len(many.letters) == 1:
            return await self._one(many.letters[0].id, many.context)
        said = self._words.round_up(many.context, many.bundle.address, self._clock.now())
        message = Email(
            to=many.bundle.address,
            subject=said.subject,
            text=said.text,
            html=said.html,
            message_id=f"<{many.bundle.id}@{self._domain}>",
            sent_at=self._clock.now(),
        )
        async with self._turns:
            return Delivered((await self._email.send(message)).reference)

    async def _one(self, identity: str, context: Context) -> Delivered:
        assert self._email is not None
        letter, earlier, entry = await self._store.read(lambda tx: _read(tx, identity))
        if letter is None or letter.state is not LetterState.WAITING:
            return Delivered()
        now = self._clock.now()
        said = self._words.letter(context, context.incidents[letter.incident], letter, entry, now)
        message = Email(
            to=letter.address,
            subject=said.subject,
            text=said.text,
            html=said.html,
            message_id=self._id(letter),
            sent_at=now,
            references=tuple(self._id(one) for one in earlier),
        )
        async with self._turns:
            return Delivered((await self._email.send(message)).reference)

    def _id(self, letter: Letter) -> str:
        """The same at each attempt: a mailbox drops the second copy of a mail whose answer was lost."""
        return f"<{letter.id}@{self._domain}>"


def _read(tx: Transaction, identity: str) -> tuple[Letter | None, list[Letter], Entry | None]:
    """A letter, those sent before it to the same address, and what it tells of."""
    letter = letters.find(tx, identity)
    if letter is None:
        return None, [], None
    every = letters.of_incident(tx, letter.incident)
    earlier = [one for one in every if one.address == letter.address and one.id < letter.id]
    return letter, earlier[-10:], timeline.by_ids(tx, [letter.entry]).get(letter.entry) if letter.entry else None


def _many(tx: Transaction, parcel: Parcel, now: datetime) -> Many | None:
    """What is in a mail for many; None when nothing waits for it any more."""
    bundle, waiting = storms.find(tx, parcel.subject), letters.waiting(tx, parcel.subject)
    if bundle is None or not waiting:
        return None
    parts = [replace(parcel, kind=Kind.LETTER, incident=one.incident, subject=one.id) for one in waiting]
    return Many(bundle, tuple(waiting), load(tx, parts, now))
