"""Notifications and their receipts: decided, sent, failed, cancelled, with each attempt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update

from domain.incidents import Status
from domain.notifications import Attempt, Notification, NotificationState
from domain.policies import Channel
from storage import rows
from storage.bulk import insert_many, update_many
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.notification_tables import AttemptRow, NotificationRow
from storage.prepared import among, prepared
from storage.store import Transaction

_NOTIFICATIONS = table(NotificationRow)
_ATTEMPTS = table(AttemptRow)
_INCIDENTS = table(IncidentRow)


def add(tx: Transaction, notifications: Sequence[tuple[Notification, str]]) -> None:
    """Keep new notifications, each with the key that nothing else may have: decided twice, it is refused."""
    insert_many(tx, _NOTIFICATIONS, [rows.notification_values(*notification) for notification in notifications])


def fresh(tx: Transaction, decided: Sequence[tuple[Notification, str]]) -> list[tuple[Notification, str]]:
    """Those of the decided ones, each with its key, that nobody has been sent. Two people may have one address: what
    goes there goes once."""
    found = {key: notification for notification, key in reversed(decided)}
    taken = {row.dedup_key for row in tx.execute(_TAKEN, {"wanted": list(found)})} if found else set()
    return [(found[key], key) for key in dict.fromkeys(key for _, key in decided) if key not in taken]


_TAKEN = prepared(select(_NOTIFICATIONS.c.dedup_key).where(among(_NOTIFICATIONS.c.dedup_key, "wanted")))


def by_ids(tx: Transaction, ids: Iterable[str]) -> dict[str, Notification]:
    """The notifications with these ids."""
    return {row.id: rows.notification(row) for row in tx.execute(_BY_IDS, {"ids": list(ids)})}


_BY_IDS = prepared(select(_NOTIFICATIONS).where(among(_NOTIFICATIONS.c.id, "ids")))


def of_incident(tx: Transaction, incident: str) -> list[Notification]:
    """Every notification of an incident, in the order they were decided."""
    return [rows.notification(row) for row in tx.execute(_OF_INCIDENT, {"of": incident})]


_OF_INCIDENT = prepared(
    select(_NOTIFICATIONS).where(_NOTIFICATIONS.c.incident == bindparam("of")).order_by(_NOTIFICATIONS.c.id)
)


def of_incidents(tx: Transaction, incidents: Sequence[str]) -> dict[str, list[Notification]]:
    """Every notification of several incidents, by incident, in the order they were decided."""
    found: dict[str, list[Notification]] = {}
    for row in tx.execute(_OF_INCIDENTS, {"ids": list(incidents)}):
        found.setdefault(row.incident, []).append(rows.notification(row))
    return found


_OF_INCIDENTS = prepared(
    select(_NOTIFICATIONS).where(among(_NOTIFICATIONS.c.incident, "ids")).order_by(_NOTIFICATIONS.c.id)
)


def paged(tx: Transaction, person: str) -> list[str]:
    """The incidents that nobody has yet and that a person was paged for, or is about to be, latest first."""
    return list(tx.execute(_PAGED, {"whom": person}).scalars()) if person else []


_PAGED = prepared(
    select(_INCIDENTS.c.id)
    .where(
        _INCIDENTS.c.status == Status.TRIGGERED.value,
        exists().where(_NOTIFICATIONS.c.incident == _INCIDENTS.c.id, _NOTIFICATIONS.c.person == bindparam("whom")),
    )
    .order_by(_INCIDENTS.c.created_at.desc())
    .limit(200)
)


def wanted(tx: Transaction, ids: Sequence[str]) -> frozenset[str]:
    """Those of these pages that may go: nobody has the incident, and they were not cancelled."""
    return frozenset(row.id for row in tx.execute(_WANTED, {"ids": list(ids)})) if ids else frozenset()


_WANTED = prepared(
    select(_NOTIFICATIONS.c.id)
    .join(_INCIDENTS, _INCIDENTS.c.id == _NOTIFICATIONS.c.incident)
    .where(
        among(_NOTIFICATIONS.c.id, "ids"),
        _NOTIFICATIONS.c.state == NotificationState.WAITING.value,
        _INCIDENTS.c.status == Status.TRIGGERED.value,
    )
)


def names(tx: Transaction, person: str) -> bool:
    """Whether anything was ever sent to somebody, or was to be."""
    return tx.execute(select(_NOTIFICATIONS.c.id).where(_NOTIFICATIONS.c.person == person).limit(1)).first() is not None


def mails_sent(tx: Transaction, incidents: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """The ids of the mails sent for each (incident, address), oldest first: a later one answers them."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in tx.execute(_MAILS_SENT, {"ids": list(incidents)}):
        found.setdefault((row.incident, row.address), []).append(row.id)
    return found


