"""What follows when a climb's time has come: `look` is what the engine does, `outlook` what it will do if nobody does
anything. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from domain.calls import GIVEN_AWAY, NOT_HEARD_OF, SNOOZE_OVER, call, call_lead
from domain.directory import Directory
from domain.escalations import (
    Decision,
    Escalation,
    EscalationState,
    Page,
    decide,
    due_at,
    reaches_another,
)
from domain.incidents import Incident, Status
from domain.lifecycle import Life, silence, still_there, time_to_answer, wanted_again
from domain.policies import Policy, TargetType

HEAD_START = timedelta(minutes=5)
"""How long somebody who is called has it alone before the policy goes on."""


def look(
    climb: Escalation,
    policy: Policy,
    incident: Incident,
    directory: Directory,
    now: datetime,
    *,
    alive_at: datetime | None = None,
) -> Decision:
    """What follows when a climb's time has come. `alive_at` is the last sign of life of whoever has the incident."""
    if incident.status is Status.ACKNOWLEDGED:
        return _rest(climb, policy, incident, directory, now, alive_at)
    if incident.status is not Status.TRIGGERED:
        return Decision(replace(climb, wake_at=None))
    return _go(climb, policy, incident, directory, now)


def _rest(
    climb: Escalation,
    policy: Policy,
    incident: Incident,
    directory: Directory,
    now: datetime,
    alive_at: datetime | None,
) -> Decision:
    """Somebody has it: has the snooze ended, are they still there?"""
    until = incident.snoozed_until
    if climb.state is EscalationState.SNOOZED and until is not None:
        if now < until:
            return Decision(replace(climb, wake_at=until))
        return _trigger(climb, policy, incident, directory, now, SNOOZE_OVER)
    if climb.state is EscalationState.WATCHING:
        expected = (alive_at or now - silence(climb, policy)) + silence(climb, policy)
        if expected > now:
            return Decision(replace(climb, wake_at=expected))
        answer_by = now + climb.lasting(time_to_answer(policy))
        return Decision(replace(climb, state=EscalationState.ASKED, wake_at=answer_by), is_asking=True)
    if climb.state is EscalationState.ASKED:
        asked_at = (climb.wake_at or now) - climb.lasting(time_to_answer(policy))
        if alive_at is not None and alive_at > asked_at:
            return Decision(replace(still_there(climb, policy, alive_at)))
        return _trigger(climb, policy, incident, directory, now, NOT_HEARD_OF)
    return Decision(replace(climb, wake_at=None))


def _trigger(
    climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime, because: str
) -> Decision:
    again = wanted_again(Life(incident, climb), because, now)
    return replace(_go(again.climb, policy, again.incident, directory, now), triggered=again.incident)


def _go(climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime) -> Decision:
    match climb.state:
        case EscalationState.RUNNING:
            return _climb(climb, policy, incident, directory, now)
        case EscalationState.ADVANCING:
            return _advance(climb, policy, incident, directory, now)
        case EscalationState.EXHAUSTED:
            return Decision(replace(climb, wake_at=None))
        case _:
            return _resume(climb, policy, incident, directory, now)


def _climb(climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime) -> Decision:
    """The steps that are due, and whoever was called and not paged yet as another policy began: for them it is looked
    at sooner, and no step is fired before its time."""
    steps = policy.live_steps[climb.next_step :]
    hurry = bool(steps) and due_at(climb, steps[0]) > now and not climb.called
    decision = decide(climb, policy, incident, directory, now, hurry=hurry)
    if not (climb.called or climb.because or climb.caller):
        return decision
    reached = {(page.channel, page.recipient.address) for page in decision.pages}
    pages = _calls(climb, policy, incident, directory)
    called = tuple(page for page in pages if (page.channel, page.recipient.address) not in reached)
    going = replace(decision.escalation, called=(), because="", caller="")
    return replace(decision, escalation=going, called=called)


def _calls(climb: Escalation, policy: Policy, incident: Incident, directory: Directory) -> tuple[Page, ...]:
    """Pages to those who are called."""
    people = [directory.people[one] for one in climb.called if one in directory.people]
    active = [one for one in people if one.is_active]
    return tuple(page for one in active for page in call(one, climb, policy, incident.severity, directory))


