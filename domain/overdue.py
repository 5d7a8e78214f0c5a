"""A step past twice its expected time asks, once, whoever has the incident; without an answer the escalation goes on
where its policy wants signs of life. Pure; `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Conflict
from domain.incidents import Incident, Status
from domain.people import Actor
from domain.runbooks import Run, RunState, changed, waiting, worked_on

LEAST_WAIT = timedelta(minutes=5)
"""The shortest time to answer in: a step of a minute gives nobody a minute to find their phone."""


class Overdue(StrEnum):
    """What follows when a run's time has come."""

    NOTHING = "nothing"
    ASK = "ask"
    RESUME = "resume"
    """Nobody answered: the incident wants somebody again."""


@dataclass(frozen=True, slots=True)
class Look:
    """What follows, and when to look again (None for not before the run changes)."""

    what: Overdue
    wake_at: datetime | None = None


def wake_at(run: Run) -> datetime | None:
    """When to look at `run` next, as far as it alone says."""
    order = run.current if run.state is RunState.RUNNING else None
    if order is None:
        return None
    _, went = run.step(order)
    expected = _expected(run, order)
    if not expected or went.started_at is None or went.answered_at is not None:
        return None
    return went.asked_at + max(expected, LEAST_WAIT / run.speed) if went.asked_at else went.started_at + 2 * expected


def _expected(run: Run, order: int) -> timedelta:
    """How long a step may take on the clock of its run."""
    return timedelta(minutes=run.step(order)[0].expected_duration) / run.speed


def look(
    run: Run, incident: Incident, alive_at: datetime | None, now: datetime, taken_at: datetime | None = None
) -> Look:
    """What follows at `now`. `alive_at` is the last sign of life in the incident, `taken_at` its last acknowledgement.

    Nobody is asked while nobody has the incident: the escalation asks already. Its clock then starts with the
    acknowledgement, which wants a look, again with that of the next one who takes it, and after a snooze.
    """
    moment = wake_at(run)
    if moment is None or incident.status not in (Status.TRIGGERED, Status.ACKNOWLEDGED):
        return Look(Overdue.NOTHING)
    _, went = run.step(run.current or 0)
    expected = _expected(run, went.order)
    if went.asked_at is not None:
        return _answerless(went.asked_at, moment, incident, alive_at, now)
    if incident.status is Status.TRIGGERED:
        return Look(Overdue.NOTHING)
    begun = [went.started_at, taken_at or incident.acknowledged_at, incident.snoozed_until]
    due = max(one for one in begun if one is not None) + 2 * expected
    return Look(Overdue.ASK) if due <= now else Look(Overdue.NOTHING, due)


def _answerless(
    asked_at: datetime, moment: datetime, incident: Incident, alive_at: datetime | None, now: datetime
) -> Look:
    if incident.status is not Status.ACKNOWLEDGED or incident.is_snoozed:
        return Look(Overdue.NOTHING)
    if alive_at is not None and alive_at > asked_at:
        return Look(Overdue.NOTHING)
    return Look(Overdue.RESUME) if moment <= now else Look(Overdue.NOTHING, moment)


def asked(run: Run, now: datetime, taken_at: datetime | None = None) -> Run:
    """`run` with the question asked about the step that waits; whoever has the incident has it since `taken_at`."""
    order = run.current or 0
    return changed(worked_on(run, order, taken_at), order, asked_at=now)


def answer(run: Run, order: int, by: Actor, now: datetime, *, needs_help: bool = False) -> Run:
    """`run` with the question answered. Raises Conflict when the step is settled or somebody has answered."""
    _, went = waiting(run, order)
    if went.asked_at is None:
        raise Conflict(f"nobody is asked about step {order}")
    if went.answered_at is not None and not (needs_help and not went.needs_help):
        raise Conflict(f"{went.answered_by} has answered already")
    return changed(run, order, answered_at=now, answered_by=by.name, needs_help=needs_help)
