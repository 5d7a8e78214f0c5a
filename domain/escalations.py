"""The climb: what falls due, whom it reaches, and when to look again. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.incidents import Incident, Status
from domain.notifications import Recipient
from domain.people import Person
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.webhooks import is_webhook

TEAM_LEAD = "team_lead"
ALL_THE_SAME = "paged all the same"


class EscalationState(StrEnum):
    """Whether the climb goes on."""

    RUNNING = "running"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"
    RESUMING = "resuming"
    """At `wake_at` it goes on, beginning with those who are `called`."""
    ADVANCING = "advancing"
    """Somebody can't take it: on to the next step that reaches somebody else."""
    SNOOZED = "snoozed"
    WATCHING = "watching"
    """Somebody has it; at `wake_at` it is asked for a sign of life."""
    ASKED = "asked"
    """Whoever has it was asked whether they are still on it; at `wake_at` it triggers again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One incident's climb through its pinned policy. `next_step` indexes the policy's live steps; `wake_at` is when
    to look again, None when there is nothing to wait for. `started_at` is what delays count from: the incident's
    creation, or what stands for it since the climb went on after a rest. Each new beginning is another `round`.

    `declined` are the ids of people who said that they can't take it; `called` of those whom the climb begins with when
    it goes on, and `because` says why (a word of `domain/calls.py`), `caller` who wanted it."""

    incident: str
    policy_version: str
    started_at: datetime
    next_step: int = 0
    wake_at: datetime | None
    state: EscalationState = EscalationState.RUNNING
    round: int = 0
    declined: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    because: str = ""
    caller: str = ""
    speed: int = 1
    """How much faster than the policy says: more than 1 in a drill, and nowhere else."""

    def lasting(self, length: timedelta) -> timedelta:
        """How long `length` of the policy's time takes here."""
        return length / self.speed


@dataclass(frozen=True, slots=True)
class Page:
    """One notification to make: one channel to one person or place."""

    step: PolicyStep
    channel: Channel
    recipient: Recipient
    missed: tuple[int, ...] = ()
    """Orders of earlier steps that fell due during the same downtime and are said in this same message."""
    why: str = ""
    """Why somebody is paged whom no step means."""
    would_be: tuple[str, ...] = ()
    """In a drill: the pages that it stands for, such as "SMS to John Doe"."""
    quiet: tuple[Channel, ...] = ()
    """Channels that find this person and are left out, as they asked for incidents of this severity."""


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
    called: tuple[Page, ...] = ()
    """Pages to people whom no step means, out of turn."""
    triggered: Incident | None = None
    """The incident, when it wants somebody again."""
    is_asking: bool = False
    """Whoever has it is to be asked whether they are still on it."""
    is_nobody_left: bool = False
    """Everybody whom the policy reaches said that they can't take it."""


def begin(incident: Incident, policy: Policy, speed: int = 1) -> Escalation:
    """The climb of a new incident, its first step waiting."""
    steps = policy.live_steps
    return Escalation(
        incident=incident.id,
        policy_version=policy.version_id,
        started_at=incident.created_at,
        wake_at=incident.created_at + steps[0].delay / speed if steps else None,
        state=EscalationState.RUNNING if steps else EscalationState.EXHAUSTED,
        speed=speed,
    )


def stop(escalation: Escalation) -> Escalation:
    """The climb ended by an acknowledgement or a resolution."""
    return replace(escalation, state=EscalationState.STOPPED, wake_at=None)


def due_at(climb: Escalation, step: PolicyStep) -> datetime:
    return climb.started_at + climb.lasting(step.delay)


def decide(
    escalation: Escalation,
    policy: Policy,
    incident: Incident,
    directory: Directory,
    now: datetime,
    *,
    hurry: bool = False,
    through: int = -1,
) -> Decision:
    """Every step that is due, fired once and in order.

    A step that reaches nobody does not wait: the next one fires at once, until one has a target. `hurry` fires the
    next step now ("Escalate now"), `through` every step up to that index. Several steps missed during downtime fire
    together, and somebody reached by several of them on one channel gets one page that says so.
    """
    if incident.status is not Status.TRIGGERED or escalation.state is not EscalationState.RUNNING:
        return Decision(replace(escalation, wake_at=None))
    steps = policy.live_steps
    fired: list[PolicyStep] = []
    pages: list[Page] = []
    unreached: list[Unreached] = []
    position = escalation.next_step
    while position < len(steps) and (hurry or position <= through or due_at(escalation, steps[position]) <= now):
        found, missing = reached(escalation, steps[position:], incident, directory, now)
        fired.append(steps[position])
        pages.extend(found)
        unreached.extend(missing)
        hurry = not found
        position += 1
    after = _moved(escalation, position, steps)
    return Decision(after, tuple(fired), _once_each(pages), tuple(unreached))


