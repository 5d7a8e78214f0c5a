"""Alerts: what a source says, who it is about, and how it folds into incidents.

An alert is identified by (source, fingerprint, start). One group of a source is one incident; repeats, copies from an
HA twin and late resolves change nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.errors import Fault
from domain.incidents import Severity
from domain.severity_words import severity_called

AlertName = tuple[str, str]
"""(source, fingerprint)."""
AlertKey = tuple[str, str, str]
"""(source, fingerprint, start as the source wrote it)."""
UNDATED = ""
"""The start of an alert whose source tells none: when it fires again after its end, it is another alert."""

COPIES_SECONDS = 60.0
"""How long after an alert's end, in the world's time, a copy of its beginning may still come: the twins of an
Alertmanager wait 15 seconds for each other (`--cluster.peer-timeout`). After it the same start is no copy: Alertmanager
says that an alert is over when Prometheus doesn't reach it, and then that it fires, with the start that it always
had."""

LONGEST_KEY = 500
SOURCE_NAMES = {"pagerduty": "PagerDuty", "generic": "Webhook"}
"""How people write a source's name, where a capital at its front is not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that a source says is wrong, or no longer is. `started` is the start as the source wrote it, `ended` of
    what is over its end, where it tells that."""

    source: str
    fingerprint: str
    started: str = UNDATED
    ended: str = UNDATED
    started_at: datetime | None = None
    is_firing: bool
    title: str = ""
    description: str = ""
    url: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> AlertName:
        return (self.source, self.fingerprint)

    @property
    def key(self) -> AlertKey:
        return (self.source, self.fingerprint, self.started)

    def ends(self, started: str) -> bool:
        """Whether what began then under its name is over with it: of two Prometheus with a start each, Alertmanager
        says the earliest that it knows of, which is another one once it was started anew."""
        return started <= self.started or started < self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """The alerts that a source sends together: one incident. `origin` is the name of the token that it came with.

    An acknowledgement has no alerts: somebody says, in another tool, that they have what `key` opened; its title is
    what that tool is called, where the source's name is another. `left_out` has what is wrong with each alert that came
    with these and can't be read. Of one that is truncated the source has more alerts than it told, and these may fire.
    In the tool that it was `given_back_in` nobody has it any more.
    """

    source: str
    key: str
    alerts: tuple[Alert, ...]
    title: str = ""
    url: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    origin: str = ""
    is_acknowledgement: bool = False
    given_back_in: str = ""
    is_truncated: bool = False
    left_out: tuple[tuple[Fault, ...], ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """Where it folds into: of two open incidents only one has it."""
        return (self.source, self.key)


def short(written: str, limit: int = LONGEST_KEY) -> str:
    """A key that is kept; a long one by its beginning and what stands for the rest, so that no two become one. `limit`
    is in bytes, which is what an index of PostgreSQL's has few of."""
    whole = written.encode("utf-8", "replace")
    if len(whole) <= limit:
        return written
    return f"{whole[: limit - 33].decode('utf-8', 'ignore')}#{hashlib.sha256(whole).hexdigest()[:32]}"


def sent_by(group: AlertGroup, origin: str) -> AlertGroup:
    """`group`, which came with the token called `origin`: what two tools call by one name is not one thing. An alert
    that is named by what it says, and not as its group is, stays the same whoever tells of it: so do those of twins."""
    key = f"{_sender(origin)}{group.key}" if group.key else ""
    alerts = tuple(replace(one, fingerprint=key) if one.fingerprint == group.key else one for one in group.alerts)
    return replace(group, key=key, alerts=alerts, origin=origin)


def _sender(origin: str) -> str:
    """What the keys of a token's groups begin with, and nobody else's: its name may have a colon, too."""
    return f"{origin.replace(':', '%3A')}:"


_ALWAYS_BY_TOKEN = ("pagerduty",)
"""Sources whose keys have had their token's name all along."""


def place_before(group: AlertGroup) -> tuple[str, str]:
    """The place that a group had before its token was a part of its name."""
    if group.source in _ALWAYS_BY_TOKEN:
        return group.place
    return (group.source, group.key.removeprefix(_sender(group.origin)))


