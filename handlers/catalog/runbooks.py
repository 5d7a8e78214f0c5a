"""A runbook as the guide writes it ("Exemples de Runbooks"), or with the API's field names. Pure."""

from __future__ import annotations

from domain.runbook_drafts import MOST_ITEMS
from domain.runbooks import LONGEST_ITEM, RunbookStep
from handlers.catalog.drafts import RunbookDraft, severity
from handlers.catalog.source import Fields

MOST_STEPS = 200
"""Of a runbook in a file; a form takes fewer."""


def read(fields: Fields) -> RunbookDraft:
    """One runbook with its steps."""
    # One that is written down and not worked out yet is attached to no incident.
    steps = fields.steps(MOST_STEPS, may_be_empty=True)
    draft = RunbookDraft(
        fields=fields,
        title=fields.text("title", required=True, limit=150),
        description=fields.text("description", lines=True),
        service=fields.text("service"),
        severity=severity(fields),
        is_active=fields.flag("active", "is_active", default=True),
        four_eyes=fields.flag("four_eyes", default=False),
        steps=tuple(_step(order, step) for order, step in steps),
        step_fields=tuple(step for _, step in steps),
    )
    fields.close()
    return draft


def _step(order: int, fields: Fields) -> RunbookStep:
    step = RunbookStep(
        order=order,
        title=fields.text("title", required=True, limit=140),
        description=fields.text("description", lines=True),
        checklist=tuple(fields.texts("checklist", limit=LONGEST_ITEM)),
        command=fields.text("command", lines=True),
        expected_duration=fields.minutes("duration", "expected_duration"),
        is_critical=fields.flag("critical", "is_critical", default=False),
        requires_confirmation=fields.flag("requires_confirmation", default=False),
        rollback_instructions=fields.text("rollback", "rollback_instructions", lines=True),
    )
    if len(step.checklist) > MOST_ITEMS:
        fields.fault("checklist", f"has {len(step.checklist)} lines; at most {MOST_ITEMS} are shown")
    if not fields.flag("active", "is_active", default=True):
        fields.fault(
            "active" if fields.has("active") else "is_active", "is for the runbook: leave the step out instead"
        )
    fields.close()
    return step
