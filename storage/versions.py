"""Versions of policies and runbooks by their id: they never change, so they are read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Version:
    """What a policy said from `at` on, and who wrote it; None and "" when that was not noted."""

    policy: Policy
    by: str
    at: datetime | None


def history(tx: Transaction, policy: str, limit: int) -> list[Version]:
    """The versions of a policy, latest first."""
    versions = table(PolicyVersionRow)
    found = select(versions).where(versions.c.policy == policy).order_by(versions.c.version.desc()).limit(limit)
    return [
        Version(rows.policy(policy, row.id, row.version, row.content), row.created_by, row.created_at)
        for row in tx.execute(found)
    ]


def of_policy(tx: Transaction, policy: str, number: int) -> Version | None:
    """One version of a policy by its number."""
    versions = table(PolicyVersionRow)
    row = tx.execute(select(versions).where(versions.c.policy == policy, versions.c.version == number)).first()
    return Version(rows.policy(policy, row.id, number, row.content), row.created_by, row.created_at) if row else None


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
