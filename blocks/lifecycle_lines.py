"""What is said in the thread, and in the history, when an incident's life takes a turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from blocks import kit
from blocks.escalations import channel_names, channels_of, named, names_of
from blocks.room_lines import LINES as ROOM_LINES
from blocks.run_lines import LINES as RUN_LINES
from blocks.updates import LINES as UPDATE_LINES
from blocks.words import Words
from domain import calls, lifecycle
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]


def _text(entry: Entry, name: str) -> str:
    return kit.name(str(entry.details.get(name, "")))


def _acknowledged(entry: Entry, say: Words) -> str:
    return say.say("✅ {name} has it. The escalation has stopped.", name=kit.name(entry.by))


def _unacknowledged(entry: Entry, say: Words) -> str:
    return say.say("↩️ {name} gave it back: the escalation goes on.", name=kit.name(entry.by))


def _unsnoozed(entry: Entry, say: Words) -> str:
    return say.say("⏰ {name} ended the snooze: the escalation goes on.", name=kit.name(entry.by))


def _snoozed(entry: Entry, say: Words) -> str:
    said = str(entry.details.get("until", ""))
    until = datetime.fromisoformat(said) if said else entry.at
    time = kit.moment(until, say.date(until, "UTC") + " UTC")
    return say.say("💤 {name} snoozed it until {time}; then it triggers again.", name=kit.name(entry.by), time=time)


def _declined(entry: Entry, say: Words) -> str:
    name = _text(entry, "name")
    if name == kit.name(entry.by):
        return say.say("🙅 {name} can't take it.", name=name)
    return say.say("🙅 {name} can't take it, {by} says.", name=name, by=kit.name(entry.by))


def _nobody_left(entry: Entry, say: Words) -> str:
    names = names_of(str(entry.details.get("names", "")))
    if names:
        lead = named(names, say)
        if entry.details.get("before"):
            return say.say("🚨 *Nobody else is left in the escalation policy:* {name}, the lead, was paged.", name=lead)
        return say.say("🚨 *Nobody else is left in the escalation policy:* {name}, the lead, is paged.", name=lead)
    return say.say("🚨 *Nobody else is left in the escalation policy, and no lead can be paged.* Call somebody.")


def _mitigated(entry: Entry, say: Words) -> str:
    return say.say("🩹 {name} mitigated it. The escalation has stopped.", name=kit.name(entry.by))


def _reassigned(entry: Entry, say: Words) -> str:
    said = {"by": kit.name(entry.by), "name": named(names_of(str(entry.details.get("to", ""))), say)}
    if entry.details.get("team"):
        return say.say("👉 {by} gave it to whoever is on call for {team}: {name}.", **said, team=_text(entry, "team"))
    return say.say("👉 {by} gave it to {name}.", **said)


def _called(entry: Entry, say: Words) -> str:
    names = names_of(str(entry.details.get("names", "")))
    channels = channel_names(channels_of(str(entry.details.get("channels", ""))), names, say)
    return say.say("📣 Paged first: {channels} to {names}.", channels=channels, names=named(names, say))


def _asked(entry: Entry, say: Words) -> str:
    minutes = say.minutes(int(entry.details.get("minutes", 0)))
    rest = say.minutes(int(entry.details.get("rest", lifecycle.TIME_TO_ANSWER.total_seconds() / 60)))
    name = _text(entry, "name")
    return say.say(
        "❓ {name}, are you still on it? No step, no note for {time}. In {rest} it triggers again.",
        name=name,
        time=minutes,
        rest=rest,
    )


def _still(entry: Entry, say: Words) -> str:
    return say.say("👍 {name} is still on it.", name=kit.name(entry.by))


def _again(entry: Entry, say: Words) -> str:
    name = _text(entry, "name")
    told = {
        calls.SNOOZE_OVER: say.say("⏰ *The snooze is over:* it triggers again."),
        calls.FIRES_AGAIN: say.say("🚨 *An alert fires again* after all were over: it triggers again."),
        calls.GOT_WORSE: say.say("🚨 *It got worse:* it triggers again."),
    }.get(str(entry.details.get("because", "")))
    if told is None:
        return say.say("🚨 *Nothing was heard of {name}:* it triggers again.", name=name or "Vigie")
    follows = say.say("{name} is paged first.", name=name) if name else say.say("The escalation goes on.")
    return f"{told} {follows}"


def _level(entry: Entry, name: str) -> str:
    return kit.name(str(entry.details.get(name, "")).partition("_")[0])


def _severity(entry: Entry, say: Words) -> str:
    said = {"name": kit.name(entry.by), "before": _level(entry, "before"), "severity": _level(entry, "severity")}
    line = say.say("🎚️ {name} changed the severity from {before} to {severity}.", **said)
    return f"{line} {policy_of_worse(entry, say)}".rstrip()


def policy_of_worse(entry: Entry, say: Words) -> str:
    """Which policy an incident that got worse climbs, and when; "" when it is the same one."""
    policy = _text(entry, "policy")
    if not entry.details.get("policy"):
        return ""
    if entry.details.get("later"):
        return say.say("The policy {policy} begins once nobody has it any more.", policy=policy)
    return say.say("The policy {policy} takes over, from its first step.", policy=policy)


def _lead(entry: Entry, say: Words) -> str:
    return say.say("🧭 {name} leads the incident, {by} says.", name=_text(entry, "name"), by=kit.name(entry.by))


def _communications(entry: Entry, say: Words) -> str:
    said = {"name": _text(entry, "name"), "by": kit.name(entry.by)}
    return say.say("📢 {name} tells the others, {by} says.", **said)


def _merged(entry: Entry, say: Words) -> str:
    said = {"id": _text(entry, "id"), "title": _text(entry, "title"), "name": kit.name(entry.by)}
    line = say.say("🔗 {name} merged {id} · {title} into this one.", **said)
    rest = say.say("Its policy {policy} goes on here.", policy=_text(entry, "policy"))
    return f"{line} {rest}" if entry.details.get("policy") else line


def _duplicate(entry: Entry, say: Words) -> str:
    said = {"id": _text(entry, "id"), "title": _text(entry, "title"), "name": kit.name(entry.by)}
    return say.say("🔗 {name} closed this one as a duplicate of {id} · {title}.", **said)


def _linked(entry: Entry, say: Words) -> str:
    said = {"id": _text(entry, "id"), "title": _text(entry, "title"), "name": kit.name(entry.by)}
    return say.say("🔗 {name} linked it with {id} · {title}.", **said)


LINES: Mapping[Event, Line] = {
    Event.ACKNOWLEDGED: _acknowledged,
    Event.UNACKNOWLEDGED: _unacknowledged,
    Event.UNSNOOZED: _unsnoozed,
    Event.SNOOZED: _snoozed,
    Event.DECLINED: _declined,
    Event.NOBODY_LEFT: _nobody_left,
    Event.MITIGATED: _mitigated,
    Event.REASSIGNED: _reassigned,
    Event.CALLED: _called,
    Event.ASKED: _asked,
    Event.STILL_ON_IT: _still,
    Event.TRIGGERED_AGAIN: _again,
    Event.SEVERITY_SET: _severity,
    Event.LEAD_NAMED: _lead,
    Event.COMMUNICATIONS_NAMED: _communications,
    Event.MERGED: _merged,
    Event.DUPLICATE: _duplicate,
    Event.LINKED: _linked,
    **RUN_LINES,
    **ROOM_LINES,
    **UPDATE_LINES,
}
LOUD = frozenset(
    {Event.NOBODY_LEFT, Event.TRIGGERED_AGAIN, Event.POLICY_EXHAUSTED, Event.GLASS_BROKEN, Event.STATUS_UPDATE}
)
"""What the channel sees too, and not its thread alone: nobody may be coming, or all are to know."""
_WHY = re.compile(r"(?P<because>[a-z ]+)(?:: (?P<name>.*))?", re.DOTALL)


def why_words(why: str, say: Words) -> str:
    """Why somebody is paged whom no step of a policy means, in words; "" for any other reason."""
    found = _WHY.fullmatch(why)
    name = (found["name"] if found else "") or "Vigie"
    told = {
        calls.SNOOZE_OVER: say.say("the snooze is over"),
        calls.FIRES_AGAIN: say.say("an alert fires again after all were over"),
        calls.NOT_HEARD_OF: say.say("nothing was heard of {name}, who had it", name=name),
        calls.REASSIGNED: say.say("{name} gave it to you", name=name),
        calls.GOT_WORSE: say.say("it got worse"),
        calls.NOBODY_ELSE: say.say("nobody else is left"),
    }
    return told.get(found["because"] if found else "", "")
