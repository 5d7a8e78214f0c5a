"""Slack user groups as they were set last, and what is queued for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from domain.user_groups import Followed
from storage import outbox
from storage.catalog import table
from storage.outbox import Kind, Parcel
from storage.store import Transaction
from storage.upserts import put_row
from storage.user_group_tables import UserGroupRow

_GROUPS = table(UserGroupRow)


def all_of(tx: Transaction) -> dict[str, Followed]:
    """Every one, by its name."""
    return {
        row.group: Followed(group=row.group, users=tuple(row.users), failure=row.failure, set_at=row.set_at)
        for row in tx.execute(select(_GROUPS))
    }


def put(tx: Transaction, one: Followed) -> None:
    """Keep how it was set."""
    values = {"group": one.group, "users": list(one.users), "failure": one.failure, "set_at": one.set_at}
    put_row(tx, _GROUPS, values)


def follow(tx: Transaction, wanted: Mapping[str, tuple[str, ...]], now: datetime) -> None:
    """Queue what is not as it should be. Slack takes no empty group: whoever was in it last stays."""
    kept = all_of(tx) if wanted else {}
    due = [group for group, users in wanted.items() if users and (group not in kept or kept[group].is_due(users, now))]
    outbox.put(tx, [Parcel(kind=Kind.GROUP, incident="", subject=one, due_at=now, lane=outbox.GROUPS) for one in due])
