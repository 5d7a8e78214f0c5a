"""Refusals in the reader's language. The domain says them in English; what has no translation stays so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from blocks import kit
from blocks.words import Words, words
from domain.errors import Invalid, VigieError


def sentence(error: VigieError, locale: str) -> str:
    """`error` as a sentence for the one who asked."""
    if isinstance(error, Invalid):
        return " ".join(_stop(_said(fault.message, words(locale))) for fault in error.faults)
    return conflict(str(error), locale)


def conflict(text: str, locale: str) -> str:
    """A refusal's words, as a sentence that mentions nobody."""
    return _stop(kit.lock_screen(_said(text, words(locale))))


def field_errors(error: Invalid, fields: Mapping[str, str], locale: str) -> dict[str, str]:
    """What is wrong at which of a modal's blocks; `fields` says which block shows which field, the first one all
    that has no block of its own."""
    say = words(locale)
    fallback = next(iter(fields.values()), "")
    return {fields.get(fault.field, fallback): _stop(_said(fault.message, say)) for fault in error.faults}


def outdated(locale: str) -> str:
    """The answer to a button of another time."""
    return words(locale).say("That button is from an earlier version. The card now shows how things are.")


def done(locale: str) -> str:
    return words(locale).say("Done.")


def no_command(command: str, locale: str) -> str:
    return words(locale).say("Vigie does not know {command} yet.", command=kit.lock_screen(command))


def _stop(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _said(text: str, say: Words) -> str:
    for pattern, message in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return say.say(message, **found.groupdict())
    return text


def _pattern(message: str) -> tuple[re.Pattern[str], str]:
    parts = re.split(r"(\{[a-z_]+\})", message)
    groups = (f"(?P<{part[1:-1]}>.+)" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile("".join(groups), re.DOTALL), message


def _messages(say: Words) -> tuple[str, ...]:
    """The domain's refusals that people meet, as the catalogs know them."""
    return (
        say.say("{id} is already acknowledged by {name}"),
        say.say("{id} is already resolved by {name}"),
        say.say("{id} is mitigated"),
        say.say("the escalation policy has no further step"),
        say.say("say in a line what mended it"),
        say.say("say why this step is skipped"),
        say.say("write something"),
        say.say("step {step} is already {state} by {name}"),
        say.say("it is step {step}'s turn"),
        say.say("step {step} must be confirmed before it is done"),
        say.say("step {step} has no rollback"),
        say.say("step {step} is already rolled back by {name}"),
        say.say("step {step} was not carried out"),
        say.say("there is no incident {id}"),
        say.say("there is no such run"),
        say.say("there is no such step any more"),
        say.say("a runbook is already running for this incident"),
        say.say("this runbook has changed since; choose again with /runbook start"),
        say.say("{action} takes the role {needed}; yours is {role}"),
    )


_PATTERNS = tuple(_pattern(message) for message in _messages(words("en")))