def _resume(climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime) -> Decision:
    """Those who are called, and after a head start the first step that reaches a person; without them, that step at
    once. A climb that had come to its end begins again. Delays count from here. Without a policy, and nobody to call,
    it is the team's lead who is called."""
    steps = policy.live_steps
    pages = _calls(climb, policy, incident, directory)
    at_rest = replace(climb, state=EscalationState.RUNNING, called=(), because="", caller="")
    if not steps:
        over = replace(at_rest, state=EscalationState.EXHAUSTED, wake_at=None)
        found = pages or call_lead(climb, policy, incident, directory)
        return Decision(over, called=found, is_nobody_left=not pages)
    begin, target = _again(climb, policy, incident, directory, now)
    through = target if target is not None else begin
    if pages:
        going_on = now + climb.lasting(HEAD_START)
        started = going_on - climb.lasting(steps[through].delay)
        resumed = replace(at_rest, next_step=begin, started_at=started, wake_at=going_on)
        return Decision(resumed, called=pages)
    started = now - climb.lasting(steps[through].delay)
    resumed = replace(at_rest, next_step=begin, started_at=started)
    return decide(resumed, policy, incident, directory, now, through=through)


def _advance(climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime) -> Decision:
    """The next step that reaches somebody who has not declined, at once. A climb that had come to its end begins again
    when somebody had the incident since. When there is no such step, that is said, the team's lead is called, and the
    climb goes on: it reaches those who declined all the same."""
    steps = policy.live_steps
    going = replace(climb, state=EscalationState.RUNNING, called=(), because="", caller="")
    begin, target = climb.next_step, _first(climb, policy, climb.next_step, incident, directory, now)
    if climb.because == GIVEN_AWAY:
        begin, target = _again(climb, policy, incident, directory, now)
    if target is not None:
        going = replace(
            going, next_step=begin, started_at=max(climb.started_at, now - climb.lasting(steps[target].delay))
        )
        return decide(going, policy, incident, directory, now, through=target)
    pages = call_lead(climb, policy, incident, directory)
    if begin >= len(steps):
        rest = replace(going, state=EscalationState.EXHAUSTED, wake_at=None)
    else:
        # What is left reaches channels and those who declined: in its own time, but not in the past.
        following = steps[begin]
        started = max(climb.started_at, now + climb.lasting(HEAD_START) - climb.lasting(following.delay))
        rest = replace(going, next_step=begin, started_at=started)
        rest = replace(rest, wake_at=due_at(rest, following))
    return Decision(rest, called=pages, is_nobody_left=True)


def _again(
    climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime
) -> tuple[int, int | None]:
    """Where a climb goes on that somebody has stopped, and the first step from there that reaches a person who has not
    declined: from its beginning when none of those that are left does."""
    target = _first(climb, policy, climb.next_step, incident, directory, now)
    if target is not None:
        return climb.next_step, target
    return 0, _first(climb, policy, 0, incident, directory, now)


def _first(
    climb: Escalation, policy: Policy, start: int, incident: Incident, directory: Directory, now: datetime
) -> int | None:
    """The first step from `start` on that reaches a person who has not declined."""
    steps = policy.live_steps
    places = range(start, len(steps))
    return next((at for at in places if reaches_another(climb, steps[at], incident, directory, now)), None)


def reaches_nobody(life: Life, policy: Policy, directory: Directory, now: datetime) -> bool:
    """Whether nobody is paged any more, unless somebody does something. What goes to a channel later is no page."""
    climb, incident = life.climb, life.incident
    if climb.state is EscalationState.ADVANCING:
        decision = look(climb, policy, incident, directory, now)
        return not (decision.called or decision.pages)
    coming = _to_come(climb, policy, incident, directory)
    return all(page.step.target.type is TargetType.CHANNEL for _, pages in coming for page in pages)


def outlook(
    climb: Escalation, policy: Policy, incident: Incident, directory: Directory
) -> tuple[datetime, tuple[Page, ...]] | None:
    """When somebody is paged next, and who: what `look` will decide if nobody does anything until then."""
    return next(_to_come(climb, policy, incident, directory), None)


def _to_come(
    climb: Escalation, policy: Policy, incident: Incident, directory: Directory
) -> Iterator[tuple[datetime, tuple[Page, ...]]]:
    """All that is paged, and when, if nobody does anything."""
    moment = climb.wake_at
    while moment is not None and incident.status is Status.TRIGGERED:
        steps = policy.live_steps[climb.next_step :]
        if climb.state is EscalationState.RUNNING and steps:
            moment = max(moment, due_at(climb, steps[0]))
        decision = look(replace(climb, wake_at=moment), policy, incident, directory, moment)
        if pages := (*decision.called, *decision.pages):
            yield moment, pages
        climb = decision.escalation
        moment = climb.wake_at
