"""What everything that needs the time is given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The product's time, which may run faster than the world's."""

    def now(self) -> datetime:
        """The moment it is, aware UTC."""

    def from_wall(self, moment: datetime) -> datetime:
        """A time that the outside world wrote, on this clock."""

    def to_wall(self, moment: datetime) -> datetime:
        """When the outside world's clocks say it is `moment` here."""

    def span(self, seconds: float) -> timedelta:
        """As much of this clock's time as passes in `seconds` of the world's: for leases, retries and rates."""
