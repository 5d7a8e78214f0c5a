"""Another way to somebody whom a page did not reach. Pure: the engine acts on it, a simulation foretells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from domain.directory import Directory
from domain.escalations import address_of
from domain.incidents import Incident, Severity
from domain.notifications import Notification, NotificationState, Recipient
from domain.outages import SLACK_IS_AWAY
from domain.people import Person
from domain.policies import Channel

Way = tuple[Channel, Recipient]


def instead(
    page: Notification,
    made: Sequence[Notification],
    incident: Incident,
    directory: Directory,
    now: datetime,
    channels: frozenset[Channel],
    declined: Sequence[str] = (),
    held: Collection[str] = (),
) -> tuple[Way, ...]:
    """The next channel of whoever `page` did not reach: the same person; for a channel, whoever is on call.

    `made` are the incident's notifications so far; those of an earlier beginning of the climb count for nothing.
    `channels` are those that are set up, `declined` the ids of people who can't take it, `held` those of pages that
    wait for long, and reach nobody meanwhile. Nothing for those whom the
    same step reaches already, nor when another way was tried for this page before; neither a mail nor a direct message
    makes up for an SMS or a call, but only what wakes more surely is tried beside it. Whoever stands in for a channel
    needs no second page from any step.
    """
    made = [one for one in made if one.round == page.round]
    siblings = [one for one in made if one.step == page.step or page.is_to_a_place]
    beside = [one for one in siblings if one.id not in held and one.id != page.fallback_of]
    reaching = [one for one in beside if _rings(one.channel) or not _rings(page.channel)]
    if any(one.fallback_of == page.id for one in siblings):
        return ()
    tried = {(one.channel, one.recipient.address) for one in made if one.step == page.step}
    meant = [one for one in _meant(page, incident, directory, now) if one.id not in declined]
    missed = [one for one in meant if not _is_reached(one.id, page, reaching)]
    further = channels - {page.channel}
    ways = (
        _next_way(one, incident.severity, further - _too_quiet(one.id, page, beside), tried, directory)
        for one in missed
    )
    return tuple(way for way in ways if way)


def elsewhere(
    page: Notification, made: Sequence[Notification], incident: Incident, directory: Directory
) -> tuple[Way, ...]:
    """The team's own channel, in the place of another one that is broken; nothing when it is that one, or has it."""
    team = directory.teams.get(incident.team)
    channel = team.channel if team else ""
    if not page.is_to_a_place or not channel:
        return ()
    same = [one for one in made if one.round == page.round and one.step == page.step]
    if any(one.recipient.address == channel or one.fallback_of == page.id for one in same):
        return ()
    return ((Channel.SLACK, Recipient("", channel, channel)),)


def _meant(page: Notification, incident: Incident, directory: Directory, now: datetime) -> tuple[Person, ...]:
    person = directory.people.get(page.recipient.person)
    if person:
        return (person,)
    return directory.on_call(incident.team, now) if page.is_to_a_place else ()


def _next_way(
    person: Person,
    severity: Severity,
    channels: frozenset[Channel],
    tried: set[tuple[Channel, str]],
    directory: Directory,
) -> Way | None:
    """The first of `channels`, in the person's own order, that finds them and has not been tried by this step."""
    for channel in (one for one in person.preferences.order(severity) if one in channels):
        address = address_of(person, channel)
        if address and (channel, address) not in tried:
            return channel, Recipient(person.id, person.name, address, directory.language_of(person))
    return None


def is_told(page: Notification, made: Sequence[Notification]) -> bool:
    """Whether the person of `page` has been reached by the same step another way."""
    return any(_is_for_the_same(page, one) and one.state is NotificationState.SENT and not one.failure for one in made)


def is_spared(page: Notification, sent: Notification) -> bool:
    """Whether `page`, which was tried in vain so far, need not go any more now that `sent` has. Whoever hears of it
    another way while Slack is away does not hear of it there again; of two that stand in for each other, one is
    enough if it wakes as surely as the other; of several steps that waited for one channel to come back, one is."""
    if _is_by_the_same_way(page, sent):
        return True
    if not _is_for_the_same(page, sent):
        return False
    is_linked = bool(sent.fallback_of or page.fallback_of)
    return page.failure == SLACK_IS_AWAY or (is_linked and _LOUDNESS[sent.channel] >= _LOUDNESS[page.channel])


def _rings(channel: Channel) -> bool:
    """Whether it gets somebody out of bed: at night Slack keeps its direct messages quiet unless told otherwise."""
    return _LOUDNESS[channel] >= _LOUDNESS[Channel.SMS]


def _too_quiet(person: str, page: Notification, beside: Sequence[Notification]) -> frozenset[Channel]:
    """The channels that wake no more surely than what reaches that person already."""
    reached = [one.channel for one in beside if _is_reached(person, page, [one])]
    return frozenset(channel for channel in Channel if any(is_quieter(channel, than) for than in reached))


def is_quieter(channel: Channel, than: Channel) -> bool:
    """Whether the one wakes nobody whom the other does not."""
    return _LOUDNESS[channel] <= _LOUDNESS[than]


_LOUDNESS = {Channel.EMAIL: 0, Channel.SLACK: 1, Channel.SMS: 2, Channel.PHONE: 3}


def revivable(
    page: Notification, made: Sequence[Notification], declined: Sequence[str] = ()
) -> tuple[Notification, ...]:
    """Those that were spared for the sake of others, when `page` was the last of these: it did not arrive either. What
    an earlier step has said is no reason to say nothing now."""
    person = page.recipient.person
    same = [one for one in made if _is_for_the_same(page, one)]
    alike = [one for one in made if _is_by_the_same_way(page, one) and one not in same]
    if person in declined or _is_reached(person, page, same):
        return ()
    later = [one for one in alike if not _is_reached(person, page, [two for two in alike if two.step >= one.step])]
    return tuple(one for one in (*same, *later) if _was_spared(one))


def _was_spared(page: Notification) -> bool:
    if page.state is NotificationState.FAILED:
        return page.failure == SLACK_IS_AWAY
    return page.state is NotificationState.CANCELLED and bool(page.failure)


def _is_for_the_same(page: Notification, other: Notification) -> bool:
    """Whether both are one step's word to one person."""
    person = page.recipient.person
    same = (other.round, other.step, other.recipient.person) == (page.round, page.step, person)
    return bool(person) and same and other.id != page.id


def in_turn(pages: Sequence[Notification]) -> frozenset[str]:
    """The ids of those, of pages that may leave at one moment, that wait for what becomes of another: they were tried
    in vain, and a later step has as much to say to the same person by the same channel."""
    latest = {_way(page): page.id for page in sorted(pages, key=lambda one: one.step)}
    tried = [page for page in pages if page.failure and page.recipient.person]
    return frozenset(page.id for page in tried if latest[_way(page)] != page.id)


def _way(page: Notification) -> tuple[str, int, Channel, str]:
    """Which climb's word it is, to whom, and by what."""
    return page.incident, page.round, page.channel, page.recipient.person


def _is_by_the_same_way(page: Notification, other: Notification) -> bool:
    """Whether both are one climb's word to one person by one channel, of whichever steps."""
    return bool(page.recipient.person) and _way(page) == _way(other) and page.id != other.id


def _is_reached(person: str, page: Notification, siblings: Sequence[Notification]) -> bool:
    """Whether that person is reached another way already, with nothing against it so far."""
    return any(
        one.recipient.person == person
        and one.id != page.id
        and one.state in (NotificationState.SENT, NotificationState.WAITING)
        and not one.failure
        for one in siblings
    )
