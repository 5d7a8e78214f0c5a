"""Who sends what: parcels are taken with a lease, and who takes one over is not contradicted by who had it before.

A claim is a parcel's id, its holder and the number of its attempt. A process that was frozen past its lease, and wakes
up, finds another's name there, or another number: it neither sends nor writes down what is no longer its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, text, update

from domain.oversights import LONGEST_PAUSE
from storage import incidents
from storage.catalog import table
from storage.foresight import together
from storage.outbox import Kind, Parcel, postpone
from storage.outbox_tables import OutboxRow
from storage.parcels import DIRECT, PERSONAL_LANES, is_personal
from storage.prepared import among, prepared
from storage.store import Transaction

_OUTBOX = table(OutboxRow)
_THESE = among(_OUTBOX.c.id, "ids")
_SENDING = text("state = 'sending'")
PERSONAL = (
    Kind.COPY,
    Kind.HOME,
    Kind.NOTICE,
    Kind.ROOM,
    Kind.LETTER,
    Kind.ROUND_UP,
    Kind.CODE,
    Kind.TRIAL,
    Kind.REPLY,
    Kind.BUNDLE,
)
"""What stands in no incident's thread, as pages to people do not either: their lanes lead to one person."""


def claim(tx: Transaction, parcels: Sequence[Parcel], holder: str, until: datetime) -> list[Parcel]:
    """Take `parcels` until `until`, and answer them as taken: whoever dies holding them loses them then."""
    if parcels:
        tx.execute(_CLAIM, {"ids": [parcel.id for parcel in parcels], "by": holder, "until": until})
    return [replace(parcel, attempts=parcel.attempts + 1, holder=holder) for parcel in parcels]


_CLAIM = prepared(
    update(_OUTBOX)
    .where(_THESE)
    .values(state="sending", holder=bindparam("by"), due_at=bindparam("until"), attempts=_OUTBOX.c.attempts + 1)
)


def renew(tx: Transaction, parcels: Sequence[Parcel], until: datetime) -> frozenset[int]:
    """Hold on to `parcels` until `until`; answers the ids of those that are still held."""
    keys = _keys(parcels)
    mine = {row.id for row in _rows(tx, parcels) if _key(row) in keys and row.state == "sending"}
    if mine:
        tx.execute(_RENEW, {"ids": sorted(mine), "until": until})
    return frozenset(mine)


_RENEW = prepared(update(_OUTBOX).where(_THESE).values(due_at=bindparam("until")), is_heard=False)


def answerable(tx: Transaction, parcels: Sequence[Parcel]) -> frozenset[int]:
    """The ids of those parcels whose attempt still counts: held by who tried, or given back and not taken again."""
    keys, attempts = _keys(parcels), {parcel.id: parcel.attempts for parcel in parcels}
    return frozenset(
        row.id
        for row in _rows(tx, parcels)
        if _key(row) in keys or (row.state == "waiting" and row.attempts == attempts[row.id])
    )


def _rows(tx: Transaction, parcels: Sequence[Parcel]) -> Sequence[Any]:
    """Locked in one order for everybody, so that two transactions never wait for each other."""
    return tx.execute(_HELD, {"ids": [parcel.id for parcel in parcels]}).all() if parcels else []


def _key(row: Any) -> tuple[int, str, int]:
    return row.id, row.holder, row.attempts


def _keys(parcels: Sequence[Parcel]) -> set[tuple[int, str, int]]:
    return {(parcel.id, parcel.holder, parcel.attempts) for parcel in parcels}


_HELD = prepared(
    select(_OUTBOX.c.id, _OUTBOX.c.state, _OUTBOX.c.holder, _OUTBOX.c.attempts)
    .where(_THESE)
    .order_by(_OUTBOX.c.id)
    .with_for_update()
)


def in_others_threads(tx: Transaction, parcels: Sequence[Parcel], holder: str) -> set[int]:
    """The ids of those parcels that have to wait, since another process is sending to the same incident's thread: of
    two that post at once, both may post the card.

    Holds the incidents of the rest until the transaction ends, so that no other takes theirs at the same time.
    """
    threaded = [parcel for parcel in parcels if parcel.incident and is_threaded(parcel)]
    if not threaded:
        return set()
    ids = sorted({parcel.incident for parcel in threaded})
    free, busy = together(tx, lambda: (set(incidents.hold(tx, ids, skip_held=True)), _busy(tx, ids, holder)))
    return {parcel.id for parcel in threaded if parcel.incident not in free or parcel.incident in busy}


