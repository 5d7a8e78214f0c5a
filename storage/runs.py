"""Runs of runbooks: the version each started with, and what became of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from domain import overdue
from domain.errors import NotFound
from domain.incidents import OPEN
from domain.runbooks import Run, RunState, RunStep, StepState
from storage import past_runs, versions
from storage.bulk import insert_many
from storage.catalog import table
from storage.glances import Glance
from storage.incident_tables import IncidentRow
from storage.prepared import among, prepared
from storage.run_tables import RunRow, RunStepRow
from storage.runbook_tables import RunbookVersionRow
from storage.store import Transaction

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
    """The run with this id, held for the rest of the transaction; one of the past as it was. Raises NotFound.

    Whoever holds its incident too held that first."""
    return _found(tx, run, select(_RUNS).where(_RUNS.c.id == run).with_for_update())


def look_up(tx: Transaction, run: str) -> Run:
    """The same, held by nobody: for whoever only shows it."""
    return _found(tx, run, select(_RUNS).where(_RUNS.c.id == run))


def _found(tx: Transaction, run: str, wanted: Select[Any]) -> Run:
    row = tx.execute(wanted).first()
    if row is None:
        past = past_runs.find(tx, [run])
        if run not in past:
            raise NotFound("there is no such run")
        return past[run]
    return _read(tx, [row])[row.incident]


def replace(tx: Transaction, before: Run, after: Run, now: datetime) -> None:
    """Keep `after` in the place of `before`, which becomes one of the past."""
    past_runs.add(tx, before, after.runbook.version, now)
    tx.execute(delete(_STEPS).where(_STEPS.c.run == before.id))
    tx.execute(delete(_RUNS).where(_RUNS.c.id == before.id))
    add(tx, [after])
    save(tx, after)


def of_runbook(tx: Transaction, runbook: str) -> list[Run]:
    """The runs of a runbook, in whatever version, that are under way for an open incident."""
    versions_of, incidents = table(RunbookVersionRow), table(IncidentRow)
    found = (
        select(_RUNS.c.incident)
        .join(versions_of, _RUNS.c.runbook_version == versions_of.c.id)
        .join(incidents, incidents.c.id == _RUNS.c.incident)
        .where(
            versions_of.c.runbook == runbook,
            _RUNS.c.state == RunState.RUNNING.value,
            incidents.c.status.in_(OPEN),
        )
    )
    return list(by_incidents(tx, [row.incident for row in tx.execute(found)]).values())


def next_wake(tx: Transaction) -> datetime | None:
    """When the first run wants to be looked at."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_RUNS.c.wake_at)).where(_RUNS.c.wake_at.is_not(None)))


def due(tx: Transaction, now: datetime, limit: int) -> list[Run]:
    """The runs whose time has come, held; longest due first."""
    wanted = select(_RUNS).where(_RUNS.c.wake_at <= now).order_by(_RUNS.c.wake_at).limit(limit)
    rows = list(tx.execute(wanted.with_for_update(skip_locked=True)))
    return list(_read(tx, rows).values())


def wake(tx: Transaction, run: str, at: datetime | None) -> None:
    """Look at a run at that time, and not before."""
    tx.execute(update(_RUNS).where(_RUNS.c.id == run).values(wake_at=at))


def look_again(tx: Transaction, incident: str, now: datetime) -> None:
    """Look at the run of an incident that is held, if it goes on and rests until something changes: somebody has the
    incident."""
    tx.execute(_LOOK_AGAIN, {"its_incident": incident, "at": now})


_LOOK_AGAIN = prepared(
    update(_RUNS)
    .where(
        _RUNS.c.incident == bindparam("its_incident"),
        _RUNS.c.state == RunState.RUNNING.value,
        _RUNS.c.wake_at.is_(None),
    )
    .values(wake_at=bindparam("at")),
    is_heard=False,
)


def by_incidents(tx: Transaction, incidents: Iterable[str]) -> dict[str, Run]:
    """The run of each of these incidents that has one."""
    wanted = list(incidents)
    return _read(tx, list(tx.execute(_BY_INCIDENTS, {"ids": wanted}))) if wanted else {}


_BY_INCIDENTS = prepared(select(_RUNS).where(among(_RUNS.c.incident, "ids")))
_STEPS_OF = prepared(select(_STEPS).where(among(_STEPS.c.run, "ids")))


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
            incidents.c.status.in_(OPEN),
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
        aborted_at=row.aborted_at,
        aborted_by=row.aborted_by,
        speed=row.speed,
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
        "aborted_at": run.aborted_at,
        "aborted_by": run.aborted_by,
        "speed": run.speed,
        "wake_at": overdue.wake_at(run),
    }


_KEPT = tuple(one.name for one in fields(RunStep) if one.name != "state")


def _step_values(run: str, step: RunStep) -> dict[str, Any]:
    return {"run": run, "state": step.state.value, **{name: getattr(step, name) for name in _KEPT}}


def _step(row: Any) -> RunStep:
    return RunStep(state=StepState(row.state), **{name: getattr(row, name) for name in _KEPT})
