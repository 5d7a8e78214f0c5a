"""What may leave now: looked for in the lanes that have room, asked whether it is still wanted, taken with a lease."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.context import Context, load
from bot.engine.holding import LEASE_SECONDS
from bot.engine.lanes import Lanes, is_posts
from domain.clock import Clock
from domain.fallbacks import in_turn
from domain.incidents import Status
from domain.notifications import NotificationState
from storage import claims, doubts, dues, held_cards, notifications, outbox
from storage.dues import Dues
from storage.faults import UNREADABLE
from storage.foresight import foresee
from storage.outbox import EDITS, Kind, Parcel
from storage.parcels import ANSWER, PAGES, PERSONAL_LANES, is_personal, is_slack
from storage.store import Transaction

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200
A_FEW = 10
ITS_TURN_SECONDS = 30
"""How long a page that was tried in vain waits for what becomes of a later one to the same person; no provider is
waited for any longer."""
PAGES_FIRST_SECONDS = 0.25
"""When many pages leave at once, what edits cards lets them pass."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Parcels taken, with what they are about."""

    parcels: tuple[Parcel, ...]
    context: Context
    is_full: bool


class Claims:
    """Takes parcels for `holder`. `is_slack_silent` tells whether nothing but pages, which then go another way, is to
    be taken out of Slack's lanes: Slack is known to be away."""

    def __init__(self, lanes: Lanes, clock: Clock, holder: str, is_slack_silent: Callable[[], bool]) -> None:
        self._lanes = lanes
        self._clock = clock
        self._holder = holder
        self._is_silent = is_slack_silent
        self._pages_first_until = 0.0
        self.in_hand: set[int] = set()
        """What was taken and whose outcome is not on the disk yet."""
        self.is_in_doubt = False
        """Whether the answer to the last claim was lost: it may have been made."""
        self.is_careful = False
        """Whether the last claim met something that can't be read: each parcel is tried by itself."""

    def take(self, tx: Transaction, seconds: float) -> Claim:
        """Take what may leave now. `seconds` is a monotonic clock of the world."""
        now = self._clock.now()
        if self.is_in_doubt:
            claims.forget(tx, now, self._holder, self.in_hand)
        foresee(tx, lambda: (claims.reclaim(tx, now), dues.next_dues(tx)))
        claims.reclaim(tx, now, self.in_hand)
        due, is_full = self._with_room(tx, now, seconds)
        if tx.dialect.name == "postgresql":
            elsewhere = claims.in_others_threads(tx, due, self._holder)
            due = [parcel for parcel in due if parcel.id not in elsewhere]
        due = self._pages_first(due, seconds)
        if self.is_careful:
            due = self._readable(tx, due, now)
        if not due:
            return Claim((), Context(), is_full)
        context = load(tx, due, now)
        going = _without_late_cards(tx, _still_wanted(tx, due, context), context)
        going = self._in_turn(tx, going, context, now)
        for parcel in going:
            if not self._lanes.rest(parcel.lane, seconds):
                self._lanes.take(parcel.lane, seconds)
            if parcel.lane == EDITS:
                self._lanes.edited(parcel.key, seconds)
        tried = claims.claim(tx, going, self._holder, now + self._clock.span(LEASE_SECONDS))
        # A page to the card's own channel hangs under the card: those of one claim go in that order.
        tried.sort(
            key=lambda parcel: parcel.kind is Kind.PAGE and context.notifications[parcel.subject].is_to_a_channel
        )
        return Claim(tuple(tried), context, is_full)

    def _in_turn(self, tx: Transaction, due: Sequence[Parcel], context: Context, now: datetime) -> list[Parcel]:
        """Without what waits for what becomes of another page: a channel that is back reaches a person once."""
        pages = {parcel.subject: parcel.id for parcel in due if parcel.kind is Kind.PAGE}
        behind = {pages[page] for page in in_turn([context.notifications[page] for page in pages])}
        later = now + self._clock.span(ITS_TURN_SECONDS)
        outbox.postpone(tx, [(one.id, later, one.is_ambiguous) for one in due if one.id in behind])
        return [parcel for parcel in due if parcel.id not in behind]

    def _readable(self, tx: Transaction, due: Sequence[Parcel], now: datetime) -> list[Parcel]:
        """Those that can be read; the rest waits a minute, and holds up no other."""
        good = []
        for parcel in due:
            try:
                _require_incident(parcel, load(tx, [parcel], now))
                good.append(parcel)
            except UNREADABLE:
                log.exception("%s of incident %s can't be read; again in a minute", parcel.kind, parcel.incident)
                outbox.postpone(tx, [(parcel.id, now + self._clock.span(60), parcel.is_ambiguous)])
        return good

    def next_due(self, tx: Transaction, now: datetime, seconds: float) -> datetime | None:
        """When something may leave that has room in its lane, or a lease runs out."""
        moments = [self._next_of(lane, its, now, seconds) for lane, its in dues.next_dues(tx).items()]
        moments.append(dues.next_lease(tx))
        return min((moment for moment in moments if moment), default=None)

    def _next_of(self, lane: str, its: Dues, now: datetime, seconds: float) -> datetime | None:
        if outbox.is_held(lane):
            return None
        if is_slack(lane) and self._is_silent():
            return its.pages
        if self._lanes.rest(lane, seconds) and its.pages:
            # They go another way.
            return its.pages
        urgent = min((due for due in (its.pages, its.answers) if due), default=None)
        waits = ((urgent, self._lanes.wait(lane, seconds)), (its.rest, self._lanes.wait(lane, seconds, urgent=False)))
        moments = [max(due, now + self._clock.span(wait)) if wait else due for due, wait in waits if due]
        return min(moments, default=None)

    def _with_room(self, tx: Transaction, now: datetime, seconds: float) -> tuple[list[Parcel], bool]:
        """What is due in lanes that have room, and whether one of them had more than was taken."""
        due: list[Parcel] = []
        is_full = False
        for lane, its in dues.next_dues(tx).items():
            if outbox.is_held(lane) or its.first is None or its.first > now:
                continue
            found, is_more = self._in_lane(tx, lane, now, seconds)
            due += found
            is_full = is_full or is_more
        due, hot = self._edited_just_now(due, now, seconds)
        outbox.postpone(tx, hot)
        return self._shared(sorted(due, key=_order), seconds), is_full

    def _pages_first(self, due: list[Parcel], seconds: float) -> list[Parcel]:
        """Without what lets pages pass while many of them leave. Those that wait for room hold up nothing else."""
        if sum(parcel.kind is Kind.PAGE for parcel in due) > A_FEW:
            self._pages_first_until = seconds + PAGES_FIRST_SECONDS
        if seconds >= self._pages_first_until:
            return due
        return [parcel for parcel in due if parcel.kind is Kind.PAGE or parcel.ahead]

    def _in_lane(self, tx: Transaction, lane: str, now: datetime, seconds: float) -> tuple[list[Parcel], bool]:
        if (is_slack(lane) and self._is_silent()) or self._lanes.rest(lane, seconds):
            found = outbox.due(tx, now, MOST_AT_ONCE, lane, pages_only=True)
            return found, len(found) == MOST_AT_ONCE
        room = min(self._lanes.room(lane, seconds), MOST_AT_ONCE)
        found = outbox.due(tx, now, room, lane) if room else []
        rest = self._lanes.room(lane, seconds, urgent=False)
        is_more = len(found) == MOST_AT_ONCE or (lane in PERSONAL_LANES and len(found) == room > 0)
        return _within(found, room, rest), is_more

    def _edited_just_now(
        self, due: Sequence[Parcel], now: datetime, seconds: float
    ) -> tuple[list[Parcel], list[tuple[int, datetime, bool]]]:
        """`due` without the messages that were edited a moment ago, and when those may be edited again. Whoever has
        clicked does not wait."""
        waits = {
            parcel.id: wait
            for parcel in due
            if parcel.lane == EDITS and not _is_urgent(parcel) and (wait := self._lanes.edit_wait(parcel.key, seconds))
        }
        hot = [
            (parcel.id, now + self._clock.span(waits[parcel.id]), parcel.is_ambiguous)
            for parcel in due
            if parcel.id in waits
        ]
        return [parcel for parcel in due if parcel.id not in waits], hot

    def _shared(self, due: Sequence[Parcel], seconds: float) -> list[Parcel]:
        """As many new messages in Slack as all channels together may get now; `due` has the most urgent first. While
        Slack is away its pages go another way, and take nothing from it."""
        if self._is_silent():
            return list(due)
        new = [parcel for parcel in due if is_posts(parcel.lane) and not self._lanes.rest(parcel.lane, seconds)]
        fitting = _within(new, self._lanes.share(seconds), self._lanes.share(seconds, urgent=False))
        going = {parcel.id for parcel in fitting}
        held_up = {parcel.id for parcel in new} - going
        return [parcel for parcel in due if parcel.id not in held_up]


