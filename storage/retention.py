"""What is old enough is forgotten, a batch at a time: whole incidents, or only who took part in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, bindparam, case, delete, func, insert, select, update
from sqlmodel import SQLModel

from domain.retention import SOMEBODY, anonymous, without_names
from storage import leftovers
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.oversight_tables import Inspected, InspectionRow
from storage.store import Transaction

_INCIDENTS = table(IncidentRow)
_INSPECTIONS = table(InspectionRow)
_NAMED = {
    "incidents": ("acknowledged_by", "resolved_by", "mitigated_by"),
    "notifications": ("name",),
    "timeline": ("by",),
    "approvals": ("by_name", "decided_by"),
    "drills": ("started_by",),
    "runs": ("aborted_by",),
    "war_rooms": ("asked_by",),
    "postmortems": ("asked_by", "published_by", "waived_by"),
    "postmortem_versions": ("by",),
    "postmortem_actions": ("made_by", "done_by"),
}
"""Where somebody is called by name."""
_IDENTIFIED = {
    "incidents": ("lead", "owner", "communications", "acknowledged_slack"),
    "notifications": ("person", "address", "reference", "said"),
    "approvals": ("by_key", "by_person", "by_slack"),
    "postmortem_actions": ("owner",),
    "sms_replies": ("number", "message"),
    "letters": ("address",),
}
"""Where somebody is meant by an id, a number or an address, or where their words stand."""
_OF_RUNS = ("by", "confirmed_by", "approved_by", "glass", "answered_by")


def purge(tx: Transaction, resolved_before: datetime, limit: int) -> int:
    """Forget incidents that were over before this moment, with all that belongs to them; answers how many."""
    ids = _over(tx, resolved_before, limit)
    if ids:
        _purge(tx, ids)
    if len(ids) < limit:
        leftovers.purge(tx, resolved_before)
    return len(ids)


def _purge(tx: Transaction, ids: Sequence[str]) -> None:
    _children(tx, ids)
    for one in reversed(SQLModel.metadata.sorted_tables):
        if "incident" in one.c:
            tx.execute(delete(one).where(one.c.incident.in_(ids)))
    tx.execute(delete(_INCIDENTS).where(_INCIDENTS.c.id.in_(ids)))


def _over(tx: Transaction, before: datetime, limit: int) -> list[str]:
    wanted = (_INCIDENTS.c.resolved_at < before, _INCIDENTS.c.resolved_at.is_not(None))
    found = select(_INCIDENTS.c.id).where(*wanted).order_by(_INCIDENTS.c.resolved_at).limit(limit)
    return list(tx.execute(found.with_for_update(skip_locked=True)).scalars())


def _named_still(tx: Transaction, before: datetime, limit: int, since: datetime | None) -> list[str]:
    """About `limit` incidents, those that were over first. All that were over at one moment, and none passed by: only
    the last moment is kept."""
    wanted = [_INCIDENTS.c.resolved_at < before, _INCIDENTS.c.resolved_at.is_not(None)]
    wanted += [_INCIDENTS.c.resolved_at > since] if since else []
    moments = select(_INCIDENTS.c.resolved_at).where(*wanted).order_by(_INCIDENTS.c.resolved_at)
    last = tx.execute(moments.offset(limit - 1).limit(1)).scalar()
    wanted += [_INCIDENTS.c.resolved_at <= last] if last else []
    found = select(_INCIDENTS.c.id).where(*wanted).order_by(_INCIDENTS.c.id)
    return list(tx.execute(found.with_for_update()).scalars())


def _children(tx: Transaction, ids: Sequence[str]) -> None:
    """What belongs to an incident's pages and runs, and names it only through them."""
    for child, key, parent in (
        ("notification_attempts", "notification", "notifications"),
        ("calls", "notification", "notifications"),
        ("run_steps", "run", "runs"),
    ):
        theirs = select(_named(parent).c.id).where(_named(parent).c.incident.in_(ids))
        tx.execute(delete(_named(child)).where(_named(child).c[key].in_(theirs)))


