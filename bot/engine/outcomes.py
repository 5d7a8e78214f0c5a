"""What became of parcels, written down: many in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.engine import page_outcomes
from bot.engine.letters_settled import settle
from bot.engine.results import Outcome, Result
from domain import rollbacks
from domain.policies import Channel
from domain.trials import TrialState
from handlers.incidents.other_ways import OtherWays
from handlers.storms.holding import Arrival
from handlers.troubles import telling
from handlers.troubles.telling import Ended, Handed
from storage import (
    claims,
    contacts,
    doubts,
    homes,
    incidents,
    messages,
    outbox,
    rooms,
    runs,
    trials,
)
from storage.foresight import foresee
from storage.messages import Place
from storage.outbox import HELD, Kind, Parcel
from storage.parcels import CALLS, LETTERS, MAILS, TEXTS
from storage.store import Transaction

log = logging.getLogger(__name__)


def record(tx: Transaction, outcomes: list[Outcome], ways: OtherWays) -> list[None]:
    """Write `outcomes` down. A page that did not go out tries its person's next channel in the same breath."""
    now, told = max(outcome.finished_at for outcome in outcomes), len(outcomes)
    held, claimed = sorted({outcome.parcel.incident for outcome in outcomes}), [one.parcel for one in outcomes]
    foresee(tx, lambda: (incidents.hold(tx, held), claims.answerable(tx, claimed)))
    incidents.hold(tx, held)
    outcomes, places = _answered_for(tx, outcomes)
    if not outcomes and not places:
        return [None] * told
    out = [one for one in outcomes if one.is_out and one.reference]
    ways.holding.arrived(tx, [Arrival(one.parcel, one.page, one.started_at, one.finished_at) for one in out], now)
    messages.put(tx, places)
    carded = [place.incident for place in places if place.key.startswith("card:")]
    if carded:
        foresee(tx, lambda: _under(tx, carded))
        _unfold(tx, carded, now)
    for incident in {place.incident for place in places if place.key.startswith(("card:", "run:"))}:
        rooms.follow(tx, incident, now)
    _move(tx, outcomes)
    _speak(tx, [one.parcel for one in outcomes if one.result is Result.HELD], now)
    pages = [outcome for outcome in outcomes if outcome.page]
    if pages:
        page_outcomes.record(tx, pages, ways, now)
    telling.learn(tx, _ended(tx, outcomes), _handed(outcomes), now)
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
    return [
        # A card that was posted anew has a place to be kept.
        Ended(one.page, places.get(one.parcel.incident, ""), one.code, one.reason, not (one.page or one.places))
        for one in told
    ]


def _handed(outcomes: Sequence[Outcome]) -> list[Handed]:
    """What the providers of SMS, mails and calls said, whatever it was that they were given."""
    told = [(_CHANNELS.get(one.parcel.lane), one) for one in outcomes if one.code or one.is_out]
    return [Handed(channel, one.code, one.reason) for channel, one in told if channel]


_CHANNELS = {TEXTS: Channel.SMS, MAILS: Channel.EMAIL, LETTERS: Channel.EMAIL, CALLS: Channel.PHONE}


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


def _under(tx: Transaction, carded: Sequence[str]) -> None:
    runs.by_incidents(tx, carded)
    for incident in carded:
        incidents.channel(tx, incident)


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


def _speak(tx: Transaction, held: Sequence[Parcel], now: datetime) -> None:
    """What waits for a war room that was made meanwhile waits no longer: nothing else lets it go."""
    waiting = [parcel.incident for parcel in held if parcel.kind is Kind.ROOM_LINE]
    made = [room.incident for room in rooms.by_incidents(tx, waiting).values() if room.channel] if waiting else []
    if made:
        outbox.release(tx, made, now)


def _move(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    by = {result: [o for o in outcomes if o.result is result] for result in Result}
    outbox.finish(tx, [outcome.parcel.id for outcome in by[Result.SENT]])
    dropped = [outcome.parcel for outcome in by[Result.DROPPED]]
    outbox.drop(tx, [parcel.id for parcel in dropped])
    doubts.of_cards(
        tx,
        [one.incident for one in dropped if one.kind is Kind.PAGE and one.is_ambiguous and outbox.is_slack(one.lane)],
    )
    outbox.fail(tx, [outcome.parcel.id for outcome in by[Result.FAILED]])
    again = (*by[Result.RETRY], *by[Result.DIVERTED])
    later = [(o.parcel.id, o.retry_at, o.is_ambiguous) for o in again if o.retry_at]
    held = [(outcome.parcel.id, HELD, outcome.is_ambiguous) for outcome in by[Result.HELD]]
    outbox.postpone(tx, [*later, *held])
