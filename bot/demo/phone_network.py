"""The phones behind OVH and the network to them: what arrives, what is refused or lost on the way, and which receipt
each SMS gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.demo.inbox import Inbox
from bot.demo.ovh_rules import OvhError, is_quiet

DELIVERED, ABSENT, HELD_AT_NIGHT, ON_ITS_WAY, SWITCHED_OFF = range(5)
PTTS: dict[int, dict[str, str]] = {
    DELIVERED: {"description": "Delivered", "comment": "", "duration": "permanent"},
    ABSENT: {"description": "Absent subscriber", "comment": "", "duration": "permanent"},
    HELD_AT_NIGHT: {"description": "Commercial hours only", "comment": "", "duration": "permanent"},
    ON_ITS_WAY: {"description": "Transmitted to the operator", "comment": "", "duration": "indeterminated"},
    SWITCHED_OFF: {"description": "Phone switched off", "comment": "", "duration": "temporary"},
}
"""OVH publishes no list of its codes: what each means is asked at /sms/ptts, and only that answer counts."""
ANSWERABLE = timedelta(hours=48)
"""How long a short number takes answers to an SMS (RaspiSMS's documentation of OVH)."""
SHORT_NUMBER = "short number"
_DATES = ("creationDatetime.from", "creationDatetime.to")


@dataclass(frozen=True, slots=True)
class ReceivedSms:
    """An SMS on somebody's phone."""

    reference: int
    to: str
    text: str
    sender: str
    tag: str
    at: datetime
    """By the clock given to the server."""
    monotonic: float
    """`time.monotonic()` at arrival, to measure lateness by."""
    parts: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What OVH knows of an SMS that it sent: when by its own clock, and what came of it."""

    sms: ReceivedSms
    created_at: datetime
    outcome: int
    receipt_at: datetime
    """By the clock given to the server: until then nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer that somebody typed."""

    id: int
    sender: str
    message: str
    created_at: datetime


class PhoneNetwork:
    """`now` is the clock that phones show, `wall` the one that OVH writes its times by."""

    def __init__(self, now: Callable[[], datetime], wall: Callable[[], datetime]) -> None:
        self._now = now
        self._wall = wall
        self._numbers = count(501)
        self.inbox: Inbox[ReceivedSms] = Inbox()
        self.unreachable: set[str] = set()
        """Refused by their network for good, after OVH took the SMS."""
        self.switched_off: set[str] = set()
        """Not reached now, perhaps later: the network's word is no refusal."""
        self.silent: set[str] = set()
        """Lost on the way, and nobody ever says so."""
        self.slow_receipts: dict[str, timedelta] = {}
        """They get it at once; that they did is told so much later."""
        self.held_at_night: list[ReceivedSms] = []
        self.outgoing: dict[int, Outgoing] = {}
        self.incoming: dict[int, Incoming] = {}
        self.unreadable: set[int] = set()
        """What came in and OVH lists, and fails to show."""
        self.blank: set[str] = set()
        """Of what went to these OVH shows `null`."""

    def deliver(self, sms: ReceivedSms, at_any_hour: bool) -> None:
        """Carry an SMS as far as it comes."""
        outcome = self._outcome(sms, at_any_hour)
        if outcome == DELIVERED:
            self.inbox.add(sms)
        elif outcome == HELD_AT_NIGHT:
            self.held_at_night.append(sms)
        receipt_at = sms.at + self.slow_receipts.get(sms.to, timedelta(0))
        self.outgoing[sms.reference] = Outgoing(sms, self._wall(), outcome, receipt_at)

    def _outcome(self, sms: ReceivedSms, at_any_hour: bool) -> int:
        if not at_any_hour and is_quiet(sms.at):
            return HELD_AT_NIGHT
        lost = {ABSENT: self.unreachable, SWITCHED_OFF: self.switched_off, ON_ITS_WAY: self.silent}
        return next((outcome for outcome, numbers in lost.items() if sms.to in numbers), DELIVERED)

    def answer(self, number: str, text: str) -> int:
        """Somebody answers the last SMS on their phone; the answer's id. A name can't be answered, nor an old SMS."""
        received = [sms for sms in self.inbox.messages if sms.to == number and sms.sender == SHORT_NUMBER]
        if not received or self._now() - received[-1].at > ANSWERABLE:
            raise ValueError(f"{number} has no SMS that can be answered")
        return self.write(number, text)

    def write(self, number: str, text: str) -> int:
        """An SMS comes in from any number."""
        written = Incoming(next(self._numbers), number, text, self._wall())
        self.incoming[written.id] = written
        return written.id

    def find_outgoing(self, wanted: Mapping[str, str]) -> list[int]:
        """The ids of what was sent and fits every filter; an unknown filter is an OvhError."""
        _known(wanted, {"tag", "receiver", "sender", "ptt", "deliveryReceipt", *_DATES})
        found = [self.outgoing_record(one) for one in self.outgoing.values()]
        return [int(record["id"]) for record in found if _fits(record, wanted)]

    def find_incoming(self, wanted: Mapping[str, str]) -> list[int]:
        """The ids of what came in and fits every filter; an unknown filter is an OvhError."""
        _known(wanted, {"sender", "tag", *_DATES})
        found = [incoming_record(one) for one in self.incoming.values()]
        return [int(record["id"]) for record in found if _fits(record, wanted)]

    def outgoing_record(self, one: Outgoing) -> dict[str, Any]:
        """What OVH tells of an SMS that it sent."""
        sms, is_known = one.sms, self._now() >= one.receipt_at
        outcome = one.outcome if is_known else ON_ITS_WAY
        is_delivered = outcome == DELIVERED
        return {
            "id": sms.reference,
            "receiver": sms.to,
            "sender": sms.sender,
            "tag": sms.tag,
            "creationDatetime": one.created_at.isoformat(),
            "sentAt": one.created_at.isoformat(),
            "deliveredAt": one.created_at.isoformat() if is_delivered else None,
            "deliveryReceipt": int(is_delivered),
            "ptt": outcome,
            "credits": float(sms.parts),
            "numberOfSms": sms.parts,
            "messageLength": len(sms.text),
            "differedDelivery": 0,
        }


def incoming_record(one: Incoming) -> dict[str, Any]:
    """What OVH tells of an SMS that came in."""
    return {
        "id": one.id,
        "sender": one.sender,
        "message": one.message,
        "tag": "",
        "creationDatetime": one.created_at.isoformat(),
        "credits": 0.0,
    }


def _known(wanted: Mapping[str, str], filters: set[str]) -> None:
    if unknown := set(wanted) - filters:
        raise OvhError(400, "INVALID_ARGUMENT", f"[{min(unknown)}] is not a known filter here")


def _fits(record: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    created = datetime.fromisoformat(str(record["creationDatetime"]))
    bounds = {name: _date(name, wanted[name]) for name in _DATES if name in wanted}
    if not bounds.get(_DATES[0], created) <= created <= bounds.get(_DATES[1], created):
        return False
    return all(str(record[name]) == value for name, value in wanted.items() if name not in _DATES)


def _date(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OvhError(400, "INVALID_ARGUMENT", f"[{name}] is not a date and time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
