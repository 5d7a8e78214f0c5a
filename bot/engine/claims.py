"""What the sender has taken to send."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.engine.context import Context
from storage.outbox import Parcel


@dataclass(frozen=True, slots=True)
class Claim:
    """Parcels taken, with what they are about."""

    parcels: tuple[Parcel, ...]
    context: Context
    is_full: bool


@dataclass(slots=True)
class Wanted:
    """The pages of a claim that have not left and are still wanted, as of `asked_at` (monotonic seconds)."""

    pages: set[str]
    asked_at: float
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self, page: str) -> bool:
        """Whether this page may leave now. It is asked after once."""
        is_wanted = page in self.pages
        self.pages.discard(page)
        return is_wanted
