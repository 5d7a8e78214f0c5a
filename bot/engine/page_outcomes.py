"""What became of pages, written down beside what became of their parcels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.results import Outcome, Result, is_noted
from domain import receipts as rules
from domain.fallbacks import is_spared, is_told
from domain.incidents import Incident, Status
from domain.notifications import Notification, NotificationState
from domain.outages import SLACK_IS_AWAY, Part
from domain.timeline import Entry, Event
from domain.troubles import BROKEN_PLACES, classify
from domain.webhooks import is_webhook
from handlers.incidents.other_ways import Manner, OtherWays
from handlers.storms import holding
from storage import (
    incidents,
    notifications,
    outages,
    outbox,
    receipts,
    timeline,
)
from storage.outbox import Kind, Parcel
from storage.store import Transaction


def record(tx: Transaction, pages: Sequence[Outcome], ways: OtherWays, now: datetime) -> None:
    """Write the receipts of `pages`, and try the next way to whoever they did not reach."""
    tried = [one for one in pages if one.result not in (Result.HELD, Result.DROPPED) and not one.is_unfinished]
    noted = [one for one in tried if one.result is not Result.RETRY or is_noted(one.parcel.attempts)]
    notifications.note_attempts(tx, [_attempt(outcome) for outcome in noted if not outcome.is_known_detour])
    sent = [outcome for outcome in tried if outcome.result is Result.SENT]
    receipts.accepted(tx, [_accepted(outcome) for outcome in sent])
    timeline.add(tx, [_sent(outcome) for outcome in sent])
    edited = [outcome for outcome in sent if _is_edited(outcome)]
    lost = [outcome for outcome in tried if outcome.result is not Result.SENT]
    state = incidents.by_ids(tx, {outcome.parcel.incident for outcome in (*edited, *lost)})
    outdated = [one for one in edited if state[one.parcel.incident] != one.incident]
    outbox.put(tx, [copy(outcome.page, now) for outcome in outdated if outcome.page])
    _other_ways(tx, lost, state, ways, now)
    spare(tx, [outcome.page for outcome in sent if outcome.page])


def _other_ways(
    tx: Transaction, lost: Sequence[Outcome], state: dict[str, Incident], ways: OtherWays, now: datetime
) -> None:
    """Pages that did not go out are noted, and those that are still wanted go another way."""
    kept = notifications.by_ids(tx, [outcome.parcel.subject for outcome in lost])
    settled = [(one.parcel.subject, _state(one, kept[one.parcel.subject]), one.reference, one.reason) for one in lost]
    notifications.settle(tx, [(page, now_is, None, reference, why) for page, now_is, reference, why in settled])
    refused = [one for one in lost if one.result is Result.FAILED and not one.parcel.is_ambiguous]
    holding.never_left(tx, [kept[one.parcel.subject] for one in refused])
    for outcome in lost:
        page = kept[outcome.parcel.subject]
        is_wanted = page.state is NotificationState.WAITING
        if not is_wanted:
            # It was on its way as it was cancelled, or spared, and waits to be tried again.
            holding.cancel(tx, page.incident, [page.id])
        is_triggered = state[outcome.parcel.incident].status is Status.TRIGGERED
        if outcome.is_throttled or not is_wanted or not is_triggered:
            continue
        # At the first failure, without waiting for the last.
        is_first = outcome.parcel.attempts == 1 or outcome.result is not Result.RETRY
        is_detour = outcome.result is Result.DIVERTED
        if not outcome.is_known_detour:
            incident = state[outcome.parcel.incident]
            how = Manner(is_detour, _is_broken(page, outcome), is_quiet=not is_first)
            ways.take(tx, page, incident, outcome.reason, now, how)
        if is_detour:
            _note_detour(tx, outcome, now)


def _is_broken(page: Notification, outcome: Outcome) -> bool:
    """Whether it is the channel that a page can't go to."""
    if page.is_to_a_channel:
        return classify(outcome.code, is_to_a_person=False) in BROKEN_PLACES
    return page.is_to_a_place and outcome.result is Result.FAILED


def _state(outcome: Outcome, kept: Notification) -> NotificationState:
    """What was cancelled meanwhile is not tried again."""
    return NotificationState.FAILED if outcome.result is Result.FAILED else kept.state


def _accepted(outcome: Outcome) -> rules.Accepted:
    page = outcome.page
    assert page is not None
    delivered_at = outcome.finished_at if page.channel in rules.DELIVERED_AT_ONCE else None
    return rules.Accepted(
        page.id,
        outcome.finished_at,
        outcome.reference,
        outcome.rendered_at,
        outcome.said,
        delivered_at,
        outcome.look_at,
    )


def _attempt(outcome: Outcome) -> dict[str, object]:
    return {
        "notification": outcome.parcel.subject,
        "number": outcome.parcel.attempts,
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "outcome": outcome.result.value,
        "reason": outcome.reason,
    }


def _sent(outcome: Outcome) -> Entry:
    page = outcome.page
    assert page is not None
    details: dict[str, str | int] = {"channel": page.channel.value, "name": page.recipient.name, "step": page.step}
    return Entry(incident=page.incident, at=outcome.finished_at, event=Event.NOTIFICATION_SENT, details=details)


def _is_edited(outcome: Outcome) -> bool:
    """Whether it was a message with buttons, that shows who has the incident."""
    return bool(outcome.places) or (outcome.page is not None and is_webhook(outcome.page.recipient.address))


def copy(page: Notification, now: datetime) -> Parcel:
    """What brings a page that was sent up to date."""
    return Parcel(kind=Kind.COPY, incident=page.incident, subject=page.id, due_at=now, lane=outbox.copies(page))


def _note_detour(tx: Transaction, outcome: Outcome, now: datetime) -> None:
    """A person who was told another way is not told again when Slack is back. A channel is, and whoever was not told
    any other way so far: they wait for it."""
    page = outcome.page
    assert page is not None
    if not outcome.is_known_detour:
        outages.detour(tx, outages.begin(tx, outcome.started_at, Part.API, outcome.parcel.holder).id, page.incident)
    if page.recipient.person and is_told(page, notifications.of_incident(tx, page.incident)):
        outbox.finish(tx, [outcome.parcel.id])
        notifications.settle(tx, [(page.id, NotificationState.FAILED, None, "", outcome.reason)])
        if not outcome.is_ambiguous:
            holding.never_left(tx, [page])


def spare(tx: Transaction, sent: Sequence[Notification]) -> None:
    """Pages that wait to be tried again, and whose person has heard of it another way by now, wait no more."""
    people = [page for page in sent if page.recipient.person]
    waiting = notifications.troubled(tx, sorted({page.incident for page in people}))
    spared = [one for one in waiting if any(one.incident == page.incident and is_spared(one, page) for page in people)]
    for incident in {page.incident for page in spared}:
        holding.cancel(tx, incident, [page.id for page in spared if page.incident == incident])
    notifications.settle(tx, [(page.id, _end_of(page), None, page.reference, page.failure) for page in spared])


def _end_of(page: Notification) -> NotificationState:
    """Slack's being away is a failure of Slack's; what was merely slower is not needed any more."""
    return NotificationState.FAILED if page.failure == SLACK_IS_AWAY else NotificationState.CANCELLED
