"""Pages that wait in messages for many: which it is, what they are behind, taking them out."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, exists, select, text

from domain.incidents import Status
from domain.notifications import Notification, NotificationState
from storage import notifications, storms
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.notification_tables import NotificationRow
from storage.outbox_tables import OutboxRow
from storage.parcels import Kind, lane_of
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.storm_tables import BundledRow, BundleRow

_BUNDLED = table(BundledRow)
_BUNDLES = table(BundleRow)
_NOTIFICATIONS = table(NotificationRow)
_INCIDENTS = table(IncidentRow)
_OUTBOX = table(OutboxRow)


def take_out(tx: Transaction, incident: str) -> list[Notification]:
    """An incident's pages to people that are held and were not tried: they are in no message from here on. What begins
    to leave meanwhile keeps its own."""
    storms.decide_alone(tx)
    held = notifications.by_ids(tx, storms.held_until(tx, incident)).values()
    fresh = [page for page in held if page.state is NotificationState.WAITING and not page.failure]
    out = sorted((page for page in fresh if not page.is_to_a_channel), key=lambda page: page.id)
    if out:
        tx.execute(_OUT, {"of": incident, "ids": [page.id for page in out]})
    return out


_OUT = prepared(
    delete(_BUNDLED).where(_BUNDLED.c.incident == bindparam("of"), among(_BUNDLED.c.notification, "ids")),
    is_heard=False,
)


def gathered_in(tx: Transaction, page: Notification) -> str:
    """The message to a person that a page waits in and that has not left, "" for none."""
    return str(tx.execute(_GATHERED_IN, {"of": page.incident, "page": page.id}).scalar() or "")


_GATHERED_IN = prepared(
    select(_BUNDLES.c.id)
    .join(_BUNDLED, _BUNDLED.c.bundle == _BUNDLES.c.id)
    .where(_BUNDLED.c.incident == bindparam("of"), _BUNDLED.c.notification == bindparam("page"))
    .where(_BUNDLES.c.sent_at.is_(None), ~_BUNDLES.c.is_digest)
)


def is_behind(tx: Transaction, page: Notification) -> bool:
    """Whether its reader's provider does not take what was let go before it: nobody knows when that arrives."""
    where = {"lane": lane_of(page), "address": page.recipient.address}
    return tx.execute(_NOT_TAKEN, where).first() is not None


_NOT_TAKEN = prepared(
    select(_OUTBOX.c.id)
    .join(_NOTIFICATIONS, _NOTIFICATIONS.c.id == _OUTBOX.c.subject)
    .where(text("outbox.state = 'waiting'"), _OUTBOX.c.lane == bindparam("lane"), _OUTBOX.c.kind == Kind.PAGE.value)
    .where(_OUTBOX.c.attempts > 0, _NOTIFICATIONS.c.address == bindparam("address"))
    .limit(1)
)


def is_void(tx: Transaction, bundle: str) -> bool:
    """Whether a message has gathered pages of which none is wanted any more: nobody gets it."""
    found = tx.execute(_LEFT, {"of": bundle}).one()
    return bool(found.gathers and not found.wanted)


_IN_IT = and_(_BUNDLED.c.bundle == bindparam("of"), _BUNDLED.c.notification != "")
_IS_WANTED = and_(
    _NOTIFICATIONS.c.id == _BUNDLED.c.notification,
    _NOTIFICATIONS.c.state == NotificationState.WAITING.value,
    _INCIDENTS.c.id == _BUNDLED.c.incident,
    _INCIDENTS.c.status == Status.TRIGGERED.value,
)
_LEFT = prepared(select(exists().where(_IN_IT).label("gathers"), exists().where(_IN_IT, _IS_WANTED).label("wanted")))
