"""Good practice for policies, as the guide lists it ("Bonnes Pratiques Escalades"). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from domain.directory import Directory
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where, ordered
from domain.policies import Channel, Policy, PolicyStep, TargetType
from domain.policy_reach import unreachable
from domain.reach import RINGING, Reach
from domain.templates import PLACEHOLDERS, unknown

LEAST_APART = 4
"""Minutes. The guide calls one minute spam; an acknowledgement takes a few."""
FEWEST, MOST = 3, 5
_GRAVE = (Severity.SEV1, None)
"""A policy for every severity is one for SEV1 too."""


def lint_policy(policy: Policy, directory: Directory | None, reach: Reach) -> tuple[Finding, ...]:
    """Everything that `policy` lacks, gravest first. Without a `directory` nobody knows the people: whether targets
    are reachable is then not judged."""
    steps = policy.live_steps
    if not steps:
        return (Finding("has-steps", Level.ERROR, WHOLE, "the policy has no active step", "add a step at 0 minutes"),)
    found = [
        *_whole(policy),
        *_delays(policy),
        *_fits(policy),
        *_last(policy),
        *(finding for step in steps for finding in _words(step)),
        *unreachable(policy, directory, reach),
    ]
    return ordered(found)


def _whole(policy: Policy) -> Iterator[Finding]:
    count = len(policy.live_steps)
    if count < FEWEST:
        fix = "add a step that reaches somebody else: the lead, the manager"
        yield Finding("number-of-steps", Level.WARNING, WHOLE, f"the policy has {count} of at least 3 steps", fix)
    if count > MOST:
        fix = "keep 3 to 5 steps: whoever is paged too often stops looking"
        yield Finding("number-of-steps", Level.WARNING, WHOLE, f"the policy has {count} steps", fix)
    if not policy.description.strip():
        yield Finding(
            "description",
            Level.WARNING,
            Where(0, "description"),
            "nothing says what is expected of whom",
            "describe what is expected at each step: who acknowledges, who takes over, by when",
        )
    if policy.is_active and not policy.is_default and (policy.severity_filter is None or not policy.team):
        yield Finding(
            "never-chosen",
            Level.WARNING,
            WHOLE,
            "no incident ever gets this policy",
            "make it a default, or give it a team and a severity",
        )


def _delays(policy: Policy) -> Iterator[Finding]:
    steps = policy.live_steps
    if steps[0].delay_minutes:
        message = f"the first step waits {steps[0].delay_minutes} min"
        fix = "set the delay of the first step to 0 minutes"
        yield Finding("first-step-at-zero", Level.WARNING, Where(steps[0].order, "delay"), message, fix)
    for earlier, later in pairwise(sorted(steps, key=lambda step: step.order)):
        where = Where(later.order, "delay")
        apart = later.delay_minutes - earlier.delay_minutes
        if apart < 0:
            message = f"step {later.order} fires before step {earlier.order}"
            fix = "make each delay longer than the one before: delays count from the incident's creation"
            yield Finding("delays-rise", Level.ERROR, where, message, fix)
        elif apart < LEAST_APART:
            message = f"step {later.order} comes {apart} min after step {earlier.order}"
            fix = "leave at least 4 minutes to acknowledge, or make one step of the two"
            yield Finding("delays-apart", Level.WARNING, where, message, fix)


def _rings(step: PolicyStep) -> bool:
    """Whether a step wakes a person: a text or a call to a channel is no such thing."""
    return step.target.type is not TargetType.CHANNEL and bool(RINGING & set(step.channels))


def _fits(policy: Policy) -> Iterator[Finding]:
    steps = policy.live_steps
    severity = policy.severity_filter
    if severity in _GRAVE and not any(_rings(step) for step in steps[:2]):
        level = Level.ERROR if severity else Level.WARNING
        message = "neither of the first two steps sends an SMS or calls"
        fix = "add SMS to the second step: at night a Slack message wakes nobody"
        yield Finding("channel-fits-severity", level, Where(steps[min(1, len(steps) - 1)].order, "type"), message, fix)
    if severity is Severity.SEV2 and not any(_rings(step) for step in steps):
        message = "no step sends an SMS or calls"
        fix = "add SMS to the step after the first"
        yield Finding("channel-fits-severity", Level.WARNING, WHOLE, message, fix)
    if severity is Severity.SEV4:
        for step in steps:
            if _rings(step):
                message = f"step {step.order} wakes somebody for a SEV4"
                fix = "leave it to Slack, and e-mail if need be"
                yield Finding("channel-fits-severity", Level.WARNING, Where(step.order, "type"), message, fix)


def _last(policy: Policy) -> Iterator[Finding]:
    """The last step is the last chance; for SEV4 nobody is woken, and SEV3 is advised only."""
    step = policy.live_steps[-1]
    severity = policy.severity_filter
    if _rings(step) or severity is Severity.SEV4:
        return
    level = Level.INFO if severity is Severity.SEV3 else Level.WARNING
    if step.target.type is TargetType.CHANNEL:
        where, message = Where(step.order, "target"), "the last step reaches a channel and no person"
    else:
        where, message = Where(step.order, "type"), "the last step rings nobody's telephone"
    fix = "end with somebody who can decide, by SMS or a call"
    yield Finding("last-step-rings", level, where, message, fix)


def _words(step: PolicyStep) -> Iterator[Finding]:
    for name in unknown(step.message):
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        message = f"{{{name}}} stays as written: nothing fills it"
        yield Finding("placeholder", Level.ERROR, Where(step.order, "message"), message, f"use one of {known}")
    if step.target.type is TargetType.CHANNEL and Channel.SLACK not in step.channels:
        message = "a channel is reached by SLACK alone"
        fix = "set the type to SLACK, or the target to a person"
        yield Finding("target-reachable", Level.ERROR, Where(step.order, "type"), message, fix)
