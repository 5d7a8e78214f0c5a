"""What makes a post-mortem due, inside the transaction of what causes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain import postmortems as rules
from domain.incidents import Incident
from domain.policies import PolicyStep
from domain.postmortems import Postmortem
from storage import catalog, postmortems
from storage.store import Transaction


def fired(tx: Transaction, incident: Incident, steps: Sequence[PolicyStep]) -> None:
    """These steps of the policy fired: the first that wants a post-mortem makes one due when the incident is over. A
    drill owes none: it has a report of its own."""
    if incident.is_drill:
        return
    wanting = [step.order for step in steps if step.requires_postmortem]
    if wanting:
        postmortems.require(tx, Postmortem(incident=incident.id, team=incident.team, step=wanting[0]))


def over(tx: Transaction, incident: Incident, now: datetime) -> Postmortem | None:
    """The incident is over: its post-mortem with the day when it has to be there, None where none is due."""
    one = postmortems.look_up(tx, incident.id)
    if one is None or not one.is_unfinished:
        return None
    counted = rules.resolved(one, now, zone_of(tx, incident))
    postmortems.save(tx, counted)
    return counted


def merged(tx: Transaction, main: Incident, duplicate: Incident) -> None:
    """What the duplicate owed, its main incident owes."""
    one = postmortems.look_up(tx, duplicate.id)
    if one is not None and one.is_unfinished:
        owed = Postmortem(incident=main.id, team=main.team, step=one.step, asked_by=one.asked_by)
        postmortems.require(tx, owed)
        postmortems.drop(tx, duplicate.id)


def zone_of(tx: Transaction, incident: Incident) -> str:
    """The zone of an incident's team."""
    team = catalog.directory(tx).teams.get(incident.team)
    return team.on_call.timezone if team else "UTC"
