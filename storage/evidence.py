"""What became of the steps of a runbook's runs, of every version: read when somebody asks for it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from domain.evidence import Evidence, Went, evidence
from domain.runbooks import Runbook, StepState
from storage import versions
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.run_tables import RunRow, RunStepRow
from storage.runbook_tables import RunbookVersionRow
from storage.store import Transaction

_INCIDENTS = table(IncidentRow)
_RUNS = table(RunRow)
_STEPS = table(RunStepRow)
_VERSIONS = table(RunbookVersionRow)
MOST = 500
"""Runs that are looked at, the latest: what a step took years ago says little about now."""


def of_runbook(tx: Transaction, runbook: Runbook) -> Evidence:
    """What the latest runs say about a runbook as it is now. Runs that nobody touched count for nothing."""
    latest = (
        select(_RUNS.c.id, _RUNS.c.runbook_version, _RUNS.c.started_at, _INCIDENTS.c.is_drill)
        .join(_INCIDENTS, _INCIDENTS.c.id == _RUNS.c.incident)
        .join(_VERSIONS, _VERSIONS.c.id == _RUNS.c.runbook_version)
        .where(_VERSIONS.c.runbook == runbook.id, _touched())
        .order_by(_RUNS.c.started_at.desc())
        .limit(MOST)
        .subquery()
    )
    steps = select(latest.c.runbook_version, latest.c.is_drill, _STEPS).join(_STEPS, _STEPS.c.run == latest.c.id)
    found = tx.execute(steps).all()
    titles = {row.runbook_version: _titles(tx, row.runbook_version) for row in found}
    went = [
        Went(
            title=titles[row.runbook_version][row.order],
            state=StepState(row.state),
            has_problem=row.has_problem,
            started_at=row.started_at,
            finished_at=end,
            is_drill=row.is_drill,
        )
        for row in found
        for end in [row.finished_at]
        if row.order in titles[row.runbook_version]
    ]
    return evidence(runbook, len({row.run for row in found}), went)


def _touched() -> ColumnElement[bool]:
    """A run in which somebody settled a step: an attached runbook that nobody used is no run of it."""
    return select(_STEPS.c.run).where(_STEPS.c.run == _RUNS.c.id, _STEPS.c.state != StepState.OPEN.value).exists()


def _titles(tx: Transaction, version: str) -> dict[int, str]:
    return {step.order: step.title for step in versions.runbook(tx, version).steps}


def runs_of_each(tx: Transaction) -> dict[str, int]:
    """How many runs each runbook (an id) had in which somebody settled a step; those without any are left out."""
    found = (
        select(_VERSIONS.c.runbook, func.count())
        .join(_RUNS, _RUNS.c.runbook_version == _VERSIONS.c.id)
        .where(_touched())
        .group_by(_VERSIONS.c.runbook)
    )
    return {row[0]: int(row[1]) for row in tx.execute(found)}
