"""What can be done about an incident, under its card and its copies: what its state does not allow is not there."""

from __future__ import annotations

from blocks import kit
from blocks.drill_marks import stop
from blocks.escalations import NextStep, next_words
from blocks.inputs import menu, option
from blocks.kit import Block, Confirm
from blocks.text import clip, one_line
from blocks.words import Words
from domain.incidents import Action, Incident, Status, allows
from domain.snoozes import CHOICES

SNOOZE = "incident.snooze.v1"
MORE = "incident.more.v1"


def buttons(incident: Incident, following: NextStep | None, say: Words) -> list[Block]:
    """The row under a card, what is most urgent first; `following` is who is paged next."""
    if not incident.is_open:
        return []
    made: list[Block] = []
    if incident.status is Status.TRIGGERED or incident.is_snoozed:
        made.append(kit.button(say.say("Acknowledge"), "incident.acknowledge.v1", incident.id, style="primary"))
    if incident.status is Status.TRIGGERED:
        if following is not None:
            made.append(_escalate(incident, following, say))
        made.append(decline(incident, say))
    made.append(kit.button(say.say("Resolve"), "incident.resolve.v1", incident.id))
    if incident.status is Status.ACKNOWLEDGED:
        made.append(kit.button(say.say("Mitigated"), "incident.mitigate.v1", incident.id))
        made.append(_given_back(incident, say))
    if incident.is_drill:
        made.append(stop(incident, say))
    if allows(incident, Action.SNOOZE) and not incident.is_snoozed:
        made.append(_snooze(incident, say))
    return [*made, menu(MORE, [option(text, f"{verb}:{incident.id}") for verb, text in _rest(incident, say)])]


def decline(incident: Incident, say: Words) -> Block:
    """The button of whoever is paged and can't."""
    return kit.button(say.say("Can't take it"), "incident.decline.v1", incident.id)


def _given_back(incident: Incident, say: Words) -> Block:
    """Two buttons, not one with two names: whoever ends a snooze takes nothing from somebody who has it by then."""
    if incident.is_snoozed:
        return kit.button(say.say("End the snooze"), "incident.end_snooze.v1", incident.id)
    return kit.button(say.say("Give it back"), "incident.give_back.v1", incident.id)


def _rest(incident: Incident, say: Words) -> list[tuple[str, str]]:
    """What stands behind the three dots: verbs of ours, and words."""
    found = [("reassign", say.say("Reassign…"))]
    if incident.status is Status.TRIGGERED:
        found.append(("mitigate", say.say("Mitigated")))
    if incident.status is Status.ACKNOWLEDGED:
        found.append(("decline", say.say("Can't take it")))
    if incident.status is Status.MITIGATED:
        found.append(("acknowledge", say.say("Acknowledge")))
    found += [("update", say.say("Status update…")), ("roles", say.say("Severity and roles…"))]
    return found if incident.is_drill else [*found, ("merge", say.say("It is a duplicate…"))]


def _snooze(incident: Incident, say: Words) -> Block:
    """A menu of lengths: it is quiet until then, and triggers again."""
    words = {
        "15m": say.minutes(15),
        "1h": say.minutes(60),
        "4h": say.minutes(240),
        "09:00": say.say("until 09:00"),
    }
    return {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": kit.plain(say.say("Snooze…"), 150),
        "options": [option(words[choice], f"{choice}|{incident.id}") for choice in CHOICES],
    }


def _escalate(incident: Incident, step: NextStep, say: Words) -> Block:
    dialog = Confirm(
        say.say("Escalate now?"),
        say.say(
            "This sends now: {what}.", what=next_words(step, say, lambda name, limit: clip(one_line(name), limit // 2))
        ),
        say.say("Escalate now"),
        say.say("Cancel"),
    )
    return kit.button(say.say("Escalate now"), "incident.escalate.v1", incident.id, confirm=dialog)
