"""Versions of policies and runbooks by their id: they never change, so they are read once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import SQLModel

from domain.policies import Policy
from domain.runbooks import Runbook
from storage import rows
from storage.catalog import table
from storage.store import Transaction
from storage.tables import PolicyVersionRow, RunbookVersionRow

Value = TypeVar("Value")

_POLICIES: dict[str, Policy] = {}
_RUNBOOKS: dict[str, Runbook] = {}
MOST_KEPT = 2000


def policy(tx: Transaction, version_id: str) -> Policy:
    """The policy version `version_id`; a KeyError means that a row points nowhere."""
    return _version(tx, version_id, _POLICIES, PolicyVersionRow, "policy", rows.policy)


def runbook(tx: Transaction, version_id: str) -> Runbook:
    """The runbook version `version_id`."""
    return _version(tx, version_id, _RUNBOOKS, RunbookVersionRow, "runbook", rows.runbook)


def _version(
    tx: Transaction,
    version_id: str,
    kept: dict[str, Value],
    model: type[SQLModel],
    owner: str,
    build: Callable[[str, str, int, dict[str, Any]], Value],
) -> Value:
    if version_id not in kept:
        versions = table(model)
        row = tx.execute(select(versions).where(versions.c.id == version_id)).first()
        if row is None:
            raise KeyError(version_id)
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[version_id] = build(getattr(row, owner), row.id, row.version, row.content)
    return kept[version_id]
