"""Storms kept: who had what lately, and the messages for many pages with what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, insert, or_, select, text, update

from domain.incidents import Incident, Status
from domain.notifications import Notification, NotificationState
from domain.policies import Channel
from domain.storms import Allowance, Bundle
from storage import incidents, rows
from storage.bulk import insert_many
from storage.catalog import table
from storage.glances import Glance
from storage.incident_tables import IncidentRow
from storage.notification_tables import NotificationRow
from storage.outbox_tables import OutboxRow
from storage.parcels import Kind
from storage.prepared import among, prepared
from storage.store import Transaction, serialise
from storage.storm_tables import AllowanceRow, BundledRow, BundleRow
from storage.upserts import Upsert

_ALLOWANCES = table(AllowanceRow)
_BUNDLES = table(BundleRow)
_BUNDLED = table(BundledRow)
_NOTIFICATIONS = table(NotificationRow)
_INCIDENTS = table(IncidentRow)
_OUTBOX = table(OutboxRow)


def decide_alone(tx: Transaction) -> None:
    """Nobody else decides about any reader, nor begins to send a message for many, until the transaction ends."""
    serialise(tx, "allowances")


def allowances(tx: Transaction, keys: Iterable[str]) -> dict[str, Allowance]:
    """What these readers had lately. Nobody else decides about any reader until the transaction ends."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    decide_alone(tx)
    found = dict.fromkeys(wanted, Allowance())
    for row in tx.execute(_OF_KEYS, {"wanted": wanted}):
        found[row.key] = _allowance(row)
    return found


_OF_KEYS = prepared(select(_ALLOWANCES).where(among(_ALLOWANCES.c.key, "wanted")))


def _allowance(row: Any) -> Allowance:
    return Allowance(tuple(datetime.fromisoformat(moment) for moment in row.recent), row.bundle)


def keep(tx: Transaction, changed: Mapping[str, Allowance], now: datetime) -> None:
    """Keep what readers have had."""
    values = [
        {
            "key": key,
            "recent": [moment.isoformat() for moment in one.recent],
            "bundle": one.bundle,
            "changed_at": now,
        }
        for key, one in changed.items()
    ]
    _KEPT.put(tx, values)


def _kept(inserting: Any) -> Any:
    new = inserting.excluded
    news = {"recent": new.recent, "bundle": new.bundle, "changed_at": new.changed_at}
    return inserting.on_conflict_do_update(index_elements=["key"], set_=news)


_KEPT = Upsert(_ALLOWANCES, ("key", "recent", "bundle", "changed_at"), "key", _kept)


def forget(tx: Transaction, before: datetime) -> None:
    """Drop what counts for nothing any more."""
    tx.execute(delete(_ALLOWANCES).where(_ALLOWANCES.c.changed_at < before, _ALLOWANCES.c.bundle == ""))


def open_bundle(tx: Transaction, bundle: Bundle, allowance: str) -> None:
    """Keep a new message, which gathers by the allowance with this key."""
    values = {name: getattr(bundle, name) for name in Bundle.__dataclass_fields__}
    tx.execute(insert(_BUNDLES).values(values | {"channel": bundle.channel.value, "allowance": allowance}))


