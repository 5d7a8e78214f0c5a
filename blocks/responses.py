"""The part of a team's form that says what is done about grave incidents."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import inputs, kit
from blocks.kit import Block
from blocks.words import Words
from domain.responses import GRAVE, LONGEST_ARCHIVE_DELAY, MOST_STAKEHOLDERS, Response
from domain.severities import Severity

FIELDS = {name: name for name in ("war_room", "archive_delay", "stakeholders")}
LONGEST_UPDATES = 24 * 60
_ADDRESSES = 3000
_SHOWN = 5


def facts(one: Response, say: Words) -> list[tuple[str, str]]:
    """What is done, to read; nothing of what is not."""
    made = []
    if one.war_room:
        made.append((say.say("War rooms"), ", ".join(severity.name for severity in one.war_room)))
    if one.stakeholders:
        made.append((say.say("Told by e-mail"), _listed(one.stakeholders)))
    return made


def _listed(addresses: Sequence[str]) -> str:
    more = len(addresses) - _SHOWN
    return ", ".join(kit.name(one, 60) for one in addresses[:_SHOWN]) + (f" +{more}" if more > 0 else "")


def fields(one: Response, say: Words) -> list[Block]:
    """Which incidents get a war room, how often others hear of them, and who does."""
    delay = inputs.number(0, LONGEST_ARCHIVE_DELAY, one.archive_delay)
    return [
        inputs.labelled("war_room", say.say("A war room for"), _severities(one, say), optional=True),
        inputs.labelled("archive_delay", say.say("Minutes from the end to the room's archiving"), delay, optional=True),
        *(_updates(severity, one, say) for severity in GRAVE),
        stakeholders(one.stakeholders, say),
    ]


def _severities(one: Response, say: Words) -> Block:
    options = [inputs.option(severity.name, severity.value) for severity in Severity]
    return inputs.checkboxes(options, one.war_room)


def _updates(severity: Severity, one: Response, say: Words) -> Block:
    usual = one.between_updates(severity)
    minutes = int(usual.total_seconds() // 60) if usual else 0
    label = say.say("Minutes between status updates, {severity} (0: no reminders)", severity=severity.name)
    return inputs.labelled(f"updates_{severity.name}", label, inputs.number(0, LONGEST_UPDATES, minutes), optional=True)


def stakeholders(addresses: Sequence[str], say: Words) -> Block:
    """The addresses of those who hear of it by e-mail; more of them than a field takes are not asked for."""
    listed = "\n".join(addresses)
    if len(listed) > _ADDRESSES:
        told = say.say("{n} addresses: too many for a field. They stay as they are.", n=len(addresses))
        return kit.context(told)
    return kit.text_input(
        "stakeholders",
        say.say("Who is told by e-mail"),
        multiline=True,
        optional=True,
        hint=say.say(
            "Addresses, one a line, at most {n}: they hear of the beginning, the updates and the end of SEV1 and SEV2.",
            n=MOST_STAKEHOLDERS,
        ),
        limit=_ADDRESSES,
        value=listed,
    )
