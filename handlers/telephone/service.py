"""What a voice gateway says of a page's call: keys that were pressed, and what became of it. Said twice, it counts
once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.clock import Clock
from domain.errors import Conflict, Unavailable
from domain.incidents import Incident, Status
from domain.notifications import Notification, NotificationState
from domain.people import Actor
from domain.receipts import Finding, age
from domain.telephone import GOOD_FOR, LOST, Answered, CallRecord, CallState, Key
from handlers.incidents import transitions
from handlers.incidents.other_ways import OtherWays, has_declined_since, is_former
from handlers.links.service import page_of, reader_of
from storage import catalog, homes, incidents, receipts, storms, telephone
from storage.store import Store, Transaction

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a key: what is to be said to whoever pressed it, in their language (`locale`, "" for the
    installation's)."""

    answered: Answered
    incident: Incident
    locale: str


class TelephoneService:
    """Takes keys and states. `ways` lead to whom a call did not reach; `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], ways: OtherWays) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._ways = ways

    async def is_wanted(self, notification: str) -> bool:
        """Whether that call is still to ring, for any page that it is the only call of. Raises NotFound."""

        def work(tx: Transaction) -> bool:
            page = page_of(tx, notification)
            _, together = storms.sent_with(tx, page)
            return not self._is_expired(page) and any(_is_to_ring(tx, one) for one in together)

        return await self._store.read(work)

    async def press(self, notification: str, key: str) -> Heard:
        """A key was pressed. Raises as `note` does."""

        def work(tx: Transaction) -> Heard:
            page = page_of(tx, notification)
            incident = incidents.find(tx, page.incident)
            answered = Answered.EXPIRED if self._is_expired(page) else self._pressed(tx, page, incident, key)
            homes.refresh(tx, self._clock.now())
            return Heard(answered, incidents.by_ids(tx, [incident.id])[incident.id], _locale(tx, page, incident))

        return await self._changed(work)

    async def note(self, notification: str, state: CallState) -> None:
        """What became of the call. One that reached nobody goes another way at once.

        Raises NotFound, and Unavailable while it is not written down that the gateway took the call.
        """

        def work(tx: Transaction) -> None:
            page = page_of(tx, notification)
            _, together = storms.sent_with(tx, page)
            incidents.hold(tx, sorted({one.incident for one in together}))
            call = self._call(tx, page)
            if not call.may_become(state) or self._is_expired(page):
                return
            _check_written(page)
            telephone.put(tx, replace(call, state=state, changed_at=self._clock.now()))
            if state in LOST and not call.keys and page.state is NotificationState.SENT:
                self._lost(tx, together, LOST[state])
            elif state is CallState.ANSWERED and not page.delivered_at:
                receipts.note(tx, page, Finding(delivered_at=self._clock.now()))

        await self._changed(work)

    def _pressed(self, tx: Transaction, page: Notification, incident: Incident, key: str) -> Answered:
        if key not in list(Key):
            return Answered.UNKNOWN_KEY
        _check_written(page)
        if not page.delivered_at:
            receipts.note(tx, page, Finding(delivered_at=self._clock.now()))
        call, reader = self._call(tx, page), reader_of(page, catalog.directory(tx))
        found = self._done(tx, page, incident, Key(key), key in call.keys, reader)
        telephone.put(
            tx,
            replace(
                call,
                state=call.state if call.state is not CallState.RINGING else CallState.ANSWERED,
                keys=call.keys if key in call.keys else call.keys + key,
                changed_at=self._clock.now(),
            ),
        )
        return found

    def _done(
        self, tx: Transaction, page: Notification, incident: Incident, key: Key, is_again: bool, reader: Actor
    ) -> Answered:
        if incident.status is Status.RESOLVED:
            return Answered.OVER
        if incident.status is not Status.TRIGGERED:
            is_theirs = bool(page.recipient.person) and incident.owner == page.recipient.person
            return Answered.ACKNOWLEDGED if is_theirs else Answered.TAKEN
        now = self._clock.now()
        if key is Key.ACKNOWLEDGE:
            # It did its work, or came too late for it, and the incident is nobody's again since: whoever gave it back
            # has not taken it once more because a gateway repeats itself.
            if is_again:
                return Answered.EXPIRED
            # Whoever was paged may acknowledge, whatever their role.
            transitions.acknowledge(tx, incident, reader, now)
            receipts.acknowledged(tx, page.id, now)
            return Answered.ACKNOWLEDGED
        if is_again:
            return Answered.ESCALATED
        try:
            transitions.hurry(tx, incident, reader, now)
        except Conflict:
            return Answered.NOBODY_LEFT
        return Answered.ESCALATED

    def _lost(self, tx: Transaction, pages: Sequence[Notification], reason: str) -> None:
        """A call, for every page that it was the only call of."""
        found = incidents.by_ids(tx, [one.incident for one in pages])
        for one in pages:
            receipts.note(tx, one, Finding(is_refused=True, failure=reason))
            if found[one.incident].status is Status.TRIGGERED:
                lost = replace(one, state=NotificationState.FAILED, failure=reason)
                self._ways.take(tx, lost, found[one.incident], reason, self._clock.now())

    def _call(self, tx: Transaction, page: Notification) -> CallRecord:
        kept = telephone.find(tx, page.id)
        return kept or CallRecord(notification=page.id, changed_at=self._clock.now())

    def _is_expired(self, page: Notification) -> bool:
        return age(page, self._clock.now()) > GOOD_FOR

    async def _changed(self, work: Callable[[Transaction], Result]) -> Result:
        result = await self._store.act(work)
        self._wake()
        return result


def _check_written(page: Notification) -> None:
    if page.state is NotificationState.WAITING:
        raise Unavailable("the call is not written down yet: say it again in a second")


def _is_to_ring(tx: Transaction, page: Notification) -> bool:
    """Whether nobody has the incident, nor was it given to somebody else, nor has whoever is to be called declined."""
    incident = incidents.by_ids(tx, [page.incident])[page.incident]
    is_waiting = incident.status is Status.TRIGGERED
    return is_waiting and not is_former(tx, page) and not has_declined_since(tx, page)


def _locale(tx: Transaction, page: Notification, incident: Incident) -> str:
    team = catalog.directory(tx).teams.get(incident.team)
    return page.recipient.locale or (team.locale if team else "")
