"""Telephone calls: what a gateway says became of one, and what the keys mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RINGS_WITHIN = timedelta(minutes=5)
"""A call that has not begun to ring by then is not to ring any more: another way was tried long since."""
GOOD_FOR = timedelta(hours=1)
"""How long after the gateway took it a call's answers count."""


class Key(StrEnum):
    """A key of the telephone."""

    ACKNOWLEDGE = "1"
    ESCALATE = "2"


class CallState(StrEnum):
    """What became of a call, in the words that a gateway says it with."""

    RINGING = "ringing"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    ENDED = "ended"


LOST = {
    CallState.BUSY: "the line was busy",
    CallState.NO_ANSWER: "nobody answered the telephone",
    CallState.FAILED: "the call did not get through",
}
"""Why somebody was not reached by a call that the gateway took."""
_OVER = frozenset({*LOST, CallState.ENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What is known of one page's call. `keys` were pressed, in this order, each counted once."""

    notification: str
    state: CallState = CallState.RINGING
    keys: str = ""
    changed_at: datetime

    def may_become(self, state: CallState) -> bool:
        """Whether `state` is news: what is over stays as it is, and nothing is said twice."""
        return self.state not in _OVER and state is not self.state


class Answered(StrEnum):
    """What a key came to."""

    ACKNOWLEDGED = "acknowledged"
    """Whoever pressed it has the incident."""
    ESCALATED = "escalated"
    TAKEN = "taken"
    """Somebody else has it."""
    OVER = "over"
    """It is resolved."""
    NOBODY_LEFT = "nobody_left"
    """The policy has no further step."""
    UNKNOWN_KEY = "unknown_key"
    EXPIRED = "expired"
