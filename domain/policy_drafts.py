"""A policy while somebody writes it: its limits, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from domain import sequences
from domain.directory import Directory
from domain.drafts import MOST_MINUTES, Draft, with_steps
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.policies import Policy, PolicyStep, TargetType
from domain.templates import PLACEHOLDERS, unknown

MOST_STEPS = 20
LONGEST_NAME = 100
LONGEST_DESCRIPTION = 3000
LONGEST_MESSAGE = 1500
TOO_MANY = f"a policy takes at most {MOST_STEPS} steps"


def with_step(draft: Draft[Policy], position: int, step: PolicyStep) -> Draft[Policy]:
    """`step` at `position`, or at the end for 0. Raises Invalid when there are too many, Conflict."""
    return with_steps(draft, sequences.put(draft.document.steps, position, step, MOST_STEPS, TOO_MANY))


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
