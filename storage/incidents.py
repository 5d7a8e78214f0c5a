"""Incidents and their alerts: found, kept, listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, false, func, or_, select, text, update

from domain.alerts import Alert, AlertKey, Known
from domain.errors import NotFound
from domain.incidents import OPEN, Incident, Status
from storage import rows
from storage.bulk import insert_many, update_many
from storage.catalog import table
from storage.duplicates import heirs
from storage.identifiers import drawing
from storage.incident_tables import AlertRow, IncidentRow
from storage.locks import briefly
from storage.policy_tables import PolicyVersionRow
from storage.prepared import among, prepared
from storage.store import Transaction

_INCIDENTS = table(IncidentRow)
_ALERTS = table(AlertRow)
SELECT = select(*(_INCIDENTS.c[name] for name in rows.INCIDENT_FIELDS))
_IN_ONE_QUERY = 5000
"""SQLite allows 32,766 parameters in a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list of incidents asks for. Empty tuples, and None, ask for everything."""

    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    search: str = ""
    is_drill: bool | None = None
    ordering: str = "-created_at"
    offset: int = 0
    limit: int = 50


def add(tx: Transaction, incidents: Sequence[Incident]) -> None:
    """Keep new incidents. Raises DrawnTwice when another has the short id of one."""
    with drawing(tx, "short_id"):
        insert_many(tx, _INCIDENTS, list(map(rows.incident_values, incidents)))


def save(tx: Transaction, incident: Incident) -> None:
    """Keep an incident as it is now."""
    update_many(tx, _INCIDENTS, "id", [rows.incident_values(incident)])


def find(tx: Transaction, name: str) -> Incident:
    """The incident with this id or short id, held for the rest of the transaction. Raises NotFound."""
    return _one(tx, SELECT.with_for_update(key_share=True), name)


def look_up(tx: Transaction, name: str) -> Incident:
    """The incident with this id or short id, held by nobody. Raises NotFound."""
    return _one(tx, SELECT, name)


def _one(tx: Transaction, selected: Select[Any], name: str) -> Incident:
    wanted = or_(_INCIDENTS.c.id == name.lower(), _INCIDENTS.c.short_id == name.upper())
    if row := tx.execute(selected.where(wanted)).first():
        return rows.incident(row)
    raise NotFound(f"there is no incident {name}")


def channel(tx: Transaction, incident: str) -> str:
    """The channel where an incident's card is, or is to be."""
    return str(tx.execute(_CHANNEL, {"of": incident}).scalar() or "")


_CHANNEL = prepared(select(_INCIDENTS.c.channel).where(_INCIDENTS.c.id == bindparam("of")))


def by_ids(tx: Transaction, ids: Iterable[str]) -> dict[str, Incident]:
    """The incidents with these ids."""
    wanted = list(ids)
    found = map(rows.incident, tx.execute(_BY_IDS, {"ids": wanted}) if wanted else ())
    return {incident.id: incident for incident in found}


_BY_IDS = prepared(SELECT.where(among(_INCIDENTS.c.id, "ids")))


def held_by(tx: Transaction, person: str, slack: str, limit: int) -> list[str]:
    """The open incidents that somebody has, latest first."""
    theirs = or_(false(), *_theirs(person, slack))
    wanted = select(_INCIDENTS.c.id).where(_INCIDENTS.c.status.in_(_TAKEN), theirs)
    return list(tx.execute(wanted.order_by(_INCIDENTS.c.created_at.desc()).limit(limit)).scalars())


_TAKEN = [Status.ACKNOWLEDGED.value, Status.MITIGATED.value]


def open_by_policy(tx: Transaction, policy: str) -> dict[int, int]:
    """How many open incidents each version of a policy holds."""
    versions = table(PolicyVersionRow)
    pinned = _INCIDENTS.c.policy_version == versions.c.id
    found = (
        select(versions.c.version, func.count())
        .join(_INCIDENTS, pinned)
        .where(versions.c.policy == policy, _INCIDENTS.c.status.in_(OPEN))
        .group_by(versions.c.version)
        .order_by(versions.c.version)
    )
    return {int(row[0]): int(row[1]) for row in tx.execute(found)}


