"""How people want to be reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import SQLModel

from domain.channels import Channel
from domain.preferences import Preferences, Quiet
from domain.severities import Severity
from storage.legible import Legible
from storage.preference_tables import PreferenceRow
from storage.store import Transaction

_PREFERENCES = SQLModel.metadata.tables[str(PreferenceRow.__tablename__)]


def all_of(legible: Legible) -> dict[str, Preferences]:
    """What people said, by their ids."""
    found = legible.each(
        "wish of the person", select(_PREFERENCES), _PREFERENCES.c.person, lambda row: (row.person, _read(row))
    )
    return dict(found)


def put(tx: Transaction, person: str, said: Preferences) -> None:
    """Keep what somebody says now."""
    drop(tx, person)
    if said != Preferences():
        quiet = [[one.severity.value, [channel.value for channel in one.channels]] for one in said.quiet]
        values = {"person": person, "channels": [one.value for one in said.channels], "quiet": quiet}
        tx.execute(insert(_PREFERENCES).values(**values, timezone=said.timezone, test_pages=said.test_pages))


def drop(tx: Transaction, person: str) -> None:
    tx.execute(delete(_PREFERENCES).where(_PREFERENCES.c.person == person))


def _read(row: Any) -> Preferences:
    return Preferences(
        channels=tuple(map(Channel, row.channels)),
        quiet=tuple(Quiet(Severity(severity), tuple(map(Channel, channels))) for severity, channels in row.quiet),
        timezone=row.timezone,
        test_pages=row.test_pages,
    )
