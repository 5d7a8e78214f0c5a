"""What good practice says of runbooks, as an answer to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import kit
from blocks.findings import findings
from blocks.kit import Message
from blocks.words import Words, words
from domain.lint import Finding, Level
from domain.runbooks import Runbook

_SHOWN = 30
_FINDINGS = 8
"""Of up to a thousand characters each: a message takes ten thousand."""
_SIGNS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.INFO: "💡"}


def of_one(book: Runbook, found: Sequence[Finding], locale: str) -> Message:
    """Each finding with what to do about it."""
    say = words(locale)
    head = say.say("*What good practice says of {name}*, v{version}", name=kit.name(book.title), version=book.version)
    plain = say.say("What good practice says of {name}", name=kit.name(book.title))
    blocks = [kit.section(head), *findings(found[:_FINDINGS], locale)]
    more = len(found) - _FINDINGS
    if more > 0:
        blocks.append(kit.context(say.count("and {n} more", "and {n} more", more)))
    return Message(plain, blocks)


def of_all(found: Mapping[str, Sequence[Finding]], locale: str) -> Message:
    """How much there is to mend in each runbook, the gravest first; those without anything are only counted."""
    say = words(locale)
    graded = sorted(found.items(), key=lambda one: (*(-count for count in _counts(one[1])), one[0].casefold()))
    to_mend = [(title, findings_of) for title, findings_of in graded if findings_of]
    lines = [_line(title, findings_of, say) for title, findings_of in to_mend[:_SHOWN]]
    if len(to_mend) > _SHOWN:
        lines.append(say.count("and {n} more", "and {n} more", len(to_mend) - _SHOWN))
    fine = len(found) - len(to_mend)
    if fine or not found:
        lines.append(say.count("✅ {n} runbook with nothing to mend", "✅ {n} runbooks with nothing to mend", fine))
    plain = say.say("What good practice says of the runbooks")
    return Message(plain, [kit.section(line) for line in lines])


def _counts(found: Sequence[Finding]) -> tuple[int, ...]:
    return tuple(sum(one.severity is level for one in found) for level in Level)


def _line(title: str, found: Sequence[Finding], say: Words) -> str:
    counted = zip(Level, _counts(found), strict=True)
    told = "  ".join(f"{_SIGNS[level]} {count}" for level, count in counted if count)
    return say.say("{told}  {name}", told=told, name=kit.name(title))
