"""What happened to an incident, in the words of the domain; blocks put them in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.severities import Severity, severity_named


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
    PAGE_HELD = "page_held"
    SLACK_WAS_AWAY = "slack_was_away"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    STEP_DONE = "step_done"
    STEP_SKIPPED = "step_skipped"
    STEP_PROBLEM = "step_problem"
    STEP_ROLLED_BACK = "step_rolled_back"
    RUN_FINISHED = "run_finished"
    APPROVAL_ASKED = "approval_asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    GLASS_BROKEN = "glass_broken"
    APPROVAL_VOID = "approval_void"
    ROLLBACK_STARTED = "rollback_started"
    ROLLBACK_SKIPPED = "rollback_skipped"
    RUN_ROLLED_BACK = "run_rolled_back"
    RUN_ABORTED = "run_aborted"
    RUN_CARRIED_OVER = "run_carried_over"
    STEP_OVERDUE = "step_overdue"
    STILL_ON_STEP = "still_on_step"
    HELP_WANTED = "help_wanted"
    NOTE = "note"
    UNACKNOWLEDGED = "unacknowledged"
    DECLINED = "declined"
    NOBODY_LEFT = "nobody_left"
    SNOOZED = "snoozed"
    UNSNOOZED = "unsnoozed"
    TRIGGERED_AGAIN = "triggered_again"
    REASSIGNED = "reassigned"
    CALLED = "called"
    ASKED = "asked"
    STILL_ON_IT = "still_on_it"
    SEVERITY_SET = "severity_set"
    LEAD_NAMED = "lead_named"
    COMMUNICATIONS_NAMED = "communications_named"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    LINKED = "linked"
    PINNED = "pinned"
    """Somebody kept a message; `at` is when it was written."""
    HURRIED = "hurried"
    STATUS_UPDATE = "status_update"
    UPDATE_DUE = "update_due"
    UPDATE_SNOOZED = "update_snoozed"
    UPDATES_DISMISSED = "updates_dismissed"
    STAKEHOLDERS_TOLD = "stakeholders_told"
    ROOM_OPENED = "room_opened"
    ROOM_FAILED = "room_failed"
    ROOM_LOST = "room_lost"
    ROOM_ARCHIVED = "room_archived"
    POSTMORTEM_DUE = "postmortem_due"
    POSTMORTEM_ASKED = "postmortem_asked"
    POSTMORTEM_PUBLISHED = "postmortem_published"
    POSTMORTEM_WAIVED = "postmortem_waived"
    ACTION_ADDED = "action_added"
    ACTION_DONE = "action_done"
    ACTION_REMOVED = "action_removed"


SIGNS_OF_LIFE = frozenset(
    {
        Event.ACKNOWLEDGED,
        Event.STEP_DONE,
        Event.STEP_SKIPPED,
        Event.STEP_PROBLEM,
        Event.STEP_ROLLED_BACK,
        Event.APPROVAL_ASKED,
        Event.APPROVED,
        Event.REFUSED,
        Event.GLASS_BROKEN,
        Event.ROLLBACK_STARTED,
        Event.ROLLBACK_SKIPPED,
        Event.RUN_CARRIED_OVER,
        Event.STILL_ON_STEP,
        Event.RUNBOOK_ATTACHED,
        Event.NOTE,
        Event.STATUS_UPDATE,
        Event.UPDATE_SNOOZED,
        Event.PINNED,
        Event.STILL_ON_IT,
        Event.SEVERITY_SET,
        Event.LEAD_NAMED,
        Event.COMMUNICATIONS_NAMED,
        Event.MERGED,
        Event.LINKED,
    }
)
"""What shows that somebody works on an incident."""
PAGED = (Event.CREATED, Event.ESCALATED, Event.CALLED, Event.TRIGGERED_AGAIN)
"""What somebody heard of an incident by, or was to."""
TURNS = (
    Event.ACKNOWLEDGED,
    Event.UNACKNOWLEDGED,
    Event.SNOOZED,
    Event.UNSNOOZED,
    Event.MITIGATED,
    Event.REASSIGNED,
    Event.TRIGGERED_AGAIN,
)
"""What a climb goes on after, with other people first."""
AFTERWARDS = frozenset(
    {
        Event.POSTMORTEM_DUE,
        Event.POSTMORTEM_ASKED,
        Event.POSTMORTEM_PUBLISHED,
        Event.POSTMORTEM_WAIVED,
        Event.ACTION_ADDED,
        Event.ACTION_DONE,
        Event.ACTION_REMOVED,
    }
)
"""What is no part of the incident, but of what is made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `by` is a name for people; `details` are plain strings and numbers."""

    incident: str
    at: datetime
    event: Event
    by: str = ""
    details: dict[str, str | int] = field(default_factory=dict)


GRADES = (Event.SEVERITY_SET, Event.SEVERITY_RAISED)


def thought_too_bad(entries: Iterable[Entry]) -> Severity | None:
    """The worst severity that somebody has set an incident below, by its `GRADES` in their order; None when nobody has,
    or when it is as bad again: what only says so once more tells nothing that they did not know. A severity that only
    another version knows is passed over."""
    found: Severity | None = None
    for entry in entries:
        before, now = (severity_named(str(entry.details.get(name))) for name in ("before", "severity"))
        if before is None or now is None:
            continue
        if now > before:
            found = min(found or before, before)
        elif found and now <= found:
            found = None
    return found
