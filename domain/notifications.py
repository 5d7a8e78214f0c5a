"""Notifications: one person (or place) by one channel, its states, and what follows a failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import DeliveryError
from domain.policies import Channel
from domain.webhooks import is_webhook


class NotificationState(StrEnum):
    """How far a notification has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notification reaches: a person's id, or "" for a place, and the address for its channel.

    `address` is a Slack user id, a phone number, a mail address, "#channel", a channel id or a webhook. `locale` is
    the reader's.
    """

    person: str
    name: str
    address: str
    locale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One page. `step` is the policy step's order; `fallback_of` the notification that failed before it."""

    id: str
    incident: str
    step: int
    channel: Channel
    recipient: Recipient
    message: str
    why: str
    state: NotificationState = NotificationState.WAITING
    is_bundle_of: tuple[int, ...] = ()
    fallback_of: str = ""
    round: int = 0
    """Which beginning of the climb it belongs to: a later one pages anew, and tries every way again."""
    decided_at: datetime
    sent_at: datetime | None = None
    reference: str = ""
    failure: str = ""
    """Why it did not go out; of one that did, what speaks against its having arrived."""
    rendered_at: datetime | None = None
    said: str = ""
    """The words that went out, without what acts for their reader."""
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    """When its link was first opened."""
    acknowledged_at: datetime | None = None
    """When its own button, link or reply took the incident."""
    would_be: str = ""
    """In a drill: whom it would have reached and how, such as "SMS to John Doe", when that is somebody else."""

    @property
    def is_to_a_channel(self) -> bool:
        """Whether it goes to a Slack channel and not to a person."""
        return self.is_through_slack and self.is_to_a_place

    @property
    def is_to_a_place(self) -> bool:
        """Whether it goes to a channel and not to a person, in Slack or behind a webhook."""
        recipient = self.recipient
        return self.channel is Channel.SLACK and not recipient.person and "@" not in recipient.address

    @property
    def is_through_slack(self) -> bool:
        """Whether Slack carries it: a webhook (Discord) stands on the same channel."""
        return self.channel is Channel.SLACK and not is_webhook(self.recipient.address)


def page_key(incident: str, around: int, step: int, channel: Channel, recipient: Recipient) -> str:
    """What only one notification may have: decided twice, the database refuses it. Another beginning of the climb
    (`around`) pages again."""
    return f"{incident}:{around}:{step}:{channel.value}:{recipient.address}"


INSTEAD = "; instead of "
"""In a notification's `why`: what follows is what it stands in for."""
FIRST_RETRY = 1.0


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt: it goes another way, or stays undone and is said so."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again in `seconds` of the world's; `is_ambiguous` when it may have gone out all the same."""

    seconds: float
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on trying: after how many attempts to stop, and the longest wait in seconds; `in_doubt` is the
    longest for what may have arrived each time, and can't be asked about, `mended` for what is refused until somebody
    mends the account. With 0 that ends it."""

    attempts: int
    longest: float
    in_doubt: float = 0.0
    mended: float = 0.0


FOR_EVER = 1_000_000
PAGES_PATIENCE = Patience(attempts=FOR_EVER, longest=30.0, in_doubt=300.0, mended=60.0)
"""Until somebody has the incident: everything may be away for hours, as when the host's own line is down, and whoever
is on call has to hear of it then. Their next channel was tried after the first failure."""
LETTERS_PATIENCE = Patience(attempts=1_000, longest=60.0, in_doubt=300.0, mended=300.0)
"""Most of a day: who is told of an incident is not woken for it."""
SLACK_PATIENCE = Patience(attempts=FOR_EVER, longest=15.0)
"""A card catches up whenever Slack is back."""
DOUBTS = 8
"""After so many attempts, each of which may have arrived, they become rare."""


def next_attempt(attempts: int, error: DeliveryError, jitter: float, patience: Patience) -> Retry | GiveUp:
    """What follows a failure. `attempts` counts those made, `jitter` is uniform in [0, 1).

    The wait doubles and is spread over half its length, so that what failed together does not come back together. A
    provider that says how long to wait is obeyed.
    """
    is_waited_for = error.is_mendable and patience.mended > 0
    if (error.permanent and not is_waited_for) or attempts >= patience.attempts:
        return GiveUp(error.reason)
    is_doubtful = error.ambiguous and attempts >= DOUBTS
    longest = patience.mended if is_waited_for else patience.longest
    longest = max(patience.in_doubt, longest) if is_doubtful else longest
    doubled = min(FIRST_RETRY * 2.0 ** min(attempts - 1, 20), longest)
    seconds = doubled * (0.5 + jitter / 2)
    if error.retry_after is not None:
        seconds = max(error.retry_after, 0.0) + FIRST_RETRY * jitter / 4
    return Retry(seconds, error.ambiguous)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a notification; `finished_at` is None while it is on its way."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    reason: str
