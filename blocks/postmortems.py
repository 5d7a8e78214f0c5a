"""A post-mortem in modals: read, written section by section, looked back at, published, waived; and due, at Home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from blocks import kit, markdown, postmortem_actions
from blocks.incidents import severity_name
from blocks.kit import Block, Confirm, Message
from blocks.postmortem_document import section_name, standing, texts_of
from blocks.words import Words, words
from domain.incidents import Incident
from domain.people import Actor, Permission, may
from domain.postmortems import (
    A_FIELD,
    LIMITS,
    LONGEST_REASON,
    Owed,
    Postmortem,
    Record,
    Section,
    State,
    Texts,
    Version,
    parts,
)

OPEN = "postmortem.open.v1"
_SECTION_SHOWN = 700
_WRITTEN_HERE = (Section.SUMMARY, Section.ROOT_CAUSE, Section.LESSONS)


def title(locale: str) -> str:
    return words(locale).say("Post-mortem")


def opener(incident: str, say: Words) -> Block:
    """The button that leads to an incident's post-mortem."""
    return kit.button(say.say("📝 Post-mortem"), OPEN, incident)


def shown(record: Record, actor: Actor, locale: str) -> Block:
    """Where it stands, the heart of what it says, its actions; whoever may change it has the buttons for it."""
    say = words(locale)
    incident, texts = record.incident, texts_of(record, locale)
    blocks = [
        kit.header(f"{incident.short_id} · {severity_name(incident.severity)} · {incident.title}"),
        kit.section(kit.escape(standing(record, say).replace("\\", ""))),
    ]
    if record.written is None:
        texts = {section: markdown.as_read(text) for section, text in texts.items()}
    told = [section for section in _WRITTEN_HERE if texts.get(section, "").strip()]
    blocks += [
        kit.section(f"*{section_name(section, say)}*\n{kit.escape(texts[section], _SECTION_SHOWN)}") for section in told
    ]
    blocks += [kit.divider(), *postmortem_actions.rows(record, actor, say)]
    blocks += kit.actions(_buttons(record, actor, say))
    return kit.modal(title(locale), blocks, callback="postmortem.show.v1", close=say.say("Close"), metadata=incident.id)


def _buttons(record: Record, actor: Actor, say: Words) -> list[Block]:
    one, name = record.postmortem, record.incident.id
    made = [kit.button(say.say("📄 As a file"), "postmortem.export.v1", name)]
    if one is None or not may(actor.role, Permission.POSTMORTEM):
        return made
    writing = [kit.button(say.say("➕ Action"), "postmortem.action.new.v1", name)]
    if not record.incident.is_open:
        writing.insert(0, kit.button(say.say("Write"), "postmortem.edit.v1", name, style="primary"))
        if one.version and one.version != one.published_version:
            writing.append(_publish(f"{name}|{one.version}", say))
    if one.version:
        writing.append(kit.button(say.say("History"), "postmortem.history.v1", name))
    if one.is_unfinished and may(actor.role, Permission.WAIVE):
        writing.append(kit.button(say.say("Waive…"), "postmortem.waive.v1", name))
    return [*writing, *made]


def _publish(version: str, say: Words) -> Block:
    """What is read is published, and not what somebody saved meanwhile."""
    dialog = Confirm(
        say.say("Publish it?"),
        say.say("It goes in the incident's thread as a file. Nobody is reminded of it any more."),
        say.say("Publish"),
        say.say("Cancel"),
    )
    return kit.button(say.say("Publish"), "postmortem.publish.v1", version, confirm=dialog)


def form(record: Record, texts: Texts, base: int, locale: str) -> Block:
    """Every section as one field, or as several when it is longer than a field."""
    say = words(locale)
    blocks = [
        kit.context(say.say("Times, people, steps, pages and figures come from the record; they are in the document."))
    ]
    for section in Section:
        blocks += _fields(section, texts.get(section, ""), say)
    return kit.modal(
        title(locale),
        blocks,
        callback="postmortem.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{record.incident.id}|{base}",
    )


def _fields(section: Section, text: str, say: Words) -> list[Block]:
    """Fields named `section:1`, `section:2`…; a long section has room to grow."""
    pieces, label = parts(text.strip()), section_name(section, say)
    shown = pieces
    if LIMITS[section] > A_FIELD and len(shown[-1]) > A_FIELD // 2:
        shown = [*pieces, ""]
    made = []
    for number, piece in enumerate(shown, start=1):
        numbered = say.say("{section} ({n} of {total})", section=label, n=number, total=len(shown))
        name = numbered if len(shown) > 1 else label
        made.append(kit.text_input(f"{section.value}:{number}", name, multiline=True, optional=True, value=piece))
    return made


def form_fields() -> Mapping[str, str]:
    """Which field says what is wrong with a section: its first."""
    return {section.value: f"{section.value}:1" for section in Section}


def outdated(text: str, incident: str, locale: str) -> Block:
    """Somebody was faster: nothing is overwritten and nothing is lost."""
    say = words(locale)
    kept = say.say("What you typed is kept. Go on with it, which leaves theirs in the history, or begin with theirs.")
    buttons = [
        kit.button(say.say("Go on with mine"), "postmortem.mine.v1", incident, style="primary"),
        kit.button(say.say("Begin with theirs"), "postmortem.theirs.v1", incident),
    ]
    blocks = [kit.paragraph(text), kit.paragraph(kept), *kit.actions(buttons)]
    return kit.modal(title(locale), blocks, callback="notice.v1", close=say.say("Close"))


