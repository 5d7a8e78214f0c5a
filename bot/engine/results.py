"""How attempts to send parcels ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.engine.delivered import Delivered
from domain import receipts as rules
from domain.incidents import Incident
from domain.notifications import Notification
from domain.outages import SLACK_IS_AWAY
from storage.messages import Place
from storage.outbox import Parcel


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    HELD = "held"
    """Waits for the card again: nothing was tried."""
    DIVERTED = "diverted"
    """Slack is known to be away: nothing was tried. A page goes another way, the rest waits."""
    DROPPED = "dropped"
    """No longer wanted: nothing was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One parcel's attempt. `retry_at` belongs to RETRY and DIVERTED, `is_ambiguous` to whatever waits:
    this or an earlier attempt may have gone out all the same."""

    parcel: Parcel
    result: Result = Result.SENT
    page: Notification | None = None
    incident: Incident | None = None
    """As what was sent says it is."""
    started_at: datetime
    finished_at: datetime
    reference: str = ""
    reason: str = ""
    retry_at: datetime | None = None
    is_ambiguous: bool = False
    is_throttled: bool = False
    """The provider asked to wait: no reason to try another way."""
    is_unfinished: bool = False
    """A part of it went out, to the `places`, and the rest is next."""
    places: tuple[Place, ...] = ()
    rendered_at: datetime | None = None
    said: str = ""
    code: str = ""
    """The provider's own name for its refusal."""
    stands_for: tuple[str, ...] = ()
    """The pages that a message for many went out for."""
    look_at: datetime | None = None
    """When the provider is asked whether it arrived."""

    @property
    def is_out(self) -> bool:
        """Whether all of it has gone out."""
        return self.result is Result.SENT and not self.is_unfinished

    @property
    def is_known_detour(self) -> bool:
        """Whether it is a page that Slack's being away was noted of before."""
        return self.result is Result.DIVERTED and self.page is not None and self.page.failure == SLACK_IS_AWAY


NOTED = 10
"""So many attempts are each written down; of those that follow, every tenth: an outage may last for days."""


def is_noted(attempt: int) -> bool:
    """Whether an attempt that failed is worth a line, and a row of its own."""
    return attempt <= NOTED or attempt % NOTED == 0


def went(tried: Outcome, delivered: Delivered, now: datetime, span: rules.Span) -> Outcome:
    """`tried` with the provider's yes; when only a part of it went out, the rest is next."""
    channel = tried.page.channel if tried.page else delivered.channel
    done = replace(
        tried,
        finished_at=now,
        reference=delivered.reference,
        places=delivered.places,
        rendered_at=delivered.rendered_at,
        stands_for=delivered.stands_for,
        said=delivered.said,
        look_at=rules.first_look(channel, now, span, is_followed=delivered.is_followed) if channel else None,
    )
    return replace(done, result=Result.RETRY, retry_at=now, is_unfinished=True) if delivered.is_partial else done
