"""Runbooks: which one fits an incident, and the machine that a run of one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from domain.errors import Conflict, Fault, Invalid, NeedsSecond
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
    KEPT = "kept"
    """Done, and left so when the rest was rolled back."""


class RunState(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    FINISHED = "finished"
    ABORTED = "aborted"
    """Given up, and nothing was rolled back."""
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    CARRIED_OVER = "carried_over"
    """A run of a newer version goes on in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """What became of one step. `note` is the reason for a skip or the words of a problem.

    `approved_by` is the second person, or whoever broke the glass, with the reason in `glass`. `asked_at` is when
    somebody was asked whether they are still on it, `answered_by` who said so.
    """

    order: int
    state: StepState = StepState.OPEN
    has_problem: bool = False
    note: str = ""
    by: str = ""
    confirmed_by: str = ""
    approved_by: str = ""
    glass: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    needs_help: bool = False


@dataclass(frozen=True, slots=True)
class Second:
    """Who agrees to a critical step beside whoever does it; with `glass`, why somebody went on without one."""

    name: str
    glass: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A runbook's version being worked through for one incident; one entry of `steps` per step of the runbook."""

    id: str
    incident: str
    runbook: Runbook
    state: RunState = RunState.RUNNING
    started_at: datetime
    finished_at: datetime | None = None
    aborted_at: datetime | None = None
    aborted_by: str = ""
    carried_to: int = 0
    """The number of the newer version that it goes on with."""
    speed: int = 1
    """How much faster its time passes: more than 1 in a drill, and nowhere else."""
    steps: tuple[RunStep, ...] = ()

    @property
    def current(self) -> int | None:
        """The order of the step that waits, None when all are settled or the run is given up."""
        if self.state is not RunState.RUNNING:
            return None
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


def require_not_over(run: Run) -> None:
    """Raises Conflict when `run` is over: what became of it stays in its thread."""
    if run.state in (RunState.FINISHED, RunState.ABORTED, RunState.ROLLED_BACK):
        title = run.runbook.title
        raise Conflict(
            f"{title} was worked through for this incident: it has one runbook, read others with /runbook show"
        )


def require_untouched(run: Run) -> None:
    """Raises Conflict when somebody has done anything in `run`: it is not put aside unseen."""
    require_not_over(run)
    touched = (step.state is not StepState.OPEN or step.has_problem for step in run.steps)
    if run.aborted_at or any(touched):
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


def start(run_id: str, incident: str, runbook: Runbook, now: datetime, speed: int = 1) -> Run:
    """A run of `runbook` with its first step waiting."""
    first = tuple(RunStep(order=step.order, started_at=now) for step in runbook.steps[:1])
    steps = (*first, *runbook.untouched[1:])
    run = Run(id=run_id, incident=incident, runbook=runbook, started_at=now, steps=steps, speed=speed)
    return run if first else advance(run, now)


def needs_second(run: Run, order: int) -> bool:
    """Whether nobody may settle this step alone."""
    return run.runbook.four_eyes and run.step(order)[0].is_critical


def require_second(run: Run, order: int, second: Second | None) -> None:
    """Raises NeedsSecond when this step is settled by nobody alone, and there is no `second`."""
    if second is None and needs_second(run, order):
        raise NeedsSecond(f"step {order} needs a second person")


def done(run: Run, order: int, by: Actor, *, confirmed: bool, now: datetime, second: Second | None = None) -> Run:
    """`run` with step `order` done.

    Raises Conflict when it is not that step's turn, or when the step must be confirmed and was not: a dialog that a
    client did not show is no confirmation. Raises NeedsSecond when the runbook wants four eyes on it.
    """
    written, _ = waiting(run, order)
    if written.must_be_confirmed and not confirmed:
        raise Conflict(f"step {order} must be confirmed before it is done")
    require_second(run, order, second)
    confirmed_by = by.name if written.must_be_confirmed else ""
    return _settle(run, order, now, second, state=StepState.DONE, by=by.name, confirmed_by=confirmed_by)


def skip(run: Run, order: int, by: Actor, reason: str, now: datetime, second: Second | None = None) -> Run:
    """`run` with step `order` skipped. Raises Invalid without a reason, Conflict out of turn, NeedsSecond."""
    waiting(run, order)
    require_reason(reason, "say why this step is skipped")
    require_second(run, order, second)
    return _settle(run, order, now, second, state=StepState.SKIPPED, by=by.name, note=reason.strip())


def require_reason(reason: str, message: str) -> None:
    """Raises Invalid with `message` when there is no reason."""
    if not reason.strip():
        raise Invalid([Fault("reason", message)])


def problem(run: Run, order: int, by: Actor, words: str) -> Run:
    """`run` with a problem noted on step `order`; the step goes on waiting."""
    waiting(run, order)
    return changed(run, order, has_problem=True, by=by.name, note=words.strip())


def waiting(run: Run, order: int) -> tuple[RunbookStep, RunStep]:
    """The step whose turn it is. Raises Conflict when that is another, or none."""
    written, went = run.step(order)
    require_under_way(run)
    if went.state is not StepState.OPEN:
        raise Conflict(f"step {order} is already {went.state.value.replace('_', ' ')} by {went.by}")
    if run.current != order:
        raise Conflict(f"it is step {run.current}'s turn")
    return written, went


def require_under_way(run: Run) -> None:
    """Raises Conflict when `run` was given up, or goes on as another."""
    if run.state is RunState.CARRIED_OVER:
        raise Conflict("this run goes on with a newer version: use the messages further down")
    if run.aborted_at is not None:
        raise Conflict(f"{run.aborted_by} has stopped this runbook")


def _settle(run: Run, order: int, now: datetime, second: Second | None, **changes: object) -> Run:
    seconded = {"approved_by": second.name, "glass": second.glass} if second and needs_second(run, order) else {}
    return advance(changed(run, order, finished_at=now, **seconded, **changes), now)


def changed(run: Run, order: int, **changes: object) -> Run:
    """`run` with something of one step otherwise; no rule is asked."""
    steps = tuple(
        replace(step, **changes) if step.order == order else step  # type: ignore[arg-type]
        for step in run.steps
    )
    return replace(run, steps=steps)


def worked_on(run: Run, order: int, since: datetime | None) -> Run:
    """`run` with the clock of a step started when somebody took the incident, if it ran before: nobody worked then."""
    _, went = run.step(order)
    if went.started_at is None or since is None or since <= went.started_at:
        return run
    return changed(run, order, started_at=since)


def advance(run: Run, now: datetime) -> Run:
    """The next step's clock started, or the run closed when none is left."""
    if run.state is not RunState.RUNNING:
        return run
    current = run.current
    if current is None:
        return replace(run, state=RunState.FINISHED, finished_at=now)
    _, went = run.step(current)
    return run if went.started_at else changed(run, current, started_at=now)
