"""What runs say about their runbook: how long its steps really take, which are skipped, which nobody ever did. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from domain.lint import Finding, Level, Where
from domain.runbooks import Runbook, StepState

ENOUGH = 3
"""Times that a step was done before its length says anything."""
_TIMES = 2.0
"""How far the declared minutes may be from the measured ones, either way: past twice, a step asks if it is stuck."""
_MINUTES_APART = 2.0
"""Nobody mends a duration of one minute that was three."""


@dataclass(frozen=True, slots=True)
class Went:
    """What became of one step of one run, by the title that the step had then."""

    title: str
    state: StepState
    has_problem: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    is_drill: bool = False

    @property
    def minutes(self) -> float | None:
        """How long it took when it was really done, from its turn on."""
        if self.is_drill or self.state is not StepState.DONE or self.started_at is None or self.finished_at is None:
            return None
        return max((self.finished_at - self.started_at).total_seconds() / 60, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvidence:
    """A step of today's runbook over all its runs: `median` in minutes over `measured` times, None for never."""

    order: int
    title: str
    declared: int
    done: int = 0
    skipped: int = 0
    problems: int = 0
    rolled_back: int = 0
    measured: int = 0
    median: float | None = None

    @property
    def is_exercised(self) -> bool:
        """Whether anybody ever carried it out."""
        return bool(self.done or self.rolled_back)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What `runs` runs, of every version, say about the steps of a runbook as it is now."""

    runs: int = 0
    steps: tuple[StepEvidence, ...] = ()

    @property
    def most_skipped(self) -> tuple[StepEvidence, ...]:
        """Steps that were ever skipped, the most skipped first."""
        return tuple(sorted((step for step in self.steps if step.skipped), key=lambda one: (-one.skipped, one.order)))

    @property
    def never_exercised(self) -> tuple[StepEvidence, ...]:
        return tuple(step for step in self.steps if not step.is_exercised)


def evidence(runbook: Runbook, runs: int, went: Iterable[Went]) -> Evidence:
    """A step is the same in two versions when its title is: one that says another thing starts from nothing."""
    by_title: dict[str, list[Went]] = {}
    for one in went:
        by_title.setdefault(_folded(one.title), []).append(one)
    titles = [_folded(step.title) for step in runbook.steps]
    # Two steps of one title can't be told apart: neither gets what may be the other's.
    found = (by_title.get(title, []) if titles.count(title) == 1 else [] for title in titles)
    steps = [
        _step(step.order, step.title, step.expected_duration, which)
        for step, which in zip(runbook.steps, found, strict=True)
    ]
    return Evidence(runs, tuple(steps))


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _step(order: int, title: str, declared: int, went: Sequence[Went]) -> StepEvidence:
    lengths = [one.minutes for one in went if one.minutes is not None]
    return StepEvidence(
        order=order,
        title=title,
        declared=declared,
        done=sum(one.state in (StepState.DONE, StepState.KEPT) for one in went),
        skipped=sum(one.state is StepState.SKIPPED for one in went),
        problems=sum(one.has_problem for one in went),
        rolled_back=sum(one.state is StepState.ROLLED_BACK for one in went),
        measured=len(lengths),
        median=median(lengths) if lengths else None,
    )


def findings(known: Evidence) -> Iterator[Finding]:
    """What to mend, by what was measured."""
    for step in known.steps:
        if step.median is None or step.measured < ENOUGH or not step.declared:
            continue
        is_far = not step.declared / _TIMES <= step.median <= step.declared * _TIMES
        if is_far and abs(step.median - step.declared) >= _MINUTES_APART:
            measured = max(round(step.median), 1)
            message = f"declared {step.declared} min, took {measured} min in the middle of {step.measured} times"
            fix = f"set the duration to {measured} min, or split the step"
            yield Finding("duration-unrealistic", Level.WARNING, Where(step.order, "duration"), message, fix)


def never_run(books: Iterable[Runbook], runs: Mapping[str, int]) -> tuple[Runbook, ...]:
    """The active runbooks that no run ever used."""
    return tuple(book for book in books if book.is_active and not runs.get(book.id))
