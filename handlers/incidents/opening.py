"""Opening incidents, inside the caller's transaction: the policy frozen, the runbook attached, the card queued.

The one way in, whoever opens them: an alert, a person, a script.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import escalations as climbs
from domain import runbooks
from domain.directory import Directory
from domain.escalations import Escalation
from domain.incidents import Incident
from domain.runbooks import Run
from domain.timeline import Entry, Event
from storage import escalations, incidents, outbox, runs, timeline
from storage.identifiers import new_id
from storage.outbox import HELD, Kind, Parcel, posts
from storage.store import Transaction

Details = dict[str, str | int]


@dataclass(slots=True)
class Opening:
    """New incidents and all that comes with them, gathered first and written with few statements."""

    directory: Directory
    now: datetime
    incidents: list[Incident] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    climbs: list[Escalation] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    def open(self, incident: Incident, by: str, details: Details) -> Incident:
        """Open `incident`, its team's channel and policy filled in; `by` and `details` are for the record."""
        team = self.directory.teams.get(incident.team)
        policy = self.directory.policy_for(incident.team, incident.severity)
        channel = team.channel if team else ""
        incident = replace(incident, channel=channel, policy_version=policy.version_id if policy else "")
        self.incidents.append(incident)
        self.parcels.append(Parcel(kind=Kind.CARD, incident=incident.id, due_at=self.now, lane=posts(channel)))
        if policy:
            self.climbs.append(climbs.begin(incident, policy))
            details |= {"policy": policy.name, "policy_version": policy.version}
        else:
            self._say(incident, by, Event.POLICY_MISSING, {"team": team.name if team else ""})
        details |= self._attach(incident, by)
        self._say(incident, by, Event.CREATED, details)
        return incident

    def write(self, tx: Transaction) -> None:
        """Keep all of it."""
        incidents.add(tx, self.incidents)
        escalations.add(tx, self.climbs)
        runs.add(tx, self.runs)
        ids = timeline.add(tx, self.entries)
        outbox.put_new(tx, [*self.parcels, *self._loud_lines(ids)])

    def _say(self, incident: Incident, by: str, event: Event, details: Details) -> None:
        self.entries.append(Entry(incident=incident.id, at=self.now, event=event, by=by, details=details))

    def _attach(self, incident: Incident, by: str) -> Details:
        """The runbook that fits, or the choice between those that tie; what the record says of it."""
        fitting = self.directory.runbooks_for(incident.service, incident.severity)
        if len(fitting) == 1:
            run = runbooks.start(new_id(), incident.id, fitting[0], self.now)
            self.runs.append(run)
            return {"runbook": run.runbook.title, "runbook_version": run.runbook.version}
        if fitting:
            self._say(incident, by, Event.RUNBOOK_CHOICE, {"runbooks": ", ".join(book.title for book in fitting)})
        return {}

    def _loud_lines(self, ids: list[str]) -> list[Parcel]:
        """What the thread must say aloud as soon as there is a card: that nobody will be paged."""
        said = zip(self.entries, ids, strict=True)
        missing = [(entry.incident, name) for entry, name in said if entry.event is Event.POLICY_MISSING]
        if not missing:
            return []
        lanes = {incident.id: posts(incident.channel) for incident in self.incidents}
        return [
            Parcel(kind=Kind.LINE, incident=incident, subject=name, due_at=HELD, lane=lanes[incident])
            for incident, name in missing
        ]
