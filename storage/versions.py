"""Versions of policies and runbooks by their id: they never change, so they are read once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from domain.drafts import Document, Version
from domain.policies import Policy
from domain.runbooks import Runbook
from storage import rows
from storage.catalog import table
from storage.policy_tables import PolicyVersionRow
from storage.runbook_tables import RunbookVersionRow
from storage.store import Transaction

_POLICIES: dict[str, Policy] = {}
_RUNBOOKS: dict[str, Runbook] = {}
MOST_KEPT = 2000
NO_POLICY = Policy(id="", name="")
"""What an incident has that no policy fits."""


def policy(tx: Transaction, version_id: str) -> Policy:
    """The policy version `version_id`, an empty one for ""; a KeyError means that a row points nowhere."""
    if not version_id:
        return NO_POLICY
    return _version(tx, version_id, _POLICIES, PolicyVersionRow, "policy", rows.policy)


def runbook(tx: Transaction, version_id: str) -> Runbook:
    """The runbook version `version_id`."""
    return _version(tx, version_id, _RUNBOOKS, RunbookVersionRow, "runbook", rows.runbook)


def history(tx: Transaction, policy: str, limit: int) -> list[Version[Policy]]:
    """The versions of a policy, latest first."""
    return _history(tx, PolicyVersionRow, "policy", policy, rows.policy, limit)


def of_policy(tx: Transaction, policy: str, number: int) -> Version[Policy] | None:
    """One version of a policy by its number."""
    found = _history(tx, PolicyVersionRow, "policy", policy, rows.policy, 1, number)
    return found[0] if found else None


def runbook_history(tx: Transaction, runbook: str, limit: int) -> list[Version[Runbook]]:
    """The versions of a runbook, latest first."""
    return _history(tx, RunbookVersionRow, "runbook", runbook, rows.runbook, limit)


def of_runbook(tx: Transaction, runbook: str, number: int) -> Version[Runbook] | None:
    """One version of a runbook by its number."""
    found = _history(tx, RunbookVersionRow, "runbook", runbook, rows.runbook, 1, number)
    return found[0] if found else None


def _history(
    tx: Transaction,
    model: type[SQLModel],
    owner: str,
    identity: str,
    build: Callable[[str, str, int, dict[str, Any]], Document],
    limit: int,
    number: int = 0,
) -> list[Version[Document]]:
    """Versions, latest first; with `number`, that one alone."""
    versions = table(model)
    wanted = select(versions).where(versions.c[owner] == identity)
    if number:
        wanted = wanted.where(versions.c.version == number)
    found = tx.execute(wanted.order_by(versions.c.version.desc()).limit(limit))
    return [Version(build(identity, row.id, row.version, row.content), row.created_by, row.created_at) for row in found]


def _version(
    tx: Transaction,
    version_id: str,
    kept: dict[str, Document],
    model: type[SQLModel],
    owner: str,
    build: Callable[[str, str, int, dict[str, Any]], Document],
) -> Document:
    found = kept.get(version_id)
    if found is None:
        versions = table(model)
        row = tx.execute(select(versions).where(versions.c.id == version_id)).first()
        if row is None:
            raise KeyError(version_id)
        found = build(getattr(row, owner), row.id, row.version, row.content)
        if len(kept) >= MOST_KEPT:
            # Another thread may be doing the same: what this one returns is in its own hands.
            kept.clear()
        kept[version_id] = found
    return found
