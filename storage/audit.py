"""Who changed what, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select

from domain import webhooks
from domain.people import Actor
from domain.redaction import redacted
from storage.audit_tables import AuditRow
from storage.catalog import table
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log: `actor` is a key such as `token:ci`, `before` and `after` are what the thing said."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Query:
    """Which changes, of what time (`since` included, `until` not), and which page of them; "" and None for any."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_oldest_first: bool = False
    offset: int = 0
    limit: int = 50


def found(tx: Transaction, query: Query) -> tuple[int, list[Change]]:
    """How many there are, and a page of them, the latest first unless asked otherwise."""
    rows, fits = table(AuditRow), _fits(query)
    count = tx.execute(select(func.count()).select_from(rows).where(*fits)).scalar_one()
    order = rows.c.id if query.is_oldest_first else rows.c.id.desc()
    page = select(rows).where(*fits).order_by(order).offset(query.offset).limit(query.limit)
    return count, [Change(**row._mapping) for row in tx.execute(page)]


def _fits(query: Query) -> list[ColumnElement[bool]]:
    rows = table(AuditRow)
    fits = [rows.c[name] == value for name in ("actor", "action", "subject") if (value := getattr(query, name))]
    if query.search:
        fits.append(rows.c.subject.icontains(query.search, autoescape=True))
    if query.since:
        fits.append(rows.c.at >= query.since)
    if query.until:
        fits.append(rows.c.at < query.until)
    return fits


def record(
    tx: Transaction,
    actor: Actor,
    action: str,
    subject: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Note a change of configuration. What has the form of a secret, such as a webhook's token, is left out of it."""
    values = {"at": now, "actor": actor.key, "action": action, "subject": subject}
    tx.execute(insert(table(AuditRow)).values(**values, before=_without_secrets(before), after=_without_secrets(after)))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _hidden(one) if name in _CALENDARS else _without_secrets(one) for name, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list | tuple) else value


def _hidden(address: Any) -> Any:
    """A calendar's address: whoever knows it reads the calendar."""
    return webhooks.label(address) if isinstance(address, str) and "://" in address else address


_CALENDARS = ("ical", "calendar")


def latest_actor(tx: Transaction, subject: str) -> str:
    """The key of whoever changed `subject` last, "" when nobody is known to have."""
    rows = table(AuditRow)
    found = select(rows.c.actor).where(rows.c.subject == subject).order_by(rows.c.id.desc()).limit(1)
    return tx.execute(found).scalar() or ""


def names(tx: Transaction, actor: str) -> bool:
    """Whether whoever has this key ever changed anything."""
    rows = table(AuditRow)
    return tx.execute(select(rows.c.id).where(rows.c.actor == actor).limit(1)).first() is not None
