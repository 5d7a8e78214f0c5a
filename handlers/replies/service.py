"""What an answer by SMS does: takes, declines or escalates for whoever has the number; one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.errors import NotFound, VigieError
from domain.incidents import Incident, Status
from domain.notifications import Notification
from domain.people import Actor, Permission, Person
from domain.replies import GOOD_FOR, NOBODY_LEFT, Answer, Reply, Verb, may_answer, meant, read
from handlers.incidents import transitions, turns
from handlers.incidents.service import permit
from storage import catalog, homes, incidents, outbox, receipts, replies
from storage.outbox import Kind, Parcel
from storage.replies import Taken
from storage.store import Store, Transaction

_LONGEST_KEPT = 500
_A_BREATH = timedelta(seconds=5)
"""Less than from one look for answers to the next."""
_PERMISSIONS = {
    Verb.TAKE: Permission.ACKNOWLEDGE,
    Verb.DECLINE: Permission.ACKNOWLEDGE,
    Verb.ESCALATE: Permission.ESCALATE,
}
_DONE = {Verb.TAKE: Answer.TAKEN, Verb.DECLINE: Answer.DECLINED, Verb.ESCALATE: Answer.ESCALATED}


@dataclass(frozen=True, slots=True)
class Came:
    """An SMS that came in: its operator's id, who wrote it, what and when (aware, by our clock)."""

    id: str
    number: str
    message: str
    written_at: datetime


class ReplyService:
    """Takes answers. `wake` is called after a change; `locale` is for people who have none of their own."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], locale: str = "en") -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._locale = locale

    async def awaited(self) -> bool:
        """Whether anybody may answer now."""
        return await self._store.read(lambda tx: replies.is_awaited(tx, self._clock.now()))

    async def fresh(self, ids: Sequence[str]) -> list[str]:
        """Those of these answers (ids) that nobody has taken."""
        return await self._store.read(lambda tx: replies.fresh(tx, ids))

    async def look(self, identity: str) -> Taken | None:
        """An answer that was taken."""
        return await self._store.read(lambda tx: replies.find(tx, identity))

    async def take(self, came: Came) -> Taken | None:
        """Do what an answer asks for, and answer it. None when it was taken before."""
        taken = await self._store.act(lambda tx: self._take(tx, came))
        self._wake()
        return taken

    def _take(self, tx: Transaction, came: Came) -> Taken | None:
        now = self._clock.now()
        # What came in parts may have half a letter in it, which no database takes.
        message = came.message.replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST_KEPT]
        taken = Taken(
            id=came.id, number=came.number, message=message, written_at=min(came.written_at, now), taken_at=now
        )
        if not replies.claim(tx, taken):
            return None
        directory = catalog.directory(tx)
        people = directory.people_by_phone(came.number)
        if not people:
            return taken
        done = _Answering(tx, people, directory.language_of(people[0]) or self._locale, self._clock).answer(taken)
        if not may_answer(done.answer, replies.answers(tx, came.number, now - GOOD_FOR), now):
            done = replace(done, answer=Answer.NONE, details={**done.details, "kept_back": done.answer.value})
        replies.settle(tx, done)
        if done.answer is not Answer.NONE:
            outbox.put(tx, [Parcel(kind=Kind.REPLY, incident="", subject=done.id, due_at=now)])
        homes.refresh(tx, now)
        return done


@dataclass(frozen=True, slots=True)
class _Answering:
    """One answer from a known phone, inside its transaction. Of several `people` who share it, it is that of whoever
    was paged."""

    tx: Transaction
    people: tuple[Person, ...]
    locale: str
    clock: Clock

    def answer(self, taken: Taken) -> Taken:
        """`taken`, done, with what is said to it."""
        reply = read(taken.message)
        known = replace(taken, locale=self.locale)
        if reply.verb is Verb.SILENCE:
            return known
        if reply.verb is Verb.NOTHING:
            return replace(known, answer=Answer.HELP)
        page, incident = self._about(reply, taken)
        # Once nobody else has the incident: what happened to it stands in that order.
        now = self.clock.now()
        if incident is None:
            said = reply.name or (str(reply.code) if reply.code else "")
            return replace(known, answer=Answer.UNKNOWN_PAGE, details={"said": said})
        details = {"short_id": incident.short_id, "title": incident.title[:200]}
        known = replace(known, incident=incident.id, details=details)
        if reply.verb is Verb.ESCALATE and self._is_again(incident, taken, now):
            return replace(known, answer=Answer.NONE, details={**details, "kept_back": Answer.ESCALATED.value})
        try:
            details |= self._do(reply.verb, incident, page, now)
        except VigieError as error:
            return replace(known, answer=Answer.REFUSED, details={**details, "reason": str(error)[:300]})
        return replace(known, answer=_DONE[reply.verb], details=details)

    def _is_again(self, incident: Incident, taken: Taken, now: datetime) -> bool:
        """Whether this phone has escalated it in the same breath: a thumb that hits twice asks for one step."""
        since = now - _A_BREATH
        return replies.was_answered(self.tx, taken.number, incident.id, Answer.ESCALATED, since)

    def _about(self, reply: Reply, taken: Taken) -> tuple[Notification | None, Incident | None]:
        """The page that is answered, and its incident; an incident that is named needs no page."""
        pages = replies.pages_to(self.tx, taken.number, taken.written_at)
        named = self._named(reply.name)
        if reply.name:
            pages = [page for page in pages if named and page.incident == named.id]
        numbers = replies.short_numbers(self.tx, {page.incident for page in pages})
        page = meant(reply, pages, numbers, taken.written_at)
        if page is None:
            return None, named
        return page, incidents.find(self.tx, page.incident)

    def _whose(self, page: Notification | None) -> Person:
        return next((one for one in self.people if page and one.id == page.recipient.person), self.people[0])

    def _named(self, name: str) -> Incident | None:
        try:
            return incidents.find(self.tx, name) if name else None
        except NotFound:
            return None

    def _do(self, verb: Verb, incident: Incident, page: Notification | None, now: datetime) -> dict[str, str]:
        """What else there is to say of it. Whoever was paged may answer, whatever their role; whoever names an incident
        needs the right to."""
        person = self._whose(page)
        actor = _actor(person)
        if page is None:
            permit(actor, _PERMISSIONS[verb])
        if verb is Verb.TAKE:
            if turns.is_asked(self.tx, incident, actor):
                turns.still_on_it(self.tx, incident, actor, now)
            elif not _has(person, incident):
                transitions.take(self.tx, incident, actor, now)
            if page:
                receipts.acknowledged(self.tx, page.id, now)
        elif verb is Verb.DECLINE:
            after = turns.decline(self.tx, incident, person, actor, now)
            return {NOBODY_LEFT: "yes"} if turns.is_nobody_left(self.tx, after, now) else {}
        else:
            transitions.hurry(self.tx, incident, actor, now)
        return {}


def _has(person: Person, incident: Incident) -> bool:
    """Whether it is theirs already: by another answer, a call, a link."""
    return incident.status is Status.ACKNOWLEDGED and incident.owner == person.id


def _actor(person: Person) -> Actor:
    return Actor(key=f"person:{person.id}", name=person.name, role=person.role, slack=person.slack, person=person.id)
