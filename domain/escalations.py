"""The climb: what falls due, whom it reaches, and when to look again. Pure; `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.incidents import Incident, Status
from domain.notifications import Recipient
from domain.people import Person
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType

TEAM_LEAD = "team_lead"


class EscalationState(StrEnum):
    """Whether the climb goes on."""

    RUNNING = "running"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One incident's climb through its pinned policy. `next_step` indexes the policy's live steps; `wake_at` is when
    to look again, None when there is nothing to wait for. `started_at` is the incident's creation: delays count from
    it."""

    incident: str
    policy_version: str
    started_at: datetime
    next_step: int = 0
    wake_at: datetime | None
    state: EscalationState = EscalationState.RUNNING
    round: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One notification to make: one channel to one person or place."""

    step: PolicyStep
    channel: Channel
    recipient: Recipient
    missed: tuple[int, ...] = ()
    """Orders of earlier steps that fell due during the same downtime and are said in this same message."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A step (or one of its channels) that reaches nobody, and why: said in the thread."""

    step: PolicyStep
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from looking at an escalation: the escalation as it is now, the steps fired, the pages to make,
    and what could not be reached."""

    escalation: Escalation
    fired: tuple[PolicyStep, ...] = ()
    pages: tuple[Page, ...] = ()
    unreached: tuple[Unreached, ...] = ()


def begin(incident: Incident, policy: Policy) -> Escalation:
    """The climb of a new incident, its first step waiting."""
    steps = policy.live_steps
    first = due_at(incident.created_at, steps[0]) if steps else None
    return Escalation(
        incident=incident.id,
        policy_version=policy.version_id,
        started_at=incident.created_at,
        wake_at=first,
        state=EscalationState.RUNNING if steps else EscalationState.EXHAUSTED,
    )


def stop(escalation: Escalation) -> Escalation:
    """The climb ended by an acknowledgement or a resolution."""
    return replace(escalation, state=EscalationState.STOPPED, wake_at=None)


def due_at(started_at: datetime, step: PolicyStep) -> datetime:
    return started_at + timedelta(minutes=step.delay_minutes)


def decide(
    escalation: Escalation,
    policy: Policy,
    incident: Incident,
    directory: Directory,
    now: datetime,
    *,
    hurry: bool = False,
) -> Decision:
    """Every step that is due, fired once and in order.

    A step that reaches nobody does not wait: the next one fires at once, until one has a target. `hurry` fires the
    next step now ("Escalate now"). Several steps missed during downtime fire together, and somebody reached by
    several of them on one channel gets one page that says so.
    """
    if incident.status is not Status.TRIGGERED or escalation.state is not EscalationState.RUNNING:
        return Decision(replace(escalation, wake_at=None))
    steps = policy.live_steps
    fired: list[PolicyStep] = []
    pages: list[Page] = []
    unreached: list[Unreached] = []
    position = escalation.next_step
    while position < len(steps) and (hurry or due_at(escalation.started_at, steps[position]) <= now):
        step = steps[position]
        found, missing = recipients(step, incident, directory, now)
        fired.append(step)
        pages.extend(found)
        unreached.extend(missing)
        hurry = not found
        position += 1
    after = _moved(escalation, position, steps)
    return Decision(after, tuple(fired), _once_each(pages), tuple(unreached))


def _moved(escalation: Escalation, position: int, steps: tuple[PolicyStep, ...]) -> Escalation:
    if position >= len(steps):
        return replace(escalation, next_step=position, wake_at=None, state=EscalationState.EXHAUSTED)
    return replace(escalation, next_step=position, wake_at=due_at(escalation.started_at, steps[position]))


def _once_each(pages: list[Page]) -> tuple[Page, ...]:
    """The latest page to each (channel, address), telling the orders of the earlier ones it stands for."""
    kept: dict[tuple[Channel, str], Page] = {}
    for page in pages:
        key = (page.channel, page.recipient.address)
        earlier = kept.pop(key, None)
        missed = (*earlier.missed, earlier.step.order) if earlier else ()
        kept[key] = replace(page, missed=missed)
    return tuple(kept.values())


def next_step(escalation: Escalation, policy: Policy) -> PolicyStep | None:
    """The step that waits, for the card and for `simulate`; None when nothing more will happen by itself."""
    steps = policy.live_steps
    running = escalation.state is EscalationState.RUNNING and escalation.next_step < len(steps)
    return steps[escalation.next_step] if running else None


def recipients(
    step: PolicyStep, incident: Incident, directory: Directory, now: datetime
) -> tuple[tuple[Page, ...], tuple[Unreached, ...]]:
    """Who `step` reaches at `now`, by each of its channels, and what it does not reach."""
    people, reason = _people(step.target, incident, directory, now)
    pages: list[Page] = []
    unreached: list[Unreached] = [] if people else [Unreached(step, reason)]
    for person in people:
        locale = person.locale or directory.readers.get(person.slack, "")
        for channel in step.channels:
            address = _address(person, channel, step.target)
            if address:
                recipient = Recipient(person.id, person.name, address, locale)
                pages.append(Page(step, channel, recipient))
            else:
                unreached.append(Unreached(step, missing(person, channel)))
    return tuple(pages), tuple(unreached)


def missing(person: Person, channel: Channel) -> str:
    """Why `channel` does not find `person`."""
    return f"{person.name} has no {_MISSING[channel]}"


_MISSING = {
    Channel.SLACK: "Slack account",
    Channel.SMS: "phone number",
    Channel.PHONE: "phone number",
    Channel.EMAIL: "e-mail address",
}


def address_of(person: Person, channel: Channel) -> str:
    """Where `channel` finds `person`, "" when it does not. Slack finds by e-mail whoever has no Slack id here."""
    return {
        Channel.SLACK: person.slack or person.email,
        Channel.SMS: person.phone,
        Channel.PHONE: person.phone,
        Channel.EMAIL: person.email,
    }[channel]


def _address(person: Person, channel: Channel, target: Target) -> str:
    if target.type is TargetType.CHANNEL:
        return target.value if channel is Channel.SLACK else ""
    return address_of(person, channel)


def _people(target: Target, incident: Incident, directory: Directory, now: datetime) -> tuple[tuple[Person, ...], str]:
    """The people a target means, or nobody and why. A channel is a person without an id."""
    match target.type:
        case TargetType.ON_CALL:
            return directory.on_call(incident.team, now), "nobody is on call"
        case TargetType.TEAM:
            return directory.members(incident.team), "the team has no members"
        case TargetType.CHANNEL:
            place = Person(id="", handle="", name=_place(target.value))
            return (place,) if target.value else (), "the step names no channel"
        case TargetType.EMAIL:
            return (_addressee(target.value, directory),), ""
        case TargetType.USER:
            person = _user(target.value, incident, directory)
            return (person,) if person else (), f"nobody is called {target.value}"


def _place(value: str) -> str:
    return "Discord" if value.startswith("https://") else value


def _addressee(email: str, directory: Directory) -> Person:
    """The person who has this address, else a stranger with nothing but it."""
    known = directory.person_by_email(email)
    return known or Person(id="", handle="", name=email, email=email)


def _user(handle: str, incident: Incident, directory: Directory) -> Person | None:
    if handle == TEAM_LEAD:
        team = directory.teams.get(incident.team)
        found = directory.people.get(team.lead) if team else None
    else:
        found = directory.person_by_handle(handle) or directory.person_by_slack(handle)
    return found if found and found.is_active else None
