"""What the sender hands to a transport, and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

Message = TypeVar("Message", contravariant=True)


@dataclass(frozen=True, slots=True)
class Sms:
    """A text for one phone. `tag` is the notification's id: what `lookup` asks the provider about."""

    to: str
    """E.164, such as +33600000001."""
    text: str
    tag: str


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


class Notifier(Protocol[Message]):
    """A transport for one kind of message."""

    async def send(self, message: Message) -> Receipt:
        """Hand `message` to the provider once, or raise `DeliveryError`."""

    async def close(self) -> None:
        """Let go of connections and threads."""