def history(record: Record, versions: Sequence[Version], actor: Actor, locale: str) -> Block:
    """Who wrote what, when; an older version can be said again."""
    say = words(locale)
    blocks = [kit.header(say.say("History of {id}", id=record.incident.short_id))]
    may_write = may(actor.role, Permission.POSTMORTEM)
    for place, one in enumerate(versions):
        before = versions[place + 1].texts if place + 1 < len(versions) else {}
        made = kit.section(_version(one, before, record, say))
        if may_write and place:
            value = f"{record.incident.id}|{one.number}"
            made["accessory"] = kit.button(say.say("Restore"), "postmortem.restore.v1", value)
        blocks.append(made)
    metadata = record.incident.id
    return kit.modal(title(locale), blocks, callback="postmortem.history.v1", close=say.say("Close"), metadata=metadata)


def _version(one: Version, before: Texts, record: Record, say: Words) -> str:
    changed = [section for section in Section if one.texts.get(section, "") != before.get(section, "")]
    at = kit.moment(one.at, say.date(one.at, record.zone))
    names = say.listed(tuple(section_name(section, say) for section in changed)) or say.say("nothing")
    said = {"version": str(one.number), "name": kit.name(one.by), "time": at, "sections": names}
    return say.say("*v{version}* · {name} · {time}\nChanged: {sections}", **said)


def waive_form(record: Record, locale: str) -> Block:
    """Asks why there is none."""
    say = words(locale)
    asked = kit.text_input(
        "reason",
        say.say("Why is there no post-mortem?"),
        multiline=True,
        limit=LONGEST_REASON,
        hint=say.say("The incident's thread shows it."),
    )
    return kit.modal(
        title(locale),
        [asked],
        callback="postmortem.waive.v1",
        submit=say.say("Waive"),
        close=say.say("Cancel"),
        metadata=record.incident.id,
    )


def listing(due: Sequence[tuple[Postmortem, Incident]], today: date, locale: str) -> Message:
    """Those that are due, for somebody who asks without a name."""
    say = words(locale)
    if not due:
        text = say.say("No post-mortem is due. To ask for one: {command}", command="`/incident postmortem INC-…`")
        return Message(text, [kit.section(text)])
    heading = say.count("{n} post-mortem is due", "{n} post-mortems are due", len(due))
    blocks = [kit.section(f"*{heading}*"), *(_row(one, incident, today, say) for one, incident in due)]
    return Message(heading, blocks)


def _row(one: Postmortem, incident: Incident, today: date, say: Words) -> Block:
    until = say.say("until {date}", date=say.day(one.due_on)) if one.due_on else ""
    late = say.say("*overdue*") if one.is_overdue(today) else ""
    state = say.say("not written yet") if one.state is State.DUE else say.say("draft v{n}", n=one.version)
    facts = " · ".join(fact for fact in (incident.short_id, state, until, late) if fact)
    return kit.section(f"*{kit.name(incident.title)}*\n{facts}", kit.button(say.say("Open"), OPEN, incident.id))


def at_home(owed: Owed, today: date, say: Words) -> list[Block]:
    """What the reader has to write, and what they promised; nothing when they owe nothing."""
    blocks: list[Block] = []
    if owed.postmortems:
        blocks.append(kit.header(say.say("Post-mortems to write")))
        blocks += [_row(one, incident, today, say) for one, incident in owed.postmortems]
    if owed.actions:
        blocks.append(kit.header(say.say("What you promised")))
        for one, incident in owed.actions:
            blocks += postmortem_actions.at_home(one, incident, today, say)
    return blocks


def reminder(one: Postmortem | None, incident: str, short_id: str, said: str, until: str, locale: str) -> Message:
    """Who has to write it is told; once it is published or waived, that."""
    say = words(locale)
    names = {"id": kit.name(short_id), "title": kit.name(said)}
    if one is None or not one.is_unfinished:
        text = say.say("✅ The post-mortem of {id} is settled: {title}", **names)
        return Message(text, [kit.section(text)])
    by = say.day(date.fromisoformat(until)) if until else "–"
    told = say.say("📝 The post-mortem of {id} is due, until {date}: {title}", date=by, **names)
    hint = say.say("Write and publish it, or an operator waives it with a reason. Vigie reminds you every week.")
    button = kit.button(say.say("Open the post-mortem"), OPEN, incident, style="primary")
    return Message(told, [kit.section(told), kit.context(hint), *kit.actions([button])])


def exported(incident: Incident, locale: str, *, is_sent: bool) -> str:
    """What is answered to somebody who wants the file."""
    say = words(locale)
    if is_sent:
        return say.say("📄 The post-mortem of {id} is in your direct messages.", id=incident.short_id)
    return say.say("Slack did not take the file: try again, or ask whoever hosts Vigie for the scope files:write.")


def no_file(code: str, locale: str) -> Block:
    """What stands in a thread where a file would, and who mends that; `code` is Slack's word for it."""
    told = words(locale).say(
        "Slack did not take the file ({code}): whoever hosts Vigie lets the app share files (scope files:write).",
        code=kit.name(code, 60),
    )
    return kit.context(told)


def file_message(record: Record, locale: str) -> Message:
    """The same as a message."""
    text = file_words(record, locale)
    return Message(text, [kit.section(text)])


def file_words(record: Record, locale: str) -> str:
    """What stands above the file in the thread and in a direct message."""
    say = words(locale)
    one = record.postmortem
    said = {"id": record.incident.short_id, "version": str(record.written.number if record.written else 0)}
    if one and one.state is State.PUBLISHED:
        by = kit.name(one.published_by)
        return say.say("📝 The post-mortem of {id}, v{version}, published by {name}.", name=by, **said)
    return say.say("📝 The post-mortem of {id}, as it is now.", **said)
