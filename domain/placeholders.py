"""What a runbook's step may fill in of the incident at hand: labels of its alerts, and facts.

`{label.instance}` and `{incident.service}` are placeholders; every other brace is left as written: a shell's, awk's,
JSON's, and templates of others (`{{label.x}}`, `${label.x}`). Labels are written by whoever sends alerts, so they are
hostile: filled in one pass, never read as a template, and quoted where a shell will read them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.errors import Unfilled
from domain.runbooks import RunbookStep
from domain.shells import Place, places, reads_twice

FACTS = ("short_id", "title", "service", "severity", "url")
"""What `{incident.…}` may name."""
_THEIRS = r"\{\{[^{}]*\}\}|\$\{[^{}]*\}"
_OURS = re.compile(_THEIRS + r"|\{(?P<name>label\.[A-Za-z_][\w.\-/]*|incident\.[a-z_]+)\}")
_MEANT = re.compile(
    _THEIRS + r"|(?P<all>\{\s*+(?P<name>(?:labels?|incidents?|alerts?)\s*+[.:]\s*+[\w.\-/]*+)\s*+\})", re.I
)
_PROSE_SHOWN = 300
SEVERAL_SHOWN = 5


class Why(StrEnum):
    """Why a placeholder is not filled."""

    MISSING = "missing"
    """The incident has no such value."""
    UNSAFE = "unsafe"
    """The value has characters that a shell reads, and stands where quotes do not hold them."""
    OPTION = "option"
    """The value begins with a hyphen where a word begins: a program takes it for one of its options."""
    UNPRINTABLE = "unprintable"
    """The value has line breaks or characters that nobody sees, and a shell may."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A placeholder that is left as written, and why."""

    name: str
    why: Why = Why.MISSING


@dataclass(frozen=True, slots=True)
class Facts:
    """What placeholders stand for: every value by name. The first is filled in; alerts of one incident may differ."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.values.get(name, ()) if value.strip())


NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Filled:
    """A step with its placeholders filled; `gaps` are those that are not, `several` those of more than one value."""

    step: RunbookStep
    gaps: tuple[Gap, ...] = ()
    several: tuple[str, ...] = ()


def facts(incident: Mapping[str, str], labels: Iterable[Mapping[str, str]]) -> Facts:
    """Facts about an incident, and the labels of its alerts, oldest alert first: what is filled in stays the same
    when further alerts come."""
    found: dict[str, dict[str, None]] = {f"incident.{name}": {incident.get(name, ""): None} for name in FACTS}
    for one in labels:
        for name, value in one.items():
            found.setdefault(f"label.{name}", {})[str(value)] = None
    return Facts({name: tuple(values) for name, values in found.items()})


def named(text: str) -> tuple[str, ...]:
    """The placeholders in `text`, once each."""
    return tuple(dict.fromkeys(found["name"] for found in _OURS.finditer(text) if found["name"]))


def in_step(step: RunbookStep) -> tuple[str, ...]:
    """The placeholders of a step, once each."""
    texts = (step.command, step.description, *step.checklist, step.rollback_instructions)
    return tuple(dict.fromkeys(name for text in texts for name in named(text)))


def unknown(text: str) -> tuple[str, ...]:
    """What looks like a placeholder of ours in `text` and is none: another spelling, or a fact that there is not."""
    known = {f"{{incident.{name}}}" for name in FACTS}
    found = (one for one in _MEANT.finditer(text) if one["all"])
    wrong = (one["all"] for one in found if one["all"] not in known and not _is_label(one["all"]))
    return tuple(dict.fromkeys(wrong))


def _is_label(text: str) -> bool:
    found = _OURS.fullmatch(text)
    return bool(found and (found["name"] or "").startswith("label."))


def quoted_around(command: str) -> tuple[str, ...]:
    """The placeholders of a command that stand inside quotes, where quotes of their own can't hold them."""
    stands = places(command)
    found = (one for one in _OURS.finditer(command) if one["name"])
    return tuple(dict.fromkeys(one["name"] for one in found if stands[one.start()] is Place.QUOTED))


def fill(step: RunbookStep, known: Facts) -> Filled:
    """`step` as it is shown for an incident: for a shell in its command and rollback, for people in the rest."""
    command, rollback = _for_shells(step.command, known), _for_shells(step.rollback_instructions, known)
    description = _for_people(step.description, known)
    checklist = [_for_people(item, known) for item in step.checklist]
    filled = replace(
        step,
        command=command[0],
        rollback_instructions=rollback[0],
        description=description[0],
        checklist=tuple(text for text, _ in checklist),
    )
    gaps = dict.fromkeys(gap for _, found in (command, description, *checklist, rollback) for gap in found)
    several = tuple(name for name in in_step(step) if len(known.of(name)) > 1)
    return Filled(filled, tuple(gaps), several)


def require_filled(step: RunbookStep, known: Facts) -> None:
    """Raises Unfilled when `step` can't be carried out as it is shown: it may be skipped, or a problem told."""
    gaps = fill(step, known).gaps
    if gaps:
        raise Unfilled(
            f"step {step.order} has no value for {{{gaps[0].name}}}: find it out and use Problem to tell it, or skip"
            " the step with the reason"
        )


def _for_people(text: str, known: Facts) -> tuple[str, list[Gap]]:
    gaps: list[Gap] = []

    def value(found: re.Match[str]) -> str:
        if not found["name"]:
            return found[0]
        values = known.of(found["name"])
        if not values:
            gaps.append(Gap(found["name"]))
            return found[0]
        words = " ".join(values[0].split())
        return words if len(words) <= _PROSE_SHOWN else f"{words[: _PROSE_SHOWN - 1]}…"

    return _OURS.sub(value, text), gaps


def _for_shells(text: str, known: Facts) -> tuple[str, list[Gap]]:
    gaps: list[Gap] = []
    stands, is_read_twice = places(text), reads_twice(text)

    def value(found: re.Match[str]) -> str:
        if not found["name"]:
            return found[0]
        values = known.of(found["name"])
        begins_word = stands[found.start()] is not Place.QUOTED and text[: found.start()][-1:] in ("", *" \t\n")
        can_be_quoted = stands[found.start()] is not Place.QUOTED and not is_read_twice
        why = _refused(values[0], begins_word=begins_word, can_be_quoted=can_be_quoted) if values else Why.MISSING
        if why:
            gaps.append(Gap(found["name"], why))
            return found[0]
        return shlex.quote(values[0])

    return _OURS.sub(value, text), gaps


def _refused(value: str, *, begins_word: bool, can_be_quoted: bool) -> Why | None:
    """Why a value can't be put in a command. One that `shlex.quote` leaves alone means itself everywhere."""
    if not value.isprintable():
        return Why.UNPRINTABLE
    if begins_word and value.startswith("-"):
        return Why.OPTION
    if shlex.quote(value) != value and not can_be_quoted:
        return Why.UNSAFE
    return None
