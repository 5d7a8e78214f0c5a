"""What became of parcels, written down: many in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.engine.delivered import Delivered
from bot.engine.letters_settled import settle
from domain import receipts as rules
from domain import rollbacks
from domain.fallbacks import is_told
from domain.incidents import Incident, Status
from domain.notifications import Notification, NotificationState
from domain.outages import SLACK_IS_AWAY, Part
from domain.timeline import Entry, Event
from domain.trials import TrialState
from domain.troubles import BROKEN_PLACES, classify
from domain.webhooks import is_webhook
from handlers.incidents.other_ways import OtherWays
from handlers.storms.holding import Arrival
from handlers.troubles import telling
from handlers.troubles.telling import Ended
from storage import (
    claims,
    contacts,
    homes,
    incidents,
    messages,
    notifications,
    outages,
    outbox,
    receipts,
    rooms,
    runs,
    timeline,
    trials,
)
from storage.messages import Place
from storage.outbox import HELD, Kind, Parcel
from storage.store import Transaction

log = logging.getLogger(__name__)


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    HELD = "held"
    """Waits for the card again: nothing was tried."""
    DIVERTED = "diverted"
    """Slack is known to be away: nothing was tried. A page goes another way, the rest waits."""
    DROPPED = "dropped"
    """No longer wanted: nothing was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One parcel's attempt. `retry_at` belongs to RETRY and DIVERTED, `is_ambiguous` to whatever waits:
    this or an earlier attempt may have gone out all the same."""

    parcel: Parcel
    result: Result = Result.SENT
    page: Notification | None = None
    started_at: datetime
    finished_at: datetime
    reference: str = ""
    reason: str = ""
    retry_at: datetime | None = None
    is_ambiguous: bool = False
    is_throttled: bool = False
    """The provider asked to wait: no reason to try another way."""
    is_unfinished: bool = False
    """A part of it went out, to the `places`, and the rest is next."""
    places: tuple[Place, ...] = ()
    rendered_at: datetime | None = None
    said: str = ""
    code: str = ""
    """The provider's own name for its refusal."""
    stands_for: tuple[str, ...] = ()
    """The pages that a message for many went out for."""
    look_at: datetime | None = None
    """When the provider is asked whether it arrived."""

    @property
    def is_out(self) -> bool:
        """Whether all of it has gone out."""
        return self.result is Result.SENT and not self.is_unfinished

    @property
    def is_known_detour(self) -> bool:
        """Whether it is a page that Slack's being away was noted of before."""
        return self.result is Result.DIVERTED and self.page is not None and self.page.failure == SLACK_IS_AWAY


def went(tried: Outcome, delivered: Delivered, now: datetime, span: rules.Span) -> Outcome:
    """`tried` with the provider's yes; when only a part of it went out, the rest is next."""
    channel = tried.page.channel if tried.page else delivered.channel
    done = replace(
        tried,
        finished_at=now,
        reference=delivered.reference,
        places=delivered.places,
        rendered_at=delivered.rendered_at,
        stands_for=delivered.stands_for,
        said=delivered.said,
        look_at=rules.first_look(channel, now, span, is_followed=delivered.is_followed) if channel else None,
    )
    return replace(done, result=Result.RETRY, retry_at=now, is_unfinished=True) if delivered.is_partial else done


def record(tx: Transaction, outcomes: list[Outcome], ways: OtherWays) -> list[None]:
    """Write `outcomes` down. A page that did not go out tries its person's next channel in the same breath."""
    now, told = max(outcome.finished_at for outcome in outcomes), len(outcomes)
    incidents.hold(tx, sorted({outcome.parcel.incident for outcome in outcomes}))
    outcomes, places = _answered_for(tx, outcomes)
    if not outcomes and not places:
        return [None] * told
    out = [one for one in outcomes if one.is_out and one.reference]
    ways.holding.arrived(tx, [Arrival(one.parcel, one.page, one.started_at, one.finished_at) for one in out], now)
    messages.put(tx, places)
    carded = [place.incident for place in places if place.key.startswith("card:")]
    if carded:
        _unfold(tx, carded, now)
    for incident in {place.incident for place in places if place.key.startswith(("card:", "run:"))}:
        rooms.follow(tx, incident, now)
    _move(tx, outcomes)
    pages = [outcome for outcome in outcomes if outcome.page]
    if pages:
        _receipts(tx, pages, ways, now)
    telling.learn(tx, _ended(tx, outcomes), now)
    personal = [outcome for outcome in outcomes if outcome.parcel.kind in (Kind.CODE, Kind.TRIAL)]
    if personal:
        _tell(tx, personal, now)
    for outcome in outcomes:
        if outcome.parcel.kind in (Kind.LETTER, Kind.ROUND_UP) and outcome.result in (Result.SENT, Result.FAILED):
            settle(tx, outcome.parcel, outcome.reason, now, is_sent=outcome.result is Result.SENT)
    return [None] * told