def _require_incident(parcel: Parcel, context: Context) -> None:
    """Raises LookupError for what is about an incident that is not there."""
    if parcel.incident and parcel.incident not in context.incidents:
        raise LookupError(f"there is no incident {parcel.incident}")


def _within(found: Sequence[Parcel], room: int, rest: int) -> list[Parcel]:
    """At most `room` of what was found, most urgent first, and of what is not urgent at most what `rest` leaves."""
    urgent = [parcel for parcel in found if _is_urgent(parcel)][:room]
    others = [parcel for parcel in found if not _is_urgent(parcel)]
    return urgent + others[: max(min(rest, room) - len(urgent), 0)]


def _is_urgent(parcel: Parcel) -> bool:
    return parcel.priority <= ANSWER


def _order(parcel: Parcel) -> tuple[bool, int, datetime, int]:
    """What goes first in a channel goes before no person's page."""
    is_a_persons = parcel.kind in PAGES and is_personal(parcel.lane)
    return not is_a_persons, parcel.priority, parcel.due_at, parcel.id


def _still_wanted(tx: Transaction, due: Sequence[Parcel], context: Context) -> list[Parcel]:
    """Without the pages of incidents that somebody has, and those that were cancelled: never one after an
    acknowledgement, nor to somebody who can't take it."""
    unwanted = [parcel for parcel in due if parcel.kind is Kind.PAGE and not _is_wanted(parcel, context)]
    if unwanted:
        outbox.finish(tx, [parcel.id for parcel in unwanted])
        doubts.of_cards(tx, [parcel.incident for parcel in unwanted if parcel.is_ambiguous and is_slack(parcel.lane)])
        cancelled = [
            (parcel.subject, NotificationState.CANCELLED, None, "", "")
            for parcel in unwanted
            if parcel.subject in context.notifications
            and context.notifications[parcel.subject].state is NotificationState.WAITING
        ]
        notifications.settle(tx, cancelled)
    gone = {parcel.id for parcel in unwanted}
    return [parcel for parcel in due if parcel.id not in gone]


def _is_wanted(parcel: Parcel, context: Context) -> bool:
    incident, page = context.incidents[parcel.incident], context.notifications.get(parcel.subject)
    is_waiting = page is not None and page.state is NotificationState.WAITING
    return incident.status is Status.TRIGGERED and is_waiting


def _without_late_cards(tx: Transaction, due: Sequence[Parcel], context: Context) -> list[Parcel]:
    """Without the cards that a storm has held until their incidents were over, and what was to hang under them."""
    cards = [parcel.incident for parcel in due if parcel.kind is Kind.CARD and is_posts(parcel.lane)]
    over = held_cards.unseen(tx, [one for one in cards if not context.incidents[one].is_open])
    held_cards.drop(tx, over)
    return [parcel for parcel in due if parcel.kind is not Kind.CARD or parcel.incident not in over]
