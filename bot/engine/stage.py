"""The last gate before anything of a drill leaves: every way out of it ends at who takes part and at its channel, and
says that it is a drill. Whatever was decided before, nobody else is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from blocks import drill_marks as looks
from blocks.kit import Message as Words
from bot.engine.addresses import Addresses
from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.deliveries import Deliveries
from bot.engine.drill_files import DrillFiles
from bot.engine.transports import Transports
from bot.notifiers.base import (
    Blocks,
    Call,
    CallNotifier,
    Chat,
    Email,
    EmailNotifier,
    Fate,
    Incoming,
    Posted,
    Receipt,
    Sms,
    SmsNotifier,
    at_once,
)
from domain.directory import Directory
from domain.drills import Drill, addresses, marked
from domain.errors import DeliveryError
from handlers.drills.ending import REPORT
from storage.outbox import Kind, Parcel

Message = TypeVar("Message")


class Delivers(Protocol):
    """What takes parcels out."""

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one parcel as things are now; as `Deliveries`."""


class Stage:
    """Sends what there is to send; drills by ways out of their own. `made` makes the deliveries of ways out."""

    def __init__(self, transports: Transports, made: Callable[[Transports], Deliveries], files: DrillFiles) -> None:
        self._transports = transports
        self._made = made
        self._real = made(transports)
        self._files = files

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one parcel as things are now. Raises as `Deliveries`."""
        incident = context.incidents.get(parcel.incident)
        if incident is None or not incident.is_drill:
            return await self._real.deliver(parcel, context, since)
        drill = context.drills.get(incident.id)
        if drill is None:
            raise DeliveryError("nobody knows who takes part in this drill", permanent=True)
        if parcel.kind is Kind.FILE and parcel.subject.endswith(f":{REPORT}"):
            return Delivered(await self._files.deliver(parcel, context.places.get(f"card:{incident.id}"), since))
        team = context.directory.teams.get(incident.team)
        staged = narrowed(self._transports, drill, context.directory, team.locale if team else "")
        return await self._made(staged).deliver(parcel, context, since)


def narrowed(transports: Transports, drill: Drill, directory: Directory, locale: str) -> Transports:
    """The same ways out, for one drill."""
    allowed = addresses(drill, directory)
    return Transports(
        slack=_Chat(transports.slack, locale),
        addresses=_Addresses(transports.addresses, allowed),
        rooms=transports.rooms,
        groups=transports.groups,
        sms=_Sms(transports.sms, allowed) if transports.sms else None,
        email=_Mail(transports.email, allowed) if transports.email else None,
        phone=_Phone(transports.phone, allowed) if transports.phone else None,
    )


def _check(address: str, allowed: frozenset[str]) -> None:
    if address not in allowed:
        raise DeliveryError(f"{address} takes no part in the drill", permanent=True)


class _Addresses(Addresses):
    """Leads to who takes part, and to the drill's channel."""

    def __init__(self, real: Addresses, allowed: frozenset[str]) -> None:
        self._real = real
        self._allowed = allowed

    async def channel(self, name: str) -> str:
        _check(self.lane(name), frozenset(self.lane(one) for one in self._allowed))
        return await self._real.channel(name)

    async def direct(self, address: str) -> str:
        _check(address, self._allowed)
        return await self._real.direct(address)

    async def user(self, address: str) -> str:
        _check(address, self._allowed)
        return await self._real.user(address)

    def lane(self, name: str) -> str:
        return self._real.lane(name)

    async def elsewhere(self, name: str, channel: str, code: str) -> str:
        return await self._real.elsewhere(name, channel, code)


@dataclass(frozen=True, slots=True)
class _Sms(SmsNotifier):
    real: SmsNotifier
    allowed: frozenset[str]

    async def send(self, message: Sms, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        _check(message.to, self.allowed)
        return await self.real.send(replace(message, text=marked(message.text)), ready)

    async def lookup(self, tag: str) -> Receipt | None:
        return await self.real.lookup(tag)

    async def fate(self, tag: str) -> Fate:
        return await self.real.fate(tag)

    @property
    def can_be_answered(self) -> bool:
        return self.real.can_be_answered

    async def credits(self) -> float:
        return await self.real.credits()

    async def incoming(self, since: datetime) -> list[str]:
        return await self.real.incoming(since)

    async def read(self, identity: str) -> Incoming | None:
        return await self.real.read(identity)

    async def close(self) -> None:
        """It is not this one's to close."""


@dataclass(frozen=True, slots=True)
class _Phone(CallNotifier):
    real: CallNotifier
    allowed: frozenset[str]

    @property
    def rings_only(self) -> bool:
        return self.real.rings_only

    async def send(self, message: Call) -> Receipt:
        _check(message.to, self.allowed)
        return await self.real.send(replace(message, text=marked(message.text)))

    async def close(self) -> None:
        """It is not this one's to close."""


@dataclass(frozen=True, slots=True)
class _Mail(EmailNotifier):
    real: EmailNotifier
    allowed: frozenset[str]

    async def send(self, message: Email, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        _check(message.to, self.allowed)
        said = replace(message, subject=marked(message.subject), text=marked(message.text))
        return await self.real.send(said, ready)

    async def close(self) -> None:
        """It is not this one's to close."""


@dataclass(frozen=True, slots=True)
class _Chat(Chat):
    """The workspace, every message marked. Where it may post is what the addresses lead to."""

    real: Chat
    locale: str

    def _said(self, text: str, blocks: Blocks) -> Words:
        return looks.marked(Words(text, list(blocks)), self.locale)

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str, thread: str = "", broadcast: bool = False
    ) -> Posted:
        said = self._said(text, blocks)
        return await self.real.post(channel, said.text, said.blocks, key=key, thread=thread, broadcast=broadcast)

    async def upload(self, channel: str, thread: str, name: str, text: str, blocks: Blocks, *, key: str) -> str:
        said = self._said("", blocks)
        return await self.real.upload(channel, thread, name, text, said.blocks, key=key)

    async def update(self, place: Posted, text: str, blocks: Blocks, *, key: str) -> None:
        said = self._said(text, blocks)
        await self.real.update(place, said.text, said.blocks, key=key)

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        return await self.real.find(channel, key, since, thread)

    async def publish(self, user: str, view: dict[str, Any], hash_: str) -> str:
        return await self.real.publish(user, view, hash_)

    async def direct(self, user: str) -> str:
        return await self.real.direct(user)

    async def user_by_email(self, email: str) -> str:
        return await self.real.user_by_email(email)

    def channels(self) -> AsyncIterator[tuple[str, str]]:
        return self.real.channels()

    async def workspace_url(self) -> str:
        return await self.real.workspace_url()

    async def join(self, channel: str) -> None:
        await self.real.join(channel)