def hold(tx: Transaction, ids: Sequence[str], *, skip_held: bool = False) -> list[str]:
    """Keep others from changing these incidents until the transaction ends; answers those held. With `skip_held`, those
    that somebody else holds are passed over instead of waited for."""
    if tx.dialect.name != "postgresql" or not ids:
        return list(ids)
    if not skip_held:
        briefly(tx)
    return [row.id for row in tx.execute(_HOLD[skip_held], {"ids": list(ids)})]


_THESE = select(_INCIDENTS.c.id).where(among(_INCIDENTS.c.id, "ids")).order_by(_INCIDENTS.c.id)
_HOLD = {skips: prepared(_THESE.with_for_update(key_share=True, skip_locked=skips)) for skips in (False, True)}


def open_groups(tx: Transaction, groups: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The open incident of each (source, group key) that has one: its own, else what one of its was merged into."""
    found = {}
    for source in {source for source, _ in groups}:
        keys = [key for one, key in groups if one == source]
        for row in tx.execute(_OPEN_GROUPS, {"of_source": source, "keys": keys}):
            found[source, row.group_key] = row.id
    return found | heirs(tx, [one for one in groups if one not in found])


_OPEN_GROUPS = prepared(
    select(_INCIDENTS.c.group_key, _INCIDENTS.c.id).where(
        # In the words of the partial index, which is not used otherwise.
        text("incidents.status <> 'RESOLVED' AND incidents.group_key <> ''"),
        _INCIDENTS.c.source == bindparam("of_source"),
        among(_INCIDENTS.c.group_key, "keys"),
    )
)


def known_alerts(tx: Transaction, keys: Sequence[AlertKey]) -> dict[AlertKey, Known]:
    """What the database has of these alerts."""
    known = {}
    for start in range(0, len(keys), _IN_ONE_QUERY):
        wanted = [identity(key) for key in keys[start : start + _IN_ONE_QUERY]]
        for *key, incident, is_firing, ended_at, status in tx.execute(_KNOWN, {"wanted": wanted}):
            is_open = status != Status.RESOLVED.value
            known[key[0], key[1], key[2]] = Known(incident, is_firing, is_open, ended_at)
    return known


_KNOWN = prepared(
    select(
        _ALERTS.c.source,
        _ALERTS.c.fingerprint,
        _ALERTS.c.started,
        _ALERTS.c.incident,
        _ALERTS.c.is_firing,
        _ALERTS.c.ended_at,
        _INCIDENTS.c.status,
    )
    .join(_INCIDENTS, _INCIDENTS.c.id == _ALERTS.c.incident)
    .where(among(_ALERTS.c.identity, "wanted"))
)


def identity(key: AlertKey) -> str:
    """An alert's key as its row has it."""
    return "\x1f".join(key)


def add_alerts(tx: Transaction, alerts: Sequence[tuple[str, Alert]], now: datetime) -> None:
    """Keep new alerts, each with the id of its incident."""
    if not alerts:
        return
    values = [
        {
            "identity": identity(alert.key),
            "source": alert.source,
            "fingerprint": alert.fingerprint,
            "started": alert.started,
            "incident": incident,
            "is_firing": True,
            "title": alert.title,
            "labels": alert.labels,
            "received_at": now,
            "ended_at": None,
        }
        for incident, alert in alerts
    ]
    insert_many(tx, _ALERTS, values)


def end_alerts(tx: Transaction, alerts: Sequence[Alert], now: datetime) -> None:
    """Note that these alerts no longer fire."""
    if alerts:
        tx.execute(_END, [{"of": identity(alert.key), "at": now} for alert in alerts])


_END = prepared(
    update(_ALERTS).where(_ALERTS.c.identity == bindparam("of")).values(is_firing=False, ended_at=bindparam("at")),
    is_heard=False,
)


def labels(tx: Transaction, incident: str, limit: int) -> list[dict[str, str]]:
    """The labels of an incident's alerts, those of the first that came first."""
    return [dict(row.labels) for row in tx.execute(_LABELS.limit(limit), {"of": incident})]


_LABELS = (
    select(_ALERTS.c.labels)
    .where(_ALERTS.c.incident == bindparam("of"))
    .order_by(_ALERTS.c.received_at, _ALERTS.c.started, _ALERTS.c.identity)
)


def firing(tx: Transaction, incidents: Sequence[str]) -> dict[str, int]:
    """How many alerts of each of these incidents still fire; none is left out as 0."""
    return {incident: count for incident, (count, _) in counts(tx, incidents).items()}


def counts(tx: Transaction, incidents: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many alerts of each of these incidents fire, and how many there are."""
    counted = tx.execute(_COUNTS, {"ids": list(incidents)}) if incidents else ()
    return dict.fromkeys(incidents, (0, 0)) | {row[0]: (int(row[1] or 0), int(row[2])) for row in counted}


_COUNTS = prepared(
    select(_ALERTS.c.incident, func.sum(case((_ALERTS.c.is_firing, 1), else_=0)), func.count())
    .where(among(_ALERTS.c.incident, "ids"))
    .group_by(_ALERTS.c.incident)
)


def listed(tx: Transaction, query: Query) -> tuple[int, list[Incident]]:
    """How many incidents `query` finds, and the page of them that it asks for."""
    wanted = _conditions(query)
    count = tx.execute(select(func.count()).select_from(_INCIDENTS).where(*wanted)).scalar_one()
    name = query.ordering.removeprefix("-")
    column = _INCIDENTS.c[name]
    order = column.desc() if query.ordering.startswith("-") else column.asc()
    page = SELECT.where(*wanted).order_by(order, _INCIDENTS.c.id).offset(query.offset).limit(query.limit)
    return count, [rows.incident(row) for row in tx.execute(page)]


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    columns = {"status": query.statuses, "severity": query.severities, "service": query.services, "team": query.teams}
    wanted: list[ColumnElement[bool]] = [_INCIDENTS.c[name].in_(values) for name, values in columns.items() if values]
    if query.is_drill is not None:
        wanted.append(_INCIDENTS.c.is_drill.is_(query.is_drill))
    if query.search:
        text = query.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = f"%{text}%"
        wanted.append(
            or_(
                _INCIDENTS.c.title.ilike(like, escape="\\"),
                _INCIDENTS.c.short_id.ilike(like, escape="\\"),
                _INCIDENTS.c.description.ilike(like, escape="\\"),
            )
        )
    return wanted


def open_of_person(tx: Transaction, person: str, slack: str) -> list[str]:
    """The short ids of the open incidents that somebody has, or leads."""
    return _open(tx, or_(false(), *_theirs(person, slack)))


def open_of(tx: Transaction, *, service: str = "", team: str = "") -> list[str]:
    """The short ids of the open incidents of a service, or of a team."""
    return _open(tx, _INCIDENTS.c.service == service if service else _INCIDENTS.c.team == team)


def _open(tx: Transaction, whose: ColumnElement[bool]) -> list[str]:
    wanted = select(_INCIDENTS.c.short_id).where(_INCIDENTS.c.status.in_(OPEN), whose)
    return list(tx.execute(wanted.order_by(_INCIDENTS.c.created_at).limit(100)).scalars())


def names(tx: Transaction, person: str, slack: str) -> bool:
    """Whether any incident, open or over, is somebody's."""
    return tx.execute(select(_INCIDENTS.c.id).where(or_(false(), *_theirs(person, slack))).limit(1)).first() is not None


def _theirs(person: str, slack: str) -> list[ColumnElement[bool]]:
    columns = _INCIDENTS.c
    named = ((columns.owner, person), (columns.lead, person), (columns.acknowledged_slack, slack))
    return [column == value for column, value in named if value]
