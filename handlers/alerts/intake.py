"""What a batch of alert groups changes, gathered first and written with few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import alerts as rules
from domain.alerts import Alert, AlertGroup, AlertKey, Fold, Known
from domain.clock import Clock
from domain.directory import Directory
from domain.incidents import Incident
from domain.people import Service
from domain.timeline import Entry, Event
from handlers.incidents.opening import LONGEST_DESCRIPTION, Draft, Opening, opening, triage


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a group: the incident it belongs to ("" when there is none), and whether it opened it."""

    incident: str
    short_id: str
    opened: bool


@dataclass(slots=True)
class Batch:
    """Groups folded one after another against what is known, as if each had its own transaction."""

    directory: Directory
    clock: Clock
    now: datetime
    known: dict[AlertKey, Known]
    open_groups: dict[tuple[str, str], str]
    short_ids: dict[str, str]
    """Of the incidents that the groups may belong to, by id."""
    openings: list[Opening] = field(default_factory=list)
    alerts: list[tuple[str, Alert]] = field(default_factory=list)
    ended: list[Alert] = field(default_factory=list)
    additions: list[Entry] = field(default_factory=list)
    ended_in: set[str] = field(default_factory=set)

    def take(self, group: AlertGroup) -> Received:
        """Fold `group` in."""
        place = (group.source, group.key)
        fold = rules.fold(group, self.known, self.open_groups.get(place, "") if group.key else "")
        opened = self._open(group) if fold.opens else None
        incident = opened.id if opened else fold.incident
        if opened and group.key:
            self.open_groups[place] = opened.id
        self._add(fold, incident, is_new=opened is not None)
        self._end(fold)
        if opened:
            self.short_ids[incident] = opened.short_id
        return Received(incident, self.short_ids.get(incident, ""), opened is not None)

    def _add(self, fold: Fold, incident: str, *, is_new: bool) -> None:
        for alert in fold.added:
            self.alerts.append((incident, alert))
            self.known[alert.key] = Known(incident, True, True)
        if fold.added and not is_new:
            details: dict[str, str | int] = {"count": len(fold.added), "title": fold.added[0].title[:200]}
            self.additions.append(
                Entry(incident=incident, at=self.now, event=Event.ALERT_ADDED, by=fold.added[0].source, details=details)
            )

    def _end(self, fold: Fold) -> None:
        for alert in fold.ended:
            before = self.known[alert.key]
            self.known[alert.key] = replace(before, is_firing=False)
            self.ended.append(alert)
            if before.is_incident_open:
                self.ended_in.add(before.incident)

    def _open(self, group: AlertGroup) -> Incident:
        service, named = self._service(group)
        draft = Draft(
            title=_one_line(group.title),
            description=_description(group, named),
            severity=rules.severity_of(group),
            service=service,
            source=group.source,
            by=group.source,
            key=group.key,
            url=next((alert.url for alert in group.alerts if alert.url), group.url),
            detected_at=self._detected(group),
        )
        said: dict[str, str | int] = {"source": group.source, "alerts": len(group.alerts)}
        self.openings.append(opening(draft, self.directory, self.now, said))
        return self.openings[-1].incident

    def _detected(self, group: AlertGroup) -> datetime:
        firing = [alert.started_at for alert in group.alerts if alert.is_firing]
        return min(self.clock.from_wall(min(firing, default=self.now)), self.now)

    def _service(self, group: AlertGroup) -> tuple[Service, str]:
        """The service that the alert names; the triage service, and the name, when nobody declared it."""
        name = rules.label_of(group, "service")
        found = self.directory.service_by_name(name) if name else None
        if found:
            return found, ""
        team = self.directory.team_by_name(rules.label_of(group, "team"))
        return triage(self.directory, team), name or "(no service label)"


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split()) or "Alert without a name"


def _description(group: AlertGroup, undeclared: str) -> str:
    told = [alert.description or alert.title for alert in group.alerts if alert.is_firing]
    parts = [f"Service {undeclared[:200]} is not declared."] if undeclared else []
    return "\n".join([*parts, *dict.fromkeys(part for part in told if part)])[:LONGEST_DESCRIPTION].replace("\0", "")


def keys_of(groups: Sequence[AlertGroup]) -> tuple[list[AlertKey], list[tuple[str, str]]]:
    """What a batch has to look up: the alerts' keys and the groups'."""
    alerts = dict.fromkeys(alert.key for group in groups for alert in group.alerts)
    places = dict.fromkeys((group.source, group.key) for group in groups if group.key)
    return list(alerts), list(places)
