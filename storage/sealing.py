"""Which key seals what is secret in the database, and the one pass that seals what is not yet, or by an older key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import Column, Table, Text, Update, bindparam, cast, delete, insert, or_, select, text, update
from sqlmodel import SQLModel

from storage import presence
from storage.catalog import table
from storage.catalog_tables import TeamRow
from storage.notification_tables import NotificationRow
from storage.origin_tables import OriginRow
from storage.policy_tables import DraftRow, PolicyVersionRow
from storage.runbook_tables import ImportRow
from storage.schedule_tables import CalendarRow, ScheduleDraftRow
from storage.sealing_tables import SealingRow
from storage.store import Store, Transaction, serialise
from storage.vault import MARK, Sealed, SealedDocument, SealedJSON, Vault

_SEALING = table(SealingRow)
_MODELS: tuple[type[SQLModel], ...] = (
    PolicyVersionRow,
    DraftRow,
    TeamRow,
    ScheduleDraftRow,
    CalendarRow,
    ImportRow,
    OriginRow,
    NotificationRow,
)
_KINDS = (Sealed, SealedDocument, SealedJSON)
Alone = Callable[[Store], AbstractContextManager[bool]]


def key_in_use(tx: Transaction) -> str:
    """The name of the key that everything is sealed with, "" while all stands in clear."""
    return str(tx.execute(select(_SEALING.c.key)).scalar() or "")


def taken_for_granted(_: Store) -> AbstractContextManager[bool]:
    """For whoever has made sure that nobody else runs on this file."""
    return nullcontext(True)


def begin(store: Store, alone: Alone = taken_for_granted) -> bool:
    """Seal with SECRET_KEY from now on, and what stands there otherwise once; whether anything was sealed anew.

    Not while a process lives that has another key, or is of a version that can't open: what is written for it has to
    be read by it. Until then the key in use goes on, or nothing is sealed. `alone` says whether nobody else runs on an
    SQLite file, whose processes don't show themselves to each other. Raises Unavailable.
    """
    vault = store.vault
    if not vault.primary or vault.sealing == vault.primary:
        return False
    in_use = store.read_now(key_in_use)
    if in_use == vault.primary and not vault.has_written:
        vault.use(in_use)
        return False
    is_done = False
    try:
        with alone(store) as is_alone:
            is_done = is_alone and store.write_now(lambda tx: _seal(tx, vault))
    finally:
        if not is_done:
            vault.use(in_use)
    if is_done and store.is_sqlite:
        _forget_the_journal(store)
    return is_done


def _seal(tx: Transaction, vault: Vault) -> bool:
    serialise(tx, "sealing")
    if key_in_use(tx) != vault.primary and not presence.all_hold(tx, vault.primary):
        return False
    if tx.dialect.name == "sqlite":
        # What stood in the place of a seal is written over, and not only given up.
        tx.execute(text("PRAGMA secure_delete = ON"))
    vault.use(vault.primary)
    for model in _MODELS:
        _rewrite(tx, vault, table(model))
    tx.execute(delete(_SEALING))
    tx.execute(insert(_SEALING).values(id=1, key=vault.primary))
    return True


def _rewrite(tx: Transaction, vault: Vault, rows: Table) -> None:
    """Write what may have a secret in it again; what no key here opens stays as it is, for whoever finds the key."""
    columns = [column for column in rows.c if isinstance(column.type, _KINDS)]
    kept = [cast(column, Text).label(f"kept_{column.name}") for column in columns]
    has_one = or_(*(one.like(f"%{mark}%") for one in kept for mark in ("http", MARK)))
    found = tx.execute(select(*rows.primary_key, *columns, *kept).where(has_one)).mappings().all()
    changed = [
        {f"to_{column.name}": row[column.name] for column in (*rows.primary_key, *columns)}
        for row in found
        if all(vault.opens(row[one.name]) for one in kept)
    ]
    if changed:
        tx.execute(_again(rows, columns), changed)


def _again(rows: Table, columns: Sequence[Column[object]]) -> Update:
    same = [key == bindparam(f"to_{key.name}") for key in rows.primary_key]
    return update(rows).where(*same).values({one.name: bindparam(f"to_{one.name}", type_=one.type) for one in columns})


def _forget_the_journal(store: Store) -> None:
    """SQLite's journal has the pages as they were."""
    connection = store.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
