"""The one thing that is sent without being written down: that nothing can be written down.

Everything else that leaves is in the outbox first. While the database is away nothing is, the engine waits, and whoever
is on call would sleep on. What each is told has a name that Slack and OVH know again, so that neither another process
nor a restart tells it twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

from blocks import distress as looks
from blocks.kit import Message
from bot.engine.transports import Transports
from bot.notifiers.base import Email, Sms
from domain import distress as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.distress import Listener
from domain.errors import DeliveryError, Unavailable
from domain.people import Person
from domain.policies import Channel
from storage import catalog
from storage.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 15
_PATIENCE_SECONDS = 8.0
_LOOK_BACK = timedelta(hours=6)


class Distress:
    """Looks whether the database works, and says so by every way that is left when it does not for long."""

    def __init__(
        self, store: Store, clock: Clock, to: Transports, locale: str, mail_domain: str, seconds: float
    ) -> None:
        """`locale` is for readers who have none of their own, `mail_domain` what Message-IDs end with. One of several
        processes waits for so many `seconds` more: the others need not say it then."""
        self._store = store
        self._clock = clock
        self._slack, self._sms, self._email = to.slack, to.sms, to.email
        self._locale = locale
        self._domain = mail_domain
        self._after = clock.span(rules.AFTER.total_seconds() + seconds)
        self._directory = Directory()
        """As it was last read: who is on call is reckoned from it."""
        self._since: datetime | None = None
        self._told: set[tuple[str, Channel]] = set()

    async def look(self) -> None:
        """Look, and tell whoever has to know and was not told yet."""
        now = self._clock.now()
        if await self._works():
            await self._say_over(now)
            self._since = None
            return
        self._since = self._since or now
        if now - self._since >= self._after:
            listeners = rules.listeners(self._directory, now)
            await asyncio.gather(*(self._tell(one, self._lasted(now)) for one in listeners))

    async def _works(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._store.try_again()
                self._directory = await self._store.read(catalog.directory)
        except (TimeoutError, Unavailable):
            return False
        return True

    def _lasted(self, now: datetime) -> timedelta:
        """In the world's time."""
        return self._clock.to_wall(now) - self._clock.to_wall(self._since or now)

    async def _tell(self, listener: Listener, lasted: timedelta) -> None:
        for way in listener.ways:
            await self._once(listener.person, way, lasted)
        if not any(person == listener.person.id for person, _ in self._told):
            await self._once(listener.person, listener.otherwise, lasted)

    async def _once(self, person: Person, way: Channel, lasted: timedelta) -> None:
        if (person.id, way) in self._told:
            return
        send = {Channel.SLACK: self._direct, Channel.SMS: self._text, Channel.EMAIL: self._mail}[way]
        if await _arrives(send(person, lasted), person, way):
            self._told.add((person.id, way))
            log.error("the database does not work: %s was told (%s)", person.name, way.value)

    async def _direct(self, person: Person, lasted: timedelta) -> bool:
        return await self._post(person, looks.message(lasted, self._language(person)), self._name(person))

    async def _post(self, person: Person, said: Message, key: str) -> bool:
        if not person.slack and not person.email:
            return False
        channel = await self._slack.direct(person.slack or await self._slack.user_by_email(person.email))
        since = self._clock.to_wall(self._clock.now()) - _LOOK_BACK
        if not await self._slack.find(channel, key, since):
            await self._slack.post(channel, said.text, said.blocks, key=key)
        return True

    async def _text(self, person: Person, lasted: timedelta) -> bool:
        if not person.phone or self._sms is None:
            return False
        tag = self._name(person)
        if not await self._sms.lookup(tag):
            await self._sms.send(Sms(person.phone, looks.sms(lasted, self._language(person)), tag))
        return True

    async def _mail(self, person: Person, lasted: timedelta) -> bool:
        if not person.email or self._email is None:
            return False
        subject, text, html = looks.mail(lasted, self._language(person))
        name = f"<{self._name(person)}@{self._domain}>"
        await self._email.send(Email(person.email, subject, text, html, name, self._clock.now()))
        return True

    async def _say_over(self, now: datetime) -> None:
        """To those who heard of it in Slack; the rest sees that pages come."""
        if not self._told:
            return
        told, self._told = self._told, set()
        for person in self._directory.people.values():
            if (person.id, Channel.SLACK) in told:
                said = looks.over(self._lasted(now), self._language(person))
                await _arrives(self._post(person, said, f"{self._name(person)}-over-{now:%H%M}"), person, Channel.SLACK)

    def _name(self, person: Person) -> str:
        return rules.name(person, self._clock.to_wall(self._since or self._clock.now()))

    def _language(self, person: Person) -> str:
        return self._directory.language_of(person) or self._locale


async def _arrives(sending: Awaitable[bool], person: Person, way: Channel) -> bool:
    """Whether it went out. What fails is tried again at the next look."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await sending
    except (DeliveryError, TimeoutError) as error:
        log.warning("%s could not be told by %s that the database does not work: %s", person.name, way.value, error)
        return False
