"""Mails to stakeholders in a storm: the first leave by themselves, those that follow are gathered into one for each
address. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain import storms as rules
from domain.incidents import Incident
from domain.policies import Channel
from domain.storms import LETTERS, Allowance, Bundle
from domain.timeline import Entry, Event
from domain.updates import Letter, Occasion
from storage import letters, outbox, storms, timeline
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.parcels import LETTERS as LETTERS_LANE
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class News:
    """What `addresses` are to hear of an incident; `entry` is the timeline's that it tells of, "" for none."""

    incident: Incident
    occasion: Occasion
    addresses: tuple[str, ...]
    entry: str = ""

    def letters(self) -> list[Letter]:
        """One to each."""
        return [
            Letter(id=new_id(), incident=self.incident.id, address=one, occasion=self.occasion, entry=self.entry)
            for one in self.addresses
        ]


def write(tx: Transaction, news: Sequence[News], now: datetime) -> None:
    """Queue letters. What somebody has written leaves by itself, however much else there is."""
    made = [(one.incident, letter) for one in news for letter in one.letters()]
    usual = [(incident, letter) for incident, letter in made if letter.occasion is not Occasion.UPDATE]
    leaving = [letter for _, letter in made if letter.occasion is Occasion.UPDATE]
    kept = storms.allowances(tx, [_key(letter.address) for _, letter in usual])
    changed: dict[str, Allowance] = {}
    held: list[Letter] = []
    for incident, letter in usual:
        key = _key(letter.address)
        verdict = rules.admit(changed.get(key, kept[key]), new_id(), now, LETTERS)
        changed[key] = verdict.allowance
        if verdict.passes:
            leaving.append(letter)
            continue
        if verdict.is_new:
            _begin(tx, letter.address, incident, key, verdict.allowance.bundle, verdict.due_at, now)
        held.append(replace(letter, bundle=verdict.allowance.bundle))
    storms.keep(tx, changed, now)
    letters.add(tx, [*leaving, *held], now)
    letters.queue(tx, leaving, now)
    timeline.add(tx, [_held(incident, held, now) for incident in dict.fromkeys(one.incident for one in held)])


def _key(address: str) -> str:
    return f"LETTER:{address.casefold()}"


def _begin(
    tx: Transaction, address: str, incident: Incident, key: str, identity: str, due_at: datetime, now: datetime
) -> None:
    """A mail that gathers from now on."""
    bundle = Bundle(
        id=identity,
        is_digest=False,
        channel=Channel.EMAIL,
        address=address,
        name=address,
        team=incident.team,
        opened_at=now,
        joined_at=now,
    )
    storms.open_bundle(tx, bundle, key)
    outbox.put(tx, [Parcel(kind=Kind.ROUND_UP, incident="", subject=identity, due_at=due_at, lane=LETTERS_LANE)])


def _held(incident: str, held: Sequence[Letter], now: datetime) -> Entry:
    """For the record of its incident: what is held is said."""
    count = sum(one.incident == incident for one in held)
    return Entry(incident=incident, at=now, event=Event.PAGE_HELD, details={"what": "letters", "count": count})
