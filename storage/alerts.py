"""What intake has to know of alerts beside their rows: the incidents they belong to, those that fire without a start,
those that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, select, text, update

from domain.alert_holds import HeldGroup
from domain.alert_rules import Ruled
from domain.alerts import Alert, AlertGroup, AlertKey, Known
from domain.incidents import Severity, Status
from storage import alert_catalog, rows
from storage.catalog import table
from storage.glances import Glance
from storage.identifiers import new_id
from storage.incident_tables import AlertRow, IncidentRow
from storage.incidents import identity
from storage.intake_tables import HeldAlertsRow
from storage.prepared import among, prepared
from storage.store import Transaction

_ALERTS = table(AlertRow)
_INCIDENTS = table(IncidentRow)
_HELD = table(HeldAlertsRow)


@dataclass(frozen=True, slots=True)
class Standing:
    """What people call an incident, how bad it is, and whether it goes on."""

    short_id: str
    severity: Severity
    is_open: bool


def standings(tx: Transaction, ids: Iterable[str]) -> dict[str, Standing]:
    """How these incidents stand, by id; nobody else changes them until the transaction ends."""
    wanted = list(ids)
    found = tx.execute(_STANDINGS, {"ids": wanted}) if wanted else ()
    return {row[0]: Standing(row[1], rows.severity(row[2]), row[3] != Status.RESOLVED.value) for row in found}


_STANDINGS = prepared(
    select(_INCIDENTS.c.id, _INCIDENTS.c.short_id, _INCIDENTS.c.severity, _INCIDENTS.c.status)
    .where(among(_INCIDENTS.c.id, "ids"))
    .order_by(_INCIDENTS.c.id)
    .with_for_update(key_share=True)
)


def live(tx: Transaction, names: Sequence[tuple[str, str]]) -> dict[AlertKey, Known]:
    """The alerts of open incidents that fire under these (source, fingerprint), first come first."""
    found: dict[AlertKey, Known] = {}
    for source in {source for source, _ in names}:
        prints = [fingerprint for one, fingerprint in names if one == source]
        for row in tx.execute(_LIVE, {"of_source": source, "prints": prints}):
            found[source, row.fingerprint, row.started] = Known(row.incident, True, True, told_in=row.group_key)
    return found


_LIVE = prepared(
    select(_ALERTS.c.fingerprint, _ALERTS.c.started, _ALERTS.c.incident, _INCIDENTS.c.group_key)
    .join(_INCIDENTS, _INCIDENTS.c.id == _ALERTS.c.incident)
    .where(
        # In the words of the partial index, which is not used otherwise.
        text("alerts.is_firing"),
        _ALERTS.c.source == bindparam("of_source"),
        among(_ALERTS.c.fingerprint, "prints"),
        _INCIDENTS.c.status != Status.RESOLVED.value,
    )
    .order_by(_ALERTS.c.received_at, _ALERTS.c.started)
)


def calm(tx: Transaction, incidents: Sequence[str], since: datetime) -> list[str]:
    """Those of these incidents whose alerts were all over by `since`."""
    return [row.incident for row in tx.execute(_CALM, {"ids": list(incidents), "since": since})] if incidents else []


_CALM = prepared(
    select(_ALERTS.c.incident)
    .where(among(_ALERTS.c.incident, "ids"))
    .group_by(_ALERTS.c.incident)
    .having(func.sum(case((_ALERTS.c.is_firing, 1), else_=0)) == 0, func.max(_ALERTS.c.ended_at) <= bindparam("since"))
)


def had(tx: Transaction, joining: Sequence[tuple[str, Alert]]) -> dict[tuple[str, str, str], bool]:
    """The names (incident, source, fingerprint) of these alerts that their incidents had before, and whether one still
    fires under it."""
    if not joining:
        return {}
    incidents, prints = {incident for incident, _ in joining}, [alert.fingerprint for _, alert in joining]
    found: dict[tuple[str, str, str], bool] = {}
    for *name, is_firing in tx.execute(_HAD, {"ids": list(incidents), "prints": prints}):
        found[name[0], name[1], name[2]] = found.get((name[0], name[1], name[2]), False) or is_firing
    return found


_HAD = prepared(
    select(_ALERTS.c.incident, _ALERTS.c.source, _ALERTS.c.fingerprint, _ALERTS.c.is_firing).where(
        among(_ALERTS.c.incident, "ids"), among(_ALERTS.c.fingerprint, "prints")
    )
)


def set_aside(tx: Transaction, alerts: Sequence[Alert]) -> None:
    """The rows of these, which have ended, stay with their incidents and give up their names: they fire again."""
    for alert in alerts:
        name = identity(alert.key)
        tx.execute(_SET_ASIDE, {"of": name, "aside": f"{name}\x1f{new_id()}"})


_SET_ASIDE = prepared(
    update(_ALERTS).where(_ALERTS.c.identity == bindparam("of")).values(identity=bindparam("aside")), is_heard=False
)


def held(tx: Transaction, keys: Sequence[str]) -> dict[str, HeldGroup]:
    """Those of these groups that wait."""
    # Most of the time nothing does, and to ask that is cheaper.
    if not keys or _NEXT_WAKE.seen(tx) is None:
        return {}
    return {row.key: _group(row) for row in tx.execute(_HELD_BY_KEY, {"keys": list(keys)})}


_HELD_BY_KEY = prepared(select(_HELD).where(among(_HELD.c.key, "keys")))


def due(tx: Transaction, now: datetime, limit: int) -> list[HeldGroup]:
    """Groups that have waited long enough, longest first."""
    return [_group(row) for row in tx.execute(_DUE, {"by_now": now, "at_most": limit})]


def due_keys(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Their keys, whatever else stands in their rows."""
    return [row.key for row in tx.execute(_DUE_KEYS, {"by_now": now, "at_most": limit})]