def was_named_before(group: AlertGroup, tokens: Iterable[str]) -> bool:
    """Whether the place that it had then can't be that of what another of these tokens calls something now."""
    key = place_before(group)[1]
    return not any(key.startswith(_sender(name)) for name in tokens if name != group.origin)


def as_before(group: AlertGroup) -> AlertGroup:
    """`group` by the name that it had then: what was opened goes on under it."""
    _, key = place_before(group)
    alerts = tuple(replace(one, fingerprint=key) if one.fingerprint == group.key else one for one in group.alerts)
    return replace(group, key=key, alerts=alerts)


@dataclass(frozen=True, slots=True)
class Known:
    """An alert that the database has: whose incident it is, whether it still fires, and since when it does not.
    `told_in` is the key of the group that opened its incident, or that told of it; not known of all."""

    incident: str
    is_firing: bool
    is_incident_open: bool
    ended_at: datetime | None = None
    told_in: str = ""

    def may_be_told_by(self, group: AlertGroup) -> bool:
        """Whether whoever sent `group` may have told of it: two tools that are no twins have a token each."""
        return self.told_in in ("", group.key) or not group.origin or self.told_in.startswith(_sender(group.origin))

    def may_be_copied(self, since: datetime) -> bool:
        """Whether a beginning that comes now is a copy of the one that is known, or may be: copies come of what ended
        `since` a moment, or has not."""
        return self.is_firing or self.ended_at is None or self.ended_at > since


@dataclass(frozen=True, slots=True)
class Fold:
    """What a group changes: alerts to add to an incident, alerts that ended, and whether it needs a new incident.

    `incident` is the open incident that takes the new alerts, "" when there is none. `doubtful` are those that have
    just ended and are said to fire: late copies, unless nobody says their end again while such may come.
    """

    incident: str = ""
    opens: bool = False
    added: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()
    doubtful: tuple[Alert, ...] = ()


def fold(
    group: AlertGroup,
    known: Mapping[AlertKey, Known],
    open_incident: str,
    copied_since: datetime,
    firing: Mapping[AlertName, Sequence[AlertKey]],
) -> Fold:
    """What `group` changes, given the alerts `known` already and the group's open incident, if any. `firing` has those
    of known alerts that fire under one name, in the order in which they came. Of what ended after `copied_since` late
    copies may come.

    A firing alert that is known is a repeat while it fires, and may be one just after its end. An end that is not known
    was never a beginning here, so it opens nothing.
    """
    alerts = {alert.key: alert for alert in group.alerts}.values()
    begun = [alert for alert in alerts if alert.is_firing]
    copied = {one.key for one in begun if one.key in known and known[one.key].may_be_copied(copied_since)}
    added = tuple(alert for alert in begun if alert.key not in copied)
    doubtful = tuple(alert for alert in begun if alert.key in copied and known[alert.key].ended_at)
    ended = tuple(
        alert for alert in alerts if not alert.is_firing and alert.key in known and known[alert.key].is_firing
    )
    gone = (one for alert in alerts if not alert.is_firing for one in _overtaken(alert, group, known, firing))
    ended = tuple({alert.key: alert for alert in (*ended, *gone)}.values())
    home = open_incident or _home(group, known)
    return Fold(incident=home, opens=bool(added) and not home, added=added, ended=ended, doubtful=doubtful)


def _overtaken(
    end: Alert, group: AlertGroup, known: Mapping[AlertKey, Known], firing: Mapping[AlertName, Sequence[AlertKey]]
) -> list[Alert]:
    """What came, or began, before an alert of the same name has ended: a source that was started anew gives what still
    fires another start, and never tells the end of what it said before. An end that is said again ends nothing."""
    alike = firing.get(end.name, ())
    if end.key in known and not known[end.key].is_firing:
        return []
    came_before = alike[: alike.index(end.key)] if end.key in alike else ()
    gone = [key for key in alike if key in came_before or end.ends(key[2])]
    return [replace(end, started=key[2]) for key in gone if key != end.key and known[key].may_be_told_by(group)]