def join(tx: Transaction, members: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Put these in their messages: (bundle, incident, notification), "" for a card."""
    if members:
        values = [{"bundle": bundle, "incident": one, "notification": page} for bundle, one, page in members]
        insert_many(tx, _BUNDLED, values)
        tx.execute(_JOINED, {"ids": sorted({bundle for bundle, _, _ in members}), "at": now})


_JOINED = prepared(
    update(_BUNDLES).where(among(_BUNDLES.c.id, "ids")).values(joined_at=bindparam("at")), is_heard=False
)


def find(tx: Transaction, bundle: str) -> Bundle | None:
    """One message."""
    row = tx.execute(select(_BUNDLES).where(_BUNDLES.c.id == bundle)).first()
    return _bundle(row) if row else None


def _bundle(row: Any) -> Bundle:
    values = {name: getattr(row, name) for name in Bundle.__dataclass_fields__}
    return Bundle(**values | {"channel": Channel(row.channel)})


def allowance_of(tx: Transaction, bundle: str) -> str:
    """The key of the allowance that a message gathers by."""
    return str(tx.execute(select(_BUNDLES.c.allowance).where(_BUNDLES.c.id == bundle)).scalar() or "")


def note_sent(tx: Transaction, bundle: str, now: datetime) -> None:
    """It has gone out, for the first time."""
    tx.execute(update(_BUNDLES).where(_BUNDLES.c.id == bundle, _BUNDLES.c.sent_at.is_(None)).values(sent_at=now))


def put_off(tx: Transaction, bundle: str, until: datetime) -> None:
    """It does not leave before this moment."""
    its = (_OUTBOX.c.kind == Kind.BUNDLE.value, _OUTBOX.c.subject == bundle, text("state = 'waiting'"))
    tx.execute(update(_OUTBOX).where(*its, _OUTBOX.c.due_at < until).values(due_at=until))


def close(tx: Transaction, bundle: str, now: datetime) -> None:
    """The storm is over: what comes from now on has another digest."""
    tx.execute(update(_BUNDLES).where(_BUNDLES.c.id == bundle).values(closed_at=now))


_IS_OPEN_DIGEST = text("is_digest AND closed_at IS NULL")


def oldest_digest(tx: Transaction) -> datetime | None:
    """When something joined the open digest that nothing has joined for longest."""
    return _OLDEST.seen(tx)


_OLDEST = Glance(select(func.min(_BUNDLES.c.joined_at)).where(_IS_OPEN_DIGEST))


def open_digest(tx: Transaction, channel: str) -> str:
    """The digest of the storm that is in a channel, "" without one."""
    return str(tx.execute(_OPEN_DIGEST, {"channel": channel}).scalar() or "")


def mention(tx: Transaction, digest: str, incidents: Sequence[str]) -> None:
    """Have a digest count incidents that are over too: they make no storm last longer."""
    insert_many(tx, _BUNDLED, [{"bundle": digest, "incident": one, "notification": ""} for one in incidents])


_OPEN_DIGEST = prepared(select(_BUNDLES.c.id).where(_IS_OPEN_DIGEST, _BUNDLES.c.address == bindparam("channel")))


def quiet_digests(tx: Transaction, since: datetime) -> list[Bundle]:
    """The open digests that nothing has joined since a moment."""
    found = select(_BUNDLES).where(_IS_OPEN_DIGEST, _BUNDLES.c.joined_at <= since)
    return [_bundle(row) for row in tx.execute(found)]


def digests_of(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """The open digest whose channel waits for the card of each of these incidents."""
    found = tx.execute(_DIGESTS_OF, {"ids": list(ids)}) if ids else ()
    return {row.incident: row.bundle for row in found}


_DIGESTS_OF = prepared(
    select(_BUNDLED.c.incident, _BUNDLED.c.bundle)
    .join(_BUNDLES, _BUNDLES.c.id == _BUNDLED.c.bundle)
    .where(among(_BUNDLED.c.incident, "ids"), _BUNDLED.c.notification == "", _IS_OPEN_DIGEST)
)


def of_incidents(tx: Transaction, ids: Sequence[str]) -> list[str]:
    """The messages for many that these incidents are in."""
    return list(tx.execute(_OF_INCIDENTS, {"ids": list(ids)}).scalars()) if ids else []


_OF_INCIDENTS = prepared(select(_BUNDLED.c.bundle).where(among(_BUNDLED.c.incident, "ids")).distinct())


def wanted(tx: Transaction, bundle: str) -> list[Notification]:
    """The pages in a message that have not gone out and are still wanted."""
    return [rows.notification(row) for row in tx.execute(_WANTED, {"of": bundle})]


_WANTED = prepared(
    select(_NOTIFICATIONS)
    .join(_BUNDLED, _BUNDLED.c.notification == _NOTIFICATIONS.c.id)
    .join(_INCIDENTS, _INCIDENTS.c.id == _NOTIFICATIONS.c.incident)
    .where(
        _BUNDLED.c.bundle == bindparam("of"),
        _NOTIFICATIONS.c.state == NotificationState.WAITING.value,
        _INCIDENTS.c.status == Status.TRIGGERED.value,
    )
    .order_by(_NOTIFICATIONS.c.id)
)


def held_until(tx: Transaction, incident: str) -> dict[str, datetime]:
    """When the messages leave that gather an incident's pages, by page; without those that have left."""
    return {row.notification: row.due_at for row in tx.execute(_HELD_UNTIL, {"of": incident})}


_HELD_UNTIL = prepared(
    select(_BUNDLED.c.notification, _OUTBOX.c.due_at)
    .join(_BUNDLES, and_(_BUNDLES.c.id == _BUNDLED.c.bundle, _BUNDLES.c.sent_at.is_(None)))
    .join(
        _OUTBOX, and_(_OUTBOX.c.waiting_key == f"{Kind.BUNDLE.value}:" + _BUNDLED.c.bundle, text("state = 'waiting'"))
    )
    .where(_BUNDLED.c.incident == bindparam("of"), _BUNDLED.c.notification != "")
)


def sent_with(tx: Transaction, page: Notification) -> tuple[str, list[Notification]]:
    """The message that `page` went out in and every page in it, itself too; ("", itself) when it went alone."""
    if not page.reference:
        return "", [page]
    found = list(tx.execute(_SENT_WITH, {"of": page.id, "sent_as": page.reference}))
    pages = [rows.notification(row) for row in found]
    return (str(found[0].bundle), pages) if len(pages) > 1 else ("", [page])


_SENT_WITH = prepared(
    select(_NOTIFICATIONS, _BUNDLED.c.bundle)
    .join(_BUNDLED, _BUNDLED.c.notification == _NOTIFICATIONS.c.id)
    .where(
        _BUNDLED.c.bundle.in_(select(_BUNDLED.c.bundle).where(_BUNDLED.c.notification == bindparam("of"))),
        _NOTIFICATIONS.c.reference == bindparam("sent_as"),
    )
    .order_by(_NOTIFICATIONS.c.id)
)


def _members(bundle: str) -> Any:
    return select(_BUNDLED.c.incident).where(_BUNDLED.c.bundle == bundle)


def counts(tx: Transaction, bundle: str) -> dict[Status, int]:
    """How many incidents of a message stand how."""
    found = (
        select(_INCIDENTS.c.status, func.count())
        .where(_INCIDENTS.c.id.in_(_members(bundle)))
        .group_by(_INCIDENTS.c.status)
    )
    return {Status(row[0]): int(row[1]) for row in tx.execute(found)}


def listed(tx: Transaction, bundle: str, offset: int, limit: int) -> list[Incident]:
    """A page of a message's incidents: what nobody has, then what is worse, then what is older."""
    columns = _INCIDENTS.c
    order = case((columns.status == Status.TRIGGERED.value, 0), (columns.status != Status.RESOLVED.value, 1), else_=2)
    found = (
        incidents.SELECT.where(columns.id.in_(_members(bundle)))
        .order_by(order, columns.severity, columns.created_at, columns.id)
        .offset(offset)
        .limit(limit)
    )
    return [rows.incident(row) for row in tx.execute(found)]


def waiting(tx: Transaction, bundle: str, until: datetime | None = None) -> list[str]:
    """Incidents of a message that nobody has, the worst first; those that had begun by `until`, if it is given."""
    columns = _INCIDENTS.c
    is_theirs = and_(columns.id.in_(_members(bundle)), columns.status == Status.TRIGGERED.value)
    is_theirs = and_(is_theirs, columns.created_at <= until) if until else is_theirs
    found = select(columns.id).where(is_theirs).order_by(columns.severity, columns.created_at)
    return list(tx.execute(found).scalars())


_FOR_MANY = (Kind.BUNDLE.value, Kind.ROUND_UP.value)


def held_pages(tx: Transaction, limit: int = 100) -> list[tuple[Bundle, int, datetime]]:
    """What is held now for each reader: the message that gathers, how many incidents are in it and when it leaves."""
    members = select(func.count(func.distinct(_BUNDLED.c.incident))).where(_BUNDLED.c.bundle == _BUNDLES.c.id)
    is_queued = and_(_OUTBOX.c.kind.in_(_FOR_MANY), _OUTBOX.c.subject == _BUNDLES.c.id)
    found = (
        select(_BUNDLES, members.scalar_subquery().label("members"), _OUTBOX.c.due_at)
        .join(_OUTBOX, is_queued)
        .where(or_(text("outbox.state = 'waiting'"), text("outbox.state = 'sending'")), _BUNDLES.c.sent_at.is_(None))
        .order_by(_OUTBOX.c.due_at)
        .limit(limit)
    )
    return [(_bundle(row), int(row.members), row.due_at) for row in tx.execute(found)]


def pages_held(tx: Transaction) -> int:
    """How many pages wait in messages that have not left."""
    gathering = select(_ALLOWANCES.c.bundle).where(_ALLOWANCES.c.bundle != "")
    held = select(func.count()).select_from(_BUNDLED).where(_BUNDLED.c.bundle.in_(gathering))
    return int(tx.execute(held).scalar_one())
