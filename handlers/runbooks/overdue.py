"""A step past twice its expected time: whoever has the incident is asked, once; what they answer; and what follows when
nobody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain import overdue as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.incidents import Incident
from domain.lifecycle import AHEAD
from domain.overdue import Overdue
from domain.people import Actor, Permission, Person
from domain.runbooks import Run
from domain.timeline import SIGNS_OF_LIFE, Entry, Event
from handlers.incidents import help as calls
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.runbooks import changes
from storage import catalog, homes, incidents, outbox, runs, timeline
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """Who can help with a step: the `lead` (a name, "" for nobody who could be told), and always the escalation."""

    run: Run
    lead: str


class OverdueService:
    """The question's timer and its answers. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look at the next run."""
        return runs.next_wake(tx)

    async def fire(self) -> None:
        """Ask about the steps that take too long; call somebody where nobody answered."""
        if await self._store.write(lambda tx: _look(tx, self._clock.now())):
            self._wake()

    async def still(self, run: str, order: int, actor: Actor) -> Run:
        """Somebody is still on it. Raises Conflict when the step is settled, or somebody has answered."""

        def work(tx: Transaction, incident: Incident, found: Run, now: datetime) -> Run:
            after = rules.answer(found, order, actor, now)
            timeline.add(tx, [_entry(after, order, Event.STILL_ON_STEP, actor.name, now)])
            return after

        return await self._answer(run, order, actor, work)

    async def offer(self, run: str, order: int, actor: Actor) -> Offer:
        """Who can help whoever asks. Raises NotFound, Conflict when the step is settled."""

        def work(tx: Transaction) -> Offer:
            found = runs.look_up(tx, run)
            rules.answer(found, order, actor, self._clock.now(), needs_help=True)
            lead = _lead(catalog.directory(tx), incidents.look_up(tx, found.incident), actor)
            return Offer(found, lead.name if lead else "")

        return await self._store.read(work)

    async def tell_lead(self, run: str, order: int, actor: Actor) -> Run:
        """The team's lead is told that somebody needs help; the incident stays with whoever has it. Raises Conflict."""

        def work(tx: Transaction, incident: Incident, found: Run, now: datetime) -> Run:
            after = rules.answer(found, order, actor, now, needs_help=True)
            lead = _lead(catalog.directory(tx), incident, actor)
            slack = lead.slack if lead else ""
            (kept,) = transitions.record(tx, now, _entry(after, order, Event.HELP_WANTED, actor.name, now, slack=slack))
            if slack:
                lane = outbox.direct(slack)
                outbox.put(tx, [Parcel(kind=Kind.WORD, incident=incident.id, subject=kept, due_at=now, lane=lane)])
            return after

        return await self._answer(run, order, actor, work)

    async def escalate(self, run: str, order: int, actor: Actor) -> Run:
        """The next in the policy are paged at once. Raises Conflict."""
        permit(actor, Permission.ESCALATE)

        def work(tx: Transaction, incident: Incident, found: Run, now: datetime) -> Run:
            after = rules.answer(found, order, actor, now, needs_help=True)
            transitions.record(tx, now, _entry(after, order, Event.HELP_WANTED, actor.name, now))
            calls.call_next(tx, incident, actor, now)
            homes.refresh(tx, now)
            return after

        return await self._answer(run, order, actor, work)

    async def _answer(
        self, name: str, order: int, actor: Actor, work: Callable[[Transaction, Incident, Run, datetime], Run]
    ) -> Run:
        permit(actor, Permission.STEP)

        def whole(tx: Transaction) -> Run:
            incident, found = changes.held(tx, name)
            now = self._clock.now()
            after = work(tx, incident, found, now)
            runs.save(tx, after)
            outbox.put_answers(tx, [_question(tx, after, order, now, outbox.EDITS)])
            return after

        run = await self._store.act(whole)
        self._wake()
        return run


def _look(tx: Transaction, now: datetime) -> bool:
    """Whether anybody is to be told something. Incidents are held in everybody's order; of one that somebody else
    changes at the moment, the run is looked at next time."""
    due = runs.due(tx, now, MOST_AT_ONCE)
    held = set(incidents.hold(tx, sorted({run.incident for run in due}), skip_held=True))
    due = [run for run in due if run.incident in held]
    ids = [run.incident for run in due]
    alive, taken = (timeline.last_of(tx, ids, of, now + AHEAD) for of in (SIGNS_OF_LIFE, [Event.ACKNOWLEDGED]))
    told = [_look_at(tx, run, alive.get(run.incident), taken.get(run.incident), now) for run in due]
    return any(told)


def _look_at(tx: Transaction, run: Run, alive_at: datetime | None, taken_at: datetime | None, now: datetime) -> bool:
    incident = incidents.find(tx, run.incident)
    found = rules.look(run, incident, alive_at, now, taken_at)
    if found.what is Overdue.NOTHING:
        runs.wake(tx, run.id, found.wake_at)
        return False
    order = run.current or 0
    if found.what is Overdue.ASK:
        asked = rules.asked(run, now, taken_at)
        runs.save(tx, asked)
        timeline.add(tx, [_entry(asked, order, Event.STEP_OVERDUE, "", now, asker=incident.acknowledged_by)])
        outbox.put(tx, [_question(tx, asked, order, now, outbox.posts(incident.channel))])
        return True
    runs.wake(tx, run.id, None)
    is_resumed = calls.resume(tx, incident, now)
    if is_resumed:
        outbox.put(tx, [_question(tx, run, order, now, outbox.EDITS)])
    return is_resumed


def _question(tx: Transaction, run: Run, order: int, now: datetime, lane: str) -> Parcel:
    due = transitions.under_card(tx, run.incident, now)
    return changes.step_parcel(run, order, due, lane, Kind.OVERDUE)


def _entry(run: Run, order: int, event: Event, by: str, now: datetime, **more: str) -> Entry:
    details: dict[str, str | int] = {"step": order, "title": run.step(order)[0].title, **more}
    return Entry(incident=run.incident, at=now, event=event, by=by, details=details)


def _lead(directory: Directory, incident: Incident, actor: Actor) -> Person | None:
    """The lead of the incident's team, when they can be told and are somebody else."""
    team = directory.teams.get(incident.team)
    lead = directory.people.get(team.lead) if team else None
    is_another = lead is not None and lead.is_active and bool(lead.slack) and lead.slack != actor.slack
    return lead if is_another else None
