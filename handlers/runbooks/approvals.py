"""Four eyes in a run: a second person asked, and what they answer. Each method is one transaction, and the server holds
the rules, not the button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain import approvals as rules
from domain.approvals import Request, Wish
from domain.clock import Clock
from domain.incidents import Incident
from domain.people import Actor, Permission
from domain.runbooks import Run
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.runbooks import changes
from storage import approvals, catalog, incidents, outbox, runs, timeline
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

MOST_AT_ONCE = 100
Details = dict[str, str | int]


def ask(
    tx: Transaction, incident: Incident, run: Run, order: int, wish: Wish, by: Actor, now: datetime, note: str = ""
) -> Request:
    """Ask in the thread for a second person. Raises Conflict when somebody has asked already."""
    waiting = approvals.waiting(tx, incident.id)
    rules.require_none([one for one in waiting if one.run == run.id], order, now)
    stale = [rules.expire(one) for one in waiting if not rules.is_waiting(one, now)]
    approvals.save(tx, stale)
    request = rules.ask(new_id(), run, order, wish, by, now, note=note)
    approvals.add(tx, request)
    timeline.add(tx, [_entry(request, run, Event.APPROVAL_ASKED, by.name, now)])
    fresh = changes.request_parcel(tx, request, now, outbox.posts(incident.channel))
    outbox.put_answers(tx, [*(changes.request_parcel(tx, one, now, outbox.EDITS) for one in stale), fresh])
    return request


def _entry(request: Request, run: Run, event: Event, by: str, now: datetime, **more: str | int) -> Entry:
    title = run.step(request.order)[0].title
    details: Details = {"step": request.order, "title": title, "wish": request.wish.value, "asker": request.by.name}
    if request.reason:
        details["reason"] = request.reason[:1000]
    return Entry(incident=request.incident, at=now, event=event, by=by, details={**details, **more})


class ApprovalService:
    """Approve, refuse, break the glass; and a timer for what nobody answers. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def approve(self, request: str, actor: Actor) -> Run:
        """The second person's yes, and what was asked for with it. Raises Conflict, NotFound, Forbidden, Unfilled."""

        def work(tx: Transaction, incident: Incident, run: Run, asked: Request, now: datetime) -> Run:
            decided, after = rules.approve(asked, run, actor, catalog.directory(tx), now)
            self._carry_out(tx, incident, run, after, decided, Event.APPROVED, actor, now)
            return after

        return await self._change(request, actor, work)

    async def refuse(self, request: str, actor: Actor, reason: str) -> Run:
        """No, and why not; whoever asked may take it back so. Raises Invalid without a reason, Conflict, NotFound."""

        def work(tx: Transaction, incident: Incident, run: Run, asked: Request, now: datetime) -> Run:
            decided = rules.refuse(asked, actor, reason, now)
            approvals.save(tx, [decided])
            transitions.record(tx, now, _entry(decided, run, Event.REFUSED, actor.name, now))
            outbox.put_answers(tx, [changes.request_parcel(tx, decided, now, outbox.EDITS)])
            return run

        return await self._change(request, actor, work)

    async def break_glass(self, request: str, actor: Actor, reason: str) -> Run:
        """What was asked for, without a second person: said aloud, and to the team's lead. Raises Invalid without a
        reason, Conflict, NotFound."""

        def work(tx: Transaction, incident: Incident, run: Run, asked: Request, now: datetime) -> Run:
            decided, after = rules.break_glass(asked, run, actor, reason, now)
            self._carry_out(tx, incident, run, after, decided, Event.GLASS_BROKEN, actor, now)
            return after

        return await self._change(request, actor, work)

    async def show(self, request: str) -> tuple[Request, Run]:
        """A request and its run, as they are. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Request, Run]:
            run = runs.look_up(tx, approvals.run_of(tx, request))
            return approvals.by_ids(tx, [request])[request], run

        return await self._store.read(work)

    def now(self) -> datetime:
        """The moment that what is left is counted from."""
        return self._clock.now()

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When the next request expires."""
        return approvals.next_wake(tx)

    async def fire(self) -> None:
        """Say of those that nobody answered that they have expired."""
        await self._store.write(lambda tx: _expire(tx, self._clock.now()))
        self._wake()

    def _carry_out(
        self,
        tx: Transaction,
        incident: Incident,
        before: Run,
        after: Run,
        decided: Request,
        event: Event,
        actor: Actor,
        now: datetime,
    ) -> None:
        if decided.wish is Wish.DONE:
            changes.require_filled(tx, incident, before, decided.order)
        approvals.save(tx, [decided])
        outbox.put_answers(tx, [changes.request_parcel(tx, decided, now, outbox.EDITS)])
        if event is Event.GLASS_BROKEN:
            _alarm(tx, _entry(decided, before, event, actor.name, now, **_lead(tx, incident, actor)), now)
        else:
            timeline.add(tx, [_entry(decided, before, event, actor.name, now)])
        changes.settle(tx, incident, before, after, decided.order, changes.EVENTS[decided.wish], decided.by, now)

    async def _change(
        self, request: str, actor: Actor, work: Callable[[Transaction, Incident, Run, Request, datetime], Run]
    ) -> Run:
        permit(actor, Permission.STEP)

        def whole(tx: Transaction) -> Run:
            name = approvals.run_of(tx, request)
            # Before the run and the request: whoever ends an incident holds it, and asks for these then.
            incidents.hold(tx, [runs.look_up(tx, name).incident])
            run = runs.find(tx, name)
            asked, now = approvals.find(tx, request), self._clock.now()
            rules.require_waiting(asked, now)
            return work(tx, changes.open_incident(tx, run.incident), run, asked, now)

        run = await self._store.act(whole)
        self._wake()
        return run


def _alarm(tx: Transaction, entry: Entry, now: datetime) -> None:
    """Say it in the thread and the channel, and to the lead alone."""
    (kept,) = transitions.record(tx, now, entry)
    if entry.details.get("slack"):
        lane = outbox.direct(str(entry.details["slack"]))
        outbox.put(tx, [Parcel(kind=Kind.WORD, incident=entry.incident, subject=kept, due_at=now, lane=lane)])


def _lead(tx: Transaction, incident: Incident, actor: Actor) -> Details:
    """Who else has to hear of a broken glass: the team's lead, unless it was they."""
    directory = catalog.directory(tx)
    team = directory.teams.get(incident.team)
    lead = directory.people.get(team.lead) if team else None
    if lead is None or not lead.is_active or not lead.slack or lead.slack == actor.slack:
        return {}
    return {"slack": lead.slack}


def _expire(tx: Transaction, now: datetime) -> None:
    found = [rules.expire(one) for one in approvals.expired(tx, now, MOST_AT_ONCE)]
    approvals.save(tx, found)
    # Read, not held: whoever answers holds the run before the request, and waits for it here.
    known = runs.by_incidents(tx, {one.incident for one in found})
    for one in found:
        outbox.put(tx, [changes.request_parcel(tx, one, now, outbox.EDITS)])
        run = known.get(one.incident)
        if run and run.id == one.run:
            transitions.record(tx, now, _entry(one, run, Event.EXPIRED, "", now))
