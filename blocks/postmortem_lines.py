"""Timeline entries of kept messages, of post-mortems and of their actions, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from blocks import kit
from blocks.words import Words
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]
_TEXT_SHOWN = 1500


def _text(entry: Entry, name: str) -> str:
    return kit.escape(str(entry.details.get(name, "")), _TEXT_SHOWN)


def _pinned(entry: Entry, say: Words) -> str:
    author = kit.name(str(entry.details.get("author", "")) or "–")
    told = say.say("📌 {name}: {text}", name=author, text=_text(entry, "text"))
    return f"{told} " + say.say("({name} kept it)", name=kit.name(entry.by))


def _hurried(entry: Entry, say: Words) -> str:
    return say.say("⏭️ {name} let the next step go out at once.", name=kit.name(entry.by))


def _due(entry: Entry, say: Words) -> str:
    said = str(entry.details.get("until", ""))
    until = say.day(date.fromisoformat(said)) if said else "–"
    step, name = int(entry.details.get("step", 0)), kit.name(str(entry.details.get("name", "")))
    if step:
        return say.say("📝 A post-mortem is due until {date}: step {step} of the policy fired.", date=until, step=step)
    return say.say("📝 A post-mortem is due until {date}: {name} asked for it.", date=until, name=name)


def _waived(entry: Entry, say: Words) -> str:
    said = {"name": kit.name(entry.by), "reason": _text(entry, "reason")}
    return say.say("📝 {name} waived the post-mortem: {reason}", **said)


def _asked(entry: Entry, say: Words) -> str:
    return say.say("📝 {name} asked for a post-mortem.", name=kit.name(entry.by))


def _published(entry: Entry, say: Words) -> str:
    version = int(entry.details.get("version", 0))
    return say.say("📝 {name} published the post-mortem, v{version}.", name=kit.name(entry.by), version=version)


def _action_added(entry: Entry, say: Words) -> str:
    return say.say("🎯 {name} added an action: {text}", name=kit.name(entry.by), text=_text(entry, "text"))


def _action_done(entry: Entry, say: Words) -> str:
    return say.say("🎯 {name} has done: {text}", name=kit.name(entry.by), text=_text(entry, "text"))


def _action_removed(entry: Entry, say: Words) -> str:
    return say.say("🎯 {name} took an action back: {text}", name=kit.name(entry.by), text=_text(entry, "text"))


LINES: Mapping[Event, Line] = {
    Event.POSTMORTEM_DUE: _due,
    Event.POSTMORTEM_WAIVED: _waived,
}
"""What the thread says."""
UNSAID: Mapping[Event, Line] = {
    Event.PINNED: _pinned,
    Event.HURRIED: _hurried,
    Event.POSTMORTEM_ASKED: _asked,
    Event.POSTMORTEM_PUBLISHED: _published,
    Event.ACTION_ADDED: _action_added,
    Event.ACTION_DONE: _action_done,
    Event.ACTION_REMOVED: _action_removed,
}
"""What the thread shows otherwise, or need not know."""
