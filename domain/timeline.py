"""What happened to an incident, in the words of the domain; blocks put them in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Event(StrEnum):
    """Kinds of entries. The values are public: the API shows them."""

    CREATED = "created"
    ALERT_ADDED = "alert_added"
    ALERT_ENDED = "alert_ended"
    ALERTS_ENDED = "alerts_ended"
    RULE_APPLIED = "rule_applied"
    SEVERITY_RAISED = "severity_raised"
    POLICY_MISSING = "policy_missing"
    RUNBOOK_ATTACHED = "runbook_attached"
    RUNBOOK_CHOICE = "runbook_choice"
    ESCALATED = "escalated"
    NOBODY_REACHED = "nobody_reached"
    POLICY_EXHAUSTED = "policy_exhausted"
    NOTIFICATION_SENT = "notification_sent"
    NOTIFICATION_FAILED = "notification_failed"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    STEP_DONE = "step_done"
    STEP_SKIPPED = "step_skipped"
    STEP_PROBLEM = "step_problem"
    STEP_ROLLED_BACK = "step_rolled_back"
    RUN_FINISHED = "run_finished"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `by` is a name for people; `details` are plain strings and numbers."""

    incident: str
    at: datetime
    event: Event
    by: str = ""
    details: dict[str, str | int] = field(default_factory=dict)
