"""What a change of a run carries with it, inside the caller's transaction: the record, the messages, and the requests
for a second person that it makes void."""

from __future__ import annotations

from datetime import datetime

from domain import approvals as rules
from domain import placeholders, rollbacks
from domain.approvals import Request, Wish
from domain.errors import Conflict
from domain.incidents import Incident, already
from domain.people import Actor
from domain.runbooks import Run, RunState, StepState, worked_on
from domain.seen_runs import require_seen, seen
from domain.timeline import Entry, Event
from handlers.incidents import requests, transitions
from handlers.runbooks import facts
from storage import approvals, catalog, incidents, outbox, runs, timeline
from storage.outbox import Kind, Parcel
from storage.store import Transaction

Details = dict[str, str | int]
EVENTS = {
    Wish.DONE: Event.STEP_DONE,
    Wish.SKIP: Event.STEP_SKIPPED,
    Wish.ROLL_BACK: Event.STEP_ROLLED_BACK,
    Wish.KEEP: Event.ROLLBACK_SKIPPED,
}
_OVER = (RunState.FINISHED, RunState.ROLLED_BACK, RunState.ABORTED)


def open_incident(tx: Transaction, name: str) -> Incident:
    """The incident, held. Raises Conflict once it is over."""
    incident = incidents.find(tx, name)
    if not incident.is_open:
        raise Conflict(already(incident))
    return incident


def held(tx: Transaction, name: str) -> tuple[Incident, Run]:
    """A run, as buttons name it, with its incident, which is held first, as whoever takes or ends it holds it. Raises
    NotFound, Conflict once it is over."""
    key, version = seen(name)
    incident = open_incident(tx, runs.look_up(tx, key).incident)
    run = runs.find(tx, key)
    require_seen(run, version)
    return incident, run


def require_filled(tx: Transaction, incident: Incident, run: Run, order: int) -> None:
    """Raises Unfilled when a step, or its rollback while all is rolled back, names what its incident does not have."""
    if order in (run.current, rollbacks.turn(run)):
        known, written = facts.of_run(tx, incident, run, order, catalog.directory(tx)), run.step(order)[0]
        placeholders.require_filled(written if run.current == order else rollbacks.only(written), known)


def settle(
    tx: Transaction, incident: Incident, before: Run, after: Run, order: int, event: Event, actor: Actor, now: datetime
) -> None:
    """Keep what became of a step, and show it. The first one's time begins once somebody has the incident: nobody works
    on it while all sleep."""
    if not before.settled and incident.acknowledged_at and incident.acknowledged_at < now:
        after = worked_on(after, order, incident.acknowledged_at)
    runs.save(tx, after)
    void(tx, before, after, actor.name, now)
    _record(tx, incident, before, after, order, event, actor, now)
    show(tx, after, incident.channel, now, edited=(order,), is_new=False)


def void(tx: Transaction, before: Run, after: Run, by: str, now: datetime) -> None:
    """Those requests whose step was touched are void, and their messages say so."""
    if before.runbook.four_eyes:
        requests.void(tx, rules.touched(before, after, approvals.waiting(tx, before.incident)), by, now)


def _record(
    tx: Transaction,
    incident: Incident,
    before: Run,
    run: Run,
    order: int,
    event: Event,
    actor: Actor,
    now: datetime,
) -> None:
    written, went = run.step(order)
    details: Details = {"step": order, "title": written.title}
    if went.note:
        details["note"] = went.note[:1000]
    if went.confirmed_by and went.state is StepState.DONE:
        details["confirmed_by"] = went.confirmed_by
    if went.approved_by and went.state is not StepState.OPEN:
        details["approved_by"] = went.approved_by
    entry = Entry(incident=incident.id, at=now, event=event, by=actor.name, details=details)
    if event is Event.STEP_DONE:
        timeline.add(tx, [entry])
    else:
        transitions.record(tx, now, entry)
    if run.state in _OVER and before.state is not run.state:
        over(tx, run, actor, now)


def over(tx: Transaction, run: Run, actor: Actor, now: datetime) -> None:
    """Note that a run is over: finished, or rolled back."""
    told: Details = {"runbook": run.runbook.title}
    if run.state is RunState.FINISHED:
        timeline.add(tx, [Entry(incident=run.incident, at=now, event=Event.RUN_FINISHED, by=actor.name, details=told)])
        return
    event = Event.RUN_ROLLED_BACK if run.state is RunState.ROLLED_BACK else Event.RUN_ABORTED
    transitions.record(tx, now, Entry(incident=run.incident, at=now, event=event, by=actor.name, details=told))


def show(tx: Transaction, run: Run, channel: str, now: datetime, *, edited: tuple[int, ...], is_new: bool) -> None:
    """Queue the messages that a change touches: the steps `edited`, what waits now, the run's own message and the
    card."""
    due, post = transitions.under_card(tx, run.incident, now), outbox.posts(channel)
    card = Parcel(kind=Kind.CARD, incident=run.incident, due_at=now, lane=outbox.EDITS)
    overview = Parcel(kind=Kind.RUN, incident=run.incident, due_at=due, lane=post if is_new else outbox.EDITS)
    old = [step_parcel(run, order, due, outbox.EDITS) for order in edited]
    new = [] if run.current is None or run.current in edited else [step_parcel(run, run.current, due, post)]
    asked = [order for order in edited if run.step(order)[1].asked_at]
    questions = [step_parcel(run, order, due, outbox.EDITS, Kind.OVERDUE) for order in asked]
    outbox.put_answers(tx, [card, overview, *old, *new, *questions, *_rollbacks(run, edited, due, post)])


def live(run: Run) -> tuple[int, ...]:
    """The steps whose messages have buttons."""
    current = () if run.current is None else (run.current,)
    return tuple(dict.fromkeys((*rollbacks.pending(run), *current)))


def _rollbacks(run: Run, edited: tuple[int, ...], due: datetime, post: str) -> list[Parcel]:
    """The rollbacks of a run that was given up: those settled now, and the next one."""
    if run.aborted_at is None:
        return []
    settled = [order for order in edited if run.step(order)[1].state in (StepState.ROLLED_BACK, StepState.KEPT)]
    following = rollbacks.turn(run)
    old = [step_parcel(run, order, due, outbox.EDITS, Kind.ROLLBACK) for order in settled]
    new = [] if following is None else [step_parcel(run, following, due, post, Kind.ROLLBACK)]
    return [*old, *new]


def step_parcel(run: Run, order: int, due: datetime, lane: str, kind: Kind = Kind.STEP) -> Parcel:
    """A message about one step of a run."""
    return Parcel(kind=kind, incident=run.incident, subject=f"{run.id}:{order}", due_at=due, lane=lane)


def request_parcel(tx: Transaction, request: Request, now: datetime, lane: str) -> Parcel:
    """The message of a request for a second person."""
    due = transitions.under_card(tx, request.incident, now)
    return Parcel(kind=Kind.APPROVAL, incident=request.incident, subject=request.id, due_at=due, lane=lane)
