"""What becomes of a page after its provider took it: how far it has come, how long each part took, and when silence
means that it must go another way. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.notifications import Notification, NotificationState
from domain.policies import Channel


class Stage(StrEnum):
    """How far a page has come; the values are public."""

    DECIDED = "decided"
    ACCEPTED = "accepted"
    """Its provider took it."""
    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds from the decision to each later stage; None for one that a page has not come to."""

    rendered: float | None
    accepted: float | None
    delivered: float | None
    opened: float | None
    acknowledged: float | None


def stage(page: Notification) -> Stage:
    """How far `page` has come."""
    if page.acknowledged_at:
        return Stage.ACKNOWLEDGED
    if page.opened_at:
        return Stage.OPENED
    if page.delivered_at:
        return Stage.DELIVERED
    return _STAGES[page.state]


_STAGES = {
    NotificationState.WAITING: Stage.DECIDED,
    NotificationState.SENT: Stage.ACCEPTED,
    NotificationState.FAILED: Stage.FAILED,
    NotificationState.CANCELLED: Stage.CANCELLED,
}


def latencies(page: Notification) -> Latencies:
    """How long each stage took to come to."""

    def since(moment: datetime | None) -> float | None:
        return max((moment - page.decided_at).total_seconds(), 0.0) if moment else None

    moments = (page.rendered_at, page.sent_at, page.delivered_at, page.opened_at, page.acknowledged_at)
    return Latencies(*(since(moment) for moment in moments))


def age(page: Notification, now: datetime) -> timedelta:
    """How long ago its reader may have got `page`, at the least: what is still tried may be coming in now, however long
    ago it was decided on."""
    if page.state is NotificationState.WAITING and not page.sent_at:
        return timedelta(0)
    return now - (page.sent_at or page.decided_at)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page that its provider took; `look_at` is when to ask what became of it, None for never."""

    page: str
    sent_at: datetime
    reference: str
    rendered_at: datetime | None
    said: str
    delivered_at: datetime | None
    look_at: datetime | None


TELLS_DELIVERY = (Channel.SMS,)
"""Whose providers can be asked, later, whether a message arrived. Slack and Discord have delivered a message as they
take it; of a mail nobody tells more than that a server took it."""
DELIVERED_AT_ONCE = (Channel.SLACK,)
PATIENCE = timedelta(minutes=2)
"""From its provider's yes to the person's next channel, while no receipt says that the page arrived. A phone that is on
answers within seconds; one policy step is four minutes and more."""
_LOOKS = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 40, 70))
"""When it is asked about, counted from the provider's yes; then at the end of the patience."""
_LATER = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240))
"""When it is asked about after that, for the record, until OVH gives up."""
Span = Callable[[float], timedelta]
"""As much of the clock's time as passes in some seconds of the world's: a provider needs its time in a drill too."""
_SHORTEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Word:
    """What the provider says: the phone has it, or never will, or (both empty) that nobody knows yet."""

    delivered_at: datetime | None = None
    failure: str = ""


NOTHING = Word()


@dataclass(frozen=True, slots=True)
class Finding:
    """What follows from a provider's word: `look_at` is when to ask again, None for never. `failure` is what speaks
    against the page's having arrived; `is_lost` says that it goes another way now."""

    delivered_at: datetime | None = None
    is_refused: bool = False
    failure: str = ""
    is_lost: bool = False
    look_at: datetime | None = None


def first_look(channel: Channel, sent_at: datetime, span: Span, *, is_followed: bool = False) -> datetime | None:
    """When to ask about a page that its provider took at `sent_at`; None when nobody would tell. One that is followed
    is told of, and looked at when nothing was."""
    if is_followed:
        return sent_at + _patience(span)
    return sent_at + max(_LOOKS[0], span(_SHORTEST_SECONDS)) if channel in TELLS_DELIVERY else None


def judge(page: Notification, word: Word, now: datetime, span: Span) -> Finding:
    """What `word` means for a page that its provider took. A refusal, and silence at the end of the patience, send it
    another way, once; what arrives after all is written down all the same."""
    sent_at = page.sent_at or page.decided_at
    if word.delivered_at:
        return Finding(delivered_at=min(max(word.delivered_at, sent_at), now))
    if word.failure:
        return Finding(is_refused=True, failure=word.failure, is_lost=not page.failure)
    patience = _patience(span)
    is_late = now - sent_at >= patience
    return Finding(
        failure=silence(patience) if is_late else page.failure,
        is_lost=is_late and not page.failure,
        look_at=_next_look(sent_at, now, patience, span),
    )


def _patience(span: Span) -> timedelta:
    return max(PATIENCE, span(_SHORTEST_SECONDS * 5))


def silence(patience: timedelta) -> str:
    """What is said of a page that no receipt came for."""
    return f"no sign that it arrived within {round(patience.total_seconds() / 60)} min"


def _next_look(sent_at: datetime, now: datetime, patience: timedelta, span: Span) -> datetime | None:
    looks = (*(sent_at + look for look in _LOOKS if look < patience), sent_at + patience)
    later = tuple(sent_at + patience + look for look in _LATER)
    soonest = now + span(_SHORTEST_SECONDS)
    return next((max(look, soonest) for look in (*looks, *later) if look > now), None)
