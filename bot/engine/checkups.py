"""The monthly tests, when they fall due; and who can't be reached for sure, told to who leads them, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.checkups import LATER, Checkup, Doubt, doubts, leads, next_look, next_test, paged
from domain.clock import Clock
from domain.directory import Directory
from domain.notices import Notice, NoticeKind
from domain.people import Person
from handlers.trials.service import TrialService
from storage import catalog, checkups, homes, notices, notifications, trials
from storage.store import Store, Transaction, serialise

EVERY = timedelta(hours=6)
"""How often it is looked at the least: what a provider refused is noticed then."""


class Checkups:
    """Looks when a test falls due or a doubt may arise, and when somebody has changed the catalog."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None], tests: TrialService) -> None:
        """`stir` is called when there may be something to send."""
        self._store = store
        self._clock = clock
        self._stir = stir
        self._tests = tests
        self._looked: tuple[int, datetime] | None = None
        """The catalog's revision of the last look, and when the next is due. Lost with the process, it looks anew."""
        self._bounced: frozenset[str] = frozenset()
        """Whom a provider refused, when it was last asked for."""
        self._asking: asyncio.Task[frozenset[str]] | None = None

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again; never while it is asked whom a provider refused."""
        if self._asking and not self._asking.done():
            return None
        if self._looked is None or self._looked[0] != catalog.revision(tx):
            return self._clock.now()
        return self._looked[1]

    async def fire(self) -> None:
        """Test whoever is due, and tell of whoever can't be reached for sure."""
        now = self._clock.now()
        if self._looked is None or self._looked[1] <= now:
            if self._asking is None:
                # A month of pages is read for it, behind whatever else takes long: beside the engine, which waits for
                # what it fires, and not after each change of the catalog.
                self._asking = asyncio.create_task(self._ask(now), name="checkups")
                self._asking.add_done_callback(lambda _: self._stir())
            if not self._asking.done():
                return
            asked, self._asking = self._asking, None
            self._bounced = asked.result()
        self._looked = await self._store.write(lambda tx: self._look(tx, now))
        self._stir()

    async def _ask(self, now: datetime) -> frozenset[str]:
        return await self._store.browse(lambda tx: checkups.bounced(tx, now))

    def _look(self, tx: Transaction, now: datetime) -> tuple[int, datetime]:
        serialise(tx, "checkups")
        directory, kept = catalog.directory(tx), checkups.all_of(tx)
        people = paged(directory)
        checkups.forget(tx, kept.keys() - {person.id for person in people})
        found, wakes = [], [now + EVERY]
        for person in people:
            before = kept.get(person.id) or Checkup(person=person.id, seen_at=now)
            tested, due = self._tested(tx, before, person, directory, now)
            tried = trials.of_person(tx, person.id)
            after = replace(tested, doubts=doubts(person, directory, tested, tried, person.id in self._bounced, now))
            found.append(after)
            wakes += [next_look(after, now), *([due] if due else [])]
            self._tell(tx, before, after, directory, now)
        checkups.put(tx, [one for one in found if kept.get(one.person) != one])
        if any(one.doubts != kept[one.person].doubts for one in found if one.person in kept):
            homes.refresh(tx, now)
        return directory.revision, min(wakes)

    def _tested(
        self, tx: Transaction, checkup: Checkup, person: Person, directory: Directory, now: datetime
    ) -> tuple[Checkup, datetime | None]:
        """The check-up after a test that was due, and when the next is."""
        due = next_test(checkup, person, directory, now)
        if due is None or due > now:
            return checkup, due
        if notifications.paged(tx, person.id):
            return checkup, now + LATER
        self._tests.begin(tx, person, now, is_monthly=True)
        after = replace(checkup, tested_at=now)
        return after, next_test(after, person, directory, now)

    def _tell(self, tx: Transaction, before: Checkup, after: Checkup, directory: Directory, now: datetime) -> None:
        fresh = [doubt for doubt in after.doubts if doubt not in before.doubts]
        if fresh:
            person = directory.people[after.person]
            notices.tell(tx, [_notice(lead, person, after.doubts, now) for lead in leads(person, directory)], now)


def _notice(lead: Person, person: Person, found: tuple[Doubt, ...], now: datetime) -> Notice:
    details = {"about": person.id, "doubts": ",".join(found)}
    return notices.notice(
        NoticeKind.NOT_REACHED, f"{person.id}:{lead.id}:{now.isoformat()}", person=lead.id, details=details
    )
