"""What people do in a run: each method is one transaction, and the server holds the rules, not the button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain import placeholders
from domain import runbooks as rules
from domain.clock import Clock
from domain.errors import Conflict
from domain.incidents import Incident, already
from domain.people import Actor, Permission
from domain.placeholders import Facts
from domain.runbooks import Run, RunState, StepState
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.runbooks import facts
from storage import catalog, incidents, outbox, runs, timeline
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

Change = Callable[[Run, datetime], Run]
Check = Callable[[Transaction, Incident, Run], None]


def _anything(tx: Transaction, incident: Incident, run: Run) -> None:
    """What is asked before a change that is always fine."""


def _nothing_runs(run: Run) -> None:
    raise Conflict("a runbook is already running for this incident")


class RunbookService:
    """Done, skip, problem, roll back, start. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def done(self, run: str, order: int, actor: Actor, *, confirmed: bool) -> Run:
        """Step `order` is done. Raises Conflict: not its turn, already settled, or it must be confirmed first;
        Unfilled: it names what this incident does not have."""

        def change(run: Run, now: datetime) -> Run:
            return rules.done(run, order, actor, confirmed=confirmed, now=now)

        def check(tx: Transaction, incident: Incident, run: Run) -> None:
            if run.current == order:
                known = facts.of_run(tx, incident, run, order, catalog.directory(tx))
                placeholders.require_filled(run.step(order)[0], known)

        return await self._change(run, order, actor, Event.STEP_DONE, change, check)

    async def skip(self, run: str, order: int, actor: Actor, reason: str) -> Run:
        """Step `order` is passed over. Raises Invalid without a reason, Conflict."""

        def change(run: Run, now: datetime) -> Run:
            return rules.skip(run, order, actor, reason, now)

        return await self._change(run, order, actor, Event.STEP_SKIPPED, change)

    async def problem(self, run: str, order: int, actor: Actor, words: str) -> Run:
        """Step `order` does not go as written. Raises Conflict."""

        def change(run: Run, _: datetime) -> Run:
            return rules.problem(run, order, actor, words)

        return await self._change(run, order, actor, Event.STEP_PROBLEM, change)

    async def roll_back(self, run: str, order: int, actor: Actor) -> Run:
        """Step `order` is undone. Raises Conflict."""

        def change(run: Run, now: datetime) -> Run:
            return rules.roll_back(run, order, actor, now)

        return await self._change(run, order, actor, Event.STEP_ROLLED_BACK, change)

    async def start(self, incident: str, version: str, actor: Actor) -> Run:
        """Start the chosen runbook's run. Raises Conflict when one runs already, or it is no longer current."""
        return await self._begin(incident, version, actor, _nothing_runs)

    async def attach(self, incident: str, version: str, actor: Actor) -> Run:
        """Start the chosen runbook, or put it in the place of one that nobody has begun: its messages then say the
        new one's steps. Raises Conflict when one is under way, or the chosen one is no longer current."""
        return await self._begin(incident, version, actor, rules.require_untouched)

    async def _begin(self, incident: str, version: str, actor: Actor, check: Callable[[Run], None]) -> Run:
        permit(actor, Permission.STEP)

        def work(tx: Transaction) -> Run:
            found = _open_incident(tx, incident)
            before = runs.by_incidents(tx, [found.id]).get(found.id)
            if before:
                check(before)
            books = catalog.directory(tx).runbooks.values()
            chosen = next((book for book in books if book.version_id == version), None)
            if chosen is None:
                raise Conflict("this runbook has changed since; choose again with /runbook start")
            now = self._clock.now()
            run = rules.start(before.id if before else new_id(), found.id, chosen, now)
            runs.save(tx, run) if before else runs.add(tx, [run])
            details: dict[str, str | int] = {"runbook": chosen.title, "version": chosen.version}
            timeline.add(
                tx,
                [Entry(incident=found.id, at=now, event=Event.RUNBOOK_ATTACHED, by=actor.name, details=details)],
            )
            shown = (run.current,) if before and before.current == run.current and run.current is not None else ()
            _show(tx, run, found.channel, now, edited=shown, is_new=before is None)
            return run

        run = await self._store.write(work)
        self._wake()
        return run

    async def show(self, run: str, order: int) -> tuple[Run, Facts]:
        """A run as it is now, and what its step `order` is filled with. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Run, Facts]:
            found = runs.find(tx, run)
            incident = incidents.find(tx, found.incident)
            return found, facts.of_run(tx, incident, found, order, catalog.directory(tx))

        return await self._store.read(work)

    async def _change(
        self, name: str, order: int, actor: Actor, event: Event, change: Change, check: Check = _anything
    ) -> Run:
        permit(actor, Permission.STEP)

        def work(tx: Transaction) -> Run:
            before = runs.find(tx, name)
            incident = _open_incident(tx, before.incident)
            now = self._clock.now()
            check(tx, incident, before)
            after = change(before, now)
            runs.save(tx, after)
            _record(tx, incident, after, order, event, actor, now)
            _show(tx, after, incident.channel, now, edited=(order,), is_new=False)
            return after

        run = await self._store.write(work)
        self._wake()
        return run


def _open_incident(tx: Transaction, name: str) -> Incident:
    incident = incidents.find(tx, name)
    if not incident.is_open:
        raise Conflict(already(incident))
    return incident


def _record(
    tx: Transaction, incident: Incident, run: Run, order: int, event: Event, actor: Actor, now: datetime
) -> None:
    written, went = run.step(order)
    details: dict[str, str | int] = {"step": order, "title": written.title}
    if went.note:
        details["note"] = went.note[:1000]
    if went.confirmed_by and went.state is StepState.DONE:
        details["confirmed_by"] = went.confirmed_by
    entry = Entry(incident=incident.id, at=now, event=event, by=actor.name, details=details)
    if event is Event.STEP_DONE:
        timeline.add(tx, [entry])
    else:
        transitions.record(tx, now, entry)
    if run.state is RunState.FINISHED:
        title: dict[str, str | int] = {"runbook": run.runbook.title}
        finished = Entry(incident=incident.id, at=now, event=Event.RUN_FINISHED, by=actor.name, details=title)
        timeline.add(tx, [finished])


def _show(tx: Transaction, run: Run, channel: str, now: datetime, *, edited: tuple[int, ...], is_new: bool) -> None:
    """Queue the messages that a change touches: the steps `edited`, the step that waits now, the run's own message
    and the card."""
    due, post = transitions.under_card(tx, run.incident, now), outbox.posts(channel)
    card = Parcel(kind=Kind.CARD, incident=run.incident, due_at=now, lane=outbox.EDITS)
    overview = Parcel(kind=Kind.RUN, incident=run.incident, due_at=due, lane=post if is_new else outbox.EDITS)
    old = [_step_parcel(run, order, due, outbox.EDITS) for order in edited]
    new = [] if run.current is None or run.current in edited else [_step_parcel(run, run.current, due, post)]
    outbox.put(tx, [card, overview, *old, *new])


def _step_parcel(run: Run, order: int, due: datetime, lane: str) -> Parcel:
    return Parcel(kind=Kind.STEP, incident=run.incident, subject=f"{run.id}:{order}", due_at=due, lane=lane)
