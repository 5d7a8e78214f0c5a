"""Who would be paged, when, how and why, if nobody acknowledged. Nothing here decides anything: the engine's own
`decide` is driven through its time, so that a simulation can't disagree with the night. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.directory import Directory
from domain.escalations import TEAM_LEAD, Decision, Page, begin, decide
from domain.fallbacks import elsewhere, instead
from domain.incidents import Incident, Severity
from domain.notifications import Notification, NotificationState, Recipient
from domain.people import Service
from domain.policies import Channel, Policy, PolicyStep, TargetType
from domain.reach import EVERYTHING, Reach


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody is reached: what the step means, and for whoever is on call the rotation and when it ends."""

    target: TargetType
    team: str = ""
    rotation: str = ""
    until: datetime | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPage:
    """One message. `person` is an id, "" for a place or a bare address; `instead_of` is the channel that is off.

    `covers` are the orders of earlier steps that fire in the same moment and are said in this message."""

    channel: Channel
    person: str
    name: str
    address: str
    why: Why
    instead_of: Channel | None = None
    covers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Miss:
    """What a step does not reach, and why; `channel` and `name` are known when it is a channel that is off, and
    `instead` are then the channels tried in its place."""

    reason: str
    channel: Channel | None = None
    name: str = ""
    instead: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step as it would go. `minute` counts from the incident's creation, to `at`; a step `is_early` when the one
    before it reached nobody. `said_in` is the order of the later step whose messages say this one too."""

    step: PolicyStep
    minute: int
    at: datetime
    pages: tuple[PlannedPage, ...] = ()
    misses: tuple[Miss, ...] = ()
    next_at_once: bool = False
    said_in: int = 0

    @property
    def is_early(self) -> bool:
        return self.minute < self.step.delay_minutes


@dataclass(frozen=True, slots=True)
class Simulation:
    """A whole climb. `policy` is None when none fits: nobody is paged then."""

    incident: Incident
    policy: Policy | None
    steps: tuple[PlannedStep, ...] = ()

    @property
    def pages(self) -> tuple[tuple[int, PlannedPage], ...]:
        """Every page with its minute."""
        return tuple((step.minute, page) for step in self.steps for page in step.pages)


def supposed(service: Service, severity: Severity, at: datetime, directory: Directory) -> Incident:
    """The incident that an alert about `service` would open at `at` (aware)."""
    team = directory.teams.get(service.team)
    policy = directory.policy_for(service.team, severity)
    return Incident(
        id="simulation",
        short_id="INC-SIMULA",
        title=service.name,
        severity=severity,
        service=service.id,
        team=service.team,
        channel=team.channel if team else "",
        policy_version=policy.version_id if policy else "",
        detected_at=at,
        created_at=at,
    )


def simulate(policy: Policy | None, incident: Incident, directory: Directory, reach: Reach = EVERYTHING) -> Simulation:
    """The climb of `incident` from its creation until nothing more happens by itself."""
    if policy is None:
        return Simulation(incident, None)
    climb = begin(incident, policy)
    made: list[Notification] = []
    planned: list[PlannedStep] = []
    while climb.wake_at is not None:
        now = climb.wake_at
        decision = decide(climb, policy, incident, directory, now)
        night = _Moment(incident, directory, reach, now)
        planned += night.planned(decision, made)
        climb = decision.escalation
    return Simulation(incident, policy, tuple(planned))


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is the case when something falls due."""

    incident: Incident
    directory: Directory
    reach: Reach
    now: datetime

    def planned(self, decision: Decision, made: list[Notification]) -> list[PlannedStep]:
        """The steps of one decision; what goes out is added to `made`."""
        own = [self._notification(page, len(made) + place) for place, page in enumerate(decision.pages)]
        made.extend(own)
        steps = []
        for place, step in enumerate(decision.fired):
            of_step = [page for page in own if page.step == step.order]
            missed = [one.reason for one in decision.unreached if one.step.order == step.order]
            said_in = next((page.step for page in own if step.order in page.is_bundle_of), 0)
            outcomes = [self._outcome(step, page, made) for page in of_step]
            pages = [one for found, _ in outcomes for one in found]
            misses = [*map(Miss, missed), *(one for _, lost in outcomes for one in lost)]
            is_last = place == len(decision.fired) - 1
            following = None if is_last else decision.fired[place + 1]
            steps.append(
                PlannedStep(
                    step=step,
                    minute=self._minute(self.now),
                    at=self.now,
                    pages=tuple(pages),
                    misses=tuple(misses),
                    next_at_once=following is not None and following.delay_minutes > self._minute(self.now),
                    said_in=0 if of_step else said_in,
                )
            )
        return steps

    def _minute(self, at: datetime) -> int:
        return int((at - self.incident.created_at) / timedelta(minutes=1))

    def _notification(self, page: Page, number: int) -> Notification:
        return Notification(
            id=str(number),
            incident=self.incident.id,
            step=page.step.order,
            channel=page.channel,
            recipient=page.recipient,
            message=page.step.message,
            why="",
            is_bundle_of=page.missed,
            decided_at=self.now,
        )

    def _outcome(
        self, step: PolicyStep, page: Notification, made: list[Notification]
    ) -> tuple[list[PlannedPage], list[Miss]]:
        """What becomes of a page: it goes out, or another way when its own is off or known to be broken, and so on."""
        reason = self.reach.fault(page)
        if not reason:
            return [_planned(page, made, self._why(step, page.recipient.person))], []
        self._settle(page, made, reason)
        others = [
            replace(
                page,
                id=f"{page.id}.{place}",
                channel=channel,
                recipient=recipient,
                fallback_of=page.id,
                state=NotificationState.WAITING,
            )
            for place, (channel, recipient) in enumerate(self._instead(page, made))
        ]
        made.extend(others)
        instead_by = tuple(dict.fromkeys(other.channel for other in others))
        found: list[PlannedPage] = []
        misses = [Miss(reason, page.channel, page.recipient.name, instead_by)]
        for other in others:
            pages, further = self._outcome(step, other, made)
            found += pages
            misses += further
        return found, misses

    def _instead(self, page: Notification, made: Sequence[Notification]) -> tuple[tuple[Channel, Recipient], ...]:
        spare = elsewhere(page, made, self.incident, self.directory) if self.reach.is_place_broken(page) else ()
        return spare or instead(page, made, self.incident, self.directory, self.now, self.reach.channels)

    def _settle(self, page: Notification, made: list[Notification], reason: str) -> None:
        place = next(number for number, one in enumerate(made) if one.id == page.id)
        made[place] = replace(page, state=NotificationState.FAILED, failure=reason)

    def _why(self, step: PolicyStep, person: str) -> Why:
        team = self.directory.teams.get(self.incident.team)
        name = team.name if team else ""
        is_lead = step.target.type is TargetType.USER and step.target.value == TEAM_LEAD
        # Whoever stands in for a channel that is off is on call, whatever the step means.
        is_on_call = step.target.type is TargetType.ON_CALL or (step.target.type is TargetType.CHANNEL and bool(person))
        if is_on_call and team:
            running = self.directory.shifts_at(team.id, self.now)
            shifts = [shift for shift in running if shift.person == person]
            if shifts:
                return Why(TargetType.ON_CALL, name, shifts[0].rotation, shifts[0].end)
        return Why(step.target.type, name, is_lead=is_lead)


def _planned(page: Notification, made: Sequence[Notification], why: Why) -> PlannedPage:
    """`page` as it goes out; the first channel of its line of fallbacks is the one that it stands in for."""
    first = page
    while first.fallback_of:
        first = next(one for one in made if one.id == first.fallback_of)
    return PlannedPage(
        channel=page.channel,
        person=page.recipient.person,
        name=page.recipient.name,
        address=page.recipient.address,
        why=why,
        instead_of=first.channel if page.fallback_of else None,
        covers=page.is_bundle_of,
    )
