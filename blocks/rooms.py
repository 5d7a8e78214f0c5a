"""A war room as people see it: its topic, the card in it, and what is said when it ends."""

from __future__ import annotations

from dataclasses import replace

from blocks import incidents, kit
from blocks.incidents import Card, headline
from blocks.kit import Message
from blocks.mentions import channel
from blocks.text import clip
from blocks.words import words
from domain.kpis import Kpis

TOPIC_LIMIT = 250
BOOKMARK_LIMIT = 75


def topic(card: Card) -> str:
    """One line, what is most urgent first: what, how bad, who has it, who leads and who tells the others."""
    say = words(card.locale)
    roles = [(say.say("Lead"), card.lead), (say.say("Tells the others"), card.communications)]
    said = [
        headline(card, say),
        *(say.say("{label}: {name}.", label=label, name=kit.lock_screen(name, 40)) for label, name in roles if name),
    ]
    return kit.clip_markup(" ".join(said), TOPIC_LIMIT)


def card(shown: Card, thread: str) -> Message:
    """The incident at the top of its room. `thread` leads to the team's: an address, or a channel's id."""
    say = words(shown.locale)
    base = incidents.card(replace(shown, room=""))
    label = say.say("the incident's thread")
    place = kit.link(thread, label) if "://" in thread else channel(thread)
    told = say.say(
        "This is the war room of {id}. The runbook and the record are in {place}.",
        id=shown.incident.short_id,
        place=place,
    )
    return Message(base.text, [*base.blocks, kit.context(told)])


def ending(shown: Card, kpis: Kpis, main: str, main_room: str) -> Message:
    """What is said last: the summary; or where it goes on, when this was a duplicate of `main` (a short id), whose
    room is `main_room` ("" for none)."""
    if not main:
        return incidents.resolved_summary(shown, kpis)
    say = words(shown.locale)
    text = say.say("🔗 This was a duplicate of {id}.", id=main)
    if main_room:
        text += " " + say.say("It goes on in {place}.", place=channel(main_room))
    return Message(text, [kit.section(text)])


def bookmark(runbook: str, locale: str) -> str:
    """What stands in the channel's bar: the runbook's title, or the thread when there is none."""
    say = words(locale)
    told = f"📖 {runbook}" if runbook else say.say("🧵 The incident's thread")
    return clip(told, BOOKMARK_LIMIT)
