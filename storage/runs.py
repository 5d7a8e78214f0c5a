"""Runs of runbooks: the version each started with, and what became of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from domain.errors import NotFound
from domain.incidents import Status
from domain.runbooks import Run, RunState, RunStep, StepState
from storage import versions
from storage.bulk import insert_many
from storage.catalog import table
from storage.store import Transaction
from storage.tables import IncidentRow, RunbookVersionRow, RunRow, RunStepRow

_RUNS = table(RunRow)
_STEPS = table(RunStepRow)


def add(tx: Transaction, runs: Sequence[Run]) -> None:
    """Keep new runs; steps get rows when somebody touches them."""
    insert_many(tx, _RUNS, [_values(run) for run in runs])


def save(tx: Transaction, run: Run) -> None:
    """Keep a run as it is now."""
    tx.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(_values(run)))
    touched = [_step_values(run.id, step) for step in run.steps if step != RunStep(order=step.order)]
    tx.execute(delete(_STEPS).where(_STEPS.c.run == run.id))
    if touched:
        tx.execute(insert(_STEPS), touched)


def find(tx: Transaction, run: str) -> Run:
    """The run with this id, held for the rest of the transaction. Raises NotFound."""
    row = tx.execute(select(_RUNS).where(_RUNS.c.id == run).with_for_update()).first()
    if row is None:
        raise NotFound("there is no such run")
    return _read(tx, [row])[row.incident]


def by_incidents(tx: Transaction, incidents: Iterable[str]) -> dict[str, Run]:
    """The run of each of these incidents that has one."""
    return _read(tx, list(tx.execute(_BY_INCIDENTS, {"ids": list(incidents)})))


_BY_INCIDENTS = select(_RUNS).where(_RUNS.c.incident.in_(bindparam("ids", expanding=True)))
_STEPS_OF = select(_STEPS).where(_STEPS.c.run.in_(bindparam("ids", expanding=True)))


def running_by_version(tx: Transaction, runbook: str) -> dict[int, int]:
    """How many runs of open incidents go on with each version of a runbook."""
    versions_of, incidents = table(RunbookVersionRow), table(IncidentRow)
    found = (
        select(versions_of.c.version, func.count())
        .join(_RUNS, _RUNS.c.runbook_version == versions_of.c.id)
        .join(incidents, incidents.c.id == _RUNS.c.incident)
        .where(
            versions_of.c.runbook == runbook,
            _RUNS.c.state == RunState.RUNNING.value,
            incidents.c.status != Status.RESOLVED.value,
        )
        .group_by(versions_of.c.version)
        .order_by(versions_of.c.version)
    )
    return {int(row[0]): int(row[1]) for row in tx.execute(found)}


def _read(tx: Transaction, found: Sequence[Any]) -> dict[str, Run]:
    steps: dict[str, dict[int, RunStep]] = {row.id: {} for row in found}
    for row in tx.execute(_STEPS_OF, {"ids": list(steps)}) if steps else ():
        steps[row.run][row.order] = _step(row)
    return {row.incident: _run(tx, row, steps[row.id]) for row in found}


def _run(tx: Transaction, row: Any, touched: dict[int, RunStep]) -> Run:
    runbook = versions.runbook(tx, row.runbook_version)
    first = runbook.steps[0].order if runbook.steps else 0
    untouched = {first: RunStep(order=first, started_at=row.started_at)}
    steps = tuple(
        touched.get(step.order) or untouched.get(step.order) or RunStep(order=step.order) for step in runbook.steps
    )
    return Run(
        id=row.id,
        incident=row.incident,
        runbook=runbook,
        state=RunState(row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        steps=steps,
    )


def _values(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "incident": run.incident,
        "runbook_version": run.runbook.version_id,
        "state": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def _step_values(run: str, step: RunStep) -> dict[str, Any]:
    names = ("order", "has_problem", "note", "by", "confirmed_by", "started_at", "finished_at")
    return {"run": run, "state": step.state.value, **{name: getattr(step, name) for name in names}}


def _step(row: Any) -> RunStep:
    return RunStep(
        order=row.order,
        state=StepState(row.state),
        has_problem=row.has_problem,
        note=row.note,
        by=row.by,
        confirmed_by=row.confirmed_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
