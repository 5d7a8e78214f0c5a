"""A policy while somebody writes it: its steps put, moved and taken away, what is wrong with it, what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from domain import sequences
from domain.directory import Directory
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.policies import Policy, PolicyStep, TargetType
from domain.templates import PLACEHOLDERS, unknown

MOST_STEPS = 20
LONGEST_NAME = 100
LONGEST_DESCRIPTION = 3000
LONGEST_MESSAGE = 1500
MOST_MINUTES = 10_080
"""A week: what the files take too."""
_IDENTITY = ("id", "version_id", "version", "steps")


@dataclass(frozen=True, slots=True)
class Draft:
    """What `author` has written so far. A new policy's id is ""; `policy.version_id` is the version that it began from.

    `edition` grows when the form is drawn anew, so that nothing typed into the one before stays in it.
    """

    author: str
    policy: Policy
    edition: int = 0

    @property
    def key(self) -> str:
        return self.policy.id

    @property
    def is_new(self) -> bool:
        return not self.policy.version_id


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say differently: a field of the policy, or "step". A step that is new has no
    `before`, one that is gone no `after`."""

    what: str
    before: Any
    after: Any


def onto(draft: Draft, kept: Policy) -> Draft:
    """The same words as a draft of what the policy says now: saved, they come after it."""
    begun_from = replace(draft.policy, version_id=kept.version_id, version=kept.version)
    return replace(draft, policy=begun_from, edition=draft.edition + 1)


def step_at(draft: Draft, position: int) -> PolicyStep:
    """The step at `position`, counted from 1. Raises Conflict when there is none any more."""
    return sequences.at(draft.policy.steps, position)


def with_step(draft: Draft, position: int, step: PolicyStep) -> Draft:
    """`step` at `position`, or at the end for 0. Raises Invalid when there are too many, Conflict."""
    too_many = f"a policy takes at most {MOST_STEPS} steps"
    return _with(draft, sequences.put(draft.policy.steps, position, step, MOST_STEPS, too_many))


def moved(draft: Draft, position: int, by: int, seen: str = "") -> Draft:
    """The step at `position` one place up (-1) or down (1); at the end of the list it stays. So it does when
    another was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.policy.steps, position, seen):
        return draft
    return _with(draft, sequences.moved(draft.policy.steps, position, by))


def without(draft: Draft, position: int, seen: str = "") -> Draft:
    """Without the step at `position`, if it is the one that was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.policy.steps, position, seen):
        return draft
    return _with(draft, sequences.without(draft.policy.steps, position))


def _with(draft: Draft, steps: tuple[PolicyStep, ...]) -> Draft:
    return replace(draft, policy=replace(draft.policy, steps=steps))


def faults(policy: Policy, directory: Directory) -> list[Fault]:
    """Why `policy` can't be saved as it is, field by field."""
    found = []
    named = (one for one in directory.policies.values() if one.name.casefold() == policy.name.casefold())
    if not policy.name:
        found.append(Fault("name", "give it a name"))
    elif any(one.id != policy.id for one in named):
        found.append(Fault("name", f"there is a policy {policy.name} already"))
    if policy.team and policy.team not in directory.teams:
        found.append(Fault("team", "that team is no longer there"))
    if not policy.steps:
        found.append(Fault("steps", "write at least one step"))
    for step in policy.steps:
        found += [
            Fault("steps", f"step {step.order}: {fault.message}") for fault in step_faults(step, policy, directory)
        ]
    return found


def step_faults(step: PolicyStep, policy: Policy, directory: Directory) -> Iterator[Fault]:
    """Why a step can't be kept as it is."""
    if not 0 <= step.delay_minutes <= MOST_MINUTES:
        yield Fault("delay", f"must be from 0 to {MOST_MINUTES} minutes")
    if not step.channels:
        yield Fault("channels", "choose at least one channel")
    missing = unknown(step.message)
    if missing:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        yield Fault("message", f"{{{missing[0]}}} is unknown; there are {known}")
    target = step.target
    if target.type is TargetType.USER and target.value == TEAM_LEAD:
        team = directory.teams.get(policy.team)
        if team and not team.lead:
            yield Fault("target", "the team has no lead: give it one, or name a person")
    elif target.type is TargetType.USER and directory.person_by_handle(target.value) is None:
        yield Fault("user", f"nobody is called {target.value}")


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """What `after` says differently, fields first, then steps in their order."""
    names = [field.name for field in fields(Policy) if field.name not in _IDENTITY]
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    changed = [Difference(name, old, new) for name, old, new in pairs if old != new]
    steps = (Difference("step", *pair) for pair in sequences.changes(before.steps, after.steps))
    return (*changed, *steps)
