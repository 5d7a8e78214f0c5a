"""Good practice for runbooks, as the guide lists it ("Bonnes Pratiques Runbooks"). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.commands import changing, lacks
from domain.evidence import Evidence, findings
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where, ordered
from domain.placeholders import FACTS, named, quoted_around, unknown
from domain.runbooks import Runbook, RunbookStep
from domain.verbs import begins_with_a_verb, several_actions

_VERIFIES = re.compile(
    r"\b(?:vérifi|verif|confirm|valid|contrôl|s['’]assurer|check|ensure|make sure|test|watch|surveill|observ)",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:notif|communi[cq]|inform|préven|annonc|announc|tell|status ?page|page de statut|stakeholder"
    r"|parties prenantes|broadcast|post-?mortem|debrief|retour d['’]expérience|hand ?over|report to)",
    re.IGNORECASE,
)
_RESTARTS = re.compile(r"\b(?:restart|reboot|redémarr|relanc|rollout\s+restart)", re.IGNORECASE)
_FAILOVER = re.compile(r"\b(?:fail-?over|switchover|bascul|promote|promouvoir)", re.IGNORECASE)
_DIAGNOSES = re.compile(
    r"^\W*(?:diagnos|identif|évaluer|analys|investig|look|find|list|inspect|lister|regarder|chercher|trouver)",
    re.IGNORECASE,
)


def lint_runbook(runbook: Runbook, known: Evidence | None = None) -> tuple[Finding, ...]:
    """Everything that `runbook` lacks, gravest first; with what its runs say, also what they contradict."""
    found = [*_whole(runbook), *(finding for step in runbook.steps for finding in _step(step))]
    found += findings(known) if known else ()
    return ordered(found)


def _whole(runbook: Runbook) -> Iterator[Finding]:
    if not runbook.steps:
        yield Finding("has-steps", Level.ERROR, WHOLE, "the runbook has no step", "write at least one step")
        return
    if not _is_verified(runbook):
        yield Finding(
            "final-verification",
            Level.WARNING,
            WHOLE,
            "no step at the end verifies that the service is back",
            "end with a step that verifies: graphs, logs, a request like a customer's",
        )
    if not any(_TELLS.search(step.title) or _TELLS.search(step.description) for step in runbook.steps):
        is_minor = runbook.severity_filter in (Severity.SEV3, Severity.SEV4)
        yield Finding(
            "communication-step",
            Level.INFO if is_minor else Level.WARNING,
            WHOLE,
            "no step tells anybody how it ended",
            "add a step that tells who was affected, and the team",
        )


def _is_verified(runbook: Runbook) -> bool:
    """Whether a step after the last change verifies; with no change at all, one of the last two."""
    last = max((place for place, step in enumerate(runbook.steps) if changing(step.command)), default=-1)
    after = runbook.steps[last + 1 :] if last >= 0 else runbook.steps[-2:]
    return any(_VERIFIES.search(f"{step.title}\n{step.description}") for step in after)


def _step(step: RunbookStep) -> Iterator[Finding]:
    yield from _placeholders(step)
    yield from _action(step)
    yield from _rollback(step)
    yield from _context(step)
    yield from _duration(step)


def _placeholders(step: RunbookStep) -> Iterator[Finding]:
    """Names that nothing fills, and values that quotes around them don't hold."""
    texts = {
        "description": "\n".join((step.description, *step.checklist)),
        "command": step.command,
        "rollback": step.rollback_instructions,
    }
    for field, text in texts.items():
        for name in unknown(text):
            message = f"{name} stays as written: nothing fills it"
            fix = f"use {{label.…}} for a label of the alert, or one of {_KNOWN}"
            yield Finding("placeholder", Level.ERROR, Where(step.order, field), message, fix)
    for name in (*named(step.title), *unknown(step.title)):
        shown = name if name.startswith("{") else f"{{{name}}}"
        message, fix = f"{shown} stays as written in a title", "write it in the description or the command"
        yield Finding("placeholder", Level.WARNING, Where(step.order, "title"), message, fix)
    for name in quoted_around(step.command):
        message = f"{{{name}}} stands inside quotes: a value with spaces or signs can't be filled in there"
        fix = "take the quotes around it away: Vigie quotes the value"
        yield Finding("placeholder-quoted", Level.WARNING, Where(step.order, "command"), message, fix)


