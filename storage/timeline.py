"""What happened to incidents, kept in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from domain.timeline import TURNS, Entry, Event
from storage.bulk import insert_many
from storage.catalog import table
from storage.identifiers import new_id
from storage.incident_tables import TimelineRow
from storage.prepared import among, prepared
from storage.store import Transaction, tell

_TIMELINE = table(TimelineRow)
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def add(tx: Transaction, entries: Sequence[Entry]) -> list[str]:
    """Keep `entries`; answers their ids."""
    if not entries:
        return []
    values: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "incident": entry.incident,
            "at": entry.at,
            "event": entry.event.value,
            "by": entry.by,
            "details": entry.details,
        }
        for entry in entries
    ]
    insert_many(tx, _TIMELINE, values)
    tell(tx, entries)
    return [value["id"] for value in values]


def of_incident(tx: Transaction, incident: str) -> list[Entry]:
    """An incident's entries, oldest first."""
    found = select(_TIMELINE).where(_TIMELINE.c.incident == incident).order_by(_TIMELINE.c.at, _TIMELINE.c.id)
    return [_entry(row) for row in tx.execute(found)]


def last_of(
    tx: Transaction, incidents: Sequence[str], events: Iterable[Event], until: datetime = _FOREVER
) -> dict[str, datetime]:
    """When the last of these `events` happened to each incident that had one, `until` a moment: what is yet to come is
    of a clock that was set back since, and hides nothing."""
    wanted = {"ids": list(incidents), "events": [event.value for event in events], "until": until}
    found = tx.execute(_LAST_OF, wanted) if incidents else ()
    return {row[0]: row[1] for row in found}


def turned_at(tx: Transaction, incident: str) -> datetime | None:
    """When an incident's climb last took a turn; None when it goes on as it began."""
    return last_of(tx, [incident], TURNS).get(incident)


_LAST_OF = prepared(
    select(_TIMELINE.c.incident, func.max(_TIMELINE.c.at))
    .where(
        among(_TIMELINE.c.incident, "ids"),
        among(_TIMELINE.c.event, "events"),
        _TIMELINE.c.at <= bindparam("until"),
    )
    .group_by(_TIMELINE.c.incident)
)


def of_kinds(tx: Transaction, incident: str, events: Iterable[Event]) -> list[Entry]:
    """Those of an incident's entries that are of these `events`, oldest first."""
    wanted = {"of": incident, "events": [event.value for event in events]}
    return [_entry(row) for row in tx.execute(_OF_KINDS, wanted)]


_OF_KINDS = prepared(
    select(_TIMELINE)
    .where(_TIMELINE.c.incident == bindparam("of"), among(_TIMELINE.c.event, "events"))
    .order_by(_TIMELINE.c.at, _TIMELINE.c.id)
)


def by_ids(tx: Transaction, ids: Sequence[str]) -> dict[str, Entry]:
    """The entries with these ids."""
    return {row.id: _entry(row) for row in tx.execute(_BY_IDS, {"ids": list(ids)})}


_BY_IDS = prepared(select(_TIMELINE).where(among(_TIMELINE.c.id, "ids")))


def _entry(row: Any) -> Entry:
    return Entry(incident=row.incident, at=row.at, event=Event(row.event), by=row.by, details=row.details)