def _busy(tx: Transaction, ids: Sequence[str], holder: str) -> set[str]:
    return {row.incident for row in tx.execute(_BUSY, {"ids": ids, "me": holder})}


def in_doubt(tx: Transaction, incident: str) -> bool:
    """Whether something that may have put an incident's card into its channel is to be tried again."""
    return tx.execute(_IN_DOUBT, {"of": incident}).first() is not None


_IN_DOUBT = prepared(
    select(_OUTBOX.c.id)
    .where(_OUTBOX.c.incident == bindparam("of"), _OUTBOX.c.kind.in_((Kind.CARD.value, Kind.PAGE.value)))
    .where(_OUTBOX.c.is_ambiguous, _OUTBOX.c.lane.not_in(PERSONAL_LANES))
    .limit(1)
)


def is_threaded(parcel: Parcel) -> bool:
    """Whether a parcel goes where others of its incident go too, and has to keep their order."""
    is_a_persons = parcel.kind is Kind.PAGE and is_personal(parcel.lane)
    return parcel.kind not in PERSONAL and not is_a_persons


_BUSY = prepared(
    select(_OUTBOX.c.incident).where(
        _SENDING,
        among(_OUTBOX.c.incident, "ids"),
        _OUTBOX.c.holder != bindparam("me"),
        _OUTBOX.c.kind.not_in([kind.value for kind in PERSONAL]),
        or_(
            _OUTBOX.c.kind != Kind.PAGE.value,
            and_(_OUTBOX.c.lane.not_in(PERSONAL_LANES), _OUTBOX.c.lane.not_like(f"{DIRECT}%")),
        ),
    )
)


def reclaim(tx: Transaction, now: datetime, in_hand: Collection[int] = ()) -> int:
    """Give back what was taken and whose lease has run out, or never will, but not what this process has in hand."""
    lost = [row.id for row in tx.execute(_LOST, {"by_now": now, "never": now + LONGEST_PAUSE})]
    return _give_back(tx, [one for one in lost if one not in in_hand], now)


_LOST = prepared(
    select(_OUTBOX.c.id)
    .where(_SENDING, or_(_OUTBOX.c.due_at <= bindparam("by_now"), _OUTBOX.c.due_at > bindparam("never")))
    .with_for_update(skip_locked=True)
)


def forget(tx: Transaction, now: datetime, holder: str, in_hand: Collection[int]) -> int:
    """Give back what `holder` took and does not have: the answer to its claim was lost."""
    return _give_back(tx, [one for one in _ids(tx, _mine(holder)) if one not in in_hand], now)


def take_all(tx: Transaction, now: datetime, holder: str) -> int:
    """Give back all that anybody but `holder` took: there is no other process."""
    return _give_back(tx, _ids(tx, and_(_SENDING, _OUTBOX.c.holder != holder)), now)


def inherit(tx: Transaction, now: datetime, dead: Sequence[str]) -> int:
    """Give back what processes that live no more were sending."""
    return _give_back(tx, _ids(tx, and_(_SENDING, _OUTBOX.c.holder.in_(list(dead)))), now)


def _mine(holder: str) -> Any:
    return and_(_SENDING, _OUTBOX.c.holder == holder)


def _ids(tx: Transaction, which: Any) -> list[int]:
    return [row.id for row in tx.execute(select(_OUTBOX.c.id).where(which).with_for_update(skip_locked=True))]


def _give_back(tx: Transaction, ids: Sequence[int], now: datetime) -> int:
    postpone(tx, [(identity, now, True) for identity in ids])
    return len(ids)


def holders(tx: Transaction) -> list[str]:
    """The processes that are sending something, by name."""
    return [row.holder for row in tx.execute(_HOLDERS)]


_HOLDERS = prepared(select(_OUTBOX.c.holder).distinct().where(_SENDING))
