"""What happened, said in the incident's thread: a line for what somebody there has to know, none for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blocks import kit, outages, postmortem_lines, storm_lines, updates
from blocks.escalations import channel_names, channels_of, named, names_of
from blocks.kit import Message
from blocks.lifecycle_lines import LINES, LOUD, policy_of_worse
from blocks.own_notes import note_of
from blocks.run_lines import UNSAID
from blocks.sections import sections
from blocks.words import Phrasebook, Words, words
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]
_NOTE_SHOWN = 1500
_REASON_SHOWN = 300


def thread_line(entry: Entry, locale: str) -> Message | None:
    """The words for `entry`; None when the card, a step or a receipt says it already."""
    line = _LINES.get(entry.event)
    if line is None:
        return None
    text = line(entry, words(locale))
    return Message(text, sections(text))


def history_line(entry: Entry, say: Words) -> str:
    """The words for `entry` where everything is told, what the thread does not say too."""
    line = _LINES.get(entry.event) or _UNSAID.get(entry.event)
    return line(entry, say) if line else kit.name(entry.event.value)


def _text(entry: Entry, name: str) -> str:
    return kit.name(str(entry.details.get(name, "")))


def _escalated(entry: Entry, say: Words) -> str:
    names = names_of(str(entry.details.get("names", "")))
    line = say.say(
        "📣 Escalation, step {step} of {total}: {channels} to {names}.",
        step=_text(entry, "step"),
        total=_text(entry, "total"),
        channels=channel_names(channels_of(str(entry.details.get("channels", ""))), names, say),
        names=named(names, say),
    )
    missed = _text(entry, "missed")
    if missed:
        line += " " + say.count(
            "Also covers step {steps}, missed while Vigie was down.",
            "Also covers steps {steps}, missed while Vigie was down.",
            len(missed.split(",")),
            steps=missed,
        )
    played = names_of(str(entry.details.get("played_by", "")))
    if played and played != names:
        line += " " + say.say("In the drill: {names}.", names=named(played, say))
    return line


def _nobody(entry: Entry, say: Words) -> str:
    line = say.say(
        "⚠️ Escalation, step {step} of {total}: {reason}.",
        step=_text(entry, "step"),
        total=_text(entry, "total"),
        reason=kit.name(REASONS.translate(str(entry.details.get("reason", "")), say), _REASON_SHOWN),
    )
    names = names_of(str(entry.details.get("names", "")))
    return " ".join((line, say.say("Meant for {names}.", names=named(names, say)))) if names else line


def _reasons(say: Words) -> tuple[str, ...]:
    """Why a step, or one of its channels, reaches nobody, and why a message does not go out."""
    return (
        say.say("nobody is on call"),
        say.say("the team has no members"),
        say.say("the step names no channel"),
        say.say("nobody is called {name}"),
        say.say("{name} can't take it"),
        say.say("{name} is quiet by every channel of this step: paged all the same"),
        say.say("nobody else is left, so {name} is paged all the same"),
        say.say("{name} has no Slack account"),
        say.say("{name} has no phone number"),
        say.say("{name} has no e-mail address"),
        say.say("telephone calls are not set up"),
        say.say("Slack has no user group {handle}"),
        say.say("the line was busy"),
        say.say("nobody answered the telephone"),
        say.say("the call did not get through"),
        say.say("the voice gateway answers {status}: {reason}"),
        say.say("the voice gateway can't be reached: {fault}"),
        say.say("the voice gateway is inside the network, which takes PHONE_PRIVATE_ADDRESSES"),
        say.say("SMS is not set up"),
        say.say("e-mail is not set up"),
        say.say("Discord is not set up"),
        say.say("Slack is not set up"),
        say.say("Slack is away"),
        say.say("Slack can't be reached"),
        say.say("Slack did not answer"),
        say.say("Slack answers HTTP {status}"),
        say.say("Slack is rate limiting"),
        say.say("Slack refused it: {code}"),
        say.say("OVH refused the number {number}"),
        say.say("OVH unreachable: {fault}"),
        say.say("OVH took the request but sent no SMS"),
        say.say("OVH's answer can't be read"),
        say.say("OVH answered {status} without JSON"),
        say.say("Discord unreachable: {fault}"),
        say.say("the incident's team has no channel"),
        say.say("the provider did not say in time whether it has it"),
        say.say("no answer within {seconds} s"),
        say.say("no sign that it arrived within {minutes} min"),
        say.say("the phone's network refused it: {reason}"),
    )


REASONS = Phrasebook.of(_reasons(words("en")))
"""Why somebody is not reached, for every place that says it."""


def _failed(entry: Entry, say: Words) -> str:
    names = names_of(str(entry.details.get("name", "")))
    line = say.say(
        "⚠️ {names} not reached by {channel}: {reason}.",
        names=named(names, say),
        channel=channel_names(channels_of(str(entry.details.get("channel", ""))), names, say),
        reason=kit.name(REASONS.translate(str(entry.details.get("reason", "")), say), _REASON_SHOWN),
    )
    instead = channels_of(str(entry.details.get("instead", "")))
    if instead:
        line += " " + say.say("Trying {channel} instead.", channel=channel_names(instead, (), say))
    return line


def _runbook_step(entry: Entry, say: Words) -> str:
    said = {"name": kit.name(entry.by), "step": _text(entry, "step"), "title": _text(entry, "title")}
    line = {
        Event.STEP_SKIPPED: say.say("⏭️ {name} skipped step {step} · {title}.", **said),
        Event.STEP_PROBLEM: say.say("⚠️ {name} has a problem with step {step} · {title}.", **said),
        Event.STEP_ROLLED_BACK: say.say("↩️ {name} rolled back step {step} · {title}.", **said),
    }[entry.event]
    note = kit.escape(str(entry.details.get("note", "")), _NOTE_SHOWN)
    return f"{line} {note}".strip() if entry.event is not Event.STEP_ROLLED_BACK else line


def _attached(entry: Entry, say: Words) -> str:
    return say.say("📖 {name} started the runbook {title}.", name=kit.name(entry.by), title=_text(entry, "runbook"))


def _several(entry: Entry, say: Words) -> str:
    return say.say("📖 Several runbooks fit: {titles}. Choose one on the card.", titles=_text(entry, "runbooks"))


def _added(entry: Entry, say: Words) -> str:
    count = int(entry.details.get("count", 1))
    return say.count("➕ {n} more alert: {title}", "➕ {n} more alerts: {title}", count, title=_text(entry, "title"))


def _one_ended(entry: Entry, say: Words) -> str:
    return say.say("🟢 An alert has ended: {title}", title=_text(entry, "title"))


def _ended(entry: Entry, say: Words) -> str:
    return say.say("🟢 All alerts have ended. If it is mended, resolve the incident.")


def _exhausted(entry: Entry, say: Words) -> str:
    return say.say("🚨 *The escalation policy has no further step.* Acknowledge it, or call somebody.")


def _no_policy(entry: Entry, say: Words) -> str:
    return say.say(
        "🚨 *No escalation policy fits this incident: nobody else will be paged.* "
        "Give the team a default policy, and acknowledge this one or call somebody."
    )


def _raised(entry: Entry, say: Words) -> str:
    levels = {name: str(entry.details.get(name, "")).partition("_")[0] for name in ("before", "severity")}
    told = {name: kit.name(level) for name, level in levels.items()}
    line = say.say("🔺 *{name} raised the severity from {before} to {severity}.*", name=kit.name(entry.by), **told)
    if entry.details.get("title"):
        line += " " + say.say("Now: {title}; before: {was}.", was=_text(entry, "was"), title=_text(entry, "title"))
    return f"{line} {policy_of_worse(entry, say)}".rstrip()


def _note(entry: Entry, say: Words) -> str:
    return say.say(
        "📝 {name}: {text}", name=kit.name(entry.by), text=kit.escape(str(entry.details.get("text", "")), _NOTE_SHOWN)
    )


_LINES: Mapping[Event, Line] = {
    Event.ESCALATED: _escalated,
    Event.NOBODY_REACHED: _nobody,
    Event.NOTIFICATION_FAILED: _failed,
    Event.SLACK_WAS_AWAY: outages.thread_line,
    Event.POLICY_EXHAUSTED: _exhausted,
    Event.POLICY_MISSING: _no_policy,
    Event.ALERT_ADDED: _added,
    Event.ALERT_ENDED: _one_ended,
    Event.ALERTS_ENDED: _ended,
    Event.SEVERITY_RAISED: _raised,
    Event.RUNBOOK_ATTACHED: _attached,
    Event.RUNBOOK_CHOICE: _several,
    Event.NOTE: _note,
    Event.STEP_SKIPPED: _runbook_step,
    Event.STEP_PROBLEM: _runbook_step,
    Event.STEP_ROLLED_BACK: _runbook_step,
    **LINES,
    **postmortem_lines.LINES,
}


def is_loud(entry: Entry) -> bool:
    """Whether the channel sees a line too, and not its thread alone."""
    return entry.event in LOUD


def _created(entry: Entry, say: Words) -> str:
    return say.say("🆕 Opened by {name}.", name=kit.name(entry.by))


def _ruled(entry: Entry, say: Words) -> str:
    """What a rule for alerts changed."""
    said = {name: kit.name(str(entry.details.get(name, ""))) for name in ("service", "team")}
    severity = kit.name(str(entry.details.get("severity", "")).partition("_")[0])
    told = []
    if severity:
        told.append(say.say("severity set to {severity}", severity=severity))
    if said["service"]:
        told.append(say.say("service set to {service}", service=said["service"]))
    if said["team"]:
        told.append(say.say("team set to {team}", team=said["team"]))
    minutes = int(entry.details.get("held_minutes", 0))
    if minutes:
        told.append(say.count("held back for {n} minute", "held back for {n} minutes", minutes))
    return say.say("🔧 Rule {rule}: {effects}.", rule=_text(entry, "rule"), effects=", ".join(told))


def _resolved(entry: Entry, say: Words) -> str:
    note = kit.escape(note_of(str(entry.details.get("note", "")), say), _NOTE_SHOWN)
    told = say.say("🏁 {name} resolved it.", name=kit.name(entry.by))
    return f"{told} {note}".strip()


def _sent(entry: Entry, say: Words) -> str:
    names = names_of(str(entry.details.get("name", "")))
    channels = channels_of(str(entry.details.get("channel", "")))
    said = {"channel": channel_names(channels, names, say), "names": named(names, say)}
    together = int(entry.details.get("together", 0))
    if together > 1:
        return say.count(
            "📨 Sent by {channel} to {names}, one message for {n} incident.",
            "📨 Sent by {channel} to {names}, one message for {n} incidents.",
            together,
            **said,
        )
    return say.say("📨 Sent by {channel} to {names}.", **said)


def _step_done(entry: Entry, say: Words) -> str:
    said = {"name": kit.name(entry.by), "step": _text(entry, "step"), "title": _text(entry, "title")}
    return say.say("☑️ {name} did step {step} · {title}.", **said)


def _run_finished(entry: Entry, say: Words) -> str:
    return say.say("📖 The runbook {title} is finished.", title=_text(entry, "runbook"))


_UNSAID: Mapping[Event, Line] = {
    Event.CREATED: _created,
    Event.RULE_APPLIED: _ruled,
    Event.RESOLVED: _resolved,
    Event.NOTIFICATION_SENT: _sent,
    Event.PAGE_HELD: storm_lines.held,
    Event.STEP_DONE: _step_done,
    Event.RUN_FINISHED: _run_finished,
    **UNSAID,
    **updates.UNSAID,
    **postmortem_lines.UNSAID,
}
"""What the thread leaves to the card, a step or a receipt."""
