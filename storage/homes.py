"""Home tabs that people have before them: where in it each is, and that something in it has changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from domain.home import Place, Section
from storage.catalog import table
from storage.home_tables import HomeRow
from storage.outbox import HOMES, Kind, Parcel, put
from storage.prepared import prepared
from storage.store import Transaction
from storage.upserts import put_row

_HOMES = table(HomeRow)
KEPT_FRESH = timedelta(days=1)
"""A Home tab is brought up to date for this long after it was opened; opening it again draws it anew in any case."""


def opened(tx: Transaction, user: str, now: datetime) -> Place:
    """Somebody has their Home tab before them: where they were in it."""
    place = place_of(tx, user)
    if tx.execute(update(_HOMES).where(_HOMES.c.user == user).values(opened_at=now)).rowcount:
        return place
    go(tx, user, place, now)
    return place


def go(tx: Transaction, user: str, place: Place, now: datetime) -> None:
    """Keep where somebody is in their Home tab, which they have before them."""
    values = {"section": place.section.value, "search": place.search, "page": place.page}
    put_row(tx, _HOMES, {"user": user, "opened_at": now, **values})


def place_of(tx: Transaction, user: str) -> Place:
    """Where somebody is; at the start when nothing is kept of them."""
    row = tx.execute(_OF, {"of": user}).first()
    return Place(Section(row.section), row.search, row.page) if row else Place()


_OF = prepared(select(_HOMES).where(_HOMES.c.user == bindparam("of")))


def refresh(tx: Transaction, now: datetime) -> None:
    """Something that Home tabs show has changed: those that are open follow, after everything else.

    Called last in a transaction: those that run at the same time take these rows in one order, and no others after.
    """
    users = tx.execute(_OPEN, {"since": now - KEPT_FRESH}).scalars().all()
    put(tx, [Parcel(kind=Kind.HOME, incident="", subject=user, due_at=now, lane=HOMES) for user in users])


_OPEN = prepared(select(_HOMES.c.user).where(_HOMES.c.opened_at > bindparam("since")))


def forget(tx: Transaction, now: datetime) -> None:
    """Drop what nobody has looked at for a day."""
    tx.execute(delete(_HOMES).where(_HOMES.c.opened_at <= now - KEPT_FRESH))
