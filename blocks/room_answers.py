"""What whoever asks for a war room is answered."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Message
from blocks.mentions import channel
from blocks.words import words
from domain.incidents import Incident
from domain.rooms import Room


def opened(incident: Incident, room: Room, locale: str) -> Message:
    """Where it is, or that it is being made."""
    say = words(locale)
    if room.channel:
        text = say.say("🚪 The war room of {id} is {place}.", id=incident.short_id, place=channel(room.channel))
    else:
        text = say.say(
            "🚪 The war room of {id} is being made: you are invited in a moment, and its link comes in the thread.",
            id=incident.short_id,
        )
    return Message(text, [kit.section(text)])
