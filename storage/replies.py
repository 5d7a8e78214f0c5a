"""Answers by SMS: each taken once, and the short numbers of incidents that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, exists, or_, select

from domain.incidents import Status
from domain.notifications import Notification, NotificationState
from domain.policies import Channel
from domain.replies import BEHIND, FRESH, GOOD_FOR, Answer
from domain.replies import short_numbers as free_numbers
from domain.timeline import TURNS
from storage import rows
from storage.bulk import insert_many
from storage.catalog import table
from storage.incident_tables import IncidentRow, TimelineRow
from storage.notification_tables import AttemptRow, NotificationRow
from storage.prepared import among, prepared
from storage.reply_tables import ReplyRow, ShortNumberRow
from storage.store import Transaction, serialise
from storage.upserts import put_if_new, put_row

_REPLIES = table(ReplyRow)
_NUMBERS = table(ShortNumberRow)
_INCIDENTS = table(IncidentRow)
_NOTIFICATIONS = table(NotificationRow)
_ATTEMPTS = table(AttemptRow)
_TIMELINE = table(TimelineRow)
KEPT = timedelta(days=90)
_LINGERS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that was taken, and what its sender is told; `locale` is theirs."""

    id: str
    number: str
    message: str
    written_at: datetime
    taken_at: datetime
    incident: str = ""
    answer: Answer = Answer.NONE
    locale: str = ""
    details: dict[str, str] = field(default_factory=dict)


def fresh(tx: Transaction, ids: Sequence[str]) -> list[str]:
    """Those of `ids` that nobody has taken."""
    known = set(tx.execute(select(_REPLIES.c.id).where(_REPLIES.c.id.in_(list(ids)))).scalars()) if ids else set()
    return [one for one in ids if one not in known]


def claim(tx: Transaction, taken: Taken) -> bool:
    """Keep that this answer is being taken; False when somebody has it already."""
    tx.execute(delete(_REPLIES).where(_REPLIES.c.taken_at < taken.taken_at - KEPT))
    return put_if_new(tx, _REPLIES, _values(taken))


def settle(tx: Transaction, taken: Taken) -> None:
    """Keep what became of an answer."""
    put_row(tx, _REPLIES, _values(taken))


def _values(taken: Taken) -> dict[str, object]:
    return {
        "id": taken.id,
        "number": taken.number,
        "message": taken.message,
        "written_at": taken.written_at,
        "taken_at": taken.taken_at,
        "incident": taken.incident,
        "answer": taken.answer.value,
        "locale": taken.locale,
        "details": taken.details,
    }


def find(tx: Transaction, identity: str) -> Taken | None:
    """One answer by its id."""
    row = tx.execute(select(_REPLIES).where(_REPLIES.c.id == identity)).first()
    return Taken(**{**row._asdict(), "answer": Answer(row.answer)}) if row else None


def answers(tx: Transaction, number: str, since: datetime) -> list[tuple[datetime, Answer]]:
    """What a number was answered since then."""
    found = select(_REPLIES.c.taken_at, _REPLIES.c.answer).where(
        _REPLIES.c.number == number, _REPLIES.c.taken_at >= since
    )
    return [(row.taken_at, Answer(row.answer)) for row in tx.execute(found)]


def was_answered(tx: Transaction, number: str, incident: str, answer: Answer, since: datetime) -> bool:
    """Whether a number was answered so about an incident since then."""
    found = select(_REPLIES.c.id).where(
        _REPLIES.c.number == number,
        _REPLIES.c.taken_at >= since,
        _REPLIES.c.incident == incident,
        _REPLIES.c.answer == answer.value,
    )
    return tx.execute(found.limit(1)).first() is not None


