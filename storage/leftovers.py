"""What no single incident owns, once it is old: messages for many pages, what could not leave, and where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, false, literal, or_, select, text, update

from domain.retention import SOMEBODY
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.message_tables import MessageRow
from storage.outbox_tables import OutboxRow
from storage.schedule_tables import NoticeRow
from storage.store import Transaction
from storage.storm_tables import AllowanceRow, BundledRow, BundleRow

_ALLOWANCES = table(AllowanceRow)
_BUNDLES = table(BundleRow)
_BUNDLED = table(BundledRow)
_INCIDENTS = table(IncidentRow)
_MESSAGES = table(MessageRow)
_NOTICES = table(NoticeRow)
_OUTBOX = table(OutboxRow)


def purge(tx: Transaction, before: datetime) -> None:
    """Forget messages for many whose incidents are all forgotten, and what could not leave before this moment."""
    has_any = exists().where(_BUNDLED.c.bundle == _BUNDLES.c.id)
    tx.execute(delete(_BUNDLES).where(_is_done(before), ~has_any))
    of_nothing = [
        and_(_MESSAGES.c.key.like(f"{kind}:%"), _MESSAGES.c.key.not_in(select(literal(f"{kind}:") + of.c.id)))
        for kind, of in (("bundle", _BUNDLES), ("notice", _NOTICES))
    ]
    tx.execute(delete(_MESSAGES).where(_MESSAGES.c.incident == "", or_(*of_nothing)))
    failed = (text("state = 'failed'"), _OUTBOX.c.incident == "", _OUTBOX.c.due_at < before)
    tx.execute(delete(_OUTBOX).where(*failed))


def anonymise(tx: Transaction, before: datetime) -> None:
    """Forget whom messages for many went to, once all that is in them was over before this moment."""
    is_recent = or_(_INCIDENTS.c.resolved_at.is_(None), _INCIDENTS.c.resolved_at >= before)
    lately = exists().where(_BUNDLED.c.bundle == _BUNDLES.c.id, _INCIDENTS.c.id == _BUNDLED.c.incident, is_recent)
    nobody = {"name": SOMEBODY, "person": "", "address": "", "allowance": ""}
    is_named = or_(*(_BUNDLES.c[name] != word for name, word in nobody.items()))
    tx.execute(update(_BUNDLES).where(_is_done(before), is_named, ~lately).values(nobody))


def _is_done(before: datetime) -> Any:
    """Nothing gathers in it any more and it does not wait to leave."""
    gathering = select(_ALLOWANCES.c.bundle).where(_ALLOWANCES.c.bundle != "")
    leaving = select(_OUTBOX.c.subject).where(text("state <> 'failed'"))
    is_closed = or_(_BUNDLES.c.is_digest == false(), _BUNDLES.c.closed_at.is_not(None))
    is_idle = and_(_BUNDLES.c.id.not_in(gathering), _BUNDLES.c.id.not_in(leaving))
    return and_(_BUNDLES.c.joined_at < before, is_closed, is_idle)