_KNOWN = " ".join(f"{{incident.{name}}}" for name in FACTS)


def _action(step: RunbookStep) -> Iterator[Finding]:
    where = Where(step.order, "title")
    if not begins_with_a_verb(step.title):
        yield Finding(
            "verb-first",
            Level.INFO,
            where,
            f'"{step.title}" does not begin with a verb',
            "say what to do: Restart the node, Vérifier le cluster",
        )
    changes = len(changing(step.command))
    if several_actions(step.title):
        message = f'"{step.title}" is more than one action'
    elif changes > 1:
        message, where = f"the command changes {changes} things", Where(step.order, "command")
    else:
        return
    yield Finding(
        "one-action-per-step",
        Level.WARNING,
        where,
        message,
        "make a step of each action, so that each can be done, skipped or rolled back alone",
    )


def _rollback(step: RunbookStep) -> Iterator[Finding]:
    if step.rollback_instructions.strip():
        return
    where = Where(step.order, "rollback")
    fix = "write how to undo it, or whom to call when it can't be undone"
    changes = changing(step.command)
    if step.is_critical:
        yield Finding("rollback", Level.ERROR, where, "a critical step has no rollback", fix)
    elif changes:
        message = f"{_shortened(changes[0])} changes something and has no rollback"
        yield Finding("rollback", Level.WARNING, where, message, fix)


def _shortened(command: str) -> str:
    words = " ".join(command.split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _context(step: RunbookStep) -> Iterator[Finding]:
    where = Where(step.order, "command")
    for lack in lacks(step.command):
        if lack.flag == "-n":
            message, fix = f"{lack.tool} does not say in which namespace", "add -n and the namespace"
            yield Finding("command-context", Level.WARNING, where, message, fix)
        elif lack.flag:
            message, fix = f"{lack.tool} does not say on which host", f"add {lack.flag} and the host"
            yield Finding("command-context", Level.WARNING, where, message, fix)
        elif not _NAMES_A_MACHINE.search(f"{step.title} {step.description}"):
            message, fix = (
                f"{lack.tool} does not say on which host",
                "add ssh and the host, or name it in the description",
            )
            yield Finding("command-context", Level.INFO, where, message, fix)


_NAMES_A_MACHINE = re.compile(r"\b(?:host|hôte|server|serveur|machine|node|nœud|vm|ssh)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Length:
    """How long a kind of step takes, in minutes: half of what the guide gives as the least, twice the most."""

    kind: str
    least: int
    most: int


_LONGEST = _Length("one step", 1, 60)


def _duration(step: RunbookStep) -> Iterator[Finding]:
    where = Where(step.order, "duration")
    minutes = step.expected_duration
    if not minutes:
        message = "the step does not say how long it takes"
        fix = "set duration in minutes; a step past twice that asks whether it is stuck"
        yield Finding("duration-set", Level.WARNING, where, message, fix)
        return
    length = _usual(step)
    if minutes < length.least:
        message = f"{minutes} min is short for {length.kind}"
    elif minutes > length.most:
        message = f"{minutes} min is long for {length.kind}"
    else:
        return
    fix = f"such a step usually takes {length.least} to {length.most} min: correct the duration, or split the step"
    yield Finding("duration-realistic", Level.WARNING, where, message, fix)


def _usual(step: RunbookStep) -> _Length:
    changes = " ".join(changing(step.command))
    if _FAILOVER.search(changes or step.title) and (changes or not step.command):
        return _Length("a failover", 5, 60)
    if _RESTARTS.search(changes or step.title) and (changes or not step.command):
        return _Length("a restart", 2, 20)
    if changes:
        return _LONGEST
    if _DIAGNOSES.search(step.title):
        return _Length("a diagnosis", 1, 15)
    if _VERIFIES.match(step.title.strip()):
        return _Length("a verification", 1, 15)
    return _LONGEST
