"""Standing in: somebody takes over an on-call, for others or for everybody, and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Forbidden, Invalid, NotFound
from domain.notices import Notice, NoticeKind
from domain.people import Actor, Team
from domain.schedules import Override
from domain.stand_ins import LONGEST_REASON, check_cover, faults, may_end, replaced
from storage import audit, catalog, homes, notices, overrides
from storage.identifiers import new_id
from storage.store import Store, Transaction

ENDED = "override.end"
"""What the audit log calls it when somebody stands in no more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An override as somebody asks for it: ids. `person` "" is the one who asks; `start` None is now."""

    team: str
    end: datetime
    person: str = ""
    start: datetime | None = None
    instead_of: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An override as it is now, in the catalog as it is now; whom it relieves (ids)."""

    override: Override
    directory: Directory
    relieves: tuple[str, ...] = ()


class OnCallService:
    """Add, end and list overrides. `wake` is called after a change: somebody has to be told."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def now(self) -> datetime:
        return self._clock.now()

    async def look(self) -> tuple[Directory, datetime]:
        """The catalog with everything that decides who is on call, and the moment it is."""
        return await self._store.read(catalog.directory), self._clock.now()

    async def override(self, wanted: Wanted, actor: Actor) -> Standing:
        """Put somebody on call. Raises Invalid by field, Forbidden, NotFound."""

        def work(tx: Transaction) -> Standing:
            directory, now = catalog.directory(tx), self._clock.now()
            team = known_team(directory, wanted.team)
            asked = _asked(wanted, actor, now)
            check_cover(actor, team, asked.person)
            wrong = list(faults(asked, directory, now))
            if wrong:
                raise Invalid(wrong)
            made = replace(asked, id=new_id(), by=actor.name)
            relieved = replaced(made, directory)
            keep(tx, made, actor, now, directory)
            if made.start > now or not team.on_call.hand_off:
                notices.tell(tx, _told(made, relieved, actor), now)
            return Standing(made, catalog.directory(tx), relieved)

        standing = await self._store.write(work)
        self._wake()
        return standing

    async def end(self, identity: str, actor: Actor) -> Standing:
        """Whoever was replaced is on call again. Raises NotFound when it is over, Forbidden."""

        def work(tx: Transaction) -> Standing:
            override, now = overrides.find(tx, identity), self._clock.now()
            if override is None or override.end <= now:
                raise NotFound("that is over already")
            if not may_end(actor, override):
                raise Forbidden("ending it takes the role operator, unless it is you who is on call by it")
            directory = catalog.directory(tx)
            team = known_team(directory, override.team)
            overrides.end(tx, override, now)
            audit.record(tx, actor, ENDED, _subject(override, directory), content(override), None, now)
            catalog.touch(tx)
            if override.start > now or not team.on_call.hand_off:
                told = _others([override.person, override.instead_of], actor)
                said = [_notice(NoticeKind.COVER_ENDED, override, one, actor) for one in told]
                notices.tell(tx, said, now)
            homes.refresh(tx, now)
            return Standing(override, catalog.directory(tx))

        standing = await self._store.write(work)
        self._wake()
        return standing


def known_team(directory: Directory, team: str) -> Team:
    """The team with this id. Raises NotFound."""
    found = directory.teams.get(team)
    if found is None:
        raise NotFound("that team is no longer there")
    return found


def _asked(wanted: Wanted, actor: Actor, now: datetime) -> Override:
    start = max(wanted.start or now, now - timedelta(minutes=1))
    return Override(
        id="",
        team=wanted.team,
        person=wanted.person or actor.person,
        # What begins in the minute that it is, begins now.
        start=now if start <= now else start,
        end=wanted.end,
        instead_of=wanted.instead_of,
        reason=" ".join(wanted.reason.split())[:LONGEST_REASON],
    )


def keep(tx: Transaction, override: Override, actor: Actor, now: datetime, directory: Directory) -> None:
    """An override in the catalog and in the audit log; who is paged changes with it at once."""
    overrides.add(tx, override, now)
    audit.record(tx, actor, "override.add", _subject(override, directory), None, content(override), now)
    catalog.touch(tx)
    homes.refresh(tx, now)


def content(override: Override) -> dict[str, Any]:
    """Plain values, for the audit log."""
    said = asdict(override)
    return said | {"start": override.start.isoformat(), "end": override.end.isoformat()}


def _subject(override: Override, directory: Directory) -> str:
    team = directory.teams.get(override.team)
    return f"on-call {team.name if team else override.team}"


def _told(override: Override, relieved: Iterable[str], actor: Actor) -> list[Notice]:
    said = [_notice(NoticeKind.COVERS, override, one, actor) for one in _others([override.person], actor)]
    return said + [_notice(NoticeKind.RELIEVED, override, one, actor) for one in _others(relieved, actor)]


def _others(people: Iterable[str], actor: Actor) -> list[str]:
    """Those who do not know it yet."""
    return [person for person in dict.fromkeys(people) if person and person != actor.person]


def _notice(kind: NoticeKind, override: Override, person: str, actor: Actor) -> Notice:
    details = {
        "start": override.start.isoformat(),
        "end": override.end.isoformat(),
        "person": override.person,
        "instead_of": override.instead_of,
        "reason": override.reason,
        "by": actor.name,
    }
    return notices.notice(kind, f"{override.id}:{person}", team=override.team, person=person, details=details)
