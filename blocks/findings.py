"""What good practice finds, in the reader's language: a line of what is the case and a line of what to do."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit
from blocks.finding_words import SENTENCES, field_name
from blocks.kit import Block
from blocks.words import Words, words
from domain.lint import Finding, Level, Where

_SHOWN = 20
_SIGN = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.INFO: "💡"}


def findings(found: Sequence[Finding], locale: str) -> list[Block]:
    """The findings as blocks for an editor or a message, gravest first as they come, at most twenty."""
    say = words(locale)
    if not found:
        return [kit.context(say.say("✅ Nothing to mend."))]
    blocks = [kit.section(_line(one, say)) for one in found[:_SHOWN]]
    more = len(found) - len(blocks)
    if more:
        blocks.append(kit.context(say.count("and {n} more", "and {n} more", more)))
    return blocks


def to_mend(found: Sequence[Finding], locale: str) -> list[Block]:
    """The findings about what is shown above; nothing where there is none."""
    if not found:
        return []
    return [kit.divider(), kit.section(words(locale).say("*What good practice says*")), *findings(found, locale)]


def _line(finding: Finding, say: Words) -> str:
    message, fix = (kit.name(sentence(text, say), 500) for text in (finding.message, finding.fix))
    place = place_of(finding.where, say)
    said = say.say("{label}: {value}", label=place, value=message) if place else message[:1].upper() + message[1:]
    return f"{_SIGN[finding.severity]} {said}\n→ {fix[:1].upper()}{fix[1:]}"


def place_of(where: Where, say: Words) -> str:
    """ "Step 4, rollback" """
    step = say.say("Step {step}", step=where.step) if where.step else ""
    return ", ".join(part for part in (step, field_name(where.field, say)) if part)


def sentence(text: str, say: Words) -> str:
    """A finding's message or fix in the language of `say`."""
    return SENTENCES.translate(text, say)
