"""API tokens, known by their hash alone, and Slack events that were taken already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from domain.errors import Conflict, NotFound
from storage.catalog import table
from storage.inbox_tables import InboxRow
from storage.prepared import prepared
from storage.store import Transaction
from storage.token_tables import TokenRow
from storage.upserts import put_if_new

_TOKENS = table(TokenRow)
_INBOX = table(InboxRow)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is good: its name and what it may do (`ingest`, `read`, `write`, `admin`)."""

    name: str
    scopes: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None


def add(
    tx: Transaction, name: str, digest: str, scopes: Iterable[str], now: datetime, expires_at: datetime | None = None
) -> None:
    """Keep a token by the hash of its secret, in the stead of a revoked or expired one. Raises Conflict when the name
    is taken."""
    over = or_(_TOKENS.c.revoked_at.is_not(None), _TOKENS.c.expires_at <= now)
    tx.execute(delete(_TOKENS).where(_TOKENS.c.name == name, over))
    values = {"name": name, "hash": digest, "scopes": sorted(scopes), "created_at": now, "expires_at": expires_at}
    if not put_if_new(tx, _TOKENS, {**values, "last_used_at": None, "revoked_at": None}):
        raise Conflict(f"there is a token {name} already; revoke it or choose another name")


def good(tx: Transaction) -> dict[str, Token]:
    """The tokens that are not revoked, by hash."""
    return {row.hash: _token(row) for row in tx.execute(_GOOD)}


_GOOD = prepared(select(_TOKENS).where(_TOKENS.c.revoked_at.is_(None)))


def every(tx: Transaction) -> list[Token]:
    """All tokens, revoked ones too, by name."""
    found = tx.execute(select(_TOKENS).order_by(_TOKENS.c.name))
    return [_token(row) for row in found]


def _token(row: Any) -> Token:
    return Token(row.name, frozenset(row.scopes), row.created_at, row.last_used_at, row.revoked_at, row.expires_at)


def find(tx: Transaction, name: str) -> Token:
    """A token by its name, a revoked one too. Raises NotFound."""
    row = tx.execute(select(_TOKENS).where(_TOKENS.c.name == name)).first()
    if row is None:
        raise NotFound(f"there is no token {name}")
    return _token(row)


def used(tx: Transaction, names: Sequence[str], now: datetime) -> None:
    """These tokens were used, up to `now`."""
    tx.execute(update(_TOKENS).where(_TOKENS.c.name.in_(list(names))).values(last_used_at=now))


def revoke(tx: Transaction, name: str, now: datetime) -> None:
    """Make a token good for nothing. Raises NotFound."""
    same = (_TOKENS.c.name == name) & _TOKENS.c.revoked_at.is_(None)
    if not tx.execute(update(_TOKENS).where(same).values(revoked_at=now)).rowcount:
        raise NotFound(f"there is no token {name}")


def take_event(tx: Transaction, event: str, now: datetime) -> bool:
    """Whether a Slack event comes for the first time."""
    return put_if_new(tx, _INBOX, {"event": event, "received_at": now})


def forget_events(tx: Transaction, before: datetime) -> None:
    """Slack sends an event again for six minutes; what is older need not be known."""
    tx.execute(delete(_INBOX).where(_INBOX.c.received_at < before))
