"""Who has the app's Home tab open, where in it they are, and what it showed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage import catalog
from storage.catalog import table
from storage.store import Transaction
from storage.tables import HomeRow, TimelineRow

_HOMES = table(HomeRow)
_TIMELINE = table(TimelineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Somebody's Home tab: the section they look at, the page of it, and what they searched for."""

    user: str
    section: str = ""
    offset: int = 0
    search: str = ""


def signature(tx: Transaction) -> str:
    """Changes with everything that a Home tab shows: every change of the catalog or of an incident's story."""
    last = tx.execute(_LAST).scalar() or 0
    return f"{catalog.revision(tx)}:{last}"


_LAST = select(func.max(_TIMELINE.c.id))


def find(tx: Transaction, user: str) -> Home:
    """Where somebody is; at the beginning when they never were."""
    row = tx.execute(_FIND, {"of": user}).first()
    return Home(user=user, section=row.section, offset=row.place, search=row.search) if row else Home(user=user)


_FIND = select(_HOMES).where(_HOMES.c.user == bindparam("of"))


def keep(tx: Transaction, home: Home, now: datetime) -> None:
    """Somebody looks at their Home tab, there."""
    tx.execute(delete(_HOMES).where(_HOMES.c.user == home.user))
    values = {"user": home.user, "section": home.section, "place": home.offset, "search": home.search}
    tx.execute(insert(_HOMES).values(**values, opened_at=now, shown=signature(tx)))


def claim_outdated(tx: Transaction, since: datetime, most: int) -> list[Home]:
    """At most `most` homes opened after `since` that show what is no longer so; they count as shown anew."""
    current = signature(tx)
    rows = tx.execute(_OUTDATED.limit(most), {"since": since, "current": current}).all()
    users = [row.user for row in rows]
    if users:
        tx.execute(update(_HOMES).where(_HOMES.c.user.in_(users)).values(shown=current))
    return [Home(user=row.user, section=row.section, offset=row.place, search=row.search) for row in rows]


_OUTDATED = (
    select(_HOMES)
    .where(_HOMES.c.opened_at > bindparam("since"), _HOMES.c.shown != bindparam("current"))
    .order_by(_HOMES.c.opened_at.desc())
)


def has_outdated(tx: Transaction, since: datetime) -> bool:
    """Whether `claim_outdated` finds any: asked often, and answered without writing."""
    return tx.execute(_OUTDATED.limit(1), {"since": since, "current": signature(tx)}).first() is not None
