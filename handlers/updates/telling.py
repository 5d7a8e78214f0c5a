"""Who hears of an incident, and when again, inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from domain import updates as rules
from domain.directory import Directory
from domain.incidents import Incident
from domain.updates import Occasion
from handlers.storms.letters import News, write
from storage import catalog, incidents, letters, updates
from storage.store import Transaction


def follow(tx: Transaction, incident: str, now: datetime) -> None:
    """Something about an incident changed: let the reminders follow."""
    found = incidents.by_ids(tx, [incident]).get(incident)
    directory = catalog.directory(tx)
    team = directory.teams.get(found.team) if found else None
    before = updates.by_incidents(tx, [incident]).get(incident)
    if found is None or (before is None and not (team and (team.response.war_room or team.response.updates))):
        return
    after = rules.watched(before, found, directory, now)
    if after is None and before is not None:
        updates.drop(tx, incident)
    elif after is not None and after != before:
        updates.put(tx, after)


def opened(tx: Transaction, incident: Incident, directory: Directory, now: datetime) -> None:
    """Stakeholders hear of a grave incident, once."""
    addresses = rules.hear_of_the_beginning(incident, directory)
    if addresses and not letters.of_incident(tx, incident.id):
        write(tx, [News(incident, Occasion.OPENING, addresses)], now)


def over(tx: Transaction, incident: Incident, now: datetime) -> None:
    """Whoever heard of it hears of its end."""
    heard = tuple(dict.fromkeys(one.address for one in letters.of_incident(tx, incident.id) if one.address))
    write(tx, [News(incident, Occasion.RESOLUTION, heard)], now)


def updated(tx: Transaction, incident: Incident, directory: Directory, entry: str, now: datetime) -> None:
    """Stakeholders get a status update, however grave it is: somebody wants it known."""
    write(tx, [News(incident, Occasion.UPDATE, rules.stakeholders(incident, directory), entry)], now)
