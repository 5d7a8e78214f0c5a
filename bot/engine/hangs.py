"""Providers outside Slack that fail: who waits behind one that hangs is told another way, and what waits to be tried
again leaves at the first yes."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.clock import Clock
from domain.errors import DeliveryError
from storage.outbox import HOOKS, Kind, Parcel
from storage.parcels import PERSONAL_LANES

HANG_SECONDS = 5.0
"""Who does not answer for as long hangs; a refusal comes at once."""
TURN_SECONDS = 20.0
"""How long a page waits behind others for a provider that hangs."""
HURRIED_SECONDS = 15.0
"""How often at most a lane is brought forward: a provider that takes every second one is not asked ever faster."""


class Hangs:
    """What each lane's provider did last. Seconds are of the world."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[DeliveryError, datetime]] = {}
        self._failing: set[str] = set()
        self._back: set[str] = set()
        self._hurried: dict[str, datetime] = {}

    def answered(self, lane: str) -> None:
        """Something was taken, or refused."""
        self._last.pop(lane, None)

    def took(self, lane: str) -> None:
        """Something was taken, which is the end of whatever was wrong."""
        self.answered(lane)
        if lane in self._failing:
            self._failing.discard(lane)
            self._back.add(lane)

    def is_back(self, lane: str) -> bool:
        """Whether a lane's provider, which had failed, takes something again: said once, and not too often."""
        now, last = self._clock.now(), self._hurried.get(lane)
        if lane not in self._back or (last is not None and now - last < self._clock.span(HURRIED_SECONDS)):
            return False
        self._back.discard(lane)
        self._hurried[lane] = now
        return True

    def failed(self, lane: str, error: DeliveryError, seconds: float) -> None:
        """Something went wrong after so long."""
        if _is_outside(lane) and (error.is_mendable or not error.permanent):
            self._failing.add(lane)
        if _is_outside(lane) and seconds >= HANG_SECONDS:
            self._last[lane] = error, self._clock.now()
        else:
            self.answered(lane)

    def before(self, parcel: Parcel) -> DeliveryError | None:
        """Why the first try of a page, which waited for its turn for long, is not worth the wait; None when it is."""
        is_first = parcel.kind in (Kind.PAGE, Kind.BUNDLE) and parcel.attempts == 1
        if not is_first or self._waited(parcel) < self._clock.span(TURN_SECONDS):
            return None
        last, at = self._last.get(parcel.lane, (None, parcel.due_at))
        # What was over before it was due is not what it waited behind.
        return DeliveryError(last.reason, permanent=False) if last and at >= parcel.due_at else None

    def _waited(self, parcel: Parcel) -> timedelta:
        return self._clock.now() - parcel.due_at


def _is_outside(lane: str) -> bool:
    """Whether a lane's pages leave by a provider other than Slack."""
    return lane in PERSONAL_LANES or lane.startswith(HOOKS)
