"""The one thing that is sent without being written down: that nothing can be written down.

Everything else that leaves is in the outbox first. While the database is away nothing is, the engine waits, and whoever
is on call would sleep on. What each is told has a name that Slack and OVH know again. Where another process may have
told it they are asked first; when they do not answer it is said all the same, since twice is better than never.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks import distress as looks
from blocks.kit import Message
from bot.engine.transports import Transports
from bot.notifiers.base import Email, Sms
from domain import distress as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.distress import Count, Listener
from domain.errors import DeliveryError, Unavailable
from domain.people import Person
from domain.policies import Channel
from storage import catalog, oversights
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 15
_WORKS_SECONDS = 8.0
_ASKED_SECONDS = 3.0
_SENT_SECONDS = 20.0
_LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is told. `locale` is for readers who have none of their own, `mail_domain` what Message-IDs end with,
    `admins` are Slack ids. One of several processes (`is_one_of_many`) asks whether another has told it, and waits for
    `patience` looks more, which are others than another's."""

    locale: str
    mail_domain: str
    admins: Collection[str] = ()
    is_one_of_many: bool = False
    patience: int = 0


@dataclass(frozen=True, slots=True)
class Over:
    """What somebody read in Slack of what is over now: since when it was so, and the names of what they were told."""

    person: Person
    since: datetime
    names: tuple[str, ...]


