"""A page that did not reach its person: their next channel is decided and queued with what said so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import storms as rules
from domain.drills import within
from domain.escalations import address_of
from domain.fallbacks import elsewhere, instead, is_quieter, revivable
from domain.incidents import Incident, Status
from domain.notifications import INSTEAD, Notification, NotificationState, Recipient, page_key
from domain.policies import Channel
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.storms.holding import Holding
from storage import catalog, doubts, drills, escalations, held_pages, hurries, notifications, storms, timeline
from storage.identifiers import new_id
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Manner:
    """How another way is taken."""

    is_said_later: bool = False
    """That it failed is said with what else went wrong."""
    is_place_broken: bool = False
    """Of a channel that is broken, the team's own is next."""
    is_quiet: bool = False
    """It is said only when there is another way: that this one fails was said before."""


@dataclass(frozen=True, slots=True)
class OtherWays:
    """`channels` are those that are set up here; `holding` decides which pages leave by themselves."""

    channels: frozenset[Channel] = frozenset(Channel)
    holding: Holding = field(default_factory=Holding)

    def take(
        self,
        tx: Transaction,
        page: Notification,
        incident: Incident,
        reason: str,
        now: datetime,
        how: Manner = Manner(),
    ) -> None:
        """The next channel of whoever `page` did not reach, once; that it failed, and why, is said in the thread. When
        there is none, what was spared for this one's sake goes after all. A page of before the incident was taken, or
        given to somebody else, is made up for by nothing: others are paged since."""
        made_so_far = notifications.of_incident(tx, incident.id)
        declined = _unable(tx, page)
        is_over = is_former(tx, page)
        fresh = [] if is_over else self._fresh(tx, page, made_so_far, incident, now, declined, how)
        revived = () if fresh or is_over or how.is_quiet else revivable(page, made_so_far, declined)
        if how.is_quiet and not fresh:
            return
        notifications.settle(tx, [(one.id, NotificationState.WAITING, None, "", one.failure) for one in revived])
        going = [*fresh, *revived]
        self.put(tx, going, {incident.id: incident}, now)
        doubts.of_pages(tx, incident.id, [one.id for one in revived])
        details: dict[str, str | int] = {
            "channel": page.channel.value,
            "name": page.recipient.name,
            "reason": reason[:500],
            "instead": ", ".join(dict.fromkeys(other.channel.value for other in going)),
        }
        failed = Entry(incident=incident.id, at=now, event=Event.NOTIFICATION_FAILED, details=details)
        if how.is_said_later:
            timeline.add(tx, [failed])
        else:
            transitions.record(tx, now, failed)

    def put(self, tx: Transaction, pages: Sequence[Notification], found: Mapping[str, Incident], now: datetime) -> None:
        """Queue new pages. One that is held for long goes by its reader's next channel that has room as well, if that
        wakes nobody whom the page was not to wake; about what is worst it may. `found` are their incidents."""
        full: set[tuple[str, Channel, bool]] = set()
        for page in self.holding.put(tx, pages, found, now):
            incident = found[page.incident]
            open_channels = self._with_room(tx, page, incident, now, full)
            if not open_channels:
                continue
            made_so_far = notifications.of_incident(tx, incident.id)
            others = replace(self, channels=open_channels)
            fresh = others._fresh(tx, page, made_so_far, incident, now, _unable(tx, page), Manner())
            self.holding.put(tx, fresh, found, now)

    def let_out(self, tx: Transaction, incident: Incident, now: datetime) -> None:
        """Pages of an incident that has become one of the worst, and that are held, or wait behind a webhook: they
        leave as such a one's do."""
        if rules.is_worst(incident) and incident.status is Status.TRIGGERED:
            hurries.worst(tx, incident.id)
            self.put(tx, held_pages.take_out(tx, incident.id), {incident.id: incident}, now)

    def _with_room(
        self,
        tx: Transaction,
        page: Notification,
        incident: Incident,
        now: datetime,
        full: set[tuple[str, Channel, bool]],
    ) -> frozenset[Channel]:
        """The channels by which a page to the same person leaves at once. `full` keeps those that have no room, so that
        in a storm each is asked about once."""
        person = catalog.directory(tx).people.get(page.recipient.person)
        if person is None:
            return frozenset()
        is_worst, found = rules.is_worst(incident), set()
        for channel in self.channels - {page.channel}:
            key = (person.id, channel, is_worst)
            address = address_of(person, channel)
            if not address or key in full or not (is_worst or is_quieter(channel, page.channel)):
                continue
            recipient = replace(page.recipient, address=address)
            if self.holding.passes(tx, replace(page, channel=channel, recipient=recipient), incident, now):
                found.add(channel)
            else:
                full.add(key)
        return frozenset(found)

    def _fresh(
        self,
        tx: Transaction,
        page: Notification,
        made_so_far: Sequence[Notification],
        incident: Incident,
        now: datetime,
        declined: Sequence[str],
        how: Manner,
    ) -> list[Notification]:
        """Pages by ways that were not tried yet, kept."""
        directory = catalog.directory(tx)
        spare = elsewhere(page, made_so_far, incident, directory) if how.is_place_broken else ()
        held = self._held(tx, made_so_far, incident, now)
        ways = spare or instead(page, made_so_far, incident, directory, now, self.channels, declined, held)
        if incident.is_drill:
            ways = within(drills.find(tx, incident.id), directory, ways)
        others = [_instead(page, channel, recipient, now) for channel, recipient in ways]
        made = [
            (other, page_key(incident.id, page.round, page.step, other.channel, other.recipient)) for other in others
        ]
        made = notifications.fresh(tx, made)
        notifications.add(tx, made)
        return [other for other, _ in made]

    def _held(self, tx: Transaction, made: Sequence[Notification], incident: Incident, now: datetime) -> frozenset[str]:
        """Those of an incident's pages that wait for longer than anybody should."""
        if all(one.state is not NotificationState.WAITING for one in made):
            return frozenset()
        until = storms.held_until(tx, incident.id)
        return frozenset(page for page, due_at in until.items() if due_at - now > rules.patience(incident))


