"""Slack was away: what its being away meant for an incident, and for whoever opens their Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from blocks import kit
from blocks.escalations import channel_names, channels_of, named, names_of
from blocks.spans import hour
from blocks.words import Words
from domain.outages import Outage, Part
from domain.timeline import Entry


def thread_line(entry: Entry, say: Words) -> str:
    """From when to when, and what went another way."""
    since, until = (_moment(str(entry.details.get(name, "")), entry.at, say) for name in ("since", "until"))
    instead = [_detour(one, say) for one in str(entry.details.get("instead", "")).split("; ") if ": " in one]
    if entry.details.get("part") == Part.SOCKET.value:
        line = say.say("🔌 Slack passed no click on from {since} to {until}.", since=since, until=until)
    else:
        line = say.say("🔌 Slack was away from {since} to {until}.", since=since, until=until)
    if not instead:
        return " ".join((line, say.say("No page had to go another way.")))
    return " ".join((line, say.say("Sent another way: {pages}.", pages=say.listed(tuple(instead)))))


def _moment(said: str, otherwise: datetime, say: Words) -> str:
    at = datetime.fromisoformat(said).astimezone(UTC) if said else otherwise
    return hour(at, otherwise, "UTC", say)


def _detour(said: str, say: Words) -> str:
    channel, _, names = said.partition(": ")
    people = names_of(names)
    channels = channel_names(channels_of(channel), people, say)
    return say.say("{channels} to {names}", channels=channels, names=named(people, say))


def at_home(found: Sequence[Outage], say: Words) -> list[str]:
    """A line for each outage of the last day."""
    return [_at_home(one, say) for one in found]


def _at_home(one: Outage, say: Words) -> str:
    since = kit.moment(one.since, say.date(one.since, "UTC") + " UTC")
    if one.until is None:
        return say.say("🔌 Slack is away since {since}: pages go by SMS and e-mail.", since=since)
    until = hour(one.until, one.since, "UTC", say)
    line = say.say("🔌 Slack was away from {since} to {until}.", since=since, until=until)
    if not one.pages:
        return line
    went = say.count("{n} page went another way.", "{n} pages went another way.", one.pages)
    return f"{line} {went}"
