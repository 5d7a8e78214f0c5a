"""What a batch of alert groups changes, gathered first and written with few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain import alert_rules
from domain import alerts as rules
from domain.alert_holds import HeldGroup, begun, doubt_key, doubted, held_key, joined
from domain.alert_rules import Ruled
from domain.alerts import COPIES_SECONDS, UNDATED, Alert, AlertGroup, AlertKey, AlertName, Fold, Known, narrowed
from domain.clock import Clock
from domain.directory import Directory
from domain.incidents import Incident, Severity
from domain.timeline import Entry, Event
from handlers.alerts.drafting import draft_of, one_line, rule_entry
from handlers.incidents.opening import Opening, opening
from storage.alerts import Standing
from storage.identifiers import new_id


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a group: the incident it belongs to ("" when there is none), whether it opened it, how many of
    its alerts met which `outcome`, and how many each rule dropped."""

    incident: str
    short_id: str
    opened: bool
    severity: Severity | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    dropped: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Worse:
    """The severity that an incident is raised to, the alert that says so, and whose it is."""

    severity: Severity
    alert: Alert
    by: str


@dataclass(slots=True)
class Batch:
    """Groups folded one after another against what is known, as if each had its own transaction."""

    directory: Directory
    clock: Clock
    now: datetime
    known: dict[AlertKey, Known]
    open_groups: dict[tuple[str, str], str]
    standings: dict[str, Standing]
    """Of the incidents that the groups may belong to, by id."""
    held: dict[str, HeldGroup] = field(default_factory=dict)
    """The groups that wait, by their key."""
    live: dict[AlertName, list[AlertKey]] = field(default_factory=dict)
    """What fires under one name, in the order in which it came, of alerts whose source tells no start or an end."""
    openings: list[Opening] = field(default_factory=list)
    alerts: list[tuple[str, Alert]] = field(default_factory=list)
    ended: list[Alert] = field(default_factory=list)
    returned: list[Alert] = field(default_factory=list)
    """Those of `alerts` that had ended, and fire again with the same start."""
    partly_told: set[AlertKey] = field(default_factory=set)
    """Those of `alerts` whose source has more than it told with them."""
    additions: list[Entry] = field(default_factory=list)
    ended_in: set[str] = field(default_factory=set)
    raised: dict[str, Worse] = field(default_factory=dict)
    """What raises each incident."""
    said_again: dict[str, Worse] = field(default_factory=dict)
    """The same, of what says no more than that it still fires: somebody may have found it less bad since."""
    acknowledged: dict[str, AlertGroup] = field(default_factory=dict)
    """What a tool said last of who has each incident."""
    waiting: dict[str, HeldGroup | None] = field(default_factory=dict)
    """What is to be kept of the groups that wait; None for one that does so no longer."""

    @property
    def joining(self) -> list[tuple[str, Alert]]:
        """Those of `alerts` that join an incident which was there, and are not over already."""
        joined = {entry.incident for entry in self.additions}
        return [(to, alert) for to, alert in self.alerts if to in joined and self.known[alert.key].is_firing]

    def take(self, group: AlertGroup, at: datetime) -> Received:
        """Fold `group` in, which came in at `at`."""
        if group.is_acknowledgement:
            return self._acknowledge(group)
        if group.given_back_in and (incident := self._told_of(group)):
            self.acknowledged[incident] = group
        ruled = self._ruled(group)
        self._believe_ends(group)
        before = self.held.get(held_key(group))
        fold = self._fold(ruled.group)
        news = self._ruled(narrowed(group, fold.added)) if before or fold.opens else ruled
        if before or (fold.opens and news.hold_minutes):
            # What ends beside what waits is of an incident that somebody has resolved.
            self._end(fold, ruled.group)
        self._doubt(ruled, fold, at)
        if before:
            return self._go_on_waiting(before, ruled, news, at)
        if fold.opens and news.hold_minutes:
            return self._wait(replace(begun(news, fold.added, at), key=held_key(group)), ruled)
        return self._settle(ruled, news, fold, at)

    def release(self, waited: HeldGroup) -> Received:
        """Its time is up and it has not resolved by itself: what was held opens its incident."""
        self._forget(waited)
        ruled = alert_rules.let_go(self.directory.alert_rules, waited.ruled)
        fold = self._fold(ruled.group)
        self._doubt(ruled, fold, waited.since)
        news = replace(ruled, group=narrowed(ruled.group, fold.added))
        return self._settle(ruled, news, fold, waited.since, waited.since)

    def _ruled(self, group: AlertGroup) -> Ruled:
        found = self.directory.alert_rules
        return alert_rules.apply(found, group) if found else Ruled(group=group)

    def _fold(self, group: AlertGroup) -> Fold:
        if any(alert.started == UNDATED for alert in group.alerts):
            group = replace(group, alerts=tuple(self._dated(alert) for alert in group.alerts))
        incident = self.open_groups.get(group.place, "") if group.key else ""
        return rules.fold(group, self.known, incident, self.now - self._copies, self.live)

    @property
    def _copies(self) -> timedelta:
        return self.clock.span(COPIES_SECONDS)

    def _doubt(self, ruled: Ruled, fold: Fold, at: datetime) -> None:
        """What has just ended and is said to fire waits until it is no copy."""
        for alert in fold.doubtful:
            ended_at = self.known[alert.key].ended_at
            if ended_at and doubt_key(alert) not in self.held:
                self._keep(doubted(ruled, alert, ended_at + self._copies, at))

    def _believe_ends(self, group: AlertGroup) -> None:
        """An end that is said again says that what waits was a copy."""
        for alert in group.alerts:
            waited = None if alert.is_firing else self.held.get(doubt_key(alert))
            if waited:
                self._forget(waited)

    def _dated(self, alert: Alert) -> Alert:
        """With the start that Vigie gave it: one that fires again after its end is another alert."""
        if alert.started != UNDATED:
            return alert
        firing = self.live.get(alert.name)
        return replace(alert, started=firing[-1][2] if firing else new_id())

    def _settle(
        self, ruled: Ruled, news: Ruled, fold: Fold, at: datetime, held_since: datetime | None = None
    ) -> Received:
        """`news` are those of the group that an incident opens for."""
        opened = self._open(news, at, held_since) if fold.opens else None
        incident = opened.id if opened else fold.incident
        self._add(fold, incident, ruled.group.key, is_new=opened is not None)
        if ruled.group.is_truncated:
            self.partly_told.update(alert.key for alert in fold.added)
        self._end(fold, ruled.group)
        standing = self.standings.get(incident)
        if not opened and standing and standing.is_open:
            self._raise(ruled.group, fold, standing)
        return Received(
            incident,
            standing.short_id if standing else "",
            opened is not None,
            opened.severity if opened else None,
            _outcomes(ruled, fold),
            ruled.dropped,
        )

    def _acknowledge(self, group: AlertGroup) -> Received:
        """Somebody has what is held back, too: it opens, or it would page them later."""
        if waited := self.held.get(held_key(group)):
            self.release(waited)
        incident = self._told_of(group)
        if incident:
            self.acknowledged[incident] = group
        standing = self.standings.get(incident)
        outcomes = {"acknowledged" if incident else "ignored": 1}
        return Received(incident, standing.short_id if standing else "", False, None, outcomes)

    def _told_of(self, group: AlertGroup) -> str:
        """The open incident of a group that is named as its alert is: its own, or the one that was merged into."""
        firing = self.live.get(group.place)
        return self.open_groups.get(group.place) or (self.known[firing[-1]].incident if firing else "")

    def _wait(self, waiting: HeldGroup, ruled: Ruled) -> Received:
        self._keep(waiting)
        return Received("", "", False, None, {"held": len(waiting.ruled.group.alerts)}, ruled.dropped)

    def _go_on_waiting(self, before: HeldGroup, ruled: Ruled, news: Ruled, at: datetime) -> Received:
        """More came of a group that waits: the rest of it, its end, or among the `news` something that may not wait."""
        both = alert_rules.merged(before.ruled.group, ruled.group)
        if not both.alerts and ruled.group.is_truncated:
            both = before.ruled.group
        if not both.alerts:
            self._forget(before)
            return Received("", "", False, None, {"ended_while_held": len(before.ruled.group.alerts)}, ruled.dropped)
        now = joined(before, both.alerts, news, at)
        if news.group.alerts and not news.hold_minutes:
            return self.release(replace(now, ruled=replace(now.ruled, dropped=ruled.dropped)))
        return self._wait(now, ruled)

    def _keep(self, waiting: HeldGroup) -> None:
        self.held[waiting.key] = waiting
        self.waiting[waiting.key] = waiting

    def _forget(self, waited: HeldGroup) -> None:
        self.held.pop(waited.key, None)
        self.waiting[waited.key] = None

    def _add(self, fold: Fold, incident: str, group_key: str, *, is_new: bool) -> None:
        for alert in fold.added:
            if alert.key in self.known:
                self.returned.append(alert)
            self.alerts.append((incident, alert))
            self.known[alert.key] = Known(incident, True, True, told_in=group_key)
            self.live.setdefault(alert.name, []).append(alert.key)
        if fold.added and not is_new:
            details: dict[str, str | int] = {"count": len(fold.added), "title": one_line(fold.added[0].title)[:200]}
            self.additions.append(
                Entry(incident=incident, at=self.now, event=Event.ALERT_ADDED, by=fold.added[0].source, details=details)
            )

    def _end(self, fold: Fold, group: AlertGroup) -> None:
        """What a truncated group leaves out may fire on when all that was told is over: its incident ends with a group
        that is whole, and maybe with the end of what was never told."""
        if fold.incident and not group.is_truncated and any(self._is_untold_end(alert) for alert in group.alerts):
            self.ended_in.add(fold.incident)
        for alert in fold.ended:
            before = self.known[alert.key]
            self.known[alert.key] = replace(before, is_firing=False, ended_at=self.now)
            if alert.key in (firing := self.live.get(alert.name, [])):
                firing.remove(alert.key)
            self.ended.append(alert)
            if before.is_incident_open and not group.is_truncated:
                self.ended_in.add(before.incident)

    def _is_untold_end(self, alert: Alert) -> bool:
        return not alert.is_firing and alert.started != UNDATED and alert.key not in self.known

    def _raise(self, group: AlertGroup, fold: Fold, standing: Standing) -> None:
        incident, by = fold.incident, rules.source_name(group.source)
        if worse := rules.raised(fold.added, standing.severity):
            self.raised[incident] = Worse(*worse, by)
            standing = self.standings[incident] = replace(standing, severity=worse[0])
        own = [alert for alert in group.alerts if self._is_of(alert, incident)]
        said = self.said_again.get(incident)
        if still := rules.raised(own, min(standing.severity, said.severity) if said else standing.severity):
            self.said_again[incident] = Worse(*still, by)

    def _is_of(self, alert: Alert, incident: str) -> bool:
        """Whether an alert is of this incident: one group may tell of what another one has, or had."""
        known = self.known.get(self._dated(alert).key)
        return known is None or known.incident == incident

    def _open(self, ruled: Ruled, at: datetime, held_since: datetime | None) -> Incident:
        group = ruled.group
        draft = draft_of(ruled, self.directory, self.clock, self.now, at)
        said: dict[str, str | int] = {"source": group.source, "alerts": len(group.alerts)}
        opened = opening(draft, self.directory, self.now, said)
        if ruled.applied:
            entries = [rule_entry(opened.incident.id, rule, ruled, held_since, self.now) for rule in ruled.applied]
            opened = replace(opened, entries=(*opened.entries, *entries))
        self.openings.append(opened)
        incident = opened.incident
        self.standings[incident.id] = Standing(incident.short_id, incident.severity, True)
        if group.key:
            self.open_groups[group.place] = incident.id
        return incident


def _outcomes(ruled: Ruled, fold: Fold) -> Mapping[str, int]:
    added, ended = len(fold.added), len(fold.ended)
    counts = {"opened" if fold.opens else "added": added, "ended": ended}
    counts["held"] = len(fold.doubtful)
    counts["repeated"] = max(len(ruled.group.alerts) - added - ended - len(fold.doubtful), 0)
    counts["dropped"] = sum(count for _, count in ruled.dropped)
    return {outcome: count for outcome, count in counts.items() if count}
