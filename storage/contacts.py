"""Contacts that were proved, and the codes that prove them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from domain.contacts import Code, Contact
from storage.catalog import table
from storage.contact_tables import ContactCodeRow, VerifiedContactRow
from storage.store import Transaction

_CODES = table(ContactCodeRow)
_VERIFIED = table(VerifiedContactRow)
KEPT = timedelta(days=1)


def verify(tx: Transaction, person: str, contact: Contact, address: str, at: datetime) -> None:
    """`address` is proved to be theirs; whatever was proved before it no longer counts."""
    tx.execute(delete(_VERIFIED).where(_VERIFIED.c.person == person, _VERIFIED.c.contact == contact.value))
    values = {"person": person, "contact": contact.value, "address": address}
    tx.execute(insert(_VERIFIED).values(**values, verified_at=at))


def add_code(tx: Transaction, code: Code) -> None:
    """Keep a code that was asked for; those of yesterday go."""
    tx.execute(delete(_CODES).where(_CODES.c.made_at < code.made_at - KEPT))
    values = {name: getattr(code, name) for name in Code.__dataclass_fields__}
    tx.execute(insert(_CODES).values(values | {"contact": code.contact.value, "hashes": list(code.hashes)}))


def codes_since(tx: Transaction, person: str, contact: Contact, since: datetime) -> int:
    """How many codes somebody asked for since a moment."""
    wanted = select(func.count()).select_from(_CODES).where(*_of(person, contact), _CODES.c.made_at > since)
    return int(tx.execute(wanted).scalar_one())


def latest_code(tx: Transaction, person: str, contact: Contact) -> Code | None:
    """The code asked for last: none before it counts. Held for the rest of the transaction."""
    wanted = select(_CODES).where(*_of(person, contact)).order_by(_CODES.c.made_at.desc(), _CODES.c.id.desc())
    row = tx.execute(wanted.limit(1).with_for_update()).first()
    return _code(row) if row else None


def find_code(tx: Transaction, code: str) -> Code | None:
    row = tx.execute(select(_CODES).where(_CODES.c.id == code).with_for_update()).first()
    return _code(row) if row else None


def set_hashes(tx: Transaction, code: Code, hashes: tuple[str, ...]) -> None:
    """What was sent under this code is these, and nothing failed that matters any more."""
    tx.execute(update(_CODES).where(_CODES.c.id == code.id).values(hashes=list(hashes), failure=""))


def note_try(tx: Transaction, code: Code) -> None:
    """Somebody typed something that it is not."""
    tx.execute(update(_CODES).where(_CODES.c.id == code.id).values(tries=_CODES.c.tries + 1))


def use(tx: Transaction, code: Code) -> None:
    """It was typed in, or something newer takes its place: never again."""
    tx.execute(update(_CODES).where(_CODES.c.id == code.id).values(is_used=True, hashes=[]))


def fail(tx: Transaction, code: str, reason: str) -> None:
    """It did not go out."""
    tx.execute(update(_CODES).where(_CODES.c.id == code).values(failure=reason[:500]))


def _of(person: str, contact: Contact) -> tuple[Any, Any]:
    return _CODES.c.person == person, _CODES.c.contact == contact.value


def _code(row: Any) -> Code:
    values = {name: getattr(row, name) for name in Code.__dataclass_fields__}
    return Code(**values | {"contact": Contact(row.contact), "hashes": tuple(row.hashes)})