def is_former(tx: Transaction, page: Notification) -> bool:
    """Whether the climb has taken a turn since `page` was decided. None has since its present beginning, whatever the
    clock showed then: it may have been set back."""
    climb = escalations.by_incidents(tx, [page.incident]).get(page.incident)
    if climb and climb.round == page.round:
        return False
    turned_at = timeline.turned_at(tx, page.incident)
    return turned_at is not None and page.decided_at < turned_at


def has_declined_since(tx: Transaction, page: Notification) -> bool:
    """Whether whoever `page` is for has said since that they can't take it, or asked for help: they, and nobody of
    their name."""
    if page.recipient.person not in _declined(tx, page):
        return False
    said = timeline.of_kinds(tx, page.incident, [Event.DECLINED, Event.HELP_WANTED])
    return any(one.at > page.decided_at and one.details.get("name", one.by) == page.recipient.name for one in said)


def _unable(tx: Transaction, page: Notification) -> tuple[str, ...]:
    """The ids of those who can't take it. Whoever said so before `page` was decided is paged all the same, since nobody
    else is left: by whatever reaches them."""
    declined = _declined(tx, page)
    if has_declined_since(tx, page):
        return declined
    return tuple(one for one in declined if one != page.recipient.person)


def _declined(tx: Transaction, page: Notification) -> tuple[str, ...]:
    climb = escalations.by_incidents(tx, [page.incident]).get(page.incident)
    return climb.declined if climb else ()


def _instead(page: Notification, channel: Channel, recipient: Recipient, now: datetime) -> Notification:
    return Notification(
        id=new_id(),
        incident=page.incident,
        step=page.step,
        channel=channel,
        recipient=recipient,
        message=page.message,
        why=f"{page.why.partition(INSTEAD)[0]}{INSTEAD}{page.channel.value} to {page.recipient.name}",
        is_bundle_of=page.is_bundle_of,
        fallback_of=page.id,
        round=page.round,
        decided_at=now,
        would_be=page.would_be,
    )