def _home(group: AlertGroup, known: Mapping[AlertKey, Known]) -> str:
    """The open incident of an alert of this group: the group's key changes when the source's routing does."""
    places = (known[alert.key] for alert in group.alerts if alert.key in known)
    return next((place.incident for place in places if place.is_incident_open), "")


def severity_of(group: AlertGroup) -> Severity:
    """The worst severity among the firing alerts' `severity` labels; SEV3 when there is none or it is unknown."""
    firing = [alert for alert in group.alerts if alert.is_firing] or list(group.alerts)
    return min(map(severity_said, firing), key=_ORDER.index, default=Severity.SEV3)


def severity_said(alert: Alert) -> Severity:
    """What the alert's `severity` label says; SEV3 when there is none or it is unknown."""
    return severity_called(alert.labels.get("severity", "")) or Severity.SEV3


_ORDER = list(Severity)


def unknown_severity(group: AlertGroup) -> str:
    """What a firing alert calls its severity that nobody knows; "" when there is no such word."""
    said = (alert.labels.get("severity", "").strip() for alert in group.alerts if alert.is_firing)
    return next((word for word in said if word and severity_called(word) is None), "")


def raised(alerts: Iterable[Alert], now_is: Severity) -> tuple[Severity, Alert] | None:
    """The severity that `alerts` raise an incident to, and the first of them that says so; None when nothing in them is
    said to be worse than `now_is`."""
    said = [(severity_called(alert.labels.get("severity", "")), alert) for alert in alerts if alert.is_firing]
    worse = [(severity, alert) for severity, alert in said if severity and severity < now_is]
    return min(worse, key=lambda one: _ORDER.index(one[0]), default=None)


def source_name(source: str) -> str:
    """A source as people write it."""
    return SOURCE_NAMES.get(source, source.capitalize())


def narrowed(group: AlertGroup, alerts: Sequence[Alert]) -> AlertGroup:
    """`group` with those of its firing alerts that are among `alerts`, called by none of the others: what is over, or
    another incident's, says nothing of the one that these open."""
    names = {alert.name for alert in alerts}
    kept = tuple(alert for alert in group.alerts if alert.is_firing and alert.name in names)
    if len(kept) == len(group.alerts):
        return group
    others = {alert.title for alert in group.alerts} - {alert.title for alert in kept}
    title = kept[0].title if kept and group.title in others else ""
    return replace(group, alerts=kept, title=title or group.title)


def label_of(group: AlertGroup, name: str) -> str:
    """The group's label `name`, from what its alerts have in common, else from the first that has it."""
    shared = group.labels.get(name, "")
    return shared or next((alert.labels[name] for alert in group.alerts if alert.labels.get(name)), "")


def keys_of(groups: Sequence[AlertGroup]) -> tuple[list[AlertKey], list[tuple[str, str]]]:
    """What a batch has to look up: the alerts' keys and the groups'. Alerts without a start are in `sought`."""
    alerts = dict.fromkeys(alert.key for group in groups for alert in group.alerts if alert.started != UNDATED)
    places = dict.fromkeys(group.place for group in groups if group.key)
    return list(alerts), list(places)


def sought(groups: Iterable[AlertGroup]) -> list[AlertName]:
    """The names under which to look for what fires: of alerts whose source tells no start, of those that ended, and of
    those that somebody has taken."""
    found = (a.name for group in groups for a in group.alerts if a.started == UNDATED or not a.is_firing)
    taken = (group.place for group in groups if group.is_acknowledgement)
    return list(dict.fromkeys((*found, *taken)))


def by_name(live: Iterable[AlertKey]) -> dict[AlertName, list[AlertKey]]:
    """The keys of alerts that fire by their names, in the order in which they come."""
    found: dict[AlertName, list[AlertKey]] = {}
    for source, fingerprint, started in live:
        found.setdefault((source, fingerprint), []).append((source, fingerprint, started))
    return found
