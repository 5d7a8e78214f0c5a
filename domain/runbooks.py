"""Runbooks: which one fits an incident, and the machine that a run of one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Severity
from domain.people import Actor

LONGEST_ITEM = 140
"""Characters of one line of a checklist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookStep:
    """One action. `expected_duration` is in minutes, 0 when nobody said."""

    order: int
    title: str
    description: str = ""
    checklist: tuple[str, ...] = ()
    command: str = ""
    expected_duration: int = 0
    is_critical: bool = False
    requires_confirmation: bool = False
    rollback_instructions: str = ""

    @property
    def must_be_confirmed(self) -> bool:
        return self.is_critical or self.requires_confirmation


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """How to mend one kind of incident. `service` is a service's id; `version_id` names this content for ever."""

    id: str
    version_id: str = ""
    version: int = 1
    title: str
    description: str = ""
    service: str = ""
    severity_filter: Severity | None = None
    is_active: bool = True
    four_eyes: bool = False
    steps: tuple[RunbookStep, ...] = ()

    @cached_property
    def untouched(self) -> tuple[RunStep, ...]:
        """A run's steps before anybody has done anything."""
        return tuple(RunStep(order=step.order) for step in self.steps)


class StepState(StrEnum):
    """Where a step of a run is."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled_back"


class RunState(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    FINISHED = "finished"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """What became of one step. `note` is the reason for a skip or the words of a problem."""

    order: int
    state: StepState = StepState.OPEN
    has_problem: bool = False
    note: str = ""
    by: str = ""
    confirmed_by: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A runbook's version being worked through for one incident; one entry of `steps` per step of the runbook."""

    id: str
    incident: str
    runbook: Runbook
    state: RunState = RunState.RUNNING
    started_at: datetime
    finished_at: datetime | None = None
    steps: tuple[RunStep, ...] = ()

    @property
    def current(self) -> int | None:
        """The order of the step that waits, None when all are settled."""
        waiting = (step.order for step in self.steps if step.state is StepState.OPEN)
        return next(waiting, None)

    @property
    def settled(self) -> int:
        """How many steps are done, skipped or rolled back."""
        return sum(step.state is not StepState.OPEN for step in self.steps)

    def step(self, order: int) -> tuple[RunbookStep, RunStep]:
        """A step as written and as it went. Raises Conflict when the run has no such step."""
        for written, went in zip(self.runbook.steps, self.steps, strict=True):
            if went.order == order:
                return written, went
        raise Conflict(f"this run has no step {order}")


def require_untouched(run: Run) -> None:
    """Raises Conflict when somebody has done anything in `run`: it is not put aside unseen."""
    if any(step.state is not StepState.OPEN or step.note for step in run.steps):
        raise Conflict(f"{run.runbook.title} is under way for this incident: finish it, or skip its steps")


def matching(runbooks: Iterable[Runbook], service: str, severity: Severity) -> tuple[Runbook, ...]:
    """The active runbooks with steps that fit best; several when they tie: a tie is shown as a choice, not picked.

    Service and severity beat service alone, which beats severity alone, which beats neither.
    """
    usable = (runbook for runbook in runbooks if runbook.is_active and runbook.steps)
    scored = [(_fit(runbook, service, severity), runbook) for runbook in usable]
    best = max((score for score, _ in scored), default=-1)
    return tuple(runbook for score, runbook in scored if score == best >= 0)


def _fit(runbook: Runbook, service: str, severity: Severity) -> int:
    if runbook.service and runbook.service != service:
        return -1
    if runbook.severity_filter is not None and runbook.severity_filter is not severity:
        return -1
    return 2 * bool(runbook.service) + (runbook.severity_filter is not None)


def start(run_id: str, incident: str, runbook: Runbook, now: datetime) -> Run:
    """A run of `runbook` with its first step waiting."""
    first = tuple(RunStep(order=step.order, started_at=now) for step in runbook.steps[:1])
    steps = (*first, *runbook.untouched[1:])
    run = Run(id=run_id, incident=incident, runbook=runbook, started_at=now, steps=steps)
    return run if first else _advance(run, now)


def done(run: Run, order: int, by: Actor, *, confirmed: bool, now: datetime) -> Run:
    """`run` with step `order` done.

    Raises Conflict when it is not that step's turn, or when the step must be confirmed and was not: a dialog that a
    client did not show is no confirmation.
    """
    written, _ = _waiting(run, order)
    if written.must_be_confirmed and not confirmed:
        raise Conflict(f"step {order} must be confirmed before it is done")
    confirmed_by = by.name if written.must_be_confirmed else ""
    return _settle(run, order, now, state=StepState.DONE, by=by.name, confirmed_by=confirmed_by)


def skip(run: Run, order: int, by: Actor, reason: str, now: datetime) -> Run:
    """`run` with step `order` skipped. Raises Invalid without a reason, Conflict when it is not its turn."""
    _waiting(run, order)
    if not reason.strip():
        raise Invalid([Fault("reason", "say why this step is skipped")])
    return _settle(run, order, now, state=StepState.SKIPPED, by=by.name, note=reason.strip())


def problem(run: Run, order: int, by: Actor, words: str) -> Run:
    """`run` with a problem noted on step `order`; the step goes on waiting."""
    _waiting(run, order)
    return _changed(run, order, has_problem=True, by=by.name, note=words.strip())


def roll_back(run: Run, order: int, by: Actor, now: datetime) -> Run:
    """`run` with step `order` undone, whether it was done or is still waiting.

    Raises Conflict when there is nothing written to roll back with, or it is rolled back already.
    """
    written, went = run.step(order)
    if not written.rollback_instructions:
        raise Conflict(f"step {order} has no rollback")
    if went.state is StepState.ROLLED_BACK:
        raise Conflict(f"step {order} is already rolled back by {went.by}")
    if went.state is StepState.SKIPPED or (went.state is StepState.OPEN and run.current != order):
        raise Conflict(f"step {order} was not carried out")
    return _settle(run, order, now, state=StepState.ROLLED_BACK, by=by.name)


def _waiting(run: Run, order: int) -> tuple[RunbookStep, RunStep]:
    written, went = run.step(order)
    if went.state is not StepState.OPEN:
        raise Conflict(f"step {order} is already {went.state.value.replace('_', ' ')} by {went.by}")
    if run.current != order:
        raise Conflict(f"it is step {run.current}'s turn")
    return written, went


def _settle(run: Run, order: int, now: datetime, **changes: object) -> Run:
    return _advance(_changed(run, order, finished_at=now, **changes), now)


def _changed(run: Run, order: int, **changes: object) -> Run:
    steps = tuple(
        replace(step, **changes) if step.order == order else step  # type: ignore[arg-type]
        for step in run.steps
    )
    return replace(run, steps=steps)


def _advance(run: Run, now: datetime) -> Run:
    """The next step's clock started, or the run closed when none is left."""
    current = run.current
    if current is None:
        return run if run.finished_at else replace(run, state=RunState.FINISHED, finished_at=now)
    _, went = run.step(current)
    return run if went.started_at else _changed(run, current, started_at=now)
