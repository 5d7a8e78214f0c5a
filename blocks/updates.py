"""Status updates as they are said in the thread, in the war room and in the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from blocks import kit
from blocks.spans import hour
from blocks.words import Words
from domain.timeline import Entry, Event
from domain.updates import LONGEST, SNOOZE

Line = Callable[[Entry, Words], str]


def parts_of(entry: Entry, say: Words) -> list[tuple[str, str]]:
    """What an update says, each part under its heading; the only one needs none."""
    named = {"text": say.say("What we know"), "impact": say.say("Impact"), "doing": say.say("What we do")}
    return [(label, said) for name, label in named.items() if (said := str(entry.details.get(name, "")).strip())]


def next_of(entry: Entry) -> datetime | None:
    """When the next update comes, if the one in `entry` says so."""
    said = str(entry.details.get("next_at", ""))
    return datetime.fromisoformat(said).astimezone(UTC) if said else None


def _update(entry: Entry, say: Words) -> str:
    parts = parts_of(entry, say)
    told = [say.say("📣 *Status update* by {name}", name=kit.name(entry.by))]
    if len(parts) == 1:
        told.append(kit.escape(parts[0][1], LONGEST))
    else:
        told += [say.say("*{label}:* {text}", label=label, text=kit.escape(said, LONGEST)) for label, said in parts]
    due = next_of(entry)
    if due:
        told.append(say.say("_Next update at {time}._", time=hour(due, entry.at, "UTC", say)))
    return "\n".join(told)


def _snoozed(entry: Entry, say: Words) -> str:
    return say.say("💤 {name} is reminded of the status update in {time}.", name=kit.name(entry.by), time=_a_while(say))


def _dismissed(entry: Entry, say: Words) -> str:
    return say.say("🔕 {name} wants no more reminders of status updates.", name=kit.name(entry.by))


def _due(entry: Entry, say: Words) -> str:
    return say.say("⏰ {name} was reminded: a status update is due.", name=kit.name(str(entry.details.get("name", ""))))


def _told(entry: Entry, say: Words) -> str:
    sent, failed = int(entry.details.get("sent", 0)), int(entry.details.get("failed", 0))
    line = say.count("✉️ {n} stakeholder told by e-mail.", "✉️ {n} stakeholders told by e-mail.", sent)
    if not failed:
        return line
    missed = say.count("⚠️ {n} stakeholder not told by e-mail:", "⚠️ {n} stakeholders not told by e-mail:", failed)
    reasons = str(entry.details.get("reasons", "")).splitlines()
    return "\n".join([missed, *(f"• {kit.name(one, 200)}" for one in reasons), *([line] if sent else [])])


def _a_while(say: Words) -> str:
    return say.minutes(SNOOZE.total_seconds() / 60)


LINES: Mapping[Event, Line] = {
    Event.STATUS_UPDATE: _update,
    Event.UPDATE_SNOOZED: _snoozed,
    Event.UPDATES_DISMISSED: _dismissed,
    Event.STAKEHOLDERS_TOLD: _told,
}
UNSAID: Mapping[Event, Line] = {Event.UPDATE_DUE: _due}
