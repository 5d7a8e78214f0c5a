"""What becomes of pages after their providers took them: asked for when `look_at` has come."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text, update

from domain.notifications import Notification, NotificationState
from domain.receipts import Accepted, Finding
from storage import rows
from storage.catalog import table
from storage.faults import UNREADABLE
from storage.glances import Glance
from storage.notification_tables import NotificationRow
from storage.prepared import among, prepared
from storage.store import Transaction

log = logging.getLogger(__name__)

_NOTIFICATIONS = table(NotificationRow)
_IS_LOOKED_AFTER = text("look_at IS NOT NULL")


def accepted(tx: Transaction, taken: Sequence[Accepted]) -> None:
    """Keep what went out: sent, when and as what."""
    if taken:
        tx.execute(_ACCEPTED, [_told(one) for one in taken])


def _told(one: Accepted) -> dict[str, object]:
    return {
        "of": one.page,
        "sent": one.sent_at,
        "receipt": one.reference,
        "rendered": one.rendered_at,
        "words": one.said,
        "delivered": one.delivered_at,
        "look": one.look_at,
    }


_ACCEPTED = prepared(
    update(_NOTIFICATIONS)
    .where(_NOTIFICATIONS.c.id == bindparam("of"))
    .values(
        state=NotificationState.SENT.value,
        failure="",
        sent_at=bindparam("sent"),
        reference=bindparam("receipt"),
        rendered_at=bindparam("rendered"),
        said=bindparam("words"),
        delivered_at=bindparam("delivered"),
        look_at=bindparam("look"),
    )
)


def next_look(tx: Transaction) -> datetime | None:
    """When the next page is to be asked about."""
    return _NEXT.seen(tx)


_NEXT = Glance(select(func.min(_NOTIFICATIONS.c.look_at)).where(_IS_LOOKED_AFTER))


def take_due(tx: Transaction, now: datetime, limit: int, until: datetime) -> list[Notification]:
    """At most `limit` pages that are due to be asked about, longest first; nobody else takes them before `until`."""
    found = tx.execute(_DUE, {"by_now": now, "at_most": limit}).all()
    if found:
        tx.execute(_LATER, {"ids": [row.id for row in found], "until": until})
    return list(_readable(found))


def _readable(found: Iterable[Any]) -> Iterator[Notification]:
    """One that can't be read holds up no other."""
    for row in found:
        try:
            yield rows.notification(row)
        except UNREADABLE:
            log.exception("page %s can't be read, nor asked about", row.id)


_DUE = prepared(
    select(_NOTIFICATIONS)
    .where(_IS_LOOKED_AFTER, _NOTIFICATIONS.c.look_at <= bindparam("by_now"))
    .order_by(_NOTIFICATIONS.c.look_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_LATER = prepared(
    update(_NOTIFICATIONS).where(among(_NOTIFICATIONS.c.id, "ids")).values(look_at=bindparam("until")), is_heard=False
)


def note(tx: Transaction, page: Notification, finding: Finding) -> None:
    """Keep what was learned of a page."""
    state = NotificationState.FAILED if finding.is_refused else page.state
    told = {
        "of": page.id,
        "now": state.value,
        "delivered": finding.delivered_at,
        "reason": finding.failure,
        "look": finding.look_at,
    }
    tx.execute(_NOTE, told)


_NOTE = prepared(
    update(_NOTIFICATIONS)
    .where(_NOTIFICATIONS.c.id == bindparam("of"))
    .values(
        state=bindparam("now"),
        delivered_at=bindparam("delivered"),
        failure=bindparam("reason"),
        look_at=bindparam("look"),
    ),
    is_heard=False,
)


def opened(tx: Transaction, page: str, at: datetime) -> None:
    """Somebody opened a page's link, for the first time."""
    tx.execute(_OPENED, {"of": page, "at": at})


_OPENED = prepared(
    update(_NOTIFICATIONS)
    .where(_NOTIFICATIONS.c.id == bindparam("of"), _NOTIFICATIONS.c.opened_at.is_(None))
    .values(opened_at=bindparam("at"))
)


def acknowledged(tx: Transaction, page: str, at: datetime) -> None:
    """A page's own button, link or reply took the incident."""
    tx.execute(_ACKNOWLEDGED, {"of": page, "at": at})


_ACKNOWLEDGED = prepared(
    update(_NOTIFICATIONS).where(_NOTIFICATIONS.c.id == bindparam("of")).values(acknowledged_at=bindparam("at"))
)
