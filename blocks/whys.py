"""Why somebody was paged, or was not, for the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from blocks import kit
from blocks.escalations import channel_name, channel_names, named
from blocks.kit import Message
from blocks.notifications import meant
from blocks.spans import plain_hour
from blocks.timeline import REASONS
from blocks.words import Words, words
from domain import calls
from domain.incidents import Incident
from domain.notifications import INSTEAD, Notification, NotificationState
from domain.policies import TargetType
from domain.whys import Because, Line

_SHOWN = 25
_A_BLOCK = 5
_REASON_SHOWN = 200
_A_WHILE = timedelta(seconds=90)


def why(incident: Incident, lines: Sequence[Line], person: str, zone: str, locale: str) -> Message:
    """Each thing that is known, a line each; `person` is whom it is about, "" for everybody. `zone` is the team's."""
    say = words(locale)
    if person:
        title = say.say("Why {name} was paged for {id}, or not", name=kit.name(person), id=incident.short_id)
    else:
        title = say.say("Who was paged for {id}, and why", id=incident.short_id)
    told = [f"• {_line(line, incident, zone, say)}" for line in lines[-_SHOWN:]]
    if not told:
        told = [say.say("Nobody was paged.")]
    blocks = [kit.section(f"*{title}*")]
    blocks += [kit.section("\n".join(told[at : at + _A_BLOCK])) for at in range(0, len(told), _A_BLOCK)]
    small = say.say("From what was recorded; times are those of {zone}.", zone=zone)
    if len(lines) > _SHOWN:
        left_out = say.count("{n} earlier one is left out.", "{n} earlier ones are left out.", len(lines) - _SHOWN)
        small = f"{left_out} {small}"
    return Message(title, [*blocks, kit.context(small)])


def _line(line: Line, incident: Incident, zone: str, say: Words) -> str:
    if line.page:
        return _paged(line.page, incident, zone, say)
    time = plain_hour(line.at, incident.created_at, zone, say) if line.at else ""
    step = line.step
    match line.because:
        case Because.DECLINED:
            return say.say("{time} · {name} can't take it.", time=time, name=named(line.names, say))
        case Because.HELD:
            said = {"time": time, "step": step, "name": named(line.names, say)}
            return say.say("{time} · step {step}: the page to {name} waited for one message about many.", **said)
        case Because.QUIET:
            channels = channel_names(line.channels, line.names, say)
            said = {"time": time, "step": step, "channels": channels, "name": named(line.names, say)}
            if not step:
                return say.say("{time} · no {channels} to {name}, who wants quiet at this severity.", **said)
            return say.say("{time} · step {step}: no {channels} to {name}, who wants quiet at this severity.", **said)
        case Because.UNREACHED:
            reason = kit.name(REASONS.translate(line.reason, say), _REASON_SHOWN)
            return say.say("{time} · step {step}: {reason}.", time=time, step=step, reason=reason)
        case Because.PLACE:
            return say.say("{time} · step {step} told {names}.", time=time, step=step, names=named(line.names, say))
        case Because.OTHERS:
            return _others(line, time, say)
        case Because.STOPPED:
            who = kit.name(incident.acknowledged_by or incident.resolved_by or "Vigie")
            said = {"step": step, "time": time, "name": who, "target": _target(line, say)}
            return say.say("step {step}, for {target}, due at {time}: not needed, {name} had it.", **said)
        case Because.AHEAD:
            said = {"step": step, "time": time, "target": _target(line, say)}
            return say.say("step {step}, for {target}: comes at {time} unless somebody takes it.", **said)
        case Because.NO_POLICY:
            return say.say("no escalation policy fits this incident: nobody is paged.")
        case _:
            return say.say("No step of the policy means them, and nobody called them.")


def _target(line: Line, say: Words) -> str:
    return meant(line.target, say) if line.target else "–"


def _others(line: Line, time: str, say: Words) -> str:
    said = {"time": time, "step": line.step, "names": named(line.names, say)}
    if line.target is TargetType.ON_CALL:
        return say.say("{time} · step {step}: on call was {names}.", **said)
    return say.say("{time} · step {step} was for {names}.", **said)


def _out_of_turn(why: str, say: Words) -> str:
    """Why somebody was called whom no step means."""
    because, _, name = why.partition(INSTEAD)[0].partition(": ")
    return {
        calls.SNOOZE_OVER: say.say("the snooze was over"),
        calls.FIRES_AGAIN: say.say("an alert fired again after all were over"),
        calls.NOT_HEARD_OF: say.say("nothing was heard of {name}, who had it", name=kit.name(name)),
        calls.REASSIGNED: say.say("{name} gave it to them", name=kit.name(name)),
        calls.GOT_WORSE: say.say("it got worse"),
        calls.NOBODY_ELSE: say.say("nobody else was left in the escalation policy"),
    }.get(because, "")


def _paged(page: Notification, incident: Incident, zone: str, say: Words) -> str:
    said = {
        "time": plain_hour(page.decided_at, incident.created_at, zone, say),
        "step": page.step,
        "channel": channel_name(page.channel, (page.recipient.name,), say),
        "name": kit.name(page.recipient.name),
        "fate": _fate(page, incident, zone, say),
    }
    why = "" if page.step else _out_of_turn(page.why, say)
    if why:
        return say.say("{time} · {channel} to {name}, because {why}: {fate}.", why=why, **said)
    if page.fallback_of:
        return say.say("{time} · step {step}: {channel} to {name} instead of one that failed: {fate}.", **said)
    return say.say("{time} · step {step}: {channel} to {name}: {fate}.", **said)


def _fate(page: Notification, incident: Incident, zone: str, say: Words) -> str:
    """How far it came."""
    reason = kit.name(REASONS.translate(page.failure, say), _REASON_SHOWN) if page.failure else ""
    if page.state is NotificationState.CANCELLED:
        who = kit.name(incident.acknowledged_by or incident.resolved_by or "Vigie")
        return say.say("not needed any more, {name} had it", name=who)
    if page.state is NotificationState.FAILED:
        return say.say("not delivered: {reason}", reason=reason)
    if page.state is NotificationState.WAITING:
        return say.say("tried again: {reason}", reason=reason) if reason else say.say("about to leave")
    taken = _moment(page.acknowledged_at, page, zone, say)
    stages = [
        say.say("sent {time}", time=_moment(page.sent_at, page, zone, say)),
        say.say("delivered {time}", time=_moment(page.delivered_at, page, zone, say)) if page.delivered_at else reason,
        say.say("opened {time}", time=_moment(page.opened_at, page, zone, say)) if page.opened_at else "",
        say.say("acknowledged from it {time}", time=taken) if taken else "",
    ]
    return ", ".join(stage for stage in stages if stage)


def _moment(at: datetime | None, page: Notification, zone: str, say: Words) -> str:
    """The time of day, and how long after the decision."""
    if at is None:
        return ""
    took = at - page.decided_at
    after = f"{max(round(took.total_seconds()), 0)} s" if took < _A_WHILE else say.span(took)
    return f"{say.clock(at, zone)} (+{after})"
