"""Private calendars of teams and people, for their own calendar programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Forbidden, NotFound
from domain.oncall import Shift
from domain.people import Actor, Permission
from domain.schedules import shifts
from handlers.incidents.service import permit
from handlers.oncall.service import known_team
from storage import audit, catalog, feeds
from storage.store import Store, Transaction

BEHIND, AHEAD = timedelta(days=30), timedelta(days=120)
TEAM, PERSON = "team:", "person:"


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar's content: shifts with their teams' ids. `person` is "" for a team's."""

    directory: Directory
    now: datetime
    shifts: tuple[tuple[str, Shift], ...]
    team: str = ""
    person: str = ""


class FeedService:
    """Issues the ids of calendars, and reads what they lead to."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def link(self, subject: str, actor: Actor, *, afresh: bool = False) -> str:
        """The id of a calendar, made when there is none; `afresh` a new one, and the old one leads nowhere.

        Raises Forbidden, NotFound.
        """
        permit(actor, Permission.COVER)
        if subject.startswith(PERSON) and subject != f"{PERSON}{actor.person}":
            raise Forbidden("a person's calendar is their own")
        if afresh and subject.startswith(TEAM):
            permit(actor, Permission.SCHEDULES)

        def work(tx: Transaction) -> str:
            if subject.startswith(TEAM):
                known_team(catalog.directory(tx), subject.removeprefix(TEAM))
            found = "" if afresh else feeds.of(tx, subject)
            if found:
                return found
            now = self._clock.now()
            audit.record(tx, actor, "feed.issue", f"calendar {subject}", None, None, now)
            return feeds.issue(tx, subject, now)

        return await self._store.write(work)

    async def read(self, feed: str) -> Feed:
        """What a calendar holds. Raises NotFound when its link was made anew, or its owner is gone."""

        def work(tx: Transaction) -> Feed:
            subject, directory, now = feeds.subject_of(tx, feed), catalog.directory(tx), self._clock.now()
            start, end = now - BEHIND, now + AHEAD
            if subject.startswith(TEAM) and subject.removeprefix(TEAM) in directory.teams:
                team = subject.removeprefix(TEAM)
                found = tuple((team, one) for one in shifts(directory.schedule(team), start, end))
                return Feed(directory, now, found, team=team)
            person = directory.people.get(subject.removeprefix(PERSON))
            if person is None or not person.is_active:
                raise NotFound("this calendar leads nowhere any more")
            every = ((team, one) for team in directory.teams for one in shifts(directory.schedule(team), start, end))
            own = tuple((team, one) for team, one in every if one.person == person.id)
            return Feed(directory, now, own, person=person.id)

        return await self._store.read(work)
