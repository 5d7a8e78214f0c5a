"""A page that somebody tries out on themselves: by each of their channels, what became of it. Never an incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.policies import Channel

CHANNELS = (Channel.SLACK, Channel.SMS, Channel.EMAIL, Channel.PHONE)
"""What is tried, in this order; telephone calls where they are set up."""
APART = timedelta(minutes=1)
"""From one trial of a person's to the next."""
GOOD_FOR = timedelta(minutes=15)
"""What has not left by then is not sent any more: a test of an hour ago only worries."""


class TrialState(StrEnum):
    """How far a trial has come."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    """The provider took it."""
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    """Somebody said that it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The last trial of one channel. `reason` says why it was refused, or why it has not left yet."""

    id: str
    person: str
    channel: Channel
    address: str
    started_at: datetime
    state: TrialState = TrialState.WAITING
    reason: str = ""
    settled_at: datetime | None = None
    is_monthly: bool = False
    """Nobody asked for it: it is the month's."""
