"""A post-mortem in Slack: a form for what people write; the rest is known, and stands in the file."""

from __future__ import annotations

from blocks import inputs, kit
from blocks.kit import Block
from blocks.words import Words, words
from domain.incidents import Incident
from domain.postmortems import LONGEST, SECTIONS, Postmortem, PostmortemState


def title(locale: str) -> str:
    return words(locale).say("Post-mortem")


def form(incident: Incident, written: Postmortem, locale: str, *, may_write: bool) -> Block:
    """The sections to write, or to read; below them, everything else as a file."""
    say = words(locale)
    head = kit.paragraph(f"{incident.short_id} · {incident.title}", 300)
    blocks = [head, kit.context(_standing(written, say))]
    name = f"{incident.id}|{written.version}"
    file = kit.actions([kit.button(say.say("📄 All of it as a file"), "postmortem.file.v1", incident.id)])
    if not may_write:
        shown = [
            kit.section(f"*{label}*\n{kit.escape(written.sections[key], 2500) or '–'}")
            for key, label in labels(say).items()
        ]
        return kit.modal(title(locale), [*blocks, *shown, *file], callback="postmortem.show.v1", close=say.say("Close"))
    for key, label in labels(say).items():
        field = f"{key}:{written.version}"
        blocks.append(
            kit.text_input(field, label, multiline=True, optional=True, limit=LONGEST, value=written.sections[key])
        )
    options = [inputs.option(say.say("Published: its thread says so"), "published")]
    chosen = ["published"] if written.state is PostmortemState.PUBLISHED else []
    flags = inputs.labelled(
        f"flags:{written.version}", say.say("Ready?"), inputs.checkboxes(options, chosen), optional=True
    )
    return kit.modal(
        title(locale),
        [*blocks, flags, *file],
        callback="postmortem.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=name,
    )


def fields(version: int) -> dict[str, str]:
    """The blocks of the form by what they ask."""
    return {name: f"{name}:{version}" for name in (*SECTIONS, "flags")}


def labels(say: Words) -> dict[str, str]:
    """What each section is about."""
    return {
        "summary": say.say("What happened"),
        "impact": say.say("Who felt it, and how long"),
        "root_cause": say.say("Why it happened"),
        "went_well": say.say("What went well"),
        "to_change": say.say("What to change, who does it, until when"),
    }


def _standing(written: Postmortem, say: Words) -> str:
    if written.state is PostmortemState.DUE or not written.at:
        return say.say("Nobody has written it yet. What is known stands in it already.")
    said = {"version": written.version, "name": kit.name(written.by)}
    if written.state is PostmortemState.PUBLISHED:
        return say.say("Published, v{version} by {name}", **said)
    return say.say("A draft, v{version} by {name}", **said)


def saved(incident: Incident, written: Postmortem, locale: str) -> Block:
    """It is kept; where it can be read."""
    say = words(locale)
    said = {"id": incident.short_id, "version": written.version}
    if written.state is PostmortemState.PUBLISHED:
        text = say.say("✅ The post-mortem of {id} is published as v{version}.", **said)
    else:
        text = say.say("✅ The draft for {id} is kept as v{version}. Tick “Published” when it is ready.", **said)
    file = kit.actions([kit.button(say.say("📄 All of it as a file"), "postmortem.file.v1", incident.id)])
    return kit.modal(title(locale), [kit.section(text), *file], callback="notice.v1", close=say.say("Close"))


def outdated(text: str, incident: str, locale: str) -> Block:
    """Somebody was faster: what was typed is shown no more, and nothing of theirs is overwritten."""
    say = words(locale)
    again = kit.actions([kit.button(say.say("Reload"), "postmortem.open.v1", incident, style="primary")])
    return kit.modal(title(locale), [kit.paragraph(text), *again], callback="notice.v1", close=say.say("Close"))


def told(text: str, locale: str) -> Block:
    """A modal that only says something."""
    say = words(locale)
    return kit.modal(title(locale), [kit.section(text)], callback="notice.v1", close=say.say("Close"))


def file_name(incident: Incident) -> str:
    return f"{incident.short_id}-post-mortem.md"


def file_words(incident: Incident, locale: str) -> str:
    return words(locale).say(
        "📄 The post-mortem of {id}: {title}", id=incident.short_id, title=kit.name(incident.title)
    )


def sent(locale: str, *, is_sent: bool) -> str:
    """What became of a file that somebody asked for."""
    say = words(locale)
    if is_sent:
        return say.say("📄 The file is in your direct messages with Vigie.")
    return say.say("Slack did not take the file. `GET /api/v1/incidents/INC-…/postmortem/?format=markdown` has it too.")
