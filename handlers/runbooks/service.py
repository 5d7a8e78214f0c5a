"""What people do in a run: each method is one transaction, and the server holds the rules, not the button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain import rollbacks
from domain import runbooks as rules
from domain.approvals import Wish
from domain.clock import Clock
from domain.errors import Conflict, NeedsSecond
from domain.people import Actor, Permission
from domain.placeholders import Facts
from domain.runbooks import Run, RunState
from domain.seen_runs import require_seen, seen
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.runbooks import approvals, changes, facts
from storage import catalog, escalations, incidents, runs, timeline
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

Change = Callable[[Run, datetime], Run]


def _nothing_runs(run: Run) -> None:
    rules.require_not_over(run)
    raise Conflict("a runbook is already running for this incident")


class RunbookService:
    """Done, skip, problem, roll back, give up, start. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def done(self, run: str, order: int, actor: Actor, *, confirmed: bool) -> Run:
        """Step `order` is done; or a second person is asked, where the runbook wants four eyes on it. Raises Conflict:
        not its turn, already settled, or it must be confirmed first; Unfilled: it names what this incident does not
        have."""

        def change(run: Run, now: datetime) -> Run:
            return rules.done(run, order, actor, confirmed=confirmed, now=now)

        return await self._change(run, order, actor, Wish.DONE, change, fills=True)

    async def skip(self, run: str, order: int, actor: Actor, reason: str) -> Run:
        """Step `order` is passed over, or a second person is asked. Raises Invalid without a reason, Conflict."""

        def change(run: Run, now: datetime) -> Run:
            return rules.skip(run, order, actor, reason, now)

        return await self._change(run, order, actor, Wish.SKIP, change, note=reason)

    async def problem(self, run: str, order: int, actor: Actor, words: str) -> Run:
        """Step `order` does not go as written. Raises Conflict."""

        def change(run: Run, _: datetime) -> Run:
            return rules.problem(run, order, actor, words)

        return await self._change(run, order, actor, None, change)

    async def roll_back(self, run: str, order: int, actor: Actor) -> Run:
        """Step `order` is undone, or a second person is asked. Raises Conflict."""

        def change(run: Run, now: datetime) -> Run:
            return rollbacks.roll_back(run, order, actor, now)

        return await self._change(run, order, actor, Wish.ROLL_BACK, change)

    async def rollback_done(self, run: str, order: int, actor: Actor) -> Run:
        """The same while a whole run is rolled back: what stands there was carried out. Raises Conflict, Unfilled."""

        def change(run: Run, now: datetime) -> Run:
            return rollbacks.roll_back(run, order, actor, now)

        return await self._change(run, order, actor, Wish.ROLL_BACK, change, fills=True)

    async def keep(self, run: str, order: int, actor: Actor, reason: str) -> Run:
        """Step `order` stays as it is while the rest is rolled back, or a second person is asked. Raises Invalid
        without a reason, Conflict."""

        def change(run: Run, now: datetime) -> Run:
            return rollbacks.keep(run, order, actor, reason, now)

        return await self._change(run, order, actor, Wish.KEEP, change, note=reason)

    async def abort(self, run: str, actor: Actor) -> Run:
        """The run is given up, and what was done is to be rolled back, last first. Raises Conflict."""
        permit(actor, Permission.STEP)

        def work(tx: Transaction) -> Run:
            incident, before = changes.held(tx, run)
            now = self._clock.now()
            after = rollbacks.abort(before, actor, now)
            runs.save(tx, after)
            changes.void(tx, before, after, actor.name, now)
            details: dict[str, str | int] = {"runbook": after.runbook.title, "count": len(rollbacks.pending(after))}
            entry = Entry(incident=incident.id, at=now, event=Event.ROLLBACK_STARTED, by=actor.name, details=details)
            transitions.record(tx, now, entry)
            if after.state is not RunState.ROLLING_BACK:
                changes.over(tx, after, actor, now)
            changes.show(tx, after, incident.channel, now, edited=changes.live(before), is_new=False)
            return after

        stopped = await self._store.act(work)
        self._wake()
        return stopped

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
            found = changes.open_incident(tx, incident)
            before = runs.by_incidents(tx, [found.id]).get(found.id)
            if before:
                check(before)
            # The chosen one is not removed meanwhile.
            serialise(tx, "catalog")
            books = catalog.directory(tx).runbooks.values()
            chosen = next((book for book in books if book.version_id == version), None)
            if chosen is None:
                raise Conflict("this runbook has changed since; choose again with /runbook start")
            now = self._clock.now()
            climb = escalations.by_incidents(tx, [found.id]).get(found.id)
            name, speed = before.id if before else new_id(), climb.speed if climb else 1
            run = rules.start(name, found.id, chosen, now, speed)
            runs.save(tx, run) if before else runs.add(tx, [run])
            if before:
                changes.void(tx, before, run, actor.name, now)
            details: dict[str, str | int] = {"runbook": chosen.title, "version": chosen.version}
            timeline.add(
                tx,
                [Entry(incident=found.id, at=now, event=Event.RUNBOOK_ATTACHED, by=actor.name, details=details)],
            )
            shown = (run.current,) if before and before.current == run.current and run.current is not None else ()
            changes.show(tx, run, found.channel, now, edited=shown, is_new=before is None)
            return run

        run = await self._store.act(work)
        self._wake()
        return run

    async def show(self, run: str, order: int) -> tuple[Run, Facts]:
        """A run as it is now, and what its step `order` is filled with. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> tuple[Run, Facts]:
            key, version = seen(run)
            found = runs.look_up(tx, key)
            require_seen(found, version)
            incident = incidents.look_up(tx, found.incident)
            return found, facts.of_run(tx, incident, found, order, catalog.directory(tx))

        return await self._store.read(work)

    async def _change(
        self,
        name: str,
        order: int,
        actor: Actor,
        wish: Wish | None,
        change: Change,
        *,
        note: str = "",
        fills: bool = False,
    ) -> Run:
        """Change a step. Where nobody may alone, somebody else is asked for what is wished; the run is as it was."""
        permit(actor, Permission.STEP)

        def work(tx: Transaction) -> Run:
            incident, before = changes.held(tx, name)
            now = self._clock.now()
            if fills:
                changes.require_filled(tx, incident, before, order)
            try:
                after = change(before, now)
            except NeedsSecond:
                assert wish is not None
                approvals.ask(tx, incident, before, order, wish, actor, now, note)
                return before
            event = changes.EVENTS[wish] if wish else Event.STEP_PROBLEM
            changes.settle(tx, incident, before, after, order, event, actor, now)
            return after

        run = await self._store.act(work)
        self._wake()
        return run
