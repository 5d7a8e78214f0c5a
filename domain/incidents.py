"""An incident's life: one table of what may follow what, and nothing else changes a status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict
from domain.people import Actor
from domain.severities import Severity

__all__ = [
    "ALERTS_OVER",
    "HEARD_AGAIN",
    "SHORT_ID_LETTERS",
    "TRANSITIONS",
    "Action",
    "Incident",
    "Severity",
    "Status",
    "acknowledge",
    "after",
    "allows",
    "already",
    "given_back",
    "mitigate",
    "resolve",
    "short_id",
    "snooze",
]

SHORT_ID_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""A-Z and 2-9 without the look-alikes I, L, O: read aloud on the phone at night."""


ALERTS_OVER = "All alerts ended."
HEARD_AGAIN = "is heard again."
"""The notes, or their ends, of incidents that their sources ended: nobody's name is in them, so nobody forgets them."""


class Status(StrEnum):
    """Where an incident is in its life."""

    TRIGGERED = "TRIGGERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MITIGATED = "MITIGATED"
    RESOLVED = "RESOLVED"


OPEN = tuple(status.value for status in Status if status is not Status.RESOLVED)
"""As a list is asked for: by these and not by the one that is left, the database finds the few by an index."""


class Action(StrEnum):
    """What somebody can do to an incident."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    TRIGGER = "trigger"
    """It wants somebody again: the snooze is over, nobody was heard of, or it is given to somebody else."""


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.TRIGGERED, Action.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.TRIGGERED, Action.MITIGATE): Status.MITIGATED,
    (Status.TRIGGERED, Action.RESOLVE): Status.RESOLVED,
    (Status.ACKNOWLEDGED, Action.UNACKNOWLEDGE): Status.TRIGGERED,
    (Status.TRIGGERED, Action.SNOOZE): Status.ACKNOWLEDGED,
    (Status.TRIGGERED, Action.TRIGGER): Status.TRIGGERED,
    (Status.ACKNOWLEDGED, Action.SNOOZE): Status.ACKNOWLEDGED,
    (Status.ACKNOWLEDGED, Action.TRIGGER): Status.TRIGGERED,
    (Status.MITIGATED, Action.TRIGGER): Status.TRIGGERED,
    (Status.ACKNOWLEDGED, Action.MITIGATE): Status.MITIGATED,
    (Status.ACKNOWLEDGED, Action.RESOLVE): Status.RESOLVED,
    (Status.MITIGATED, Action.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.MITIGATED, Action.RESOLVE): Status.RESOLVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something is wrong with a service. Times are aware UTC; `service` and `team` are ids, "" for none.

    `acknowledged_by`, `mitigated_by` and `resolved_by` are names for people to read. `owner` is the id of the person
    who has it, `lead` of the one who leads the work on it, `communications` of the one who tells others. The first
    acknowledgement stays in `acknowledged_at`. `duplicate_of` is the id of the incident that it turned out to be.
    `received_at` is when the first alert came in, None when no alert opened it.
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
    owner: str = ""
    communications: str = ""
    snoozed_until: datetime | None = None
    mitigated_at: datetime | None = None
    mitigated_by: str = ""
    duplicate_of: str = ""
    received_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution_note: str = ""
    root_cause: str = ""
    is_drill: bool = False
    """Nothing is broken: people try out what they would do."""

    @property
    def is_snoozed(self) -> bool:
        return self.status is Status.ACKNOWLEDGED and self.snoozed_until is not None

    @property
    def is_open(self) -> bool:
        return self.status is not Status.RESOLVED


def after(incident: Incident, action: Action) -> Status:
    """The status that `action` leads to.

    Raises Conflict, with words that say what is the case, when the table has no such step. A snoozed incident may be
    acknowledged: that ends the snooze.
    """
    if action is Action.ACKNOWLEDGE and incident.is_snoozed:
        return Status.ACKNOWLEDGED
    status = TRANSITIONS.get((incident.status, action))
    if status is None:
        raise Conflict(already(incident))
    return status


def allows(incident: Incident, action: Action) -> bool:
    """Whether `action` is possible now: what is not is not offered."""
    return (incident.status, action) in TRANSITIONS or (action is Action.ACKNOWLEDGE and incident.is_snoozed)


def already(incident: Incident) -> str:
    """What is the case already, for somebody whose click came second."""
    match incident.status:
        case Status.RESOLVED:
            how = ", as a duplicate of another incident" if incident.duplicate_of else ""
            return f"{incident.short_id} is already resolved by {incident.resolved_by or 'Vigie'}{how}"
        case Status.MITIGATED:
            by = incident.mitigated_by or "Vigie"
            return f"{incident.short_id} is mitigated by {by}: reassign it to have somebody paged again"
        case Status.ACKNOWLEDGED:
            return f"{incident.short_id} is already acknowledged by {incident.acknowledged_by or 'Vigie'}"
        case Status.TRIGGERED:
            return f"{incident.short_id} is triggered: nobody has it yet"


def acknowledge(incident: Incident, by: Actor, now: datetime) -> Incident:
    """`incident` in the hands of `by`. The first acknowledgement is the one that MTTA counts."""
    return replace(_taken(incident, by, now), status=after(incident, Action.ACKNOWLEDGE), snoozed_until=None)


def _taken(incident: Incident, by: Actor, now: datetime) -> Incident:
    """In the hands of `by`, who leads the work on it unless somebody was named for that."""
    is_named = incident.lead not in ("", incident.owner)
    return replace(
        incident,
        acknowledged_at=incident.acknowledged_at or now,
        acknowledged_by=by.name,
        acknowledged_slack=by.slack,
        owner=by.person,
        lead=incident.lead if is_named else by.person or incident.lead,
    )


def given_back(incident: Incident, action: Action = Action.UNACKNOWLEDGE) -> Incident:
    """`incident` in nobody's hands: it wants somebody again."""
    return replace(
        incident,
        status=after(incident, action),
        acknowledged_by="",
        acknowledged_slack="",
        owner="",
        lead="" if incident.lead == incident.owner else incident.lead,
        snoozed_until=None,
    )


def snooze(incident: Incident, by: Actor, until: datetime, now: datetime) -> Incident:
    """`incident` in the hands of `by`, and quiet until a moment."""
    status = after(incident, Action.SNOOZE)
    return replace(_taken(incident, by, now), status=status, snoozed_until=until)


def mitigate(incident: Incident, by: Actor, now: datetime) -> Incident:
    """`incident` no longer hurts, and is not over. Who mitigates what nobody has, has it."""
    status = after(incident, Action.MITIGATE)
    held = _taken(incident, by, now) if incident.status is Status.TRIGGERED else incident
    return replace(held, status=status, mitigated_at=now, mitigated_by=by.name, snoozed_until=None)


def resolve(incident: Incident, by: Actor, note: str, root_cause: str, now: datetime) -> Incident:
    """`incident` over, with what was done and why it happened."""
    return replace(
        incident,
        status=after(incident, Action.RESOLVE),
        snoozed_until=None,
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
