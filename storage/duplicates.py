"""Incidents that turned out to be others: what goes on of them goes on there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, text

from domain.incidents import Status
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.prepared import among, prepared
from storage.store import Transaction

_INCIDENTS = table(IncidentRow)


def heirs(tx: Transaction, groups: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The open incident that one of each (source, group key) was merged into, be it by way of others; of several the
    one that the last of them was."""
    into: dict[tuple[str, str], str] = {}
    for source in {source for source, _ in groups}:
        keys = [key for one, key in groups if one == source]
        for row in tx.execute(_MERGED, {"of_source": source, "keys": keys}):
            if heir := _open(tx, row.duplicate_of):
                into[source, row.group_key] = heir
    return into


def _open(tx: Transaction, incident: str) -> str:
    while incident:
        found = tx.execute(_STANDING, {"of": incident}).first()
        if found is None or found.status != Status.RESOLVED.value:
            return incident if found else ""
        incident = found.duplicate_of
    return ""


_MERGED = prepared(
    select(_INCIDENTS.c.group_key, _INCIDENTS.c.duplicate_of)
    .where(
        # In the words of the partial index, which is not used otherwise.
        text("incidents.duplicate_of <> ''"),
        _INCIDENTS.c.source == bindparam("of_source"),
        among(_INCIDENTS.c.group_key, "keys"),
    )
    .order_by(_INCIDENTS.c.created_at)
)
_STANDING = prepared(select(_INCIDENTS.c.status, _INCIDENTS.c.duplicate_of).where(_INCIDENTS.c.id == bindparam("of")))
