"""Before the first page: what an alert and a page take of the database is gone through once, and undone.

SQLAlchemy writes a statement's SQL when it is first used, and Babel reads a language's rules when it is first spoken.
Together that takes tens of milliseconds, and whoever is paged first, in a quiet night, has waited for them.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from blocks.words import words
from bot.engine.claims import Claims
from bot.engine.escalator import fire
from bot.engine.lanes import Lanes, Rates
from bot.engine.outcomes import record
from bot.engine.results import Outcome
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Unavailable
from domain.incidents import Severity
from handlers.incidents import opening
from handlers.incidents.opening import Draft
from handlers.incidents.other_ways import OtherWays
from storage import catalog, escalations
from storage.faults import UNREADABLE
from storage.store import Store, Transaction

log = logging.getLogger(__name__)
_A_MOMENT = timedelta(milliseconds=1)


class _Undone(Exception):
    """Takes all of it back."""


class Rehearsal:
    """An alert, its first step, its pages and their receipts, in a transaction that is never kept."""

    def __init__(self, store: Store, clock: Clock, rates: Rates, ways: OtherWays) -> None:
        self._store = store
        self._clock = clock
        self._rates = rates
        self._ways = ways

    async def run(self) -> None:
        """Go through it. What goes wrong does so again when it matters, and is dealt with there."""
        try:
            await self._store.write(self._play)
        except _Undone:
            log.debug("rehearsed a page")
        except (Unavailable, *UNREADABLE):
            log.debug("a page could not be rehearsed", exc_info=True)

    def _play(self, tx: Transaction) -> None:
        now, directory = self._clock.now(), catalog.directory(tx)
        _speak(directory, now)
        draft = self._draft(directory)
        if draft is None:
            return
        opened = opening.opening(draft, directory, now, {})
        opening.keep(tx, [opened])
        escalations.hurry(tx, opened.incident.id, now)
        fire(tx, now, only=opened.incident.id)
        claims = Claims(Lanes(self._rates), self._clock, "rehearsal", lambda: False)
        taken = [one for one in claims.take(tx, 0.0).parcels if one.incident == opened.incident.id]
        outcomes = [Outcome(parcel=one, started_at=now, finished_at=now + _A_MOMENT) for one in taken]
        if outcomes:
            record(tx, outcomes, self._ways)
        raise _Undone

    def _draft(self, directory: Directory) -> Draft | None:
        """An incident that somebody is paged for, where there is any."""
        for service in directory.services.values():
            for severity in Severity:
                if directory.policy_for(service.team, severity):
                    return Draft(
                        title="Rehearsal",
                        description="",
                        severity=severity,
                        service=service,
                        source="rehearsal",
                        by="",
                        detected_at=self._clock.now(),
                    )
        return None


def _speak(directory: Directory, now: datetime) -> None:
    """A time in each language that somebody reads: the rules of one take 15 ms to load, and every card has a time."""
    people, teams = directory.people.values(), directory.teams.values()
    for locale in {"", *(person.locale for person in people), *(team.locale for team in teams)}:
        words(locale).date(now, "UTC")
