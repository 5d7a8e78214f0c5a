"""Rolling back: one step alone, or all that a run has really done, last first. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.errors import Conflict
from domain.people import Actor
from domain.runbooks import (
    Run,
    RunbookStep,
    RunState,
    RunStep,
    Second,
    StepState,
    advance,
    changed,
    needs_second,
    require_reason,
    require_second,
    require_under_way,
)


def pending(run: Run) -> tuple[int, ...]:
    """The steps (orders) that are done and can be rolled back, the last done first."""
    done = [went for went in run.steps if went.state is StepState.DONE and _rollback(run, went.order)]
    return tuple(went.order for went in sorted(done, key=_when, reverse=True))


def only(step: RunbookStep) -> RunbookStep:
    """A step as it stands when it is rolled back: nothing else of it is read, or has to be filled."""
    return replace(step, command="", description="", checklist=())


def without_rollback(run: Run) -> tuple[int, ...]:
    """The steps (orders) that are done, and nothing is written to undo them with."""
    return tuple(went.order for went in run.steps if went.state is StepState.DONE and not _rollback(run, went.order))


def turn(run: Run) -> int | None:
    """The step (its order) whose rollback is asked for now."""
    left = pending(run) if run.state is RunState.ROLLING_BACK else ()
    return left[0] if left else None


def may_abort(run: Run) -> bool:
    """Whether there is something to give up: something was done, and nobody has given it up yet."""
    is_under_way = run.state in (RunState.RUNNING, RunState.FINISHED)
    return is_under_way and any(went.state is StepState.DONE for went in run.steps)


def abort(run: Run, by: Actor, now: datetime) -> Run:
    """`run` given up: what was done is to be rolled back, last first; closed at once when nothing is.

    Raises Conflict when somebody has given it up already, or nothing was done.
    """
    require_abortable(run)
    stopped = replace(run, state=RunState.ROLLING_BACK, aborted_at=now, aborted_by=by.name, finished_at=None)
    return _closed(stopped, now)


def require_abortable(run: Run) -> None:
    """Raises Conflict when somebody has given it up already, or nothing was done."""
    require_under_way(run)
    if not may_abort(run):
        raise Conflict("no step is done: there is nothing to roll back")


def roll_back(run: Run, order: int, by: Actor, now: datetime, second: Second | None = None) -> Run:
    """`run` with step `order` undone, whether it was done or is still waiting.

    Raises Conflict when there is nothing written to roll back with, it is rolled back already, or another is to be
    rolled back first; NeedsSecond.
    """
    went = _undoable(run, order)
    if went.state is StepState.OPEN and run.current != order:
        raise Conflict(f"step {order} was not carried out")
    require_second(run, order, second)
    return _settle(run, order, now, second, state=StepState.ROLLED_BACK, by=by.name)


def keep(run: Run, order: int, by: Actor, reason: str, now: datetime, second: Second | None = None) -> Run:
    """`run` with step `order` left as it is while the rest is rolled back. Raises Invalid without a reason, Conflict,
    NeedsSecond."""
    _undoable(run, order)
    if turn(run) != order:
        raise Conflict(f"step {order} is not to be rolled back")
    require_reason(reason, "say why this step is not rolled back")
    require_second(run, order, second)
    return _settle(run, order, now, second, state=StepState.KEPT, by=by.name, note=reason.strip())


def _undoable(run: Run, order: int) -> RunStep:
    _, went = run.step(order)
    if run.state is not RunState.ROLLING_BACK:
        require_under_way(run)
    if not _rollback(run, order):
        raise Conflict(f"step {order} has no rollback")
    if went.state is StepState.ROLLED_BACK:
        raise Conflict(f"step {order} is already rolled back by {went.by}")
    if went.state is StepState.KEPT:
        raise Conflict(f"step {order} stays as it is, {went.by} said")
    if went.state is StepState.SKIPPED:
        raise Conflict(f"step {order} was not carried out")
    first = turn(run)
    if first is not None and first != order and went.state is StepState.DONE:
        raise Conflict(f"step {first} is rolled back first")
    return went


def _settle(run: Run, order: int, now: datetime, second: Second | None, **changes: object) -> Run:
    seconded = {"approved_by": second.name, "glass": second.glass} if second and needs_second(run, order) else {}
    return _closed(advance(changed(run, order, finished_at=now, **seconded, **changes), now), now)


def _closed(run: Run, now: datetime) -> Run:
    """The run over when it was given up and nothing is left to roll back."""
    if run.state is not RunState.ROLLING_BACK or pending(run):
        return run
    undone = any(went.state is StepState.ROLLED_BACK for went in run.steps)
    return replace(run, state=RunState.ROLLED_BACK if undone else RunState.ABORTED, finished_at=now)


def _rollback(run: Run, order: int) -> str:
    return run.step(order)[0].rollback_instructions.strip()


def _when(went: RunStep) -> tuple[float, int]:
    return (went.finished_at.timestamp() if went.finished_at else 0.0, went.order)
