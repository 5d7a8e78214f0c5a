"""Runs that a newer version of their runbook took over from: for their old messages, and for whoever looks back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from domain.runbooks import Run, RunState, RunStep, StepState
from storage import versions
from storage.approval_tables import PastRunRow
from storage.catalog import table
from storage.store import Transaction

_PAST = table(PastRunRow)
_MOMENTS = tuple(one.name for one in fields(RunStep) if one.name.endswith("_at"))


def add(tx: Transaction, run: Run, carried_to: int, now: datetime) -> None:
    """Keep a run as it was; `carried_to` is the number of the version that took over."""
    values = {"id": run.id, "incident": run.incident, "runbook_version": run.runbook.version_id}
    moments = {"started_at": run.started_at, "finished_at": now}
    steps = [_written(step) for step in run.steps]
    tx.execute(insert(_PAST).values(**values, **moments, carried_to=carried_to, steps=steps))


def find(tx: Transaction, ids: Sequence[str]) -> dict[str, Run]:
    """Those of these runs that are of the past, by id."""
    rows = tx.execute(select(_PAST).where(_PAST.c.id.in_(ids))) if ids else ()
    return {row.id: _run(tx, row) for row in rows}


def _run(tx: Transaction, row: Any) -> Run:
    return Run(
        id=row.id,
        incident=row.incident,
        runbook=versions.runbook(tx, row.runbook_version),
        state=RunState.CARRIED_OVER,
        started_at=row.started_at,
        finished_at=row.finished_at,
        carried_to=row.carried_to,
        steps=tuple(_read(one) for one in row.steps),
    )


def _written(step: RunStep) -> dict[str, Any]:
    said = asdict(step) | {"state": step.state.value}
    return said | {name: said[name].isoformat() if said[name] else None for name in _MOMENTS}


def _read(said: dict[str, Any]) -> RunStep:
    moments = {name: datetime.fromisoformat(said[name]) if said.get(name) else None for name in _MOMENTS}
    return RunStep(**(said | moments | {"state": StepState(said["state"])}))
