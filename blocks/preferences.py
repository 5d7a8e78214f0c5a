"""How somebody wants to be reached: the fields of its form, and the words that say it."""

from __future__ import annotations

from blocks import inputs, kit
from blocks.incidents import severity_name
from blocks.kit import Block
from blocks.trials import channel_name
from blocks.words import Words
from domain.channels import Channel
from domain.preferences import NEVER_QUIET, Preferences, Quiet
from domain.severities import Severity

ORDER, QUIET, QUIET_BY, ZONE, TESTS = "order", "quiet", "quiet_by", "timezone", "test_pages"
FIELDS = {name: name for name in (ORDER, QUIET, QUIET_BY, ZONE, TESTS)}
NEVER, KEPT = "never", "kept"
_LONGEST_ZONE = 60


def fields(said: Preferences, say: Words) -> list[Block]:
    """The inputs of a form."""
    only = said.quiet[0] if len(said.quiet) == 1 else None
    return [
        inputs.labelled(
            ORDER,
            say.say("When a page does not arrive, try"),
            _channels(said.channels, say),
            optional=True,
            hint=say.say("In the order in which you choose them. The others come after."),
        ),
        inputs.labelled(QUIET, say.say("Quiet"), inputs.select(_thresholds(said, say), _threshold(said))),
        inputs.labelled(
            QUIET_BY,
            say.say("While it is quiet, only by"),
            _channels(only.channels if only else (), say),
            optional=True,
            hint=say.say("SEV1 is never quiet, and a page that nothing else would carry comes all the same."),
        ),
        kit.text_input(
            ZONE,
            say.say("Your time zone"),
            optional=True,
            hint=say.say("Such as Europe/Paris. Left empty, your team's."),
            limit=_LONGEST_ZONE,
            value=said.timezone,
        ),
        inputs.labelled(
            TESTS,
            say.say("Monthly test"),
            inputs.checkboxes(
                [inputs.option(say.say("Try a page out on me once a month, by day"), "on")],
                ["on"] if said.test_pages else [],
            ),
            optional=True,
        ),
    ]


def _channels(chosen: tuple[Channel, ...], say: Words) -> Block:
    """All channels, the chosen first and in their order."""
    every = (*chosen, *(one for one in Channel if one not in chosen))
    options = [inputs.option(channel_name(one, say), one.value) for one in every]
    return inputs.several(options, [one.value for one in chosen], len(options))


def _threshold(said: Preferences) -> str:
    if len(said.quiet) > 1:
        return KEPT
    return said.quiet[0].severity.value if said.quiet else NEVER


def _thresholds(said: Preferences, say: Words) -> list[Block]:
    options = [inputs.option(say.say("never"), NEVER)]
    for severity in reversed(list(Severity)):
        if severity is not NEVER_QUIET:
            name = severity_name(severity)
            told = say.say("for {severity}", severity=name)
            if severity is not Severity.SEV4:
                told = say.say("for {severity} and below", severity=name)
            options.append(inputs.option(told, severity.value))
    if len(said.quiet) > 1:
        options.append(inputs.option(say.say("as it is written in the catalog"), KEPT))
    return options


def facts(said: Preferences, say: Words) -> list[tuple[str, str]]:
    """What somebody said, as labels and values; nothing of what they did not."""
    told = []
    if said.channels:
        named = tuple(channel_name(one, say) for one in said.channels)
        told.append((say.say("Tried in this order"), ", ".join(named)))
    told += [(say.say("Quiet"), _quiet(one, say)) for one in said.quiet]
    if said.timezone:
        told.append((say.say("Time zone"), kit.name(said.timezone, _LONGEST_ZONE)))
    return told


def _quiet(one: Quiet, say: Words) -> str:
    named = say.listed(tuple(channel_name(channel, say) for channel in one.channels))
    return say.say("{severity} and below: only by {channels}", severity=severity_name(one.severity), channels=named)
