"""What everything of a drill bears, so that nobody takes it for the real thing; and the button that ends it."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Block, Confirm, Message
from blocks.words import Words, words
from domain import drills as rules
from domain.drills import MARK
from domain.incidents import Incident

STOP = "drill.stop.v1"


def marked(message: Message, locale: str) -> Message:
    """A message of a drill, which says so at its beginning, on the lock screen and in the conversation."""
    text = message.text if MARK in message.text else rules.marked(message.text)
    first = message.blocks[0] if message.blocks else {}
    if MARK in str(first):
        return Message(text, message.blocks)
    line = words(locale).say("*{mark}* · nothing is broken", mark=MARK)
    return Message(text, [kit.context(line), *message.blocks])


def stop(incident: Incident, say: Words) -> Block:
    """The button that ends a drill."""
    dialog = Confirm(
        say.say("Stop the drill?"),
        say.say("It ends now, and its report comes in the thread."),
        say.say("Stop"),
        say.say("Go on"),
    )
    return kit.button(say.say("Stop the drill"), STOP, incident.id, style="danger", confirm=dialog)


def banner(incident: Incident, speed: int, say: Words) -> list[Block]:
    """What stands on the card and on each page of a drill."""
    if not incident.is_drill:
        return []
    if speed == 1:
        return [kit.context(say.say("🎭 *{mark}*: nothing is broken. Only those who take part are paged.", mark=MARK))]
    text = say.say(
        "🎭 *{mark}*: nothing is broken. Only those who take part are paged, and time passes {n} times faster.",
        mark=MARK,
        n=speed,
    )
    return [kit.context(text)]
