"""Steps in an order: put, moved, taken away, numbered as they stand, and compared. Of policies and runbooks alike."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TypeVar

from domain.errors import Conflict, Fault, Invalid
from domain.policies import PolicyStep
from domain.runbooks import RunbookStep

Step = TypeVar("Step", PolicyStep, RunbookStep)


def at(steps: Sequence[Step], position: int) -> Step:
    """The step at `position`, counted from 1. Raises Conflict when there is none any more."""
    if not 1 <= position <= len(steps):
        raise Conflict("that step is no longer there")
    return steps[position - 1]


def put(steps: Sequence[Step], position: int, step: Step, most: int, too_many: str) -> tuple[Step, ...]:
    """`step` at `position`, or at the end for 0. Raises Invalid (`too_many`) past `most`, Conflict."""
    made = list(steps)
    if position:
        at(steps, position)
        made[position - 1] = step
    elif len(made) >= most:
        raise Invalid([Fault("steps", too_many)])
    else:
        made.append(step)
    return numbered(made)


def moved(steps: Sequence[Step], position: int, by: int) -> tuple[Step, ...]:
    """The step at `position` one place up (-1) or down (1); at the end of the list it stays. Raises Conflict."""
    step, made = at(steps, position), list(steps)
    del made[position - 1]
    made.insert(min(max(position - 1 + by, 0), len(made)), step)
    return numbered(made)


def without(steps: Sequence[Step], position: int) -> tuple[Step, ...]:
    """Without the step at `position`. Raises Conflict."""
    at(steps, position)
    return numbered([step for n, step in enumerate(steps, 1) if n != position])


def mark(seen: object) -> str:
    """What a menu carries of the step or rotation that it stands beside, wherever that is."""
    kept = replace(seen, order=0) if isinstance(seen, (PolicyStep, RunbookStep)) else seen
    return f"{zlib.crc32(repr(kept).encode()):08x}"


def is_there(written: Sequence[object], position: int, seen: str) -> bool:
    """Whether what stands at `position` is what somebody saw there, by its mark: a finger that taps twice means one
    step, and not the next one too. Menus of an earlier version carry no mark."""
    return not seen or (1 <= position <= len(written) and mark(written[position - 1]) == seen)


def numbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, counted from 1 as they stand."""
    return tuple(replace(step, order=number) for number, step in enumerate(steps, 1))


def changes(before: Sequence[Step], after: Sequence[Step]) -> Iterator[tuple[Step | None, Step | None]]:
    """What became of which step: one that is new has no before, one that is gone no after. Their numbers alone make
    no difference."""
    old, new = ([replace(step, order=0) for step in steps] for steps in (before, after))
    for _, i, i_end, j, j_end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if old[i:i_end] == new[j:j_end]:
            continue
        for offset in range(max(i_end - i, j_end - j)):
            yield (
                before[i + offset] if i + offset < i_end else None,
                after[j + offset] if j + offset < j_end else None,
            )
