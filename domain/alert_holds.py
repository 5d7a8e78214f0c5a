"""Groups of alerts that wait: a rule holds them back, in case they resolve by themselves, or they may be late copies of
what has just ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.alert_rules import Ruled
from domain.alerts import Alert, AlertGroup, narrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldGroup:
    """A group that waits since `since`, and until `wake_at` at most."""

    key: str
    since: datetime
    wake_at: datetime
    ruled: Ruled


def begun(ruled: Ruled, firing: Sequence[Alert], now: datetime) -> HeldGroup:
    """`ruled` from now on: what fires in it, as its source wrote it."""
    new = {(alert.source, alert.fingerprint) for alert in firing}
    alerts = tuple(a for a in ruled.group.alerts if a.is_firing and (a.source, a.fingerprint) in new)
    return HeldGroup(
        key=held_key(ruled.group),
        since=now,
        wake_at=now + timedelta(minutes=ruled.hold_minutes),
        ruled=replace(ruled, group=replace(ruled.group, alerts=alerts)),
    )


def joined(before: HeldGroup, alerts: Sequence[Alert], news: Ruled, now: datetime) -> HeldGroup:
    """What waited `before`, once `news` came of it: the `alerts` that fire in it by now, called and ruled as what came
    last, which may be others than those that it began with; of those that it does not tell of, as before. It waits no
    longer than each of them may."""
    said = news if news.group.alerts else replace(before.ruled, group=narrowed(before.ruled.group, alerts))
    until = min(before.wake_at, now + timedelta(minutes=said.hold_minutes))
    others = before.ruled if {one.key for one in alerts} - {one.key for one in said.group.alerts} else said
    labels = dict(said.group.labels.items() & others.group.labels.items())
    applied = tuple(dict.fromkeys((*others.applied, *said.applied)))
    group = replace(said.group, alerts=tuple(alerts), labels=labels)
    return replace(before, wake_at=until, ruled=replace(said, group=group, applied=applied))


def doubted(ruled: Ruled, alert: Alert, until: datetime, now: datetime) -> HeldGroup:
    """`alert` `until` no copy of what ended comes any more: if nobody has said its end again, it fires."""
    return HeldGroup(
        key=doubt_key(alert),
        since=now,
        wake_at=until,
        ruled=replace(ruled, group=replace(narrowed(ruled.group, [alert]), alerts=(alert,))),
    )


def doubt_key(alert: Alert) -> str:
    """What names an alert while it may be a copy."""
    return "\x1f".join(("again", *alert.key))


def held_keys(group: AlertGroup) -> list[str]:
    """All that a group may wait as."""
    return [held_key(group), *(doubt_key(alert) for alert in group.alerts)]


def held_key(group: AlertGroup) -> str:
    """What names a group while it waits; one without a key is named by its first alert."""
    first = group.alerts[0].key if group.alerts else ()
    return held_at(group.place) if group.key else "\x1f".join((group.source, "", *first))


def held_at(place: tuple[str, str]) -> str:
    """What names a group with a key, by its place."""
    return "\x1f".join(place)
