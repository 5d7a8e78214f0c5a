"""The ways out of Vigie, those that are set up."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.addresses import Addresses
from bot.notifiers.base import CallNotifier, Chat, DiscordPost, EmailNotifier, Groups, Notifier, Rooms, SmsNotifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Transports:
    """The ways out. One that is not set up is None, and refuses for good what is given to it."""

    slack: Chat
    addresses: Addresses
    rooms: Rooms
    groups: Groups | None = None
    sms: SmsNotifier | None = None
    email: EmailNotifier | None = None
    phone: CallNotifier | None = None
    discord: Notifier[DiscordPost] | None = None

    async def close(self) -> None:
        """Hang up."""
        for one in (self.sms, self.email, self.phone, self.discord):
            if one is not None:
                await one.close()