def pages_to(tx: Transaction, number: str, at: datetime) -> list[Notification]:
    """The SMS that a number may have had at a moment by its operator's clock, which may be behind ours, of the day
    before it: those that were sent, and those of which the operator's answer was lost."""
    since, at = at - GOOD_FOR, at + BEHIND
    tried = exists().where(_ATTEMPTS.c.notification == _NOTIFICATIONS.c.id, _ATTEMPTS.c.started_at <= at)
    found = select(_NOTIFICATIONS).where(
        _NOTIFICATIONS.c.address == number,
        _NOTIFICATIONS.c.channel == Channel.SMS.value,
        or_(_NOTIFICATIONS.c.sent_at >= since, _NOTIFICATIONS.c.decided_at >= since),
        or_(_NOTIFICATIONS.c.sent_at <= at, tried),
    )
    return [rows.notification(row) for row in tx.execute(found)]


def is_awaited(tx: Transaction, now: datetime) -> bool:
    """Whether anybody may answer: an SMS is out about an incident that nobody has, or that somebody took or ended a
    moment ago; or whoever has one was sent it by SMS, and may find that they can't take it."""
    paged = exists().where(
        _NOTIFICATIONS.c.incident == _INCIDENTS.c.id,
        _NOTIFICATIONS.c.channel == Channel.SMS.value,
        _NOTIFICATIONS.c.state == NotificationState.SENT.value,
        _NOTIFICATIONS.c.sent_at > now - GOOD_FOR,
    )
    is_open = _INCIDENTS.c.status == Status.TRIGGERED.value
    is_theirs = _INCIDENTS.c.status == Status.ACKNOWLEDGED.value
    their_own = paged.where(_NOTIFICATIONS.c.person == _INCIDENTS.c.owner, _NOTIFICATIONS.c.person != "")
    lately = _INCIDENTS.c.created_at > now - timedelta(days=1)
    ended = or_(_INCIDENTS.c.acknowledged_at > now - _LINGERS, _INCIDENTS.c.resolved_at > now - _LINGERS)
    taken = _INCIDENTS.c.status.in_((Status.ACKNOWLEDGED.value, Status.MITIGATED.value)) & _turned_since(now - _LINGERS)
    waiting = ((or_(is_open, lately & ended, taken), paged), (is_theirs, their_own))
    return any(tx.execute(select(_INCIDENTS.c.id).where(*one).limit(1)).first() for one in waiting)


def _turned_since(moment: datetime) -> ColumnElement[bool]:
    """Somebody else may have had it first: the incident itself knows when it was taken for the first time."""
    turns = [event.value for event in TURNS]
    return exists().where(
        _TIMELINE.c.incident == _INCIDENTS.c.id, _TIMELINE.c.event.in_(turns), _TIMELINE.c.at > moment
    )


def short_numbers(tx: Transaction, incidents: Iterable[str]) -> dict[str, int]:
    """The short numbers of these incidents, those that have one."""
    wanted = list(incidents)
    return {row.incident: row.number for row in tx.execute(_NUMBERS_OF, {"ids": wanted})} if wanted else {}


_NUMBERS_OF = prepared(select(_NUMBERS).where(among(_NUMBERS.c.incident, "ids")))


def number(tx: Transaction, incidents: Sequence[str], now: datetime) -> dict[str, int]:
    """The short numbers of these incidents; who has none yet is given one that no other open or recent incident has,
    unless there is none left."""
    known = short_numbers(tx, incidents)
    if not set(incidents) - known.keys():
        return known
    serialise(tx, "short numbers")
    known = short_numbers(tx, incidents)
    missing = sorted(set(incidents) - known.keys())
    # What is forgotten here keeps the table to four digits' rows, so that it may be read whole.
    tx.execute(_FORGET, {"before": now - FRESH})
    given = dict(zip(missing, free_numbers(tx.execute(_TAKEN).scalars(), len(missing)), strict=False))
    insert_many(tx, _NUMBERS, [{"incident": one, "number": its, "given_at": now} for one, its in given.items()])
    return known | given


_FORGET = prepared(
    delete(_NUMBERS).where(
        _NUMBERS.c.given_at <= bindparam("before"),
        exists().where(_INCIDENTS.c.id == _NUMBERS.c.incident, _INCIDENTS.c.status == Status.RESOLVED.value),
    ),
    is_heard=False,
)
_TAKEN = prepared(select(_NUMBERS.c.number))
