"""A table of a test's own, beside Vigie's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Table

from storage.store import Store
from storage.vault import Vault, give


@contextmanager
def store_with(table: Table, url: str) -> Iterator[Store]:
    """A store that seals secrets and has `table`, which is gone afterwards."""
    store = Store(url)
    vault = Vault(("0123456789abcdef0123",))
    vault.use(vault.primary)
    give(store.engine.dialect, vault)
    store.write_now(table.create)
    yield store
    store.write_now(table.drop)
    store.close()
