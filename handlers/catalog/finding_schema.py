"""What good practice says, as the API shows it. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.lint import Level


class Where(TypedDict):
    """The step (0 for the whole) and the field that a finding is about."""

    step: int
    field: str


class Finding(TypedDict):
    """One thing that good practice says: what is the case, and what to do."""

    rule: str
    severity: Level
    where: Where
    message: str
    fix: str
