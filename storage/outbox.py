"""Everything that has to leave: put with the change that caused it, claimed with a lease, finished when it is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, or_, select, text, union_all, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.bulk import insert_many
from storage.catalog import table
from storage.store import Transaction
from storage.tables import OutboxRow

_OUTBOX = table(OutboxRow)
HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""Due never: waits for the card that it hangs under, which lets it go."""


class Kind(StrEnum):
    """What leaves. The order of priorities is that of the members."""

    PAGE = "page"
    COPY = "copy"
    CARD = "card"
    RUN = "run"
    STEP = "step"
    APPROVAL = "approval"
    ROLLBACK = "rollback"
    OVERDUE = "overdue"
    LINE = "line"
    SUMMARY = "summary"
    CODE = "code"
    TRIAL = "trial"
    WORD = "word"
    """Something for one person about an incident that is no page: its `subject` is the timeline's entry."""
    NOTICE = "notice"
    FILE = "file"
    """A post-mortem in its incident's thread: its `subject` is the incident and the version, `id:3`."""
    HOME = "home"


HOMES = "homes"
"""The lane of Home tabs: nobody waits for one as for a page."""
EDITS = "edits"
"""The lane of changes to messages that are there already: Slack counts them for the whole workspace."""


def posts(channel: str) -> str:
    """The lane of new messages in a channel, by name or id; "" is the lane of what nobody limits."""
    return f"posts:{channel.removeprefix('#')}" if channel else ""


PRIORITY = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One thing to send. `subject` is the id of what it is about; of two that wait with one `key`, one goes.

    A Home tab belongs to no incident: its `subject` is the user. Nor do codes and trials, which are one person's.
    """

    kind: Kind
    incident: str
    subject: str = ""
    due_at: datetime
    lane: str = ""
    id: int = 0
    attempts: int = 0
    is_ambiguous: bool = False
    holder: str = ""
    """The process that has taken it; with `attempts` it names the claim, which another process may take over."""

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.subject or self.incident}"


def put(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Queue `parcels`. One that waits already with the same key is brought forward instead."""
    if not parcels:
        return
    statement = _insert(tx)
    later = _OUTBOX.c.due_at > statement.excluded.due_at
    statement = statement.on_conflict_do_update(
        index_elements=_KEY,
        index_where=_IS_WAITING,
        set_={"due_at": statement.excluded.due_at},
        where=later,
    )
    # In one order for everybody: two transactions that put the same two must not wait for each other.
    tx.execute(statement, [_values(parcel) for parcel in sorted(parcels, key=lambda parcel: parcel.key)])


_KEY = ["waiting_key"]
_IS_WAITING = text("state = 'waiting'")


def _insert(tx: Transaction) -> Any:
    return (sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert)(_OUTBOX)


def put_new(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Queue parcels whose keys nothing can have yet: those of incidents made in this transaction."""
    insert_many(tx, _OUTBOX, [_values(parcel) for parcel in parcels])


def _values(parcel: Parcel) -> dict[str, Any]:
    return {
        "kind": parcel.kind.value,
        "waiting_key": parcel.key,
        "lane": parcel.lane,
        "priority": PRIORITY[parcel.kind],
        "incident": parcel.incident,
        "subject": parcel.subject,
        "state": "waiting",
        "due_at": parcel.due_at,
        "attempts": 0,
        "is_ambiguous": False,
        "holder": "",
    }


def lanes(tx: Transaction) -> list[str]:
    """Every lane in which something waits, found by one look into the index a lane."""
    return [row.lane for row in tx.execute(_LANES)]


_LANES = text(
    "WITH RECURSIVE found(lane) AS ("
    "SELECT min(lane) FROM outbox WHERE state = 'waiting' "
    "UNION ALL "
    "SELECT (SELECT min(lane) FROM outbox WHERE state = 'waiting' AND lane > found.lane) "
    "FROM found WHERE found.lane IS NOT NULL"
    ") SELECT lane FROM found WHERE lane IS NOT NULL"
)


def due(tx: Transaction, now: datetime, limit: int, lane: str = "") -> list[Parcel]:
    """What may leave now in a lane, pages first; a parcel whose forerunner is still on its way waits for it."""
    found = tx.execute(_DUE, {"in_lane": lane, "by_now": now, "at_most": limit})
    return [_parcel(row) for row in found]


_OTHER = _OUTBOX.alias()
_ON_ITS_WAY = exists().where(and_(_OTHER.c.waiting_key == _OUTBOX.c.waiting_key, _OTHER.c.state == text("'sending'")))
_DUE = (
    select(_OUTBOX)
    .where(_IS_WAITING, _OUTBOX.c.lane == bindparam("in_lane"), _OUTBOX.c.due_at <= bindparam("by_now"), ~_ON_ITS_WAY)
    .order_by(_OUTBOX.c.priority, _OUTBOX.c.due_at, _OUTBOX.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
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
        holder=row.holder,
    )


_THESE = _OUTBOX.c.id.in_(bindparam("ids", expanding=True))


def finish(tx: Transaction, ids: Sequence[int]) -> None:
    """These are out, or no longer wanted."""
    if ids:
        tx.execute(_FINISH, {"ids": list(ids)})


_FINISH = delete(_OUTBOX).where(_THESE)


def fail(tx: Transaction, ids: Sequence[int]) -> None:
    """These can't leave: kept for whoever asks why."""
    if ids:
        tx.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(state="failed", holder=""))