def _answered_for(tx: Transaction, outcomes: list[Outcome]) -> tuple[list[Outcome], list[Place]]:
    """The outcomes of those whose claim still stands, and where things are now. Another process answers for the rest:
    of what they sent, only places that nobody else knows are kept."""
    standing = claims.answerable(tx, [outcome.parcel for outcome in outcomes])
    lost = [outcome for outcome in outcomes if outcome.parcel.id not in standing]
    for outcome in lost:
        what = outcome.parcel.incident or outcome.parcel.subject
        log.warning("%s of %s was taken over by another process: %s", outcome.parcel.kind, what, outcome.result)
    found = [place for outcome in lost for place in outcome.places]
    known = messages.of_incidents(tx, [place.incident for place in found]) if found else {}
    kept = [outcome for outcome in outcomes if outcome.parcel.id in standing]
    mine = [place for outcome in kept for place in outcome.places]
    return kept, [*(place for place in found if place.key not in known), *mine]


def _ended(tx: Transaction, outcomes: Sequence[Outcome]) -> list[Ended]:
    """What pages and cards say of where they went."""
    told = [one for one in outcomes if one.parcel.kind in (Kind.PAGE, Kind.CARD) and (one.code or one.is_out)]
    places = {one.parcel.incident: incidents.channel(tx, one.parcel.incident) for one in told if not one.page}
    return [Ended(one.page, places.get(one.parcel.incident, ""), one.code, one.reason) for one in told]


