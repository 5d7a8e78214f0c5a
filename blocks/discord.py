"""The incident in a Discord channel: Discord's own Markdown, within its limit, edited in place."""

from __future__ import annotations

import re

from blocks import text
from blocks.incidents import Card, severity_words
from blocks.notifications import Page, heading
from blocks.words import Words, words
from domain.incidents import Incident, Status

LIMIT = 2000
"""Characters of a message (Discord's documentation, Resources, Webhook, content)."""
_TITLE, _HEADING, _DESCRIPTION, _NAME = 250, 900, 400, 80
_MARKS = re.compile(r"([\\*_~`|>#\-\[\]()<@:!])")
"""What Discord reads as Markdown, a mention, an emoji or a command."""


def escape(written: str, limit: int) -> str:
    """Foreign text that shows as it was written and mentions nobody."""
    return _MARKS.sub(r"\\\1", text.clip(text.clean(written).strip(), limit))


def message(page: Page, card: Card, thread: str = "") -> str:
    """A page, as the incident is now; `thread` is where it is acknowledged, when that is an address."""
    say = words(card.locale)
    incident = card.incident
    opened = int(incident.created_at.timestamp())
    facts = [incident.short_id, escape(card.service, _NAME), escape(card.team, _NAME), f"<t:{opened}:f>"]
    lines = [
        f"**{severity_words(incident.severity, say)} · {escape(text.one_line(incident.title), _TITLE)}**",
        " · ".join(fact for fact in facts if fact),
        _state(card, say),
        # Before what is clipped when signs that are escaped make it long.
        _way(incident, thread, say) if incident.is_open else "",
        # Once somebody has it, what was asked of whoever reads it is over.
        escape(heading(page), _HEADING) if incident.status is Status.TRIGGERED or incident.is_drill else "",
        escape(incident.description, _DESCRIPTION) if incident.is_open else "",
    ]
    return text.clip("\n".join(line for line in lines if line), LIMIT)


def _way(incident: Incident, thread: str, say: Words) -> str:
    is_waiting = incident.status is Status.TRIGGERED
    said = say.say("Acknowledge it in Slack: {id}", id=incident.short_id) if is_waiting else ""
    return f"{said} <{thread}>".strip() if "://" in thread else said


def _state(card: Card, say: Words) -> str:
    incident = card.incident
    name = escape(incident.acknowledged_by or "Vigie", _NAME)
    match incident.status:
        case Status.TRIGGERED:
            return say.say("❗ Nobody has it yet")
        case Status.RESOLVED if card.main:
            return say.say("🔗 Duplicate of {main}", main=card.main)
        case Status.RESOLVED:
            by = escape(incident.resolved_by or "Vigie", _NAME)
            return say.say("✅ Resolved by {name}", name=by)
        case Status.MITIGATED:
            return say.say("Mitigated; {name} has it", name=name)
        case _:
            return say.say("{name} has it", name=name)
