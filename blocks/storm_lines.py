"""What a storm holds back of one incident, for its history."""

from __future__ import annotations

from blocks.escalations import channel_names, channels_of, named, names_of
from blocks.words import Words
from domain.timeline import Entry


def held(entry: Entry, say: Words) -> str:
    """A page, the mails to its stakeholders, or its war room."""
    match entry.details.get("what"):
        case "letters":
            count = int(entry.details.get("count", 1))
            return say.count(
                "⏸️ Storm: the mail to {n} stakeholder waits for one about many incidents.",
                "⏸️ Storm: the mails to {n} stakeholders wait for one about many incidents.",
                count,
            )
        case "room":
            return say.say("⏸️ Storm: its war room waits until somebody has it, or it is its turn.")
        case _:
            names = names_of(str(entry.details.get("name", "")))
            said = {"channel": channel_names(channels_of(str(entry.details.get("channel", ""))), names, say)}
            return say.say("⏸️ Storm: held for one {channel} to {names} with others.", names=named(names, say), **said)
