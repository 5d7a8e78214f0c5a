"""Everything that has to leave: put with the change that caused it, claimed with a lease, finished when it is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, or_, select, text, update

from storage import doubts
from storage.bulk import insert_many
from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.parcels import ANSWER, PAGES
from storage.parcels import EDITS as EDITS
from storage.parcels import GROUPS as GROUPS
from storage.parcels import HELD as HELD
from storage.parcels import HOMES as HOMES
from storage.parcels import HOOKS as HOOKS
from storage.parcels import PRIORITY as PRIORITY
from storage.parcels import Kind as Kind
from storage.parcels import Parcel as Parcel
from storage.parcels import copies as copies
from storage.parcels import direct as direct
from storage.parcels import held as held
from storage.parcels import is_held as is_held
from storage.parcels import is_slack as is_slack
from storage.parcels import lane_of as lane_of
from storage.parcels import posts as posts
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.upserts import Upsert

_OUTBOX = table(OutboxRow)


def put(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Queue `parcels`. One that waits already with the same key is brought forward instead."""
    _PUT.put(tx, [_values(parcel) for parcel in parcels])


def put_answers(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Queue what somebody who has clicked waits to see."""
    put(tx, [replace(parcel, is_answer=True) for parcel in parcels])


_KEY = "waiting_key"
_IS_WAITING = text("state = 'waiting'")


def _brought_forward(statement: Any) -> Any:
    sooner, ours = statement.excluded, _OUTBOX.c
    return statement.on_conflict_do_update(
        index_elements=[_KEY],
        index_where=_IS_WAITING,
        set_={
            "due_at": case((ours.due_at > sooner.due_at, sooner.due_at), else_=ours.due_at),
            "priority": case((ours.priority > sooner.priority, sooner.priority), else_=ours.priority),
        },
        # A card that a storm holds waits for its end, or for whoever takes its incident.
        where=and_(
            or_(ours.due_at > sooner.due_at, ours.priority > sooner.priority),
            ~ours.lane.startswith(held(""), autoescape=True),
        ),
    )


_WRITTEN = tuple(column.name for column in _OUTBOX.columns if column.name != "id")
_PUT = Upsert(_OUTBOX, _WRITTEN, _KEY, _brought_forward)


def put_new(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Queue parcels whose keys nothing can have yet: those of incidents made in this transaction."""
    insert_many(tx, _OUTBOX, [_values(parcel) for parcel in parcels])


def _values(parcel: Parcel) -> dict[str, Any]:
    return {
        "kind": parcel.kind.value,
        "waiting_key": parcel.key,
        "lane": parcel.lane,
        "priority": parcel.priority,
        "incident": parcel.incident,
        "subject": parcel.subject,
        "state": "waiting",
        "due_at": parcel.due_at,
        "attempts": 0,
        "is_ambiguous": parcel.is_ambiguous,
        "holder": "",
    }


def due(tx: Transaction, now: datetime, limit: int, lane: str = "", *, pages_only: bool = False) -> list[Parcel]:
    """What may leave now in a lane, pages first; a parcel whose forerunner is still on its way waits for it."""
    found = tx.execute(_DUE_PAGES if pages_only else _DUE, {"in_lane": lane, "by_now": now, "at_most": limit})
    return [_parcel(row) for row in found]


_OTHER = _OUTBOX.alias()
_ON_ITS_WAY = exists().where(and_(_OTHER.c.waiting_key == _OUTBOX.c.waiting_key, _OTHER.c.state == text("'sending'")))


def _due(*which: Any) -> Any:
    of = (_IS_WAITING, _OUTBOX.c.lane == bindparam("in_lane"), _OUTBOX.c.due_at <= bindparam("by_now"))
    return prepared(
        select(_OUTBOX)
        .where(*of, *which, ~_ON_ITS_WAY)
        .order_by(_OUTBOX.c.priority, _OUTBOX.c.due_at, _OUTBOX.c.id)
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
    )


# A newer version beside this one queues what only it can send.
_DUE = _due(_OUTBOX.c.kind.in_([kind.value for kind in Kind]))
_DUE_PAGES = _due(
    _OUTBOX.c.kind.in_([kind.value for kind in PAGES]), _OUTBOX.c.priority <= text(str(PRIORITY[Kind.PAGE]))
)


def _parcel(row: Any) -> Parcel:
    return Parcel(
        kind=Kind(row.kind),
        incident=row.incident,
        subject=row.subject,
        due_at=row.due_at,
        lane=row.lane,
        id=row.id,
        attempts=row.attempts,
        is_ambiguous=row.is_ambiguous,
        is_answer=row.priority == ANSWER and row.kind != Kind.PAGE.value,
        ahead=max(-row.priority, 0),
        holder=row.holder,
    )


_THESE = among(_OUTBOX.c.id, "ids")


def finish(tx: Transaction, ids: Sequence[int]) -> None:
    """These are out, or no longer wanted."""
    if ids:
        tx.execute(_FINISH, {"ids": list(ids)})


_FINISH = prepared(delete(_OUTBOX).where(_THESE), is_heard=False)


def drop(tx: Transaction, ids: Sequence[int]) -> None:
    """These were not sent by whoever has them, and are not to be. What was given back meanwhile is the next one's."""
    if ids:
        tx.execute(_DROP, {"ids": list(ids)})


_DROP = prepared(delete(_OUTBOX).where(_THESE, _OUTBOX.c.state == text("'sending'")), is_heard=False)


def fail(tx: Transaction, ids: Sequence[int]) -> None:
    """These can't leave: kept for whoever asks why."""
    if ids:
        tx.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(state="failed", holder=""))


