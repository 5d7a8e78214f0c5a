"""A file under an incident's card: there once, and where Slack takes none, what stands above it all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from blocks.kit import Message
from blocks.postmortems import no_file
from bot.engine.delivered import CardMissing
from bot.notifiers.base import Chat
from domain.errors import DeliveryError
from storage.messages import Place
from storage.outbox import Parcel


@dataclass(frozen=True, slots=True)
class ThreadFile:
    """What is put there, and what is `said` above it."""

    name: str
    text: str
    said: Message
    locale: str


async def put(
    slack: Chat, parcel: Parcel, card: Place | None, since: datetime, made: Callable[[], Awaitable[ThreadFile]]
) -> str:
    """Put what is `made` under `card`; its id. Raises DeliveryError, CardMissing.

    `since` is the world's time before which it can't have gone out.
    """
    if card is None:
        raise CardMissing
    if parcel.is_ambiguous:
        posted = await slack.find(card.channel, parcel.key, since, card.ts)
        if posted is not None:
            return posted.ts
    file = await made()
    try:
        return await slack.upload(card.channel, card.ts, file.name, file.text, file.said.blocks, key=parcel.key)
    except DeliveryError as error:
        if not error.code or error.is_outage:
            raise
        told = [*file.said.blocks, no_file(error.code, file.locale)]
        posted = await slack.post(card.channel, file.said.text, told, key=parcel.key, thread=card.ts)
        return posted.ts
