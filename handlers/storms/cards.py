"""Which cards a channel gets, and which its digest has: those of the incidents that came too fast for it. Inside the
caller's transaction, as the pages' holding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain import storms as rules
from domain.incidents import Incident
from domain.policies import Channel
from domain.storms import CARDS, Allowance, Bundle
from handlers.storms.digests import begin, show_again
from storage import held_cards, outbox, rooms, storms
from storage.identifiers import new_id
from storage.outbox import HELD, Kind, Parcel
from storage.parcels import GRAVE_CARDS
from storage.store import Transaction


def hold(tx: Transaction, opened: Sequence[Incident], now: datetime) -> set[str]:
    """The new incidents whose cards are to wait, since their channels had too many of that severity: their channel's
    digest has them. Drills are as few as somebody wants."""
    real = [one for one in opened if one.channel and not one.is_drill]
    if not real:
        return set()
    digests = {one.channel: f"digest:{outbox.posts(one.channel)}" for one in real}
    kept = storms.allowances(tx, [*map(_card_key, real), *digests.values()])
    changed: dict[str, Allowance] = {}
    members: list[tuple[str, str, str]] = []
    full: set[str] = set()
    for incident in real:
        key, digest = _card_key(incident), digests[incident.channel]
        if key not in full:
            verdict = rules.admit(changed.get(key, kept[key]), "", now, CARDS)
            changed[key] = verdict.allowance
            if verdict.passes:
                continue
            full.add(key)
        gathering = changed.get(digest, kept[digest]).bundle
        if not gathering:
            gathering = new_id()
            changed[digest] = Allowance(bundle=gathering)
            _begin_digest(tx, incident, digest, gathering, now)
        members.append((gathering, incident.id, ""))
    storms.keep(tx, changed, now)
    storms.join(tx, members, now)
    show_again(tx, sorted({bundle for bundle, _, _ in members}), now)
    return {incident for _, incident, _ in members}


def _card_key(incident: Incident) -> str:
    return f"card:{outbox.posts(incident.channel)}:{incident.severity.value}"


def _begin_digest(tx: Transaction, incident: Incident, key: str, identity: str, now: datetime) -> None:
    bundle = Bundle(
        id=identity,
        is_digest=True,
        channel=Channel.SLACK,
        address=incident.channel,
        name=incident.channel,
        team=incident.team,
        opened_at=now,
        joined_at=now,
    )
    begin(tx, bundle, key, outbox.posts(incident.channel), now)


def card(incident: Incident, is_held: bool) -> Parcel:
    """The first card of an incident, which waits when it is held; a grave one's comes before what is said of others."""
    if is_held:
        return Parcel(kind=Kind.CARD, incident=incident.id, due_at=HELD, lane=outbox.held(incident.channel))
    due, lane, ahead = incident.created_at, outbox.posts(incident.channel), GRAVE_CARDS.get(incident.severity, 0)
    return Parcel(kind=Kind.CARD, incident=incident.id, due_at=due, lane=lane, ahead=ahead)


def touched(tx: Transaction, incident: Incident, now: datetime) -> None:
    """Somebody has taken an incident by itself, or it is now among the worst: its card leaves now, and its war room is
    made, held or not."""
    held_cards.release(tx, incident.channel, [incident.id], now, is_storm_over=False)
    rooms.release(tx, [incident.id], now)


def over(tx: Transaction, incident: Incident, now: datetime) -> None:
    """An incident is over whose card is not there yet. In a storm, or when one has held it, there is none, and nothing
    that hangs under it: the digest has it. Else its card comes after everything about what is not over."""
    held = held_cards.unseen(tx, [incident.id])
    waiting = [] if held else held_cards.are_waiting(tx, [incident.id])
    digest = storms.open_digest(tx, incident.channel) if waiting else ""
    if digest:
        storms.mention(tx, digest, waiting)
        show_again(tx, [digest], now)
    held_cards.drop(tx, waiting if digest else held)
    held_cards.put_last(tx, waiting)


def changed(tx: Transaction, incident: str, now: datetime) -> None:
    """The messages for many that an incident is in say something else now."""
    show_again(tx, storms.of_incidents(tx, [incident]), now)
