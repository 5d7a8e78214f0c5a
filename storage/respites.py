"""What is about to leave about incidents that somebody takes many at a time: it waits until they have them all. When
they are stopped in between, it leaves a little later than it was to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, exists, select, text, update

from domain.incidents import Status
from storage import storms
from storage.catalog import table
from storage.incident_tables import EscalationRow, IncidentRow
from storage.outbox_tables import OutboxRow
from storage.parcels import EDITS, PRIORITY, Kind
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.storm_tables import BundledRow

_OUTBOX = table(OutboxRow)
_ESCALATIONS = table(EscalationRow)
_INCIDENTS = table(IncidentRow)
_BUNDLED = table(BundledRow)


def give(tx: Transaction, theirs: Sequence[str], until: datetime) -> None:
    """No page about those of these incidents that nobody has leaves, or is decided on, before this moment. A message
    for many with others in it does. A transaction of its own: whoever holds an incident asks for its climb and its
    pages, and nobody the other way round."""
    # What is about to join a message is in it, or finds how it was put off.
    storms.decide_alone(tx)
    of = {"theirs": list(theirs), "until": until}
    # What another transaction has in its hands is on its way. To wait for it could be mutual.
    for found, put_off in _WAYS:
        if ids := [row.id for row in tx.execute(found, of)]:
            tx.execute(put_off, {"ids": ids, "until": until})


def end(tx: Transaction, moments: Mapping[str, datetime]) -> None:
    """Messages for many that something joins leave by these moments: what they were put off for is not in it. One that
    was tried waits as its provider wants."""
    if moments:
        tx.execute(_END, [{"of": f"bundle:{one}", "by": moments[one]} for one in sorted(moments)])


_END = prepared(
    update(_OUTBOX)
    .where(
        _OUTBOX.c.waiting_key == bindparam("of"),
        text("state = 'waiting'"),
        _OUTBOX.c.attempts == 0,
        _OUTBOX.c.lane != EDITS,
        _OUTBOX.c.due_at > bindparam("by"),
    )
    .values(due_at=bindparam("by")),
    is_heard=False,
)


_THEIRS = select(_INCIDENTS.c.id).where(among(_INCIDENTS.c.id, "theirs"), _INCIDENTS.c.status == Status.TRIGGERED.value)
_SOON = (text("outbox.state = 'waiting'"), _OUTBOX.c.due_at < bindparam("until"))
_TO_SOMEBODY = text(str(PRIORITY[Kind.BUNDLE]))
_MEMBERS = _BUNDLED.alias()
_WAITING_MEMBERS = (
    select(_MEMBERS.c.incident)
    .join(_INCIDENTS, _INCIDENTS.c.id == _MEMBERS.c.incident)
    .where(_MEMBERS.c.bundle == _OUTBOX.c.subject, _INCIDENTS.c.status == Status.TRIGGERED.value)
)
_THESE = _WAITING_MEMBERS.where(_INCIDENTS.c.id.in_(_THEIRS))
_OTHERS = _WAITING_MEMBERS.where(_INCIDENTS.c.id.not_in(_THEIRS))


def _found(key: Any, *which: Any) -> Any:
    return prepared(select(key.label("id")).where(*which).order_by(key).with_for_update(skip_locked=True))


def _put_off(of: Table, key: Any, moment: str) -> Any:
    return prepared(update(of).where(among(key, "ids")).values({moment: bindparam("until")}), is_heard=False)


_ITS = _OUTBOX.c.id, _ESCALATIONS.c.incident
_WAYS = (
    (
        _found(_ITS[0], *_SOON, _OUTBOX.c.kind == Kind.PAGE.value, _OUTBOX.c.incident.in_(_THEIRS)),
        _put_off(_OUTBOX, _ITS[0], "due_at"),
    ),
    (
        _found(
            _ITS[0],
            *_SOON,
            # A digest is nobody's page.
            and_(_OUTBOX.c.kind == Kind.BUNDLE.value, _OUTBOX.c.lane != EDITS, _OUTBOX.c.priority == _TO_SOMEBODY),
            # One in which everything is somebody's already may be joined by what is not.
            exists(_THESE.correlate(_OUTBOX)),
            ~exists(_OTHERS.correlate(_OUTBOX)),
        ),
        _put_off(_OUTBOX, _ITS[0], "due_at"),
    ),
    (
        _found(_ITS[1], _ESCALATIONS.c.wake_at < bindparam("until"), _ESCALATIONS.c.incident.in_(_THEIRS)),
        _put_off(_ESCALATIONS, _ITS[1], "wake_at"),
    ),
)