def anonymise(tx: Transaction, resolved_before: datetime, limit: int) -> int:
    """Forget who took part in incidents that were over before this moment; answers how many there were. What people
    wrote stays as they wrote it."""
    done = tx.execute(select(_INSPECTIONS.c.at).where(_INSPECTIONS.c.id == Inspected.ANONYMISED.value)).scalar()
    ids = _named_still(tx, resolved_before, limit, done)
    if len(ids) < limit:
        leftovers.anonymise(tx, resolved_before)
    if not ids:
        return 0
    names = _names(tx, ids)
    notifications, attempts = _named("notifications"), _named("notification_attempts")
    theirs = notifications.c.incident.in_(ids)
    _forget_names(tx, notifications, theirs, ("why", "failure", "would_be"), names)
    tried = attempts.c.notification.in_(select(notifications.c.id).where(theirs))
    _forget_names(tx, attempts, tried, ("reason",), names)
    for columns, word in ((_NAMED, SOMEBODY), (_IDENTIFIED, "")):
        for name, those in columns.items():
            _forget(tx, _named(name), "id" if name == "incidents" else "incident", those, ids, word)
    # The key of a page names whom it is for; what is over pages nobody again.
    tx.execute(update(notifications).where(theirs).values(dedup_key=notifications.c.id))
    runs = list(tx.execute(select(_named("runs").c.id).where(_named("runs").c.incident.in_(ids))).scalars())
    _forget(tx, _named("run_steps"), "run", _OF_RUNS, runs, SOMEBODY)
    _forget_details(tx, ids, names)
    _forget_lists(tx, ids)
    last = tx.execute(select(func.max(_INCIDENTS.c.resolved_at)).where(_INCIDENTS.c.id.in_(ids))).scalar_one()
    tx.execute(delete(_INSPECTIONS).where(_INSPECTIONS.c.id == Inspected.ANONYMISED.value))
    tx.execute(insert(_INSPECTIONS).values(id=Inspected.ANONYMISED.value, at=last))
    return len(ids)


def _forget(tx: Transaction, of: Table, key: str, columns: Sequence[str], ids: Sequence[str], word: str) -> None:
    """What is empty stays so: it says that nobody did it."""
    values = {name: case((of.c[name] == "", ""), else_=word) for name in columns}
    tx.execute(update(of).where(of.c[key].in_(ids)).values(values))


def _names(tx: Transaction, ids: Sequence[str]) -> set[str]:
    """Whoever Vigie's own sentences about these incidents may name: the people of now, and those of then."""
    pages, said = _named("notifications"), _named("timeline")
    names = set(tx.execute(select(_named("people").c.name)).scalars())
    names.update(tx.execute(select(pages.c.name).where(pages.c.incident.in_(ids))).scalars())
    names.update(tx.execute(select(said.c.by).where(said.c.incident.in_(ids))).scalars())
    return {name for name in names if not name.startswith("#")} - {"", SOMEBODY}


def _forget_names(
    tx: Transaction, of: Table, which: ColumnElement[bool], columns: Sequence[str], names: Collection[str]
) -> None:
    """Take names out of sentences."""
    for column in columns:
        rows = tx.execute(select(of.c.id, of.c[column]).where(which, of.c[column] != "")).all()
        found = [{"of": row[0], "now": without_names(row[1], names)} for row in rows]
        changed = [one for one, row in zip(found, rows, strict=True) if one["now"] != row[1]]
        if changed:
            tx.execute(update(of).where(of.c.id == bindparam("of")).values({column: bindparam("now")}), changed)


def _forget_details(tx: Transaction, ids: Sequence[str], names: Collection[str]) -> None:
    timeline = _named("timeline")
    rows = tx.execute(select(timeline.c.id, timeline.c.details).where(timeline.c.incident.in_(ids))).all()
    changed = [{"of": row.id, "now": anonymous(row.details, names)} for row in rows]
    changed = [one for one, row in zip(changed, rows, strict=True) if one["now"] != row.details]
    if changed:
        tx.execute(update(timeline).where(timeline.c.id == bindparam("of")).values(details=bindparam("now")), changed)


def _forget_lists(tx: Transaction, ids: Sequence[str]) -> None:
    """Who was in the war rooms, and who did the steps of runs that went on with a newer version."""
    rooms, past = _named("war_rooms"), _named("past_runs")
    tx.execute(update(rooms).where(rooms.c.incident.in_(ids)).values(guests=[], invited=[]))
    for row in tx.execute(select(past.c.id, past.c.steps).where(past.c.incident.in_(ids))).all():
        steps = [one | {name: SOMEBODY for name in _OF_RUNS if one.get(name)} for one in row.steps]
        tx.execute(update(past).where(past.c.id == row.id).values(steps=steps))


def _named(name: str) -> Table:
    return SQLModel.metadata.tables[name]
