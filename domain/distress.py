"""A database that stays away: nothing can be written, so that no page leaves. Who hears of it all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from domain.directory import Directory
from domain.people import Person, Role
from domain.policies import Channel

AFTER = timedelta(minutes=5)
"""What mends itself (a restart, a failover, room that somebody makes) is over by then, and wakes nobody."""
_HOURS = 6


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who has to hear of it, and how: `otherwise` when none of the `ways` gets through."""

    person: Person
    ways: tuple[Channel, ...]
    otherwise: Channel = Channel.EMAIL


def listeners(directory: Directory, now: datetime) -> tuple[Listener, ...]:
    """Whoever is on call, who is woken for nothing else now; and the admins, who mend it or know who can."""
    on_call = {one.id: one for team in directory.teams for one in directory.on_call(team, now)}
    admins = [one for one in directory.people.values() if one.is_active and one.role is Role.ADMIN]
    awake = [Listener(one, (Channel.SLACK, Channel.SMS)) for one in on_call.values()]
    return (*awake, *(Listener(one, (Channel.SLACK,)) for one in admins if one.id not in on_call))


def name(person: Person, now: datetime) -> str:
    """What a message to somebody is known by, to every process and after a restart: one in a quarter of a day."""
    period = f"{person.id} {now:%Y-%m-%d} {now.hour // _HOURS}"
    return f"distress-{blake2b(period.encode(), digest_size=8).hexdigest()}"
