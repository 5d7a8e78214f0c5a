"""What happened, said in the incident's thread: a line for what somebody there has to know, none for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blocks import kit
from blocks.incidents import channel_name
from blocks.kit import Message
from blocks.words import Words, words
from domain.policies import Channel
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]


def thread_line(entry: Entry, locale: str) -> Message | None:
    """The words for `entry`; None when the card, a step or a receipt says it already."""
    line = _LINES.get(entry.event)
    if line is None:
        return None
    text = line(entry, words(locale))
    return Message(text, [kit.section(text)])


def _text(entry: Entry, name: str) -> str:
    return kit.escape(str(entry.details.get(name, "")))


def _escalated(entry: Entry, say: Words) -> str:
    names = tuple(part for part in str(entry.details.get("names", "")).split(", ") if part)
    named = [Channel(part) for part in str(entry.details.get("channels", "")).split(", ") if part]
    said = {
        "step": entry.details.get("step", ""),
        "total": entry.details.get("total", ""),
        "channels": say.listed(tuple(channel_name(channel, names, say) for channel in named)),
        "names": say.listed(tuple(kit.escape(name) for name in names)),
    }
    line = say.say("📣 Escalation step {step}/{total}: {channels} to {names}.", **said)
    missed = _text(entry, "missed")
    if missed:
        line += " " + say.say("It stands for steps {steps} too, missed while Vigie was away.", steps=missed)
    return line


def _nobody(entry: Entry, say: Words) -> str:
    reason = str(entry.details.get("reason", ""))
    said = say.say(_REASONS[reason]) if reason in _REASONS else kit.escape(reason)
    return say.say(
        "⚠️ Escalation step {step}/{total} reached nobody: {reason}.",
        step=entry.details.get("step", ""),
        total=entry.details.get("total", ""),
        reason=said,
    )


_REASONS = {reason: reason for reason in ("nobody is on call", "the team has no members", "the step names no channel")}


def _failed(entry: Entry, say: Words) -> str:
    channel = Channel(str(entry.details.get("channel", Channel.SLACK.value)))
    name = str(entry.details.get("name", ""))
    line = say.say(
        "⚠️ The {channel} to {name} did not go out: {reason}.",
        channel=channel_name(channel, (name,), say),
        name=kit.escape(name),
        reason=_text(entry, "reason"),
    )
    instead = [Channel(part) for part in str(entry.details.get("instead", "")).split(", ") if part]
    if instead:
        tried = say.listed(tuple(channel_name(one, (), say) for one in instead))
        line += " " + say.say("Trying {channel} instead.", channel=tried)
    return line


def _runbook_step(message: str) -> Line:
    def line(entry: Entry, say: Words) -> str:
        title, note = _text(entry, "title"), _text(entry, "note")
        said = say.say(message, name=kit.escape(entry.by), step=entry.details.get("step", ""), title=title)
        return f"{said} {note}".strip()

    return line


def _acknowledged(entry: Entry, say: Words) -> str:
    return say.say("✅ {name} has it. The escalation has stopped.", name=kit.escape(entry.by))


def _added(entry: Entry, say: Words) -> str:
    count = int(entry.details.get("count", 1))
    return say.count("➕ {n} more alert: {title}", "➕ {n} more alerts: {title}", count, title=_text(entry, "title"))


def _ended(entry: Entry, say: Words) -> str:
    return say.say("🟢 All alerts have ended. If it is mended, resolve the incident.")


def _exhausted(entry: Entry, say: Words) -> str:
    return say.say("⚠️ *The escalation policy has no further step.* Acknowledge it, or call somebody.")


def _no_policy(entry: Entry, say: Words) -> str:
    return say.say(
        "⚠️ *No escalation policy fits this incident: nobody else will be paged.* "
        "Give the team a default policy, and acknowledge this one or call somebody."
    )


def _note(entry: Entry, say: Words) -> str:
    return say.say("📝 {name}: {text}", name=kit.escape(entry.by), text=_text(entry, "text"))


_LINES: Mapping[Event, Line] = {
    Event.ESCALATED: _escalated,
    Event.NOBODY_REACHED: _nobody,
    Event.NOTIFICATION_FAILED: _failed,
    Event.POLICY_EXHAUSTED: _exhausted,
    Event.POLICY_MISSING: _no_policy,
    Event.ACKNOWLEDGED: _acknowledged,
    Event.ALERT_ADDED: _added,
    Event.ALERTS_ENDED: _ended,
    Event.NOTE: _note,
    Event.STEP_SKIPPED: _runbook_step("⏭️ {name} skipped step {step}, {title}:"),
    Event.STEP_PROBLEM: _runbook_step("⚠️ {name} has a problem with step {step}, {title}:"),
    Event.STEP_ROLLED_BACK: _runbook_step("↩️ {name} rolled back step {step}, {title}."),
}
