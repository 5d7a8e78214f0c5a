"""Actions of post-mortems: a row each, their form, what their owner is told."""

from __future__ import annotations

from datetime import date

from blocks import inputs, kit
from blocks.kit import Block, Message
from blocks.words import Words, words
from domain.directory import Directory
from domain.incidents import Incident
from domain.people import Actor, Permission, may
from domain.postmortems import LONGEST_ACTION, Action, Record

FIELDS = ("text", "owner", "due_on")
MENU = "postmortem.action.v1"
TICK = "postmortem.tick.v1"
_SHOWN = 400


def rows(record: Record, actor: Actor, say: Words) -> list[Block]:
    """Every action of a post-mortem, with what can be done about it."""
    made = [kit.section("*" + say.say("Actions") + "*")]
    may_write = may(actor.role, Permission.POSTMORTEM)
    made += [_row(one, record.directory, record.today, say, is_writer=may_write) for one in record.actions]
    if not record.actions:
        made.append(kit.context(say.say("Nobody has promised anything yet.")))
    return made


def _row(one: Action, directory: Directory, today: date, say: Words, *, is_writer: bool) -> Block:
    told = kit.section(line(one, directory, today, say))
    if not is_writer:
        return told
    turn = ("reopen", say.say("Not done after all")) if one.is_done else ("tick", say.say("Done"))
    choices = (turn, ("edit", say.say("Edit")), ("remove", say.say("Remove")))
    options = [inputs.option(text, f"{verb}:{one.id}") for verb, text in choices]
    return told | {"accessory": inputs.menu(MENU, options), "block_id": f"action:{one.id}"}


def line(one: Action, directory: Directory, today: date, say: Words) -> str:
    """What, who, until when."""
    owner = directory.people.get(one.owner)
    who = kit.person(owner.name, owner.slack) if owner else "–"
    mark = "☑️" if one.is_done else "⬜"
    text = kit.name(one.text, _SHOWN)
    if one.is_done:
        return f"{mark} {text}\n" + say.say("{name} · done by {by}", name=who, by=kit.name(one.done_by))
    until = say.say("{name} · until {date}", name=who, date=say.day(one.due_on))
    return f"{mark} {text}\n{until}" + (" · " + say.say("*overdue*") if today > one.due_on else "")


def at_home(one: Action, incident: Incident, today: date, say: Words) -> list[Block]:
    """One that the reader has promised."""
    until = say.say("until {date}", date=say.day(one.due_on))
    late = " · " + say.say("*overdue*") if today > one.due_on else ""
    told = f"⬜ {kit.name(one.text, _SHOWN)}\n{incident.short_id} · {until}{late}"
    return [kit.section(told, kit.button(say.say("Done"), f"{TICK}.home", one.id))]


def title(locale: str) -> str:
    return words(locale).say("Action")


def form(record: Record, one: Action | None, locale: str) -> Block:
    """Asks what, who, until when."""
    say = words(locale)
    owner = record.directory.people.get(one.owner) if one else None
    blocks = [
        kit.text_input(
            "text", say.say("What is to be done?"), multiline=True, limit=LONGEST_ACTION, value=one.text if one else ""
        ),
        inputs.labelled("owner", say.say("Who does it?"), inputs.user_picker(owner.slack if owner else "")),
        inputs.labelled(
            "due_on",
            say.say("Until when?"),
            inputs.date_picker(one.due_on.isoformat() if one else ""),
            hint=say.say("Vigie reminds them in the morning of that day, then every week."),
        ),
    ]
    return kit.modal(
        title(locale),
        blocks,
        callback="postmortem.action.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata="|".join((record.incident.id, *((one.id, one.edition) if one else ("",)))),
    )


def reminder(one: Action | None, short_id: str, text: str, until: str, locale: str) -> Message:
    """What the owner is told; once it is done or gone, that."""
    say = words(locale)
    said = {"text": kit.name(text, _SHOWN), "id": kit.name(short_id)}
    if one is None:
        return _said(say.say("🎯 Nobody has to do this any more: {text} ({id})", **said))
    if one.is_done:
        return _said(say.say("☑️ Done: {text} ({id})", **said))
    date_said = say.day(date.fromisoformat(until)) if until else "–"
    told = say.say("🎯 You promised this until {date}, after {id}: {text}", date=date_said, **said)
    buttons = [
        kit.button(say.say("Done"), TICK, one.id, style="primary"),
        kit.button(say.say("Open the post-mortem"), "postmortem.open.v1", one.incident),
    ]
    return Message(told, [kit.section(told), *kit.actions(buttons)])


def _said(text: str) -> Message:
    return Message(text, [kit.section(text)])
