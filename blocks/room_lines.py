"""What is said of war rooms in the incident's thread, and in its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blocks import kit
from blocks.mentions import channel
from blocks.words import Words
from domain.rooms import Step
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]


def _text(entry: Entry, name: str) -> str:
    return kit.name(str(entry.details.get(name, "")))


def _opened(entry: Entry, say: Words) -> str:
    place = channel(str(entry.details.get("channel", "")))
    if entry.by == "Vigie":
        return say.say("🚪 War room: {place}.", place=place)
    return say.say("🚪 War room, asked for by {name}: {place}.", place=place, name=kit.name(entry.by))


def _failed(entry: Entry, say: Words) -> str:
    step, code = str(entry.details.get("step", "")), str(entry.details.get("code", ""))
    if step == Step.INVITE and entry.details.get("names"):
        return say.say(
            "⚠️ Not let into the war room: {names} ({code}).", names=_text(entry, "names"), code=kit.name(code)
        )
    told = [_what(step, say), remedy(code, str(entry.details.get("needed", "")), say)]
    # What is over gets no room any more, whoever asks.
    told += [] if step in (Step.SUMMARY, Step.ARCHIVE) else [_again(entry, say)]
    return " ".join(told)


def _what(step: str, say: Words) -> str:
    told = {
        Step.CREATE: say.say("⚠️ *There is no war room:* the incident goes on here."),
        Step.TOPIC: say.say("⚠️ The war room's topic does not follow."),
        Step.CARD: say.say("⚠️ The war room has no card."),
        Step.PIN: say.say("⚠️ The card in the war room is not pinned."),
        Step.INVITE: say.say("⚠️ Nobody could be invited into the war room."),
        Step.BOOKMARK: say.say("⚠️ The war room has no bookmark."),
        Step.SUMMARY: say.say("⚠️ The summary is not in the war room."),
        Step.ARCHIVE: say.say("⚠️ The war room is not archived: archive it by hand."),
    }
    return told.get(Step(step), "") if step in list(Step) else ""


def remedy(code: str, needed: str, say: Words) -> str:
    """Why Slack refuses it, and who can mend that."""
    if code == "missing_scope":
        scope = kit.name(needed) or "channels:manage"
        return say.say("The Slack app lacks the scope {scope}: add it and install the app anew.", scope=scope)
    if code in _RESTRICTED:
        return say.say("The workspace does not let Vigie: whoever runs it can, in its settings for channels.")
    if code in _FULL:
        return say.say("The workspace has as many channels as its plan allows: archive some.")
    return say.say("Slack refused it: {code}.", code=kit.name(code))


_RESTRICTED = ("restricted_action", "no_permission", "not_authorized", "user_is_restricted", "enterprise_is_restricted")
_FULL = ("too_many_convos_for_team", "plan_upgrade_required", "limit_exceeded", "channel_limit_exceeded")


def _again(entry: Entry, say: Words) -> str:
    command = f"`/incident room {kit.name(str(entry.details.get('id', '')))}`"
    return say.say("Then {command} tries again.", command=command)


def _lost(entry: Entry, say: Words) -> str:
    command = f"`/incident room {kit.name(str(entry.details.get('id', '')))}`"
    said = {"name": _text(entry, "name"), "command": command}
    return say.say("🗄️ Somebody has archived the war room #{name}. {command} opens another.", **said)


def _archived(entry: Entry, say: Words) -> str:
    return say.say(
        "🗄️ The war room #{name} is archived; what was said there can still be read.", name=_text(entry, "name")
    )


LINES: Mapping[Event, Line] = {
    Event.ROOM_OPENED: _opened,
    Event.ROOM_FAILED: _failed,
    Event.ROOM_LOST: _lost,
    Event.ROOM_ARCHIVED: _archived,
}
