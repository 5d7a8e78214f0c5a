"""Drills: an incident that nobody has, on a clock of its own, for those who take part and nobody else. Pure.

The engine decides whom a real incident would page; `cast` puts the participants in their place afterwards, so that a
drill can't disagree with the night it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.directory import Directory
from domain.errors import Fault
from domain.escalations import Page, address_of
from domain.fallbacks import Way
from domain.notifications import Recipient
from domain.people import Person
from domain.policies import Channel

MARK = "DRILL"
"""Stands before all that a drill says, in every language, as SEV1 does: nobody may take it for the real thing."""
SLOWEST, FASTEST = 1, 60
MOST_PARTICIPANTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What makes an incident (its id) a drill. `participants` are people's ids, `channel` is the Slack channel with the
    card, where everything goes that would go to another channel, and to people when nobody takes part. Times of the
    policy pass `speed` times faster."""

    incident: str
    speed: int
    participants: tuple[str, ...]
    channel: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None


def marked(text: str) -> str:
    """`text` with the mark before it, once."""
    return text if text.startswith(MARK) else f"{MARK}: {text}"


def unmarked(text: str) -> str:
    """`text` without the mark, where something around it bears it."""
    return text.removeprefix(f"{MARK}: ")


def faults(speed: int, participants: Sequence[str], channel: str, directory: Directory) -> list[Fault]:
    """What is wrong with a drill that somebody asks for; `participants` are people's ids."""
    found = []
    if not SLOWEST <= speed <= FASTEST:
        found.append(Fault("speed", f"must be from {SLOWEST} to {FASTEST}"))
    if not channel:
        found.append(Fault("channel", "choose the channel where the drill takes place"))
    if len(participants) > MOST_PARTICIPANTS:
        found.append(Fault("participants", f"are more than {MOST_PARTICIPANTS}"))
    unreachable = [person.name for person in _people(participants, directory) if not _ways(person)]
    if unreachable:
        found.append(Fault("participants", f"nothing reaches {', '.join(unreachable)}"))
    return found


def cast(pages: Iterable[Page], drill: Drill, directory: Directory, declined: Sequence[str] = ()) -> tuple[Page, ...]:
    """`pages` to those who take part. Whoever is meant and takes part gets their own; everybody else's goes to all who
    take part, by the channel it would have taken where that reaches them, without those who `declined` as long as
    others are left. One message to each, however many it stands for."""
    found: dict[tuple[int, Channel, str], Page] = {}
    for page in pages:
        for one in _instead(page, drill, directory, declined):
            key = (one.step.order, one.channel, one.recipient.address)
            before = found.get(key)
            meant = [*before.would_be, *one.would_be] if before else one.would_be
            found[key] = replace(one, would_be=tuple(dict.fromkeys(meant)))
    return tuple(found.values())


def _instead(page: Page, drill: Drill, directory: Directory, declined: Sequence[str]) -> tuple[Page, ...]:
    person = page.recipient.person
    if person and person in drill.participants:
        return (page,)
    said = replace(page, would_be=(f"{page.channel.value} to {page.recipient.name}",))
    is_for_all = is_to_a_place(page.channel, page.recipient)
    players = [] if is_for_all else [one for one in _people(drill.participants, directory) if _ways(one)]
    willing = [one for one in players if one.id not in declined] or players
    ways = [_way(one, page.channel, directory) for one in willing]
    if not ways:
        here = Recipient("", drill.channel, drill.channel)
        return (replace(said, channel=Channel.SLACK, recipient=here),)
    return tuple(replace(said, channel=channel, recipient=recipient) for channel, recipient in ways)


def is_to_a_place(channel: Channel, recipient: Recipient) -> bool:
    """Whether it is read by whoever happens to be there: a channel of Slack's or Discord's."""
    return channel is Channel.SLACK and not recipient.person and "@" not in recipient.address


def _people(ids: Iterable[str], directory: Directory) -> list[Person]:
    """Those of them who are there and are active."""
    found = (directory.people.get(one) for one in ids)
    return [person for person in found if person and person.is_active]


def _ways(person: Person) -> list[Channel]:
    order = (Channel.SLACK, Channel.SMS, Channel.EMAIL)
    return [channel for channel in order if address_of(person, channel)]


def _way(person: Person, wanted: Channel, directory: Directory) -> tuple[Channel, Recipient]:
    channel = wanted if address_of(person, wanted) else _ways(person)[0]
    recipient = Recipient(person.id, person.name, address_of(person, channel), directory.language_of(person))
    return channel, recipient


def addresses(drill: Drill, directory: Directory) -> frozenset[str]:
    """Every address that anything of a drill may go to: the participants' own, and its channel."""
    people = _people(drill.participants, directory)
    own = (address for one in people for address in (one.slack, one.email, one.phone))
    return frozenset(address for address in (*own, drill.channel) if address)


def within(drill: Drill, directory: Directory, ways: Iterable[Way]) -> tuple[Way, ...]:
    """Those of `ways` that end at somebody who takes part."""
    allowed = addresses(drill, directory)
    return tuple(way for way in ways if way[1].address in allowed)
