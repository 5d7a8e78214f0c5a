"""What is told outside incidents: kept, and queued with the change that caused it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select

from domain.errors import OfANewerVersion
from domain.notices import Notice, NoticeKind
from storage.catalog import table
from storage.identifiers import new_id
from storage.outbox import EDITS, Kind, Parcel, direct, posts, put
from storage.schedule_tables import NoticeRow
from storage.store import Transaction

_NOTICES = table(NoticeRow)
KEPT = timedelta(days=90)


def tell(
    tx: Transaction,
    said: Sequence[Notice],
    now: datetime,
    channels: Mapping[str, str] | None = None,
    *,
    is_urgent: bool = False,
) -> None:
    """Tell what nobody was told yet. `channels` are the channels of teams, for what goes there. What `is_urgent` does
    not wait for Slack: it has another way."""
    known = {row.dedup_key for row in tx.execute(select(_NOTICES.c.dedup_key).where(_of(said)))} if said else set()
    fresh = [notice for notice in said if notice.key not in known]
    if not fresh:
        return
    tx.execute(delete(_NOTICES).where(_NOTICES.c.made_at < now - KEPT))
    tx.execute(insert(_NOTICES), [_values(notice, now) for notice in fresh])
    parcels = [_parcel(notice, now, (channels or {}).get(notice.team, "")) for notice in fresh]
    put(tx, [replace(parcel, lane="") for parcel in parcels] if is_urgent else parcels)


def notice(
    kind: NoticeKind, key: str, *, team: str = "", person: str = "", details: Mapping[str, str] | None = None
) -> Notice:
    """Something to tell, with a name of its own."""
    return Notice(new_id(), f"{kind.value}:{key}", kind, team, person, details or {})


def again(tx: Transaction, key: str, now: datetime) -> None:
    """What was told as `key` says something else now."""
    row = tx.execute(select(_NOTICES).where(_NOTICES.c.dedup_key == key)).first()
    if row:
        put(tx, [Parcel(kind=Kind.NOTICE, incident="", subject=row.id, due_at=now, lane=EDITS)])


def again_of(tx: Transaction, prefix: str, now: datetime) -> None:
    """What was told by any key that begins so says something else now."""
    found = select(_NOTICES.c.id).where(_NOTICES.c.dedup_key.startswith(prefix, autoescape=True))
    ids = tx.execute(found).scalars()
    put(tx, [Parcel(kind=Kind.NOTICE, incident="", subject=one, due_at=now, lane=EDITS) for one in ids])


def find(tx: Transaction, identity: str) -> Notice | None:
    """One notice by its id. Raises OfANewerVersion for a kind that this version does not know."""
    row = tx.execute(select(_NOTICES).where(_NOTICES.c.id == identity)).first()
    if row and row.kind not in _KINDS:
        raise OfANewerVersion(f"a notice of the kind {row.kind} is a newer version's")
    return Notice(row.id, row.dedup_key, NoticeKind(row.kind), row.team, row.person, row.details) if row else None


_KINDS = frozenset(kind.value for kind in NoticeKind)


def _of(said: Sequence[Notice]) -> ColumnElement[bool]:
    return _NOTICES.c.dedup_key.in_([notice.key for notice in said])


def _values(one: Notice, now: datetime) -> dict[str, object]:
    said = {"id": one.id, "dedup_key": one.key, "kind": one.kind.value, "team": one.team, "person": one.person}
    return said | {"details": dict(one.details), "made_at": now}


def _parcel(one: Notice, now: datetime, channel: str) -> Parcel:
    lane = direct(one.person) if one.person else posts(channel)
    return Parcel(kind=Kind.NOTICE, incident="", subject=one.id, due_at=now, lane=lane)
