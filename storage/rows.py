"""Between rows and domain values: the one place where text becomes an enumeration's member again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from operator import attrgetter
from typing import Any

from domain.escalations import Escalation, EscalationState
from domain.incidents import Incident, Severity, Status
from domain.notifications import Notification, NotificationState, Recipient
from domain.oncall import Hours, OnCall, Rotation, Unit
from domain.people import Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.preferences import Preferences
from domain.responses import Response
from domain.runbooks import Runbook, RunbookStep
from domain.schedules import Override

Values = dict[str, Any]

INCIDENT_FIELDS = tuple(Incident.__dataclass_fields__)
_IN_ORDER = attrgetter(*INCIDENT_FIELDS)


def incident_values(incident: Incident) -> Values:
    values = dict(zip(INCIDENT_FIELDS, _IN_ORDER(incident), strict=True))
    values["severity"] = incident.severity.value
    values["status"] = incident.status.value
    return values


def incident(row: Any) -> Incident:
    """An incident from a row whose columns are `INCIDENT_FIELDS`, in their order."""
    values = dict(zip(INCIDENT_FIELDS, row, strict=True))
    values["severity"] = severity(values["severity"])
    values["status"] = Status(values["status"])
    return Incident(**values)


def severity(said: str) -> Severity:
    """One that only another version knows counts as the worst: it pages, and is listed among the others."""
    try:
        return Severity(said)
    except ValueError:
        return Severity.SEV1


def escalation_values(escalation: Escalation) -> Values:
    return {
        "incident": escalation.incident,
        "policy_version": escalation.policy_version,
        "started_at": escalation.started_at,
        "next_step": escalation.next_step,
        "wake_at": escalation.wake_at,
        "state": escalation.state.value,
        "round": escalation.round,
        "declined": list(escalation.declined),
        "called": list(escalation.called),
        "because": escalation.because,
        "caller": escalation.caller,
        "speed": escalation.speed,
    }


def escalation(row: Any) -> Escalation:
    return Escalation(
        incident=row.incident,
        policy_version=row.policy_version,
        started_at=row.started_at,
        next_step=row.next_step,
        wake_at=row.wake_at,
        state=EscalationState(row.state),
        round=row.round,
        declined=tuple(row.declined or ()),
        called=tuple(row.called or ()),
        because=row.because,
        caller=row.caller,
        speed=row.speed,
    )


def notification_values(notification: Notification, dedup_key: str) -> Values:
    return {
        "id": notification.id,
        "dedup_key": dedup_key,
        "incident": notification.incident,
        "step": notification.step,
        "channel": notification.channel.value,
        "person": notification.recipient.person,
        "name": notification.recipient.name,
        "address": notification.recipient.address,
        "locale": notification.recipient.locale,
        "message": notification.message,
        "why": notification.why,
        "state": notification.state.value,
        "bundled_steps": list(notification.is_bundle_of),
        "fallback_of": notification.fallback_of,
        "round": notification.round,
        "decided_at": notification.decided_at,
        "sent_at": notification.sent_at,
        "reference": notification.reference,
        "failure": notification.failure,
        "would_be": notification.would_be,
        "rendered_at": notification.rendered_at,
        "said": notification.said,
        "delivered_at": notification.delivered_at,
        "opened_at": notification.opened_at,
        "acknowledged_at": notification.acknowledged_at,
    }


def notification(row: Any) -> Notification:
    return Notification(
        id=row.id,
        incident=row.incident,
        step=row.step,
        channel=Channel(row.channel),
        recipient=Recipient(row.person, row.name, row.address, row.locale),
        message=row.message,
        why=row.why,
        state=NotificationState(row.state),
        is_bundle_of=tuple(row.bundled_steps),
        fallback_of=row.fallback_of,
        round=row.round,
        decided_at=row.decided_at,
        sent_at=row.sent_at,
        reference=row.reference,
        failure=row.failure,
        would_be=row.would_be,
        rendered_at=row.rendered_at,
        said=row.said,
        delivered_at=row.delivered_at,
        opened_at=row.opened_at,
        acknowledged_at=row.acknowledged_at,
    )


def person_values(person: Person) -> Values:
    values = asdict(person) | {"role": person.role.value}
    del values["preferences"]
    return values


def person(row: Any, said: Preferences) -> Person:
    values = {name: getattr(row, name) for name in Person.__dataclass_fields__ if name != "preferences"}
    return Person(**values | {"role": Role(row.role), "preferences": said})


def team_values(team: Team) -> Values:
    values = asdict(team) | {"members": list(team.members)}
    return values | {"on_call": on_call_content(team.on_call), "response": response_content(team.response)}


def team(row: Any) -> Team:
    return Team(
        row.id,
        row.name,
        row.channel,
        row.lead,
        tuple(row.members),
        row.locale,
        on_call(row.on_call),
        row.digest,
        row.user_group,
        response(row.response or {}),
    )


def response_content(one: Response) -> Values:
    """What is done about grave incidents, as JSON."""
    updates = None if one.updates is None else {severity.value: minutes for severity, minutes in one.updates}
    said: Values = {"war_room": [severity.value for severity in one.war_room], "archive_delay": one.archive_delay}
    return said | {"updates": updates, "stakeholders": list(one.stakeholders)}


def response(content: Values) -> Response:
    """The same from JSON; what an older Vigie wrote says nothing."""
    updates = content.get("updates")
    return Response(
        war_room=tuple(Severity(one) for one in content.get("war_room", ())),
        archive_delay=content.get("archive_delay", 0),
        updates=None if updates is None else tuple((Severity(one), int(updates[one])) for one in sorted(updates)),
        stakeholders=tuple(content.get("stakeholders", ())),
    )


def on_call_content(on_call: OnCall) -> Values:
    """A schedule as JSON."""
    rotations = [_rotation_content(rotation) for rotation in on_call.rotations]
    said: Values = {"timezone": on_call.timezone, "rotations": rotations}
    return said | {"calendar": on_call.calendar, "hand_off": on_call.hand_off}


def _rotation_content(rotation: Rotation) -> Values:
    hours = [
        {"days": list(one.days), "start": one.start.isoformat(), "end": one.end.isoformat()} for one in rotation.hours
    ]
    said: Values = {"name": rotation.name, "start": rotation.start.isoformat(), "every": rotation.every}
    said |= {"people": list(rotation.people), "unit": rotation.unit.value, "hours": hours, "layer": rotation.layer}
    return said


def on_call(content: Values) -> OnCall:
    """A schedule from JSON; what an older Vigie wrote says less."""
    rotations = tuple(_rotation(one) for one in content["rotations"])
    return OnCall(content["timezone"], rotations, content.get("calendar", ""), content.get("hand_off", True))


def _rotation(said: Values) -> Rotation:
    hours = tuple(
        Hours(tuple(one["days"]), time.fromisoformat(one["start"]), time.fromisoformat(one["end"]))
        for one in said.get("hours", ())
    )
    start, unit = datetime.fromisoformat(said["start"]), Unit(said.get("unit", Unit.DAY))
    return Rotation(said["name"], start, said["every"], tuple(said["people"]), unit, hours, said.get("layer", 0))


def override(row: Any) -> Override:
    return Override(
        id=row.id,
        team=row.team,
        person=row.person,
        start=row.start_at,
        end=row.end_at,
        instead_of=row.instead_of,
        reason=row.reason,
        by=row.made_by,
    )


def override_values(one: Override) -> Values:
    said = {"id": one.id, "team": one.team, "person": one.person, "instead_of": one.instead_of, "reason": one.reason}
    return said | {"start_at": one.start, "end_at": one.end, "made_by": one.by}


def service_values(service: Service) -> Values:
    return asdict(service) | {"aliases": list(service.aliases), "stakeholders": list(service.stakeholders)}


def service(row: Any) -> Service:
    stakeholders = tuple(row.stakeholders or ())
    return Service(row.id, row.name, row.team, tuple(row.aliases), row.auto_resolve, stakeholders)


def known(kind: type[Any], content: Values) -> Values:
    """What this version's `kind` has of a content: a newer one, running beside, may have written more in it."""
    names = kind.__dataclass_fields__
    return {name: value for name, value in content.items() if name in names}


