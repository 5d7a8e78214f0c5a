"""What comes of a delivery that did not fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.policies import Channel
from storage.messages import Place


class CardMissing(Exception):
    """Something of the thread came before its card: it waits for it."""


class NoLongerWanted(Exception):
    """Somebody has taken the incident while the provider was being asked: the message was not sent."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The provider's yes: its reference, and where the message is.

    `is_partial` when more of the parcel is to come: what went out is written down first, or it would go out again when
    the rest fails.
    """

    reference: str = ""
    places: tuple[Place, ...] = field(default=())
    is_partial: bool = False
    said: str = ""
    """The words of a page, without what acts for their reader."""
    rendered_at: datetime | None = None
    stands_for: tuple[str, ...] = ()
    """The pages that a message for many is the only message of."""
    is_followed: bool = False
    """Whether somebody will say by themselves what became of it."""
    channel: Channel | None = None
    """By which a message for many pages went: each of them may be asked about."""