class Distress:
    """Looks whether pages can leave, and says so by every way that is left when they can't for long. `gets_through` is
    whether the engine does its work."""

    def __init__(
        self, store: Store, clock: Clock, to: Transports, manner: Manner, gets_through: Callable[[], bool]
    ) -> None:
        self._store = store
        self._clock = clock
        self._slack, self._sms, self._email = to.slack, to.sms, to.email
        self._manner = manner
        self._gets_through = gets_through
        self._directory = Directory()
        """As it was last read: who is on call is reckoned from it."""
        self._count = Count()
        self._waited = 0
        self._since: datetime | None = None
        """In the world's time."""
        self._told: set[tuple[str, Channel]] = set()
        self._doubted: set[tuple[str, Channel]] = set()
        """What may have gone out although its answer was lost."""
        self._to_hear_the_end: dict[str, Over] = {}
        self._over: set[str] = set()
        """The names of what is over."""

    async def look(self) -> None:
        """Look, and tell whoever has to know and was not told yet."""
        works = await self._works()
        self._count = self._count.after(is_good=works)
        if not self._count.bad:
            await self._end()
            return
        self._since = self._since or self._clock.to_wall(self._clock.now())
        if not works and self._count.bad >= rules.BAD_LOOKS:
            self._waited += 1
            if self._waited > self._manner.patience:
                await self._tell_all()

    async def _works(self) -> bool:
        """Whether the engine gets on, and something can be written and read. Whatever goes wrong, it does not."""
        (found,) = await asyncio.gather(self._looked(), return_exceptions=True)
        if isinstance(found, Directory):
            self._directory = found
            return self._gets_through()
        if not isinstance(found, TimeoutError | Unavailable):
            log.error("the database can't be looked at", exc_info=found)
        return False

    async def _looked(self) -> Directory:
        async with asyncio.timeout(_WORKS_SECONDS):
            await self._store.try_again()
            return await self._store.write(_written_and_read)

    async def _tell_all(self) -> None:
        found = rules.listeners(self._directory, self._manner.admins, self._clock.now())
        if not found:
            log.error("the database does not work, and there is nobody to tell: no one on call, no admin")
        await asyncio.gather(*(self._tell(one) for one in found))

    @property
    def _lasted(self) -> timedelta:
        return timedelta(seconds=self._count.looks * EVERY_SECONDS)

    async def _tell(self, listener: Listener) -> None:
        for way in listener.ways:
            await self._once(listener.person, way)
        if not any(person == listener.person.id for person, _ in self._told):
            await self._once(listener.person, listener.otherwise)

    async def _once(self, person: Person, way: Channel) -> None:
        if (person.id, way) in self._told:
            return
        send = {Channel.SLACK: self._direct, Channel.SMS: self._text, Channel.EMAIL: self._mail}[way]
        if await self._arrives(send(person), person, way):
            self._told.add((person.id, way))
            log.error("the database does not work: %s was told (%s)", person.name, way.value)

    async def _arrives(self, sending: Awaitable[bool], person: Person, way: Channel) -> bool:
        """Whether it went out, or may have; what surely did not is tried again at the next look."""
        (sent,) = await asyncio.gather(_within(sending, _SENT_SECONDS), return_exceptions=True)
        if isinstance(sent, bool):
            return sent
        reason = str(sent) or type(sent).__name__
        log.warning("%s could not be told by %s that the database does not work: %s", person.name, way.value, reason)
        is_in_doubt = isinstance(sent, TimeoutError) or (isinstance(sent, DeliveryError) and sent.ambiguous)
        if is_in_doubt:
            self._doubted.add((person.id, way))
        # Nobody can be asked whether a mail has arrived.
        return is_in_doubt and way is Channel.EMAIL

    async def _direct(self, person: Person) -> bool:
        return await self._post(person, looks.message(self._lasted, self._language(person)), self._names(person))

    async def _post(self, person: Person, said: Message, keys: Sequence[str]) -> bool:
        if not person.slack and not person.email:
            return False
        channel = await self._slack.direct(person.slack or await self._slack.user_by_email(person.email))
        since = self._clock.to_wall(self._clock.now()) - _LOOK_BACK - self._lasted
        if not await self._is_known(
            lambda key: self._slack.find(channel, key, since), keys, (person.id, Channel.SLACK)
        ):
            await self._slack.post(channel, said.text, said.blocks, key=keys[0])
        return True

    async def _text(self, person: Person) -> bool:
        sms = self._sms
        if not person.phone or sms is None:
            return False
        tags = self._names(person)
        if not await self._is_known(sms.lookup, tags, (person.id, Channel.SMS)):
            await sms.send(Sms(person.phone, looks.sms(self._lasted, self._language(person)), tags[0]))
        return True

    async def _mail(self, person: Person) -> bool:
        if not person.email or self._email is None:
            return False
        subject, plain, html = looks.mail(self._lasted, self._language(person))
        name = f"<{self._names(person)[0]}@{self._manner.mail_domain}>"
        await self._email.send(Email(person.email, subject, plain, html, name, self._clock.now()))
        return True

    async def _is_known(
        self, ask: Callable[[str], Awaitable[object]], names: Sequence[str], what: tuple[str, Channel]
    ) -> bool:
        """Whether it is there already, where that can be: another process, or a try whose answer was lost."""
        if not self._manner.is_one_of_many and what not in self._doubted:
            return False
        try:
            async with asyncio.timeout(_ASKED_SECONDS):
                for name in names:
                    if await ask(name):
                        return True
        except (DeliveryError, TimeoutError) as error:
            log.warning("whether it was told already is not known: %s", error)
        return False

    async def _end(self) -> None:
        """Say that it is over to those who heard of it in Slack; whoever can't be told now is at the next look. What
        comes next is something else, whoever has heard of the end."""
        people, since = self._directory.people, self._since or self._clock.to_wall(self._clock.now())
        known = {one: people.get(one) or _stranger(one) for one, _ in self._told}
        told = {one: Over(person, since, self._names(person)) for one, person in known.items()}
        self._to_hear_the_end |= {one: told[one] for one, way in self._told if way is Channel.SLACK}
        self._over |= {one.names[0] for one in told.values()}
        self._told.clear()
        self._waited, self._since = 0, None
        if not self._to_hear_the_end:
            self._doubted = set()
        await asyncio.gather(*map(self._say_over, tuple(self._to_hear_the_end.values())))

    async def _say_over(self, over: Over) -> None:
        person, keys = over.person, [f"{name}:over" for name in over.names]
        said = looks.over(self._clock.to_wall(self._clock.now()) - over.since, self._language(person))
        if await self._arrives(self._post(person, said, keys), person, Channel.SLACK):
            del self._to_hear_the_end[person.id]

    def _names(self, person: Person) -> tuple[str, ...]:
        """What a message about this outage may be known by, its own name first; none that is over."""
        found = rules.names(person, self._since or self._clock.to_wall(self._clock.now()))
        return tuple(name for name in found if name not in self._over) or found[:1]

    def _language(self, person: Person) -> str:
        return self._directory.language_of(person) or self._manner.locale


def _written_and_read(tx: Transaction) -> Directory:
    oversights.probe(tx)
    return catalog.directory(tx)


async def _within(doing: Awaitable[bool], seconds: float) -> bool:
    async with asyncio.timeout(seconds):
        return await doing


def _stranger(user: str) -> Person:
    return Person(user, user, user, slack=user)