def policy_content(policy: Policy) -> Values:
    """What a policy says, as JSON; its identity and version stand beside it."""
    content = asdict(policy)
    for name in ("id", "version_id", "version"):
        del content[name]
    return content


def policy(identity: str, version_id: str, version: int, content: Values) -> Policy:
    steps = tuple(_policy_step(step) for step in content["steps"])
    filtered = _severity(content["severity_filter"])
    rest = content | {"steps": steps, "severity_filter": filtered}
    return Policy(id=identity, version_id=version_id, version=version, **known(Policy, rest))


def _policy_step(step: Values) -> PolicyStep:
    target = Target(TargetType(step["target"]["type"]), step["target"]["value"])
    channels = tuple(Channel(name) for name in step["channels"])
    return PolicyStep(**known(PolicyStep, step) | {"target": target, "channels": channels})


def runbook_content(runbook: Runbook) -> Values:
    """What a runbook says, as JSON; its identity and version stand beside it."""
    content = asdict(runbook)
    for name in ("id", "version_id", "version"):
        del content[name]
    for step in content["steps"]:
        # As it was written before there were checklists: the same content is no new version.
        step["checklist"] = list(step["checklist"])
        if not step["checklist"]:
            del step["checklist"]
    return content


def runbook(identity: str, version_id: str, version: int, content: Values) -> Runbook:
    steps = tuple(_runbook_step(step) for step in content["steps"])
    rest = content | {"steps": steps, "severity_filter": _severity(content["severity_filter"])}
    return Runbook(id=identity, version_id=version_id, version=version, **known(Runbook, rest))


def _runbook_step(step: Values) -> RunbookStep:
    return RunbookStep(**known(RunbookStep, step) | {"checklist": tuple(step.get("checklist", ()))})


def _severity(value: str | None) -> Severity | None:
    return Severity(value) if value else None
