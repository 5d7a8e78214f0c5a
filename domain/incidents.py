"""An incident's life: one table of what may follow what, and nothing else changes a status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict
from domain.people import Actor

SHORT_ID_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""A-Z and 2-9 without the look-alikes I, L, O: read aloud on the phone at night."""


class Severity(StrEnum):
    """How bad it is, worst first."""

    SEV1 = "SEV1_CRITICAL"
    SEV2 = "SEV2_HIGH"
    SEV3 = "SEV3_MEDIUM"
    SEV4 = "SEV4_LOW"


class Status(StrEnum):
    """Where an incident is in its life."""

    TRIGGERED = "TRIGGERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MITIGATED = "MITIGATED"
    RESOLVED = "RESOLVED"


class Action(StrEnum):
    """What somebody can do to an incident."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.TRIGGERED, Action.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.TRIGGERED, Action.MITIGATE): Status.MITIGATED,
    (Status.TRIGGERED, Action.RESOLVE): Status.RESOLVED,
    (Status.ACKNOWLEDGED, Action.UNACKNOWLEDGE): Status.TRIGGERED,
    (Status.ACKNOWLEDGED, Action.MITIGATE): Status.MITIGATED,
    (Status.ACKNOWLEDGED, Action.RESOLVE): Status.RESOLVED,
    (Status.MITIGATED, Action.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.MITIGATED, Action.RESOLVE): Status.RESOLVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something is wrong with a service. Times are aware UTC; `service` and `team` are ids, "" for none.

    `acknowledged_by` and `resolved_by` are names for people to read; `lead` is the person's id who has it.
    """

    id: str
    short_id: str
    title: str
    description: str = ""
    severity: Severity
    status: Status = Status.TRIGGERED
    service: str = ""
    team: str = ""
    lead: str = ""
    source: str = ""
    group_key: str = ""
    url: str = ""
    channel: str = ""
    policy_version: str = ""
    detected_at: datetime
    created_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_slack: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution_note: str = ""
    root_cause: str = ""

    @property
    def is_open(self) -> bool:
        return self.status is not Status.RESOLVED


def after(incident: Incident, action: Action) -> Status:
    """The status that `action` leads to.

    Raises Conflict, with words that say what is the case, when the table has no such step.
    """
    status = TRANSITIONS.get((incident.status, action))
    if status is None:
        raise Conflict(already(incident))
    return status


def already(incident: Incident) -> str:
    """What is the case already, for somebody whose click came second."""
    if incident.status is Status.RESOLVED:
        return f"{incident.short_id} is already resolved by {incident.resolved_by}"
    if incident.status is Status.ACKNOWLEDGED:
        return f"{incident.short_id} is already acknowledged by {incident.acknowledged_by}"
    return f"{incident.short_id} is {incident.status.value.lower()}"


def acknowledge(incident: Incident, by: Actor, now: datetime) -> Incident:
    """`incident` in the hands of `by`. The first acknowledgement is the one that MTTA counts."""
    return replace(
        incident,
        status=after(incident, Action.ACKNOWLEDGE),
        acknowledged_at=incident.acknowledged_at or now,
        acknowledged_by=by.name,
        acknowledged_slack=by.slack,
        lead=by.person or incident.lead,
    )


def resolve(incident: Incident, by: Actor, note: str, root_cause: str, now: datetime) -> Incident:
    """`incident` over, with what was done and why it happened."""
    return replace(
        incident,
        status=after(incident, Action.RESOLVE),
        resolved_at=now,
        resolved_by=by.name,
        resolution_note=note,
        root_cause=root_cause,
    )


def short_id(number: int) -> str:
    """`INC-` and six letters for a random `number` of at least 30 bits."""
    letters = []
    for _ in range(6):
        number, place = divmod(number, len(SHORT_ID_LETTERS))
        letters.append(SHORT_ID_LETTERS[place])
    return "INC-" + "".join(letters)
