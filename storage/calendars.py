"""Calendars from outside: the last good copy of each, and what was wrong when it was last read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from domain.calendars import Event
from storage import events
from storage.catalog import table
from storage.schedule_tables import CalendarRow
from storage.store import Transaction

_CALENDARS = table(CalendarRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A team's calendar. `text` is the last good copy, of `good_at`; `told_at` is when its failure was told."""

    team: str
    source: str
    text: str = ""
    events: tuple[Event, ...] = ()
    good_at: datetime | None = None
    tried_at: datetime
    failure: str = ""
    told_at: datetime | None = None


def kept(tx: Transaction) -> dict[str, Kept]:
    """Every calendar, by team."""
    return {row.team: _kept(row) for row in tx.execute(select(_CALENDARS))}


def put(tx: Transaction, one: Kept) -> None:
    """Keep a calendar in the stead of what was kept of it."""
    forget(tx, [one.team])
    values = {"team": one.team, "source": one.source, "text": one.text, "failure": one.failure}
    times = {"good_at": one.good_at, "tried_at": one.tried_at, "told_at": one.told_at}
    tx.execute(insert(_CALENDARS).values(**values, **times, events=events.content(one.events)))


def forget(tx: Transaction, teams: Sequence[str]) -> None:
    """These teams have no calendar any more."""
    if teams:
        tx.execute(delete(_CALENDARS).where(_CALENDARS.c.team.in_(list(teams))))


def _kept(row: Any) -> Kept:
    return Kept(
        team=row.team,
        source=row.source,
        text=row.text,
        events=tuple(events.read(row.events)),
        good_at=row.good_at,
        tried_at=row.tried_at,
        failure=row.failure,
        told_at=row.told_at,
    )
