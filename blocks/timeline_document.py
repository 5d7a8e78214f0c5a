"""An incident's timeline as a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from blocks import markdown
from blocks.incidents import severity_name
from blocks.timeline import history_line
from blocks.words import Words, words
from domain.incidents import Incident
from domain.timeline import Entry, Event


def timeline(incident: Incident, entries: Sequence[Entry], zone: str, locale: str) -> str:
    """Everything that happened, the earliest first, in Markdown."""
    say = words(locale)
    title = say.say("Timeline of {id}", id=incident.short_id)
    heading = f"# {title} · {severity_name(incident.severity)} · {markdown.name(incident.title)}"
    lines = [f"- **{when(entry.at, incident.created_at, zone, say)}** {_told(entry, say)}" for entry in entries]
    note = say.say("All times are those of {zone}.", zone=zone)
    opened = say.date(incident.created_at, zone)
    return "\n".join([heading, "", say.say("Opened {time}. {note}", time=opened, note=note), "", *lines, ""])


def document_line(entry: Entry, say: Words) -> str:
    """An entry as it is told outside Slack, where a link to a channel is only its id: a war room is its name."""
    name = entry.details.get("name")
    if entry.event is Event.ROOM_OPENED and name:
        entry = replace(entry, details={**entry.details, "channel": f"#{name}"})
    return history_line(entry, say)


def _told(entry: Entry, say: Words) -> str:
    return markdown.of_slack(document_line(entry, say), "  ")


def when(at: datetime, start: datetime, zone: str, say: Words) -> str:
    """The time of the day, with its day when that is not the one on which it began."""
    there = ZoneInfo(zone)
    is_same = at.astimezone(there).date() == start.astimezone(there).date()
    return say.clock(at, zone) if is_same else say.date(at, zone)


def sent_words(incident: Incident, locale: str) -> str:
    """What stands above the file."""
    return words(locale).say("The timeline of {id}.", id=incident.short_id)


def answered(incident: Incident, locale: str, *, is_sent: bool) -> str:
    """The answer to the one who asked for the file."""
    say = words(locale)
    if is_sent:
        return say.say("📄 The timeline of {id} is in your direct messages.", id=incident.short_id)
    return say.say("Slack did not take the file: try again, or ask whoever hosts Vigie for the scope files:write.")
