"""The times without Slack, and the incidents that it touched: pages went another way, or something waited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, text, update

from domain.outages import Outage, Part
from storage import presence
from storage.catalog import table
from storage.identifiers import new_id
from storage.outage_tables import DetourRow, OutageRow
from storage.outbox_tables import OutboxRow
from storage.parcels import HOOKS, LETTERS
from storage.prepared import prepared
from storage.store import Transaction, serialise

_OUTAGES = table(OutageRow)
_DETOURS = table(DetourRow)
_OUTBOX = table(OutboxRow)
_MOST_TOLD = 500


def begin(tx: Transaction, since: datetime, part: Part, holder: str) -> Outage:
    """The outage that goes on, from now on if none did. Whichever process notices first opens it for all, and is the
    `holder`."""
    serialise(tx, "outages")
    found = current(tx)
    if found:
        return found
    begun = Outage(new_id(), since, part)
    values = {"id": begun.id, "since": since, "until": None, "part": part.value, "pages": 0, "holder": holder}
    tx.execute(insert(_OUTAGES).values(values))
    return begun


def orphan(tx: Transaction, holder: str) -> Outage | None:
    """The outage that goes on, if the process that was to say when it is over lives no more. SQLite has one process,
    which goes on with what the one before it left."""
    row = tx.execute(_CURRENT).first()
    if row is None or row.holder == holder or tx.dialect.name != "postgresql":
        return None
    is_orphaned = presence.is_free(tx, row.holder) if row.holder else presence.living(tx) == 1
    return _outage(row) if is_orphaned else None


def inherit(tx: Transaction, outage: str, holder: str) -> None:
    """This process says when it is over."""
    tx.execute(update(_OUTAGES).where(_OUTAGES.c.id == outage).values(holder=holder))


def current(tx: Transaction) -> Outage | None:
    """The outage that goes on."""
    row = tx.execute(_CURRENT).first()
    return _outage(row) if row else None


_CURRENT = prepared(select(_OUTAGES).where(_OUTAGES.c.until.is_(None)).limit(1))


def end(tx: Transaction, outage: str, until: datetime) -> bool:
    """Slack is back; whether nobody had said so before."""
    ended = update(_OUTAGES).where(_OUTAGES.c.id == outage, _OUTAGES.c.until.is_(None)).values(until=until)
    return tx.execute(ended).rowcount == 1


def since(tx: Transaction, moment: datetime, limit: int = 20) -> list[Outage]:
    """The outages that began after a moment, and the one that goes on; latest first."""
    wanted = (_OUTAGES.c.since >= moment) | _OUTAGES.c.until.is_(None)
    found = select(_OUTAGES).where(wanted).order_by(_OUTAGES.c.since.desc()).limit(limit)
    return [_outage(row) for row in tx.execute(found)]


def detour(tx: Transaction, outage: str, incident: str) -> None:
    """A page of an incident goes another way."""
    _touch(tx, outage, [incident])
    tx.execute(update(_OUTAGES).where(_OUTAGES.c.id == outage).values(pages=_OUTAGES.c.pages + 1))


def note_waiting(tx: Transaction, outage: str) -> None:
    """Incidents that wait to say something in Slack, or wait for its answer, as it begins to answer again: afterwards
    nothing tells them from others."""
    serialise(tx, "outages")
    found = select(_OUTBOX.c.incident).distinct().where(_FOR_SLACK, _OUTBOX.c.incident != "").limit(_MOST_TOLD)
    _touch(tx, outage, list(tx.execute(found).scalars()))


_FOR_SLACK = and_(
    text("state IN ('waiting', 'sending')"),
    _OUTBOX.c.lane.not_in(("", LETTERS)),
    ~_OUTBOX.c.lane.startswith(HOOKS, autoescape=True),
)


def _touch(tx: Transaction, outage: str, incidents: Sequence[str]) -> None:
    found = select(_DETOURS.c.incident).where(_DETOURS.c.outage == outage, _DETOURS.c.incident.in_(incidents))
    known = set(tx.execute(found).scalars())
    fresh = [{"outage": outage, "incident": incident} for incident in incidents if incident not in known]
    if fresh:
        tx.execute(insert(_DETOURS), fresh)


def touched(tx: Transaction, outage: str) -> list[str]:
    """The incidents that have to tell of an outage: of which pages went another way, and those that were noted to wait
    for Slack."""
    its = select(_DETOURS.c.incident).where(_DETOURS.c.outage == outage)
    return sorted(tx.execute(its.limit(_MOST_TOLD)).scalars())


def _outage(row: Any) -> Outage:
    return Outage(row.id, row.since, Part(row.part), row.until, row.pages)
