"""What should have happened and did not: the kinds that are looked for, and which of them keep a page from somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE_SECONDS = 60.0
"""What is later than this, in the world's time, was overlooked: the engine is milliseconds late when all is well."""
SETTLED_SECONDS = 120.0
"""What belongs to a new incident is there after this long."""
LOOKED_BACK = timedelta(hours=2)
"""How old incidents may be that each look goes through; the first look of a process goes further."""
FIRST_LOOKED_BACK = timedelta(days=14)

LONGEST_PAUSE = timedelta(days=7)
"""No page waits for longer before it is tried again, and no lease lasts longer, at the fastest clock (an hour a second)
either: one that does has an end that never comes."""
LONGEST_REST = timedelta(days=366)
"""No climb that goes on rests for longer: one that does has lost its moment."""


class Lapse(StrEnum):
    """A kind of thing that should have happened."""

    CLIMB_LATE = "climb_late"
    """A step is due, and nobody has decided on it."""
    PARCEL_LATE = "parcel_late"
    """A lane's first message waits for longer than the messages in it explain."""
    LEASE_OVER = "lease_over"
    """What a process was sending when it died, and nobody took over."""
    NO_CARD = "no_card"
    """An open incident that its channel does not show."""
    NO_CLIMB = "no_climb"
    """Nobody has an incident, and nothing will call anybody."""
    NOT_SAID = "not_said"
    """A policy has come to its end, and nobody was told."""
    PAGE_LOST = "page_lost"
    """A page was decided on, and is not among what is to leave."""
    HELD_BACK = "held_back"
    """Something waits for a card that is there."""


KEEPS_FROM_PAGING = frozenset({Lapse.CLIMB_LATE, Lapse.PARCEL_LATE, Lapse.NO_CLIMB, Lapse.PAGE_LOST})


@dataclass(frozen=True, slots=True)
class Oversight:
    """Something that should have happened `since`, to an incident ("" when it is no incident's). `subject` tells it
    from others of its kind; `is_mended` when it has been set right, and `over_at` is when it was found no more."""

    lapse: Lapse
    subject: str
    since: datetime
    incident: str = ""
    short_id: str = ""
    is_mended: bool = False
    found_at: datetime | None = None
    over_at: datetime | None = None

    @property
    def key(self) -> tuple[Lapse, str]:
        return self.lapse, self.subject


def worries(found: Iterable[Oversight]) -> tuple[Oversight, ...]:
    """Those that keep a page from somebody, and were not set right."""
    return tuple(one for one in found if one.lapse in KEEPS_FROM_PAGING and not one.is_mended)


def explained_seconds(waiting: int, per_second: float) -> float:
    """For how long the last of `waiting` messages in a lane may wait without anybody being to blame."""
    return LATE_SECONDS + (waiting / per_second if per_second else 0.0)
