"""What the sender hands to a transport, and what it gets back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from domain.errors import DeliveryError

Blocks = Sequence[dict[str, Any]]
Message = TypeVar("Message", contravariant=True)

MAIL_CONNECTIONS = 8
"""How many mails with pages a server is handed at once."""
CONNECTIONS_FOR_LETTERS = 4
"""Beside those: whoever is paged does not wait for a mail to somebody who is not."""
SMS_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Sms:
    """A text for one phone. `tag` is the notification's id: what `lookup` asks the provider about."""

    to: str
    """E.164, such as +33600000001."""
    text: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A telephone call. The same `id` is the same call: a gateway that knows it does not ring again.

    `text` is spoken in the language `locale`; with an `answers_to` address, keys and what became of the call go there
    until `expires_at`.
    """

    id: str
    to: str
    """E.164, such as +33600000001."""
    text: str
    locale: str
    answers_to: str = ""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Email:
    """A mail for one address.

    `message_id` and `references` are given with their angle brackets; the last of `references` is the mail
    this one answers. The same `message_id` at each attempt lets the mailbox drop a copy sent twice.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sent_at: datetime
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers, as (name, value)."""


@dataclass(frozen=True, slots=True)
class DiscordPost:
    """A message for a channel behind a webhook; with `message_id`, the new text of one posted before."""

    webhook: str
    text: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message: the name it knows it by, and what else it said."""

    reference: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message that its provider took. Both are empty while nobody knows."""

    delivered_at: datetime | None = None
    """By the world's clock."""
    failure: str = ""
    """Why it will never arrive."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An SMS that came in: its operator's id, the number that wrote it, and when by the world's clock."""

    id: str
    sender: str
    text: str
    written_at: datetime


class Notifier(Protocol[Message]):
    """A transport for one kind of message."""

    async def send(self, message: Message) -> Receipt:
        """Hand `message` to the provider once, or raise `DeliveryError`."""

    async def close(self) -> None:
        """Let go of connections and threads."""


async def at_once() -> None:
    """Nothing has to be asked before a message goes."""


class EmailNotifier(Notifier[Email], Protocol):
    """A transport for mails, which takes a while to come to the mail itself."""

    async def send(self, message: Email, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        """`ready` is called when all that is left is to send the content; what it raises keeps it from going."""


class SmsNotifier(Notifier[Sms], Protocol):
    """A transport for SMS that can be asked whether one went out."""

    async def send(self, message: Sms, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        """`ready` is called when it has waited for its turn for long; what it raises keeps it from going."""

    async def lookup(self, tag: str) -> Receipt | None:
        """The SMS sent under `tag`, if there is one."""

    async def fate(self, tag: str) -> Fate:
        """What became of the SMS sent under `tag`. Raises DeliveryError when the provider does not say."""

    @property
    def can_be_answered(self) -> bool:
        """Whether a phone can answer what is sent: a name can't be."""

    async def credits(self) -> float:
        """How many SMS could still be sent. Raises DeliveryError."""

    async def incoming(self, since: datetime) -> list[str]:
        """The ids of the SMS that came in since a moment of the world's time. Raises DeliveryError."""

    async def read(self, identity: str) -> Incoming | None:
        """One SMS that came in; None when it is gone. Raises DeliveryError."""


class CallNotifier(Notifier[Call], Protocol):
    """A way to ring a telephone."""

    @property
    def rings_only(self) -> bool:
        """Whether nothing is spoken and no key is heard: the telephone rings, and that is all."""


class MessageGone(DeliveryError):
    """The message to edit, or the thread to answer in, was deleted."""


class MessageLocked(DeliveryError):
    """The message is there and can't be edited any more: the workspace lets nobody, or only for a while."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message is: the channel's id and the message's time stamp."""

    channel: str
    ts: str


class Chat(Protocol):
    """A workspace: what is posted there can be edited. Every method raises DeliveryError when it is not done."""

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str, thread: str = "", broadcast: bool = False
    ) -> Posted:
        """Post in a channel, or in the thread under `thread`. `key` is how `find` knows the message again."""

    async def upload(self, channel: str, thread: str, name: str, text: str, blocks: Blocks, *, key: str) -> str:
        """Put a file in the thread under `thread`, with words above it; its id. `find` knows the message by `key`."""

    async def update(self, place: Posted, text: str, blocks: Blocks, *, key: str) -> None:
        """Replace a message's words. Raises MessageGone when somebody deleted it, MessageLocked when it has to stay as
        it is."""

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        """The message posted with `key` since a moment of the world's time, when the answer to a post was lost."""

    async def publish(self, user: str, view: dict[str, Any], hash_: str) -> str:
        """Show somebody a Home tab; its hash. With `hash_`, only in the stead of the one that has it."""

    async def direct(self, user: str) -> str:
        """The id of the direct channel with a user."""

    async def user_by_email(self, email: str) -> str:
        """The id of the user with this address."""

    def channels(self) -> AsyncIterator[tuple[str, str]]:
        """(name, id) of the channels that the bot can see."""

    async def workspace_url(self) -> str:
        """Where links to messages begin, such as https://example.slack.com/."""

    async def join(self, channel: str) -> None:
        """Become a member of a public channel."""


class Groups(Protocol):
    """User groups. Every method may be called twice, and raises DeliveryError when it is not done."""

    async def group(self, handle: str) -> str:
        """The id of the group with a handle such as @sre-oncall."""

    async def set_members(self, group: str, users: Sequence[str]) -> None:
        """Have these users in a group, and nobody else."""


class Rooms(Protocol):
    """Channels of their own. Every method may be called twice, and raises DeliveryError when it is not done."""

    async def create(self, name: str) -> str:
        """Make a channel; its id. Who asks is in it."""

    async def own(self, name: str) -> str:
        """The id of a live channel of that name that was made here, "" when there is none."""

    async def join(self, channel: str) -> None:
        """Be in a channel again."""

    async def invite(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        """Invite people; those who are not let in, each with the reason."""

    async def set_topic(self, channel: str, topic: str) -> None:
        """Say what a channel is about."""

    async def pin(self, place: Posted) -> None:
        """Pin a message to its channel."""

    async def permalink(self, place: Posted) -> str:
        """The address of a message."""

    async def bookmark(self, channel: str, title: str, link: str, known: str) -> str:
        """Put a link in a channel's bar, in the stead of the one that is `known` ("" for none); its id."""

    async def archive(self, channel: str) -> None:
        """End a channel."""
