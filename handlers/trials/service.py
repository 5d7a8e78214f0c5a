"""Test me: a page by every channel of the one who asks, marked as a test, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.clock import Clock
from domain.contacts import Contact, address_of
from domain.directory import Directory
from domain.errors import Conflict, Forbidden, NotFound
from domain.people import Actor, Person
from domain.policies import Channel
from domain.reach import NOT_SET_UP
from domain.trials import APART, CHANNELS, GOOD_FOR, Trial, TrialState
from storage import catalog, homes, outbox, trials
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction, serialise

MISSING = {
    Channel.SLACK: "no Slack account is known",
    Channel.SMS: "no phone number is known",
    Channel.EMAIL: "no e-mail address is known",
    Channel.PHONE: "no phone number is known",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A trial, whose it is, and what they read, "" when nobody knows."""

    trial: Trial
    person: Person
    locale: str


class TrialService:
    """Starts trials and takes their confirmations. `channels` are those that are set up; `wake` is called after a
    change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], channels: frozenset[Channel]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._channels = channels
        # Calls are off on purpose unless somebody turned them on: nothing lacks.
        self._tried = tuple(one for one in CHANNELS if one is not Channel.PHONE or one in channels)

    async def start(self, actor: Actor) -> tuple[Trial, ...]:
        """A test by each channel of the one who asks. Raises NotFound for a stranger, Conflict within a minute."""

        def work(tx: Transaction) -> tuple[Trial, ...]:
            serialise(tx, "trials")
            directory, now = catalog.directory(tx), self._clock.now()
            person = directory.people.get(actor.person)
            if person is None:
                raise NotFound(_stranger(directory))
            if any(now - trial.started_at < APART for trial in trials.of_person(tx, person.id)):
                raise Conflict("a test went out less than a minute ago: wait a moment")
            return self.begin(tx, person, now)

        started = await self._store.write(work)
        self._wake()
        return started

    def begin(self, tx: Transaction, person: Person, now: datetime, *, is_monthly: bool = False) -> tuple[Trial, ...]:
        """A test by each channel of `person`, within the caller's transaction: one at a time, whoever asks for it."""
        serialise(tx, "trials")
        begun = [self._trial(person, channel, now) for channel in self._tried]
        started = tuple(replace(trial, is_monthly=is_monthly) for trial in begun)
        trials.replace(tx, person.id, started)
        outbox.put(tx, [_parcel(trial, now) for trial in started if trial.state is TrialState.WAITING])
        homes.refresh(tx, now)
        return started

    def _trial(self, person: Person, channel: Channel, now: datetime) -> Trial:
        address = _address(person, channel)
        reason = "" if channel in self._channels else NOT_SET_UP[channel]
        reason = reason or ("" if address else MISSING[channel])
        return Trial(
            id=new_id(),
            person=person.id,
            channel=channel,
            address=address,
            started_at=now,
            state=TrialState.REFUSED if reason else TrialState.WAITING,
            reason=reason,
            settled_at=now if reason else None,
        )

    async def look(self, trial: str) -> Seen:
        """A trial as it is. Raises NotFound when a newer one took its place."""
        return await self._store.read(lambda tx: _seen(tx, trial))

    async def wanted(self, trial: str) -> Seen | None:
        """A trial that is about to leave; None when nobody waits for it any more."""

        def work(tx: Transaction) -> Seen | None:
            found = trials.find(tx, trial)
            if found is None or found.state is not TrialState.WAITING:
                return None
            if self._clock.now() - found.started_at > GOOD_FOR:
                now = self._clock.now()
                trials.settle(tx, trial, TrialState.REFUSED, "it could not leave in time", now)
                homes.refresh(tx, now)
                return None
            return _seen(tx, trial)

        return await self._store.write(work)

    async def confirm(self, trial: str, actor: Actor | None = None) -> Seen:
        """It arrived: said by `actor` in Slack, or by whoever has the link. Raises NotFound, Forbidden."""

        def work(tx: Transaction) -> Seen:
            seen = _seen(tx, trial)
            if actor and actor.person != seen.person.id:
                raise Forbidden("only who got the test can say that it arrived")
            if seen.trial.state is not TrialState.CONFIRMED:
                now = self._clock.now()
                trials.confirm(tx, trial, now)
                homes.refresh(tx, now)
            return _seen(tx, trial)

        seen = await self._store.write(work)
        self._wake()
        return seen

    async def lose(self, trial: str, reason: str) -> None:
        """The provider took it, and says now that it reached nobody. Raises NotFound."""

        def work(tx: Transaction) -> None:
            seen, now = _seen(tx, trial), self._clock.now()
            if seen.trial.state is not TrialState.CONFIRMED:
                trials.lose(tx, trial, reason, now)
                homes.refresh(tx, now)

        await self._store.write(work)
        self._wake()


def _address(person: Person, channel: Channel) -> str:
    if channel is Channel.SLACK:
        return person.slack or person.email
    return address_of(person, Contact.EMAIL if channel is Channel.EMAIL else Contact.PHONE)


def _seen(tx: Transaction, trial: str) -> Seen:
    found = trials.find(tx, trial)
    directory = catalog.directory(tx)
    person = directory.people.get(found.person) if found else None
    if found is None or person is None:
        raise NotFound("this is a test of another time")
    return Seen(found, person, directory.language_of(person))


def _parcel(trial: Trial, now: datetime) -> Parcel:
    lane = outbox.direct(trial.address) if trial.channel is Channel.SLACK else ""
    return Parcel(kind=Kind.TRIAL, incident="", subject=trial.id, due_at=now, lane=lane)


def _stranger(directory: Directory) -> str:
    names = ", ".join(person.name for person in directory.admins[:5])
    if not names:
        return "Vigie does not know you yet: ask whoever set it up to add you to the people"
    return f"Vigie does not know you yet: ask an admin, such as {names}, to add you to the people"
