"""Figures beside their goals, as a table for people."""

from __future__ import annotations

import platform
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.clock import wall_now


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
    return Figure(what, f"{value:.4g} {unit}", f"≥ {goal:g} {unit}", value >= goal)


def rendered(figures: list[Figure]) -> str:
    """A Markdown table."""
    verdicts = {True: "met", False: "missed", None: ""}
    rows = [(figure.what, figure.measured, figure.goal, verdicts[figure.is_met]) for figure in figures]
    lines = ["| what | measured | goal | |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def machine() -> str:
    """Where and when: figures of another machine are other figures."""
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 1e9
    busy, *_ = psutil.getloadavg()
    return (
        f"{wall_now():%Y-%m-%d}, {_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"load average {busy:.1f} when it began"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def written(document: Path, where: str, figures: list[Figure]) -> None:
    """Put the table and the machine between the two marks of a document."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{where}\n\n{rendered(figures)}\n{END}{after}")


BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
