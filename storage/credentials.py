"""Which tokens have worked with this database: one that is refused then was revoked, and is no slip of the pen."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from storage.catalog import table
from storage.credential_tables import CredentialRow
from storage.store import Transaction, serialise

_CREDENTIALS = table(CredentialRow)


def known(tx: Transaction) -> dict[str, str]:
    """The digest of what worked last, by the setting's name."""
    return {row.name: row.digest for row in tx.execute(select(_CREDENTIALS))}


def keep(tx: Transaction, worked: Mapping[str, str]) -> None:
    """These work: their digests by the settings' names."""
    serialise(tx, "credentials")
    tx.execute(delete(_CREDENTIALS).where(_CREDENTIALS.c.name.in_(sorted(worked))))
    if worked:
        tx.execute(insert(_CREDENTIALS), [{"name": name, "digest": digest} for name, digest in worked.items()])
