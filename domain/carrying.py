"""A run carried over to a newer version of its runbook: which steps are the same, and what stays done. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import Conflict, Outdated
from domain.runbooks import Run, Runbook, RunbookStep, RunState, RunStep, StepState, advance, require_under_way


@dataclass(frozen=True, slots=True)
class Carried:
    """What carrying over does. `matched` are orders, old to new; `kept` are new orders that stay as they were settled;
    `again` are new orders of steps that were done, and have to be done again for four eyes."""

    run: Run
    matched: dict[int, int]
    kept: tuple[int, ...]
    again: tuple[int, ...]


def is_newer(run: Run, newest: Runbook | None) -> bool:
    """Whether a run could go on with `newest`, what its runbook says now."""
    if newest is None or run.state is not RunState.RUNNING:
        return False
    return newest.is_active and newest.id == run.runbook.id and newest.version > run.runbook.version


def matches(before: Runbook, after: Runbook) -> dict[int, int]:
    """Which step is which, orders old to new: the same title, whatever its case and spaces, first come first; of the
    others, the same command."""
    found: dict[int, int] = {}
    for same in (_title, _command):
        left = [step for step in after.steps if step.order not in found.values()]
        for step in before.steps:
            if step.order in found or not same(step):
                continue
            twin = next((one for one in left if same(one) == same(step)), None)
            if twin is not None:
                found[step.order] = twin.order
                left.remove(twin)
    return found


def _title(step: RunbookStep) -> str:
    return " ".join(step.title.casefold().split())


def _command(step: RunbookStep) -> str:
    return step.command.strip()


Pair = tuple[RunbookStep | None, RunbookStep | None]


def changes(before: Runbook, after: Runbook) -> tuple[Pair, ...]:
    """What became of which step, in the order of `after`, then what is gone: one that is new has no before, one that is
    gone no after. Their numbers alone make no difference."""
    old, came_from = {step.order: step for step in before.steps}, {new: o for o, new in matches(before, after).items()}
    pairs: list[Pair] = [(old.get(came_from.get(step.order, 0)), step) for step in after.steps]
    gone: list[Pair] = [(step, None) for step in before.steps if step.order not in came_from.values()]
    return tuple((was, now) for was, now in (*pairs, *gone) if was is None or now is None or _differ(was, now))


def _differ(was: RunbookStep, now: RunbookStep) -> bool:
    return replace(was, order=now.order) != now


def carry_over(run: Run, newest: Runbook, seen: str, identity: str, now: datetime) -> Carried:
    """`run` as a run of `newest`, whose version (an id) somebody has `seen`. The time goes on from where it began.

    Raises Conflict when it is over or nothing newer is there, Outdated when there is something newer still.
    """
    require_under_way(run)
    if not is_newer(run, newest):
        raise Conflict("there is no newer version to go on with")
    if newest.version_id != seen:
        raise Outdated(f"version {newest.version} is out meanwhile: look at it first")
    matched = matches(run.runbook, newest)
    before = {matched[went.order]: went for went in run.steps if went.order in matched}
    again = tuple(order for order, went in before.items() if _wants_second(newest, order, went))
    steps = tuple(_carried(order, before, again) for order in (step.order for step in newest.steps))
    made = replace(run, id=identity, runbook=newest, steps=steps)
    kept = tuple(step.order for step in steps if step.state is not StepState.OPEN)
    return Carried(advance(made, now), matched, kept, tuple(sorted(again)))


def _carried(order: int, before: dict[int, RunStep], again: tuple[int, ...]) -> RunStep:
    went = before.get(order)
    return RunStep(order=order) if went is None or order in again else replace(went, order=order)


def _wants_second(newest: Runbook, order: int, went: RunStep) -> bool:
    """Whether the newer version wants a second person for what somebody has settled alone."""
    written = next(step for step in newest.steps if step.order == order)
    settled = went.state in (StepState.DONE, StepState.SKIPPED)
    return settled and newest.four_eyes and written.is_critical and not went.approved_by
