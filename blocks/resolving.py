"""The form in which somebody says that an incident is over."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Block
from blocks.words import words
from domain.incidents import Incident


def resolve_title(locale: str) -> str:
    return words(locale).say("Resolve the incident")


def resolve_form(incident: Incident, locale: str) -> Block:
    """Asks for the note, and the root cause if it is known already."""
    say = words(locale)
    blocks = [
        kit.paragraph(f"{incident.short_id} · {incident.title}", 300),
        kit.text_input(
            "note", say.say("What mended it?"), multiline=True, hint=say.say("One line is enough; the team reads it.")
        ),
        kit.text_input("root_cause", say.say("Root cause, if known"), multiline=True, optional=True),
    ]
    return kit.modal(
        resolve_title(locale),
        blocks,
        callback="incident.resolve.v1",
        submit=say.say("Resolve"),
        close=say.say("Cancel"),
        metadata=incident.id,
    )