def put_off(tx: Transaction, key: str, until: datetime) -> None:
    """A group waits longer."""
    tx.execute(update(_HELD).where(_HELD.c.key == key).values(wake_at=until))


def _due(*columns: Any) -> Any:
    wanted = select(*columns).where(_HELD.c.wake_at <= bindparam("by_now"))
    return prepared(wanted.order_by(_HELD.c.wake_at).limit(bindparam("at_most")))


_DUE, _DUE_KEYS = _due(_HELD), _due(_HELD.c.key)


def next_wake(tx: Transaction) -> datetime | None:
    """When the next group has waited long enough."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_HELD.c.wake_at)))


def keep_held(tx: Transaction, groups: dict[str, HeldGroup | None]) -> None:
    """Keep groups that wait as they are now; None for one that does so no longer."""
    if not groups:
        return
    tx.execute(delete(_HELD).where(_HELD.c.key.in_(list(groups))))
    waiting = [group for group in groups.values() if group]
    if waiting:
        tx.execute(insert(_HELD), [_values(group) for group in waiting])


def _values(group: HeldGroup) -> dict[str, Any]:
    ruled = group.ruled
    said = asdict(replace(ruled, group=replace(ruled.group, alerts=())))
    said["group"]["alerts"] = [_written(alert) for alert in ruled.group.alerts]
    # Of the body that they came in, and a version before this one can't read it.
    del said["group"]["left_out"], said["group"]["is_truncated"]
    # A version before this one reads it.
    said["team"] = next((rule.team for rule in ruled.applied if rule.team), "")
    return {"key": group.key, "since": group.since, "wake_at": group.wake_at, "content": said}


def _written(alert: Alert) -> dict[str, Any]:
    said = asdict(alert)
    # What waits fires, and a version before this one can't read it.
    del said["ended"]
    return said | {"started_at": alert.started_at.isoformat() if alert.started_at else None}


def _group(row: Any) -> HeldGroup:
    said = row.content
    alerts = tuple(_read(alert) for alert in said["group"]["alerts"])
    ruled = Ruled(
        group=AlertGroup(**said["group"] | {"alerts": alerts}),
        applied=tuple(alert_catalog.rule(rule) for rule in said["applied"]),
        dropped=(),
        hold_minutes=said["hold_minutes"],
        held_by=said["held_by"],
    )
    return HeldGroup(key=row.key, since=row.since, wake_at=row.wake_at, ruled=ruled)


def _read(said: dict[str, Any]) -> Alert:
    at = said["started_at"]
    return Alert(**said | {"started_at": datetime.fromisoformat(at) if at else None})


def move(tx: Transaction, before: str, after: str) -> None:
    """One incident's alerts are another's from now on."""
    tx.execute(update(_ALERTS).where(_ALERTS.c.incident == before).values(incident=after))