def postpone(tx: Transaction, later: Sequence[tuple[int, datetime, bool]]) -> None:
    """Wait with these until a moment: (id, moment, may have gone out). A newer one that waits takes their place."""
    if not later:
        return
    moments = {identity: {"due_at": moment, "is_ambiguous": doubt} for identity, moment, doubt in later}
    taken = [row._asdict() for row in tx.execute(_GIVE_BACK, {"ids": list(moments)})]
    if taken:
        # Put anew and not updated: a newer one may be on its way into the table in another transaction. It then goes
        # in this one's place, and may have gone out with it.
        values = [row | moments[row["id"]] | {"state": "waiting", "holder": ""} for row in taken]
        _PUT_BACK.put(tx, values)
    waiting = moments.keys() - {row["id"] for row in taken}
    if waiting:
        tx.execute(
            _POSTPONE, [{"of": i, "at": moments[i]["due_at"], "doubt": moments[i]["is_ambiguous"]} for i in waiting]
        )


def _doubted(statement: Any) -> Any:
    older, newer = statement.excluded, _OUTBOX.c
    kept = {
        "is_ambiguous": or_(newer.is_ambiguous, older.is_ambiguous),
        # It has the place of the one that it is sent for: what is to be posted is no edit yet.
        "lane": older.lane,
        "priority": case((newer.priority > older.priority, older.priority), else_=newer.priority),
    }
    return statement.on_conflict_do_update(index_elements=[_KEY], index_where=_IS_WAITING, set_=kept)


_GIVE_BACK = prepared(delete(_OUTBOX).where(_THESE, _OUTBOX.c.state == "sending").returning(_OUTBOX))
_PUT_BACK = Upsert(_OUTBOX, ("id", *_WRITTEN), _KEY, _doubted)
_POSTPONE = prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("of"), _OUTBOX.c.state == "waiting")
    .values(due_at=bindparam("at"), is_ambiguous=bindparam("doubt"))
)


def has_failed(tx: Transaction, incident: str, kind: Kind) -> bool:
    """Whether something of an incident was refused for good."""
    its = (_OUTBOX.c.incident == incident, _OUTBOX.c.kind == kind.value, _OUTBOX.c.state == "failed")
    return tx.execute(select(_OUTBOX.c.id).where(*its).limit(1)).first() is not None


def release(tx: Transaction, incidents: Sequence[str], now: datetime) -> None:
    """The cards of these incidents are there: what hangs under them may go."""
    tx.execute(_RELEASE, {"ids": list(incidents), "at": now})


_RELEASE = prepared(
    update(_OUTBOX)
    .where(among(_OUTBOX.c.incident, "ids"), _IS_WAITING, _OUTBOX.c.due_at == HELD)
    .values(due_at=bindparam("at")),
    is_heard=False,
)


def cancel_pages(tx: Transaction, incident: str, pages: Sequence[str] | None = None) -> list[str]:
    """Pages of this incident that wait will not go: all of them, or those with these ids. Answers those that have not
    gone out, surely."""
    which = {"of": incident} | ({} if pages is None else {"ids": list(pages)})
    gone = tx.execute(_CANCEL if pages is None else _CANCEL_THESE, which).all()
    if any(row.is_ambiguous and is_slack(row.lane) for row in gone):
        doubts.of_cards(tx, [incident])
    return [row.subject for row in gone if not row.is_ambiguous]


_ITS_PAGES = (_OUTBOX.c.incident == bindparam("of"), _IS_WAITING, _OUTBOX.c.kind == Kind.PAGE.value)
_GONE = (_OUTBOX.c.subject, _OUTBOX.c.is_ambiguous, _OUTBOX.c.lane)
_CANCEL, _CANCEL_THESE = (
    prepared(delete(_OUTBOX).where(*_ITS_PAGES, *which).returning(*_GONE))
    for which in ((), (among(_OUTBOX.c.subject, "ids"),))
)


def waiting(tx: Transaction) -> int:
    """How many parcels wait or are on their way."""
    return tx.execute(select(func.count()).select_from(_OUTBOX).where(_OUTBOX.c.state != "failed")).scalar_one()