def reached(
    escalation: Escalation, steps: Sequence[PolicyStep], incident: Incident, directory: Directory, now: datetime
) -> tuple[tuple[Page, ...], tuple[Unreached, ...]]:
    """Whom the first of `steps` reaches, without those who said that they can't take it. They are paged all the same
    when no later step reaches anybody else: better they than nobody."""
    step, *later = steps
    found, missing = recipients(step, incident, directory, now)
    others = tuple(page for page in found if page.recipient.person not in escalation.declined)
    if others or not found:
        return others, missing
    names = ", ".join(dict.fromkeys(page.recipient.name for page in found))
    if any(reaches_another(escalation, one, incident, directory, now) for one in later):
        return (), (*missing, Unreached(step, f"{names} can't take it"))
    return found, (*missing, Unreached(step, f"nobody else is left, so {names} is paged all the same"))


def reaches_another(
    escalation: Escalation, step: PolicyStep, incident: Incident, directory: Directory, now: datetime
) -> bool:
    """Whether `step` reaches a person who has not said that they can't take it."""
    if step.target.type is TargetType.CHANNEL:
        return False
    pages, _ = recipients(step, incident, directory, now)
    return any(page.recipient.person not in escalation.declined for page in pages)


def _moved(escalation: Escalation, position: int, steps: tuple[PolicyStep, ...]) -> Escalation:
    if position >= len(steps):
        return replace(escalation, next_step=len(steps), wake_at=None, state=EscalationState.EXHAUSTED)
    return replace(escalation, next_step=position, wake_at=due_at(escalation, steps[position]))


def _once_each(pages: list[Page]) -> tuple[Page, ...]:
    """The latest page to each (channel, address), telling the orders of the earlier ones it stands for."""
    kept: dict[tuple[Channel, str], Page] = {}
    for page in pages:
        key = (page.channel, page.recipient.address)
        earlier = kept.pop(key, None)
        missed = (*earlier.missed, earlier.step.order) if earlier else ()
        missed = tuple(order for order in missed if order != page.step.order)
        kept[key] = replace(page, missed=missed) if missed != page.missed else page
    return tuple(kept.values())


def recipients(
    step: PolicyStep, incident: Incident, directory: Directory, now: datetime
) -> tuple[tuple[Page, ...], tuple[Unreached, ...]]:
    """Who `step` reaches at `now`, by each of its channels, and what it does not reach."""
    people, reason = _people(step.target, incident, directory, now)
    pages: list[Page] = []
    unreached: list[Unreached] = [] if people else [Unreached(step, reason)]
    for person in people:
        locale = directory.language_of(person)
        finding = [channel for channel in step.channels if _address(person, channel, step.target)]
        channels = person.preferences.among(step.channels, finding, incident.severity)
        if not channels:
            unreached.append(Unreached(step, f"{person.name} is quiet by every channel of this step: {ALL_THE_SAME}"))
        quiet = tuple(channel for channel in finding if channels and channel not in channels)
        for channel in channels or step.channels:
            address = _address(person, channel, step.target)
            if address:
                recipient = Recipient(person.id, person.name, address, locale)
                pages.append(Page(step, channel, recipient, quiet=quiet))
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
            place = Person(id="", handle="", name="Discord" if is_webhook(target.value) else target.value)
            return (place,) if target.value else (), "the step names no channel"
        case TargetType.EMAIL:
            return (_addressee(target.value, directory),), ""
        case TargetType.USER:
            person = _user(target.value, incident, directory)
            return (person,) if person else (), f"nobody is called {target.value}"


def _addressee(email: str, directory: Directory) -> Person:
    """The person who has this address, else a stranger with nothing but it: so is whoever is switched off."""
    known = directory.person_by_email(email)
    return known if known and known.is_active else Person(id="", handle="", name=email, email=email)


def _user(handle: str, incident: Incident, directory: Directory) -> Person | None:
    if handle == TEAM_LEAD:
        team = directory.teams.get(incident.team)
        found = directory.people.get(team.lead) if team else None
    else:
        found = directory.person_by_handle(handle) or directory.person_by_slack(handle)
    return found if found and found.is_active else None
