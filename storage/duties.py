"""Who was on call for each team when it was last looked at."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from storage.catalog import table
from storage.schedule_tables import DutyRow
from storage.store import Transaction

_DUTIES = table(DutyRow)


def kept(tx: Transaction) -> dict[str, tuple[str, ...]]:
    """The ids of those who were on call, by team."""
    return {row.team: tuple(row.people) for row in tx.execute(select(_DUTIES))}


def keep(tx: Transaction, now: Mapping[str, tuple[str, ...]]) -> None:
    """These are on call; a team that is not among them is no more."""
    tx.execute(delete(_DUTIES))
    if now:
        tx.execute(insert(_DUTIES), [{"team": team, "people": list(people)} for team, people in now.items()])
