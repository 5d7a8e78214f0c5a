"""A run carried over to a newer version of its runbook, and the newer version said where the work is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain import carrying as rules
from domain.carrying import Carried
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.people import Actor, Permission
from domain.runbooks import Run
from domain.timeline import Entry, Event
from handlers.incidents import requests, transitions
from handlers.incidents.service import permit
from handlers.runbooks import changes
from storage import approvals, catalog, messages, outbox, runs
from storage.identifiers import new_id
from storage.outbox import Kind
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Look:
    """What carrying a run over does."""

    run: Run
    carried: Carried
    directory: Directory


class CarryingService:
    """Look at what carrying over does, and do it. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def look(self, run: str, seen: str) -> Look:
        """What it does. Raises Conflict, Outdated, NotFound."""
        return await self._store.read(lambda tx: _look(tx, run, seen, self._clock.now()))

    async def carry_over(self, run: str, seen: str, actor: Actor) -> Run:
        """A run of the version that was `seen`, in the place of `run`. Raises Conflict when somebody was faster or the
        incident is over, Outdated, NotFound, Forbidden."""
        permit(actor, Permission.STEP)

        def work(tx: Transaction) -> Run:
            incident, _ = changes.held(tx, run)
            # Once nobody else has the incident: what happened to it stands in that order.
            now = self._clock.now()
            found = _look(tx, run, seen, now)
            before, after = found.run, found.carried.run
            requests.void(tx, approvals.waiting(tx, incident.id), actor.name, now)
            runs.replace(tx, before, after, now)
            moved = _move(tx, before, found.carried)
            details: dict[str, str | int] = {"runbook": after.runbook.title, "version": after.runbook.version}
            details |= {"before": before.runbook.version, "count": len(found.carried.kept)}
            entry = Entry(incident=incident.id, at=now, event=Event.RUN_CARRIED_OVER, by=actor.name, details=details)
            transitions.record(tx, now, entry)
            _show_old(tx, before, now)
            changes.show(tx, after, incident.channel, now, edited=moved, is_new=False)
            return after

        made = await self._store.act(work)
        self._wake()
        return made


def _look(tx: Transaction, run: str, seen: str, now: datetime) -> Look:
    found, directory = runs.find(tx, run), catalog.directory(tx)
    newest = directory.runbooks.get(found.runbook.id)
    if newest is None:
        raise NotFound("there is no such runbook any more")
    return Look(found, rules.carry_over(found, newest, seen, new_id(), now), directory)


def _move(tx: Transaction, before: Run, carried: Carried) -> tuple[int, ...]:
    """The messages of what stays, and of the step that waits, become those of the new run; its orders."""
    after, names = carried.run, {f"run:{before.id}": f"run:{carried.run.id}"}
    stay = {old: new for old, new in carried.matched.items() if new in (*carried.kept, after.current)}
    shown = {old: new for old, new in stay.items() if messages.has(tx, f"step:{before.id}:{old}")}
    names |= {f"step:{before.id}:{old}": f"step:{after.id}:{new}" for old, new in shown.items()}
    messages.rename(tx, names)
    return tuple(shown.values())


def _show_old(tx: Transaction, before: Run, now: datetime) -> None:
    """What is left of the old run says that it goes on elsewhere."""
    due = transitions.under_card(tx, before.incident, now)
    kinds = (Kind.STEP, Kind.OVERDUE)
    left = [(kind, order) for kind in kinds for order in (went.order for went in before.steps)]
    shown = [(kind, order) for kind, order in left if messages.has(tx, f"{kind.value}:{before.id}:{order}")]
    outbox.put(tx, [changes.step_parcel(before, order, due, outbox.EDITS, kind) for kind, order in shown])


def announce(tx: Transaction, runbook: str, now: datetime) -> None:
    """A runbook has a new version: the steps that wait say so, in the runs that keep the one before."""
    for run in runs.of_runbook(tx, runbook):
        if run.current is not None:
            due = transitions.under_card(tx, run.incident, now)
            outbox.put(tx, [changes.step_parcel(run, run.current, due, outbox.EDITS)])
