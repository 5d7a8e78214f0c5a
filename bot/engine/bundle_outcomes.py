"""What became of messages for many, written down for every page that they stood for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.page_outcomes import copy, spare
from bot.engine.results import Outcome, Result
from domain.fallbacks import is_told
from domain.notifications import Notification, NotificationState
from domain.outages import SLACK_IS_AWAY
from domain.receipts import DELIVERED_AT_ONCE, Accepted
from domain.timeline import Entry, Event
from domain.troubles import BROKEN_PLACES, classify
from handlers.incidents.other_ways import Manner, OtherWays
from handlers.storms.digests import show_again
from storage import incidents, notifications, outbox, receipts, storms, timeline
from storage.store import Transaction


def record(tx: Transaction, outcomes: Sequence[Outcome], ways: OtherWays, now: datetime) -> None:
    """Write them down. Whoever a message did not reach is tried another way for each page in it."""
    for outcome in outcomes:
        if outcome.result is Result.SENT:
            _sent(tx, outcome)
        elif _is_lost(outcome):
            _lost(tx, outcome, ways, now)


def concerned(tx: Transaction, outcomes: Sequence[Outcome]) -> set[str]:
    """The incidents of which something is decided when these are written down, or that a message with buttons shows."""
    lost = [page for one in outcomes if _is_lost(one) for page in storms.wanted(tx, one.parcel.subject)]
    shown = [page for one in outcomes if one.places for page in one.stands_for]
    kept = notifications.by_ids(tx, shown) if shown else {}
    return {page.incident for page in (*lost, *kept.values())}


def _is_lost(outcome: Outcome) -> bool:
    return outcome.result not in (Result.SENT, Result.DROPPED) and not outcome.is_throttled


def _sent(tx: Transaction, outcome: Outcome) -> None:
    kept = notifications.by_ids(tx, outcome.stands_for) if outcome.stands_for else {}
    pages = [kept[one] for one in outcome.stands_for if one in kept]
    places = {place.key for place in outcome.places}
    # One that left alone is a page like any other: it was sent, whoever has taken it since.
    alone = [page for page in pages if f"page:{page.id}" in places]
    waiting = [page for page in pages if page.state is NotificationState.WAITING or page in alone]
    outbox.put(tx, [copy(page, outcome.finished_at) for page in alone if page.state is not NotificationState.WAITING])
    receipts.accepted(tx, [_accepted(page, outcome, is_asked=place == 0) for place, page in enumerate(waiting)])
    timeline.add(tx, [_entry(page, outcome, len(waiting)) for page in waiting])
    spare(tx, waiting)
    if outcome.places and len(waiting) < len(pages):
        # It says that nobody has what somebody has taken meanwhile.
        show_again(tx, [outcome.parcel.subject], outcome.finished_at)
    if outcome.reference:
        storms.note_sent(tx, outcome.parcel.subject, outcome.finished_at)


def _accepted(page: Notification, outcome: Outcome, *, is_asked: bool) -> Accepted:
    """The provider is asked about one page of them; its answer is for all."""
    delivered_at = outcome.finished_at if page.channel in DELIVERED_AT_ONCE else None
    look_at = outcome.look_at if is_asked else None
    return Accepted(
        page.id, outcome.finished_at, outcome.reference, outcome.rendered_at, outcome.said, delivered_at, look_at
    )


def _entry(page: Notification, outcome: Outcome, count: int) -> Entry:
    details: dict[str, str | int] = {"channel": page.channel.value, "name": page.recipient.name, "step": page.step}
    if count > 1:
        details["together"] = count
    return Entry(incident=page.incident, at=outcome.finished_at, event=Event.NOTIFICATION_SENT, details=details)


def _lost(tx: Transaction, outcome: Outcome, ways: OtherWays, now: datetime) -> None:
    bundle = storms.find(tx, outcome.parcel.subject)
    if bundle is None:
        return
    pages = storms.wanted(tx, bundle.id)
    is_again = outcome.result is Result.RETRY and outcome.parcel.attempts > 1
    # That Slack is away is noted of each page once; a digest is joined by others between its attempts.
    new = [page for page in pages if (not page.failure if is_again else page.failure != SLACK_IS_AWAY)]
    found = incidents.by_ids(tx, incidents.hold(tx, sorted({page.incident for page in new})))
    for page in new:
        ways.take(tx, page, found[page.incident], outcome.reason, now, _manner(page, outcome))
    made = notifications.of_incidents(tx, [page.incident for page in pages])
    is_failed = outcome.result is Result.FAILED
    is_detour = outcome.result is Result.DIVERTED
    over = [page for page in pages if is_failed or (is_detour and is_told(page, made[page.incident]))]
    notifications.settle(
        tx,
        [
            (page.id, NotificationState.FAILED if page in over else page.state, None, "", outcome.reason)
            for page in pages
        ],
    )
    if len(over) == len(pages) and not bundle.is_digest:
        outbox.finish(tx, [outcome.parcel.id])


def _manner(page: Notification, outcome: Outcome) -> Manner:
    is_broken = page.is_to_a_channel and classify(outcome.code, is_to_a_person=False) in BROKEN_PLACES
    return Manner(is_said_later=True, is_place_broken=is_broken)
