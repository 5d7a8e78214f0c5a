"""Figures beside their goals, as a table for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; `is_met` is None where there is no goal."""

    what: str
    measured: str
    goal: str = ""
    is_met: bool | None = None


def at_most(what: str, value: float, goal: float, unit: str) -> Figure:
    return Figure(what, f"{value:.3g} {unit}", f"≤ {goal:g} {unit}", value <= goal)


def at_least(what: str, value: float, goal: float, unit: str) -> Figure:
    return Figure(what, f"{value:.3g} {unit}", f"≥ {goal:g} {unit}", value >= goal)


def rendered(figures: list[Figure]) -> str:
    """A Markdown table."""
    verdicts = {True: "met", False: "missed", None: ""}
    rows = [(figure.what, figure.measured, figure.goal, verdicts[figure.is_met]) for figure in figures]
    lines = ["| what | measured | goal | |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
