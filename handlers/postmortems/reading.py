"""Everything that a post-mortem is made of, and what somebody owes, read in one transaction."""

from __future__ import annotations

from datetime import datetime

from domain.directory import Directory
from domain.incidents import Incident
from domain.postmortems import Owed, Record
from storage import catalog, incidents, notifications, postmortem_actions, postmortems, runs, timeline
from storage.store import Transaction

OWED_SHOWN = 5


def record_of(tx: Transaction, incident: Incident, now: datetime, number: int = 0) -> Record:
    """An incident's record with its post-mortem, in its latest version or in version `number`."""
    one = postmortems.look_up(tx, incident.id)
    wanted = number or (one.version if one else 0)
    return Record(
        incident=incident,
        directory=catalog.directory(tx),
        now=now,
        timeline=tuple(timeline.of_incident(tx, incident.id)),
        run=runs.by_incidents(tx, [incident.id]).get(incident.id),
        pages=tuple(notifications.of_incident(tx, incident.id)),
        postmortem=one,
        written=postmortems.version(tx, incident.id, wanted) if wanted else None,
        actions=postmortem_actions.of_incident(tx, incident.id),
    )


def owed_by(tx: Transaction, directory: Directory, person: str) -> Owed:
    """What somebody (an id) has to do still, the most urgent first."""
    if not person:
        return Owed()
    led = [team.id for team in directory.teams.values() if team.lead == person]
    due = postmortems.owed(tx, person, led, OWED_SHOWN)
    promised = postmortem_actions.owed(tx, person, OWED_SHOWN)
    found = incidents.by_ids(tx, {*(one.incident for one in due), *(one.incident for one in promised)})
    return Owed(
        tuple((one, found[one.incident]) for one in due),
        tuple((one, found[one.incident]) for one in promised),
    )
