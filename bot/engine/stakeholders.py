"""Letters to stakeholders: written as things are now, few at a time, and what became of them."""

from __future__ import annotations

import asyncio
from datetime import datetime

from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.rendering import Renderer
from bot.engine.transports import Transports
from bot.notifiers.base import Email
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.timeline import Entry
from domain.updates import Letter, LetterState
from storage import letters, timeline
from storage.outbox import Parcel
from storage.store import Store, Transaction

_AT_ONCE = 2
"""Pages go by the same mail server: so many of its connections at most are taken from them."""


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
        letter, earlier, entry = await self._store.read(lambda tx: _read(tx, parcel.subject))
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
            headers=(("Auto-Submitted", "auto-generated"),),
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
