"""Incidents that turned out to be others: what goes on of them goes on there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

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
    merged = [one for source in {source for source, _ in groups} for one in _merged(tx, source, groups)]
    ends = _ends(tx, {main for _, main in merged})
    return {place: ends[main] for place, main in merged if main in ends}


def _merged(tx: Transaction, source: str, groups: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """Each that was merged of these groups of a source, first come first, and what it was merged into."""
    keys = [key for one, key in groups if one == source]
    for row in tx.execute(_MERGED, {"of_source": source, "keys": keys}):
        yield (source, row.group_key), row.duplicate_of


def _ends(tx: Transaction, ids: Collection[str]) -> dict[str, str]:
    """The open incident that each of these is, or leads to. All are asked at once, however often a group was merged."""
    if not ids:
        return {}
    found = tx.execute(_STANDING, {"ids": sorted(ids)})
    ends = {row.id: row.id for row in found if row.status != Status.RESOLVED.value}
    leads = {row.id: row.duplicate_of for row in found if row.id not in ends and row.duplicate_of}
    beyond = _ends(tx, set(leads.values()))
    return ends | {one: beyond[main] for one, main in leads.items() if main in beyond}


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
_STANDING = prepared(
    select(_INCIDENTS.c.id, _INCIDENTS.c.status, _INCIDENTS.c.duplicate_of).where(among(_INCIDENTS.c.id, "ids"))
)
