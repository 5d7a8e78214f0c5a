"""One step of a runbook: as a line, as a reader sees it, and as a form."""

from __future__ import annotations

from blocks import inputs, kit
from blocks.kit import Block
from blocks.runbooks import checklist, ticked
from blocks.text import clean
from blocks.words import Words, words
from domain.drafts import MOST_MINUTES
from domain.runbook_drafts import LONGEST_STEP_TITLE, LONGEST_TEXT
from domain.runbooks import RunbookStep

_LINE_SHOWN = 160
FIELDS = ("title", "description", "checklist", "command", "duration", "flags", "rollback")
"""The blocks of the form, by the field that they ask."""


def step_line(step: RunbookStep, say: Words) -> str:
    """ "*2.* Fail over · about 5 min · ⚠️ critical" """
    return f"*{step.order}.* {step_words(step, say)}"


def step_words(step: RunbookStep, say: Words) -> str:
    """The same without its number."""
    time = say.say("about {time}", time=say.minutes(step.expected_duration)) if step.expected_duration else ""
    critical = say.say("⚠️ critical") if step.is_critical else ""
    asks = say.say("☝️ to be confirmed") if step.requires_confirmation else ""
    return " · ".join(part for part in (kit.name(step.title or "…"), time, critical, asks) if part)


def brief(step: RunbookStep, say: Words) -> str:
    """A step in a form's list: what it is called, and how its command begins."""
    lines = [line.strip() for line in clean(step.command).splitlines()]
    command = next((line for line in lines if line and not line.startswith("#")), "")
    said = step_line(step, say)
    return f"{said}\n> {kit.name(command, _LINE_SHOWN)}" if command else said


def read(step: RunbookStep, say: Words) -> list[Block]:
    """A step to read, whole: at most six blocks."""
    blocks = [kit.section(step_line(step, say))]
    if step.description.strip():
        blocks.append(kit.paragraph(ticked(step.description)))
    blocks += checklist(step)
    if step.command.strip():
        blocks.append(kit.preformatted(step.command))
    if step.rollback_instructions.strip():
        label = say.say("↩️ If it goes wrong, roll back:")
        blocks += [kit.section(label), kit.preformatted(step.rollback_instructions)]
    return blocks


def form_title(locale: str) -> str:
    return words(locale).say("Step")


def form(step: RunbookStep | None, locale: str, *, metadata: str) -> Block:
    """The form of a step, empty for a new one."""
    say = words(locale)
    now = step or RunbookStep(order=0, title="")
    return kit.modal(
        form_title(locale),
        [*_what(now, say), *_how(now, say)],
        callback="runbook.step.v1",
        submit=say.say("Keep"),
        close=say.say("Back"),
        metadata=metadata,
    )


def _what(step: RunbookStep, say: Words) -> list[Block]:
    return [
        kit.text_input("title", say.say("What to do"), limit=LONGEST_STEP_TITLE, value=step.title),
        kit.text_input(
            "description",
            say.say("Details: what to look at, what is normal"),
            multiline=True,
            optional=True,
            limit=LONGEST_TEXT,
            value=step.description,
        ),
        kit.text_input(
            "checklist",
            say.say("Checklist, a line each"),
            multiline=True,
            optional=True,
            limit=LONGEST_TEXT,
            value="\n".join(step.checklist),
        ),
        kit.text_input(
            "command",
            say.say("Command"),
            multiline=True,
            optional=True,
            limit=LONGEST_TEXT,
            value=step.command,
            hint=say.say(
                "{label} becomes the alert's label and {fact} the incident's service, quoted for the shell.",
                label="{label.instance}",
                fact="{incident.service}",
            ),
        ),
    ]


def _how(step: RunbookStep, say: Words) -> list[Block]:
    options = [
        inputs.option(say.say("Critical: Done asks to confirm, a rollback is needed"), "critical"),
        inputs.option(say.say("Done asks to confirm"), "confirmation"),
    ]
    chosen = [("critical", step.is_critical), ("confirmation", step.requires_confirmation)]
    ticks = inputs.checkboxes(options, [value for value, is_chosen in chosen if is_chosen])
    return [
        inputs.labelled(
            "duration",
            say.say("Minutes it should take"),
            inputs.number(0, MOST_MINUTES, min(step.expected_duration, MOST_MINUTES) or None),
            optional=True,
            hint=say.say("Past twice that, Vigie asks whether it is stuck."),
        ),
        inputs.labelled("flags", say.say("Care"), ticks, optional=True),
        kit.text_input(
            "rollback",
            say.say("How to roll it back, or whom to call"),
            multiline=True,
            optional=True,
            limit=LONGEST_TEXT,
            value=step.rollback_instructions,
        ),
    ]
