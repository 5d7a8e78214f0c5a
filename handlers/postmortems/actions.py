"""What people promise in a post-mortem: put down, changed, ticked; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from domain import postmortems as rules
from domain.clock import Clock
from domain.errors import Conflict, Invalid, Outdated
from domain.incidents import Incident
from domain.people import Actor, Permission
from domain.postmortems import Action, Record
from domain.timeline import Entry, Event
from handlers.incidents.service import permit
from handlers.postmortems.reading import record_of
from storage import catalog, homes, incidents, notices, postmortem_actions, postmortems, timeline
from storage.identifiers import new_id
from storage.store import Store, Transaction


class ActionService:
    """Changes actions. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def add(self, name: str, actor: Actor, text: str, owner: str, due_on: date | None) -> Record:
        """`owner` (a Slack id) does something until a day. Raises Invalid naming each field, Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, now: datetime) -> Incident:
            incident = incidents.find(tx, name)
            postmortems.find(tx, incident.id)
            if len(postmortem_actions.of_incident(tx, incident.id)) >= rules.MOST_ACTIONS:
                raise Conflict(f"a post-mortem takes at most {rules.MOST_ACTIONS} actions")
            made = self._checked(tx, incident, None, text, owner, due_on, now)
            postmortem_actions.add(tx, replace(made, made_by=actor.name))
            _note(tx, made, Event.ACTION_ADDED, actor, now)
            return incident

        return await self._change(work)

    async def change(
        self, identity: str, seen: str, actor: Actor, text: str, owner: str, due_on: date | None
    ) -> Record:
        """Say it anew; `seen` is the edition that the form began from. Raises Invalid naming each field, Outdated,
        Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, now: datetime) -> Incident:
            before, incident = _held(tx, identity)
            if before.edition != seen:
                raise Outdated("somebody changed this meanwhile: look at it again before you save")
            changed = self._checked(tx, incident, before, text, owner, due_on, now)
            postmortem_actions.save(tx, changed)
            return incident

        return await self._change(work)

    async def tick(self, identity: str, actor: Actor) -> Record:
        """It is done. Raises Conflict when it was before, Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, now: datetime) -> Incident:
            before, incident = _held(tx, identity)
            done = rules.ticked(before, actor, now)
            postmortem_actions.save(tx, done)
            _note(tx, done, Event.ACTION_DONE, actor, now)
            _settled(tx, done, now)
            return incident

        return await self._change(work)

    async def reopen(self, identity: str, actor: Actor) -> Record:
        """It is not done after all. Raises Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, now: datetime) -> Incident:
            before, incident = _held(tx, identity)
            if before.is_done:
                zone = record_of(tx, incident, now).zone
                postmortem_actions.save(tx, rules.reopened(before, now, zone))
            return incident

        return await self._change(work)

    async def remove(self, identity: str, actor: Actor) -> Record:
        """Nobody has to do it. Raises Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, now: datetime) -> Incident:
            gone, incident = _held(tx, identity)
            postmortem_actions.remove(tx, identity)
            _note(tx, gone, Event.ACTION_REMOVED, actor, now)
            _settled(tx, gone, now)
            return incident

        return await self._change(work)

    async def show(self, identity: str) -> tuple[Action, Record]:
        """An action, and the post-mortem that it is in. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Action, Record]:
            found, incident = _held(tx, identity)
            return found, record_of(tx, incident, self._clock.now())

        return await self._store.read(work)

    def _checked(
        self,
        tx: Transaction,
        incident: Incident,
        before: Action | None,
        text: str,
        owner: str,
        due_on: date | None,
        now: datetime,
    ) -> Action:
        record = record_of(tx, incident, now)
        person = catalog.directory(tx).person_by_slack(owner)
        said = text.strip()
        faults = list(rules.action_faults(said, person.id if person else "", due_on, record.today, before))
        if faults or person is None or due_on is None:
            raise Invalid(faults)
        base = before or Action(id=new_id(), incident=incident.id, text=said, owner=person.id, due_on=due_on)
        is_same_day = before is not None and before.due_on == due_on and before.owner == person.id
        said_anew = replace(base, text=said, owner=person.id, due_on=due_on)
        return said_anew if is_same_day else rules.promised(said_anew, record.zone)

    async def _change(self, work: Callable[[Transaction, datetime], Incident]) -> Record:
        def whole(tx: Transaction) -> Record:
            now = self._clock.now()
            record = record_of(tx, work(tx, now), now)
            homes.refresh(tx, now)
            return record

        record = await self._store.write(whole)
        self._wake()
        return record


def _held(tx: Transaction, identity: str) -> tuple[Action, Incident]:
    """An action and its incident, which is held first, as everywhere."""
    seen = postmortem_actions.look_up(tx, identity) or postmortem_actions.find(tx, identity)
    incident = incidents.find(tx, seen.incident)
    return postmortem_actions.find(tx, identity), incident


def _note(tx: Transaction, one: Action, event: Event, actor: Actor, now: datetime) -> None:
    timeline.add(tx, [Entry(incident=one.incident, at=now, event=event, by=actor.name, details={"text": one.text})])


def _settled(tx: Transaction, one: Action, now: datetime) -> None:
    """The last reminder, wherever it was told, says what became of it."""
    if one.reminders:
        notices.again_of(tx, f"action_due:{one.id}:{one.due_on.isoformat()}:{one.reminders}:", now)
