"""A database that stays away: nothing can be written, so that no page leaves. Who hears of it all the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from domain.directory import Directory
from domain.people import Person, Role
from domain.policies import Channel

BAD_LOOKS = 20
"""At four a minute: what mends itself (a restart, a failover, room that somebody makes) is over by then, and wakes
nobody."""
_GOOD_COUNTS = 2
_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Count:
    """Looks at a database, weighed: one that fails counts, one that succeeds takes two back. A database that comes for
    a moment now and then is no better than one that is away."""

    bad: int = 0
    looks: int = 0
    """Since the first that failed."""

    def after(self, *, is_good: bool) -> Count:
        bad = max(self.bad - _GOOD_COUNTS, 0) if is_good else min(self.bad + 1, BAD_LOOKS)
        return Count(bad, self.looks + 1) if bad else Count()


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who has to hear of it, and how: `otherwise` when none of the `ways` gets through."""

    person: Person
    ways: tuple[Channel, ...]
    otherwise: Channel = Channel.EMAIL


def listeners(directory: Directory, admins: Iterable[str], now: datetime) -> tuple[Listener, ...]:
    """Whoever is on call, who is woken for nothing else now, a team without anybody's lead or members; and the admins,
    who mend it or know who can, those by their Slack ids (`admins`) too."""
    awake = {person.id: person for team in directory.teams for person in _of(directory, team, now)}
    people = [one for one in directory.people.values() if one.is_active]
    named = set(admins)
    told = {one.id: one for one in people if one.role is Role.ADMIN or one.slack in named}
    strangers = named - {one.slack for one in directory.people.values()}
    told |= {user: Person(user, user, user, slack=user) for user in sorted(strangers)}
    return (
        *(Listener(one, (Channel.SLACK, Channel.SMS)) for one in awake.values()),
        *(Listener(one, (Channel.SLACK,)) for one in told.values() if one.id not in awake),
    )


def _of(directory: Directory, team: str, now: datetime) -> tuple[Person, ...]:
    if on_call := directory.on_call(team, now):
        return on_call
    of = directory.teams[team]
    wanted = [of.lead] if of.lead in directory.people else of.members
    return tuple(one for one in map(directory.people.get, wanted) if one and one.is_active)


def names(person: Person, since: datetime) -> tuple[str, ...]:
    """What a message to somebody about what began at `since` is known by, to every process and after a restart: the
    first is one's own, the others those of whoever noticed it a moment sooner or later."""
    place = int(since.timestamp()) // (_MINUTES * 60)
    return tuple(_name(person, place + beside) for beside in (0, -1, 1))


def _name(person: Person, place: int) -> str:
    return f"distress-{blake2b(f'{person.id} {place}'.encode(), digest_size=8).hexdigest()}"