def _tell(tx: Transaction, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What became of codes and tests, where their readers look for it. Called last: Home tabs are refreshed."""
    for outcome in outcomes:
        subject = outcome.parcel.subject
        if outcome.parcel.kind is Kind.CODE:
            contacts.fail(tx, subject, outcome.reason)
        elif outcome.result is Result.SENT:
            trials.settle(tx, subject, TrialState.ACCEPTED, "", outcome.finished_at)
        else:
            state = TrialState.REFUSED if outcome.result is Result.FAILED else TrialState.WAITING
            trials.settle(tx, subject, state, outcome.reason, outcome.finished_at)
    homes.refresh(tx, now)


def _unfold(tx: Transaction, carded: list[str], now: datetime) -> None:
    """What hangs under cards that are there now: the run with its first step, and what was held."""
    for run in runs.by_incidents(tx, carded).values():
        lane = outbox.posts(incidents.channel(tx, run.incident))
        parcels = [Parcel(kind=Kind.RUN, incident=run.incident, due_at=now, lane=lane)]
        if run.current is not None:
            step = f"{run.id}:{run.current}"
            parcels.append(Parcel(kind=Kind.STEP, incident=run.incident, subject=step, due_at=now, lane=lane))
        undone = rollbacks.turn(run)
        if undone is not None:
            subject = f"{run.id}:{undone}"
            parcels.append(Parcel(kind=Kind.ROLLBACK, incident=run.incident, subject=subject, due_at=now, lane=lane))
        outbox.put(tx, parcels)
    outbox.release(tx, carded, now)


def _move(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    by = {result: [o for o in outcomes if o.result is result] for result in Result}
    outbox.finish(tx, [outcome.parcel.id for outcome in (*by[Result.SENT], *by[Result.DROPPED])])
    dropped = [outcome.parcel for outcome in by[Result.DROPPED]]
    outbox.doubt_cards(tx, [one.incident for one in dropped if one.kind is Kind.PAGE and one.is_ambiguous and one.lane])
    outbox.fail(tx, [outcome.parcel.id for outcome in by[Result.FAILED]])
    again = (*by[Result.RETRY], *by[Result.DIVERTED])
    later = [(o.parcel.id, o.retry_at, o.is_ambiguous) for o in again if o.retry_at]
    held = [(outcome.parcel.id, HELD, outcome.is_ambiguous) for outcome in by[Result.HELD]]
    outbox.postpone(tx, [*later, *held])


def _receipts(tx: Transaction, pages: Sequence[Outcome], ways: OtherWays, now: datetime) -> None:
    tried = [one for one in pages if one.result not in (Result.HELD, Result.DROPPED) and not one.is_unfinished]
    notifications.note_attempts(tx, [_attempt(outcome) for outcome in tried if not outcome.is_known_detour])
    state = incidents.by_ids(tx, {outcome.parcel.incident for outcome in tried})
    kept = notifications.by_ids(tx, [outcome.parcel.subject for outcome in tried])
    settled = [(outcome, _state(outcome, kept[outcome.parcel.subject])) for outcome in tried]
    notifications.settle(
        tx,
        [
            (o.parcel.subject, now_is, o.finished_at if o.result is Result.SENT else None, o.reference, o.reason)
            for o, now_is in settled
        ],
    )
    sent = [outcome for outcome in tried if outcome.result is Result.SENT]
    receipts.accepted(tx, [_accepted(outcome) for outcome in sent])
    timeline.add(tx, [_sent(outcome) for outcome in sent])
    outbox.put(tx, [_copy(outcome, now) for outcome in sent if _is_outdated(outcome, state)])
    for outcome in tried:
        incident = state[outcome.parcel.incident]
        is_lost = outcome.result is not Result.SENT and not (outcome.is_throttled or outcome.is_unfinished)
        is_wanted = kept[outcome.parcel.subject].state is NotificationState.WAITING
        # At the first failure, without waiting for the last.
        is_time = outcome.parcel.attempts == 1 or outcome.result is not Result.RETRY
        if is_lost and is_wanted and incident.status is Status.TRIGGERED:
            page, is_detour = kept[outcome.parcel.subject], outcome.result is Result.DIVERTED
            if is_time and not outcome.is_known_detour:
                broken = classify(outcome.code, is_to_a_person=not page.is_to_a_channel) in BROKEN_PLACES
                ways.take(tx, page, incident, outcome.reason, now, is_said_later=is_detour, is_place_broken=broken)
            if is_detour:
                _note_detour(tx, outcome, now)


def _state(outcome: Outcome, kept: Notification) -> NotificationState:
    """What has gone out is sent, whatever was decided meanwhile; what was cancelled is not tried again."""
    if outcome.result is Result.SENT:
        return NotificationState.SENT
    if outcome.result is Result.FAILED:
        return NotificationState.FAILED
    return kept.state


def _accepted(outcome: Outcome) -> rules.Accepted:
    page = outcome.page
    assert page is not None
    delivered_at = outcome.finished_at if page.channel in rules.DELIVERED_AT_ONCE else None
    return rules.Accepted(page.id, outcome.rendered_at, outcome.said, delivered_at, outcome.look_at)


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


def _is_outdated(outcome: Outcome, state: dict[str, Incident]) -> bool:
    """Whether a message with buttons was acknowledged while it was on its way."""
    is_edited = bool(outcome.places) or (outcome.page is not None and is_webhook(outcome.page.recipient.address))
    return is_edited and state[outcome.parcel.incident].status is not Status.TRIGGERED


def _copy(outcome: Outcome, now: datetime) -> Parcel:
    parcel, page = outcome.parcel, outcome.page
    assert page is not None
    lane = outbox.copies(page)
    return Parcel(kind=Kind.COPY, incident=parcel.incident, subject=parcel.subject, due_at=now, lane=lane)


def _note_detour(tx: Transaction, outcome: Outcome, now: datetime) -> None:
    """A person who is told another way is not told again when Slack is back. A channel is, and whoever can't be told
    any other way: they wait for it."""
    page = outcome.page
    assert page is not None
    if not outcome.is_known_detour:
        outages.detour(tx, outages.begin(tx, outcome.started_at, Part.API, outcome.parcel.holder).id, page.incident)
    if page.recipient.person and is_told(page, notifications.of_incident(tx, page.incident)):
        outbox.finish(tx, [outcome.parcel.id])
        notifications.settle(tx, [(page.id, NotificationState.FAILED, None, "", outcome.reason)])
