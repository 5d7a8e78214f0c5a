"""How bad it is, in words: never by a colour alone."""

from __future__ import annotations

from blocks.words import Words
from domain.incidents import Severity

SIGNS = {Severity.SEV1: "🔴", Severity.SEV2: "🟠", Severity.SEV3: "🟡", Severity.SEV4: "🔵"}


def severity_name(severity: Severity) -> str:
    """ "SEV1": what people say aloud."""
    return severity.level


def severity_words(severity: Severity, say: Words) -> str:
    """ "🔴 SEV1, critical": never by its colour alone."""
    word = {
        Severity.SEV1: say.say("critical"),
        Severity.SEV2: say.say("high"),
        Severity.SEV3: say.say("medium"),
        Severity.SEV4: say.say("low"),
    }[severity]
    return f"{SIGNS[severity]} {severity_name(severity)}, {word}"