def postpone(tx: Transaction, later: Sequence[tuple[int, datetime, bool]]) -> None:
    """Wait with these until a moment: (id, moment, may have gone out). A newer one that waits takes their place."""
    if not later:
        return
    moments = {identity: {"due_at": moment, "is_ambiguous": doubt} for identity, moment, doubt in later}
    given_back = and_(_OUTBOX.c.id.in_(list(moments)), _OUTBOX.c.state == "sending")
    taken = [row._asdict() for row in tx.execute(delete(_OUTBOX).where(given_back).returning(_OUTBOX))]
    if taken:
        # Put anew and not updated: a newer one may be on its way into the table in another transaction. It then goes
        # in this one's place, and may have gone out with it.
        values = [row | moments[row["id"]] | {"state": "waiting", "holder": ""} for row in taken]
        statement = _insert(tx)
        doubt = {"is_ambiguous": or_(_OUTBOX.c.is_ambiguous, statement.excluded.is_ambiguous)}
        tx.execute(
            statement.on_conflict_do_update(index_elements=_KEY, index_where=_IS_WAITING, set_=doubt),
            sorted(values, key=lambda row: str(row["waiting_key"])),
        )
    waiting = moments.keys() - {row["id"] for row in taken}
    if waiting:
        tx.execute(
            _POSTPONE, [{"of": i, "at": moments[i]["due_at"], "doubt": moments[i]["is_ambiguous"]} for i in waiting]
        )


_POSTPONE = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("of"), _OUTBOX.c.state == "waiting")
    .values(due_at=bindparam("at"), is_ambiguous=bindparam("doubt"))
)


def release(tx: Transaction, incidents: Sequence[str], now: datetime) -> None:
    """The cards of these incidents are there: what hangs under them may go."""
    tx.execute(_RELEASE, {"ids": list(incidents), "at": now})


_RELEASE = (
    update(_OUTBOX)
    .where(_OUTBOX.c.incident.in_(bindparam("ids", expanding=True)), _IS_WAITING, _OUTBOX.c.due_at == HELD)
    .values(due_at=bindparam("at"))
)


def cancel_pages(tx: Transaction, incident: str, pages: Sequence[str] | None = None) -> None:
    """Pages of this incident that wait will not go: all of them, or those with these ids."""
    waiting = and_(_OUTBOX.c.incident == incident, _OUTBOX.c.state == "waiting", _OUTBOX.c.kind == Kind.PAGE.value)
    these = waiting if pages is None else and_(waiting, _OUTBOX.c.subject.in_(list(pages)))
    tx.execute(delete(_OUTBOX).where(these))


def next_dues(tx: Transaction) -> dict[str, datetime]:
    """When the next parcel of each lane may leave."""
    return {lane: tx.execute(_NEXT_DUE, {"in_lane": lane}).scalar_one() for lane in lanes(tx)}


_EACH = union_all(
    # One seek a priority into the index that `due` reads by, instead of an index of its own.
    *(
        select(func.min(_OUTBOX.c.due_at).label("at")).where(
            _IS_WAITING, _OUTBOX.c.lane == bindparam("in_lane"), _OUTBOX.c.priority == rank
        )
        for rank in PRIORITY.values()
    )
).subquery()
_NEXT_DUE = select(func.min(_EACH.c.at))


def next_lease(tx: Transaction) -> datetime | None:
    """When the next lease runs out."""
    return tx.execute(_NEXT_LEASE).scalar()


_NEXT_LEASE = select(func.min(_OUTBOX.c.due_at)).where(text("state = 'sending'"))


def next_due(tx: Transaction) -> datetime | None:
    """When the next parcel of any lane may leave, or the next lease runs out."""
    moments = [*next_dues(tx).values(), next_lease(tx)]
    return min((moment for moment in moments if moment is not None), default=None)


def waiting(tx: Transaction) -> int:
    """How many parcels wait or are on their way."""
    return tx.execute(select(func.count()).select_from(_OUTBOX).where(_OUTBOX.c.state != "failed")).scalar_one()
