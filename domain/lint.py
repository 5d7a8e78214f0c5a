"""Good practice as findings: what a runbook or a policy lacks, shown before it is saved. The words are English; blocks
put them in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters: an error fails somebody at night, a warning may, an information is advice."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Where:
    """What a finding is about: a step's order (0 for the whole) and the field, by its name in the YAML."""

    step: int = 0
    field: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (f"step {self.step}" if self.step else "", self.field) if part)


WHOLE = Where()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the rule's name, which stays the same for ever, what is the case, and what to do, a line
    each."""

    rule: str
    severity: Level
    where: Where
    message: str
    fix: str


_RANK = {level: rank for rank, level in enumerate(Level)}


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, gravest first, then in the order of the steps."""
    return tuple(sorted(findings, key=lambda one: (_RANK[one.severity], one.where.step, one.rule)))


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(one.severity is Level.ERROR for one in findings)