_MAILS_SENT = prepared(
    select(_NOTIFICATIONS.c.id, _NOTIFICATIONS.c.incident, _NOTIFICATIONS.c.address)
    .where(
        among(_NOTIFICATIONS.c.incident, "ids"),
        _NOTIFICATIONS.c.state == NotificationState.SENT.value,
        _NOTIFICATIONS.c.channel == Channel.EMAIL.value,
    )
    .order_by(_NOTIFICATIONS.c.id)
)


def attempts(tx: Transaction, ids: Sequence[str]) -> dict[str, list[Attempt]]:
    """Each try of these notifications, in order."""
    found = select(_ATTEMPTS).where(_ATTEMPTS.c.notification.in_(ids)).order_by(_ATTEMPTS.c.id)
    tries: dict[str, list[Attempt]] = {identity: [] for identity in ids}
    for row in tx.execute(found):
        made = Attempt(row.number, row.started_at, row.finished_at, row.outcome, row.reason)
        tries[row.notification].append(made)
    return tries


def note_attempts(tx: Transaction, made: Sequence[dict[str, object]]) -> None:
    """Keep tries: notification, number, started_at, finished_at, outcome, reason."""
    insert_many(tx, _ATTEMPTS, made)


def cancel_waiting(tx: Transaction, incident: str, person: str = "") -> list[str]:
    """What is not sent yet, to anybody or to one person, will not be; answers the ids."""
    which = {"of": incident} | ({"person": person} if person else {})
    return [row.id for row in tx.execute(_CANCEL_THEIRS if person else _CANCEL, which)]


_WAITING_OF = (_NOTIFICATIONS.c.incident == bindparam("of"), _NOTIFICATIONS.c.state == NotificationState.WAITING.value)
_CANCELLED = update(_NOTIFICATIONS).where(*_WAITING_OF).values(state=NotificationState.CANCELLED.value)
_CANCEL = prepared(_CANCELLED.returning(_NOTIFICATIONS.c.id))
_CANCEL_THEIRS = prepared(
    _CANCELLED.where(_NOTIFICATIONS.c.person == bindparam("person")).returning(_NOTIFICATIONS.c.id)
)


def troubled(tx: Transaction, incidents: Sequence[str]) -> list[Notification]:
    """Pages of these incidents that wait to be tried again."""
    return [rows.notification(row) for row in tx.execute(_TROUBLED, {"ids": list(incidents)})] if incidents else []


_TROUBLED = prepared(
    select(_NOTIFICATIONS).where(
        among(_NOTIFICATIONS.c.incident, "ids"),
        _NOTIFICATIONS.c.state == NotificationState.WAITING.value,
        _NOTIFICATIONS.c.failure != "",
    )
)


def settle(
    tx: Transaction,
    outcomes: Sequence[tuple[str, NotificationState, datetime | None, str, str]],
) -> None:
    """Keep receipts: (id, state, sent at, provider's reference, failure)."""
    names = ("id", "state", "sent_at", "reference", "failure")
    values = [dict(zip(names, (identity, state.value, *rest), strict=True)) for identity, state, *rest in outcomes]
    update_many(tx, _NOTIFICATIONS, "id", values)
