"""What a batch of alert groups changes, gathered first and written with few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import alerts as rules
from domain import escalations as climbs
from domain import runbooks
from domain.alerts import Alert, AlertGroup, AlertKey, Fold, Known
from domain.clock import Clock
from domain.directory import Directory
from domain.escalations import Escalation
from domain.incidents import Incident
from domain.people import Service
from domain.runbooks import Run
from domain.timeline import Entry, Event
from storage.identifiers import new_id, new_short_id
from storage.outbox import Kind, Parcel, posts

TRIAGE = "triage"
LONGEST_TITLE = 250
LONGEST_DESCRIPTION = 9000


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
    incidents: list[Incident] = field(default_factory=list)
    alerts: list[tuple[str, Alert]] = field(default_factory=list)
    ended: list[Alert] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    additions: list[Entry] = field(default_factory=list)
    climbs: list[Escalation] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
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
        severity = rules.severity_of(group)
        team = self.directory.teams.get(service.team)
        policy = self.directory.policy_for(service.team, severity)
        incident = Incident(
            id=new_id(),
            short_id=new_short_id(),
            title=_one_line(group.title)[:LONGEST_TITLE],
            description=_description(group, named),
            severity=severity,
            service=service.id,
            team=service.team,
            source=group.source,
            group_key=group.key,
            url=next((alert.url for alert in group.alerts if alert.url), group.url),
            channel=team.channel if team else "",
            policy_version=policy.version_id if policy else "",
            detected_at=self._detected(group),
            created_at=self.now,
        )
        self.incidents.append(incident)
        details: dict[str, str | int] = {"source": group.source, "alerts": len(group.alerts)}
        lane = posts(incident.channel)
        self.parcels.append(Parcel(kind=Kind.CARD, incident=incident.id, due_at=self.now, lane=lane))
        if policy:
            self.climbs.append(climbs.begin(incident, policy))
            details |= {"policy": policy.name, "policy_version": policy.version}
        else:
            self._say(incident, Event.POLICY_MISSING, {"team": team.name if team else ""})
        details |= self._attach(incident)
        self._say(incident, Event.CREATED, details)
        return incident

    def _say(self, incident: Incident, event: Event, details: dict[str, str | int]) -> None:
        self.entries.append(Entry(incident=incident.id, at=self.now, event=event, by=incident.source, details=details))

    def _attach(self, incident: Incident) -> dict[str, str | int]:
        """The runbook that fits, or the choice between those that tie; what the record says of it."""
        fitting = self.directory.runbooks_for(incident.service, incident.severity)
        if len(fitting) == 1:
            run = runbooks.start(new_id(), incident.id, fitting[0], self.now)
            self.runs.append(run)
            return {"runbook": run.runbook.title, "runbook_version": run.runbook.version}
        if fitting:
            self._say(incident, Event.RUNBOOK_CHOICE, {"runbooks": ", ".join(book.title for book in fitting)})
        return {}

    def _detected(self, group: AlertGroup) -> datetime:
        firing = [alert.started_at for alert in group.alerts if alert.is_firing]
        return min(self.clock.from_wall(min(firing, default=self.now)), self.now)

    def _service(self, group: AlertGroup) -> tuple[Service, str]:
        """The service that the alert names; the triage service, and the name, when nobody declared it."""
        name = rules.label_of(group, "service")
        found = self.directory.service_by_name(name) if name else None
        if found:
            return found, ""
        triage = self.directory.service_by_name(TRIAGE)
        assert triage is not None
        team = self.directory.team_by_name(rules.label_of(group, "team")) or self.directory.teams.get(triage.team)
        # Made before there was any team, it belongs to the first that came.
        owner = team.id if team else min(self.directory.teams, default="")
        return replace(triage, team=owner), name or "(no service label)"


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split()) or "Alert without a name"


def _description(group: AlertGroup, undeclared: str) -> str:
    told = [alert.description or alert.title for alert in group.alerts if alert.is_firing]
    parts = [f"Service {undeclared[:200]} is not declared."] if undeclared else []
    return "\n".join([*parts, *dict.fromkeys(part for part in told if part)])[:LONGEST_DESCRIPTION].replace("\0", "")


def triage_service(directory: Directory) -> Service:
    """The service for alerts about nothing that anybody declared: the first team's, so that somebody sees it."""
    team = min(directory.teams, default="")
    return Service(id=new_id(), name=TRIAGE, team=team)


def keys_of(groups: Sequence[AlertGroup]) -> tuple[list[AlertKey], list[tuple[str, str]]]:
    """What a batch has to look up: the alerts' keys and the groups'."""
    alerts = dict.fromkeys(alert.key for group in groups for alert in group.alerts)
    places = dict.fromkeys((group.source, group.key) for group in groups if group.key)
    return list(alerts), list(places)
