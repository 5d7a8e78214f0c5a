"""An incident that turns out to be worse: its severity, and the policy that such an incident has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain import calls
from domain import escalations as climbs
from domain.directory import Directory
from domain.escalations import EscalationState
from domain.incidents import Incident, Severity, Status
from domain.lifecycle import under, unpoliced
from domain.policies import Policy
from domain.storms import is_worst
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.other_ways import OtherWays
from handlers.rooms.wishes import want
from handlers.storms import cards
from handlers.updates.telling import opened
from storage import escalations, incidents, notifications, versions
from storage.store import Transaction


def change_severity(
    tx: Transaction,
    incident: Incident,
    severity: Severity,
    by: str,
    directory: Directory,
    now: datetime,
    ways: OtherWays,
    *,
    event: Event = Event.SEVERITY_RAISED,
    was: str = "",
) -> Incident:
    """`incident` at `severity`. While nobody has one that got worse, another policy that is for such incidents climbs
    anew from here; one that somebody has climbs it when nobody has it any more. The same policy, in whatever version,
    goes on where it is, as does every incident that got better; whoever was quiet at what it was, and is not at what it
    is, is called; what a storm holds of one that is now among the worst leaves as of any such. `was` is what it
    was called until now, where that changes too."""
    policy = directory.policy_for(incident.team, severity) if severity < incident.severity else None
    if policy and not _is_another(tx, policy, incident):
        policy = None
    changed = replace(
        incident, severity=severity, policy_version=policy.version_id if policy else incident.policy_version
    )
    incidents.save(tx, changed)
    details: dict[str, str | int] = {"before": incident.severity.value, "severity": severity.value}
    if was not in ("", incident.title):
        details |= {"title": incident.title[:200], "was": was[:200]}
    if policy:
        details |= {"policy": policy.name, "policy_version": policy.version}
        if changed.status is Status.TRIGGERED:
            _climb_anew(tx, changed, policy, now)
        else:
            _climb_later(tx, changed, policy, now)
            details["later"] = "yes"
    transitions.record(tx, now, Entry(incident=incident.id, at=now, event=event, by=by, details=details))
    if not policy:
        _call_those_left_alone(tx, changed, incident.severity, directory, now)
        ways.let_out(tx, changed, now)
    if severity < incident.severity and is_worst(changed):
        cards.touched(tx, changed, now)
    want(tx, changed, directory, now)
    opened(tx, changed, directory, now)
    transitions.refresh(tx, incident.id, now)
    return changed


def _is_another(tx: Transaction, policy: Policy, incident: Incident) -> bool:
    return not incident.policy_version or versions.policy(tx, incident.policy_version).id != policy.id


def _climb_anew(tx: Transaction, incident: Incident, policy: Policy, now: datetime) -> None:
    before = escalations.by_incidents(tx, [incident.id]).get(incident.id)
    fresh = climbs.begin(replace(incident, created_at=now), policy, before.speed if before else 1)
    if before:
        # Whoever could not take it can't take it now that it is worse; who is called is paged all the same.
        kept = replace(fresh, round=before.round + 1, declined=before.declined)
        fresh = replace(kept, called=before.called, because=before.because, caller=before.caller)
        fresh = replace(fresh, wake_at=now) if fresh.called else fresh
    escalations.put(tx, fresh)


def _climb_later(tx: Transaction, incident: Incident, policy: Policy, now: datetime) -> None:
    before = escalations.by_incidents(tx, [incident.id]).get(incident.id) or unpoliced(incident)
    escalations.put(tx, under(before, policy, now, incident))


def _call_those_left_alone(
    tx: Transaction, incident: Incident, before: Severity, directory: Directory, now: datetime
) -> None:
    climb = escalations.by_incidents(tx, [incident.id]).get(incident.id)
    if incident.status is not Status.TRIGGERED or climb is None or climb.state not in _GOING_ON:
        return
    pages = [one for one in notifications.of_incident(tx, incident.id) if one.round == climb.round]
    policy = versions.policy(tx, climb.policy_version)
    found = calls.left_alone(pages, policy, before, incident.severity, directory)
    called = tuple(dict.fromkeys((*climb.called, *(one for one in found if one not in climb.declined))))
    if called:
        going = replace(climb, state=EscalationState.RUNNING, called=called, because=calls.GOT_WORSE, caller="")
        escalations.save(tx, [replace(going, wake_at=now)])


_GOING_ON = (EscalationState.RUNNING, EscalationState.EXHAUSTED)
