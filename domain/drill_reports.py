"""How a drill went: who took it and when, which steps paged whom, what would have come, what was slow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.directory import Directory
from domain.drills import Drill
from domain.incidents import Incident
from domain.notifications import Notification, NotificationState
from domain.policies import Channel, Policy
from domain.runbooks import Run, StepState
from domain.simulation import PlannedStep, Simulation
from domain.timeline import Entry, Event

SLOW_PAGE = timedelta(seconds=10)
"""From deciding on a page to its provider's taking it."""
SLOW_ANSWER_MINUTES = 5.0
"""Minutes of the drill from the first page to the acknowledgement: what a policy usually gives one person alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Somebody acknowledged, so many minutes of the drill after its beginning."""

    name: str
    at: datetime
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedPage:
    """A page that went out: to a participant, for those that it would have reached ("" for whoever is themselves)."""

    channel: Channel
    name: str
    would_be: str
    state: NotificationState
    seconds: float | None
    failure: str = ""
    is_to_a_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStep:
    """A step of the policy. `planned` are (channel, name) of whom a real incident would page; `fired_at` is None for a
    step that nobody had to wait for. `misses` are what it does not reach, and why."""

    order: int
    planned_minute: int
    planned: tuple[tuple[Channel, str], ...] = ()
    misses: tuple[str, ...] = ()
    fired_at: datetime | None = None
    fired_minute: float | None = None
    pages: tuple[PlayedPage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStep:
    """A step of the runbook: minutes declared, and taken on the clock of the drill (None when it was not done)."""

    order: int
    title: str
    declared: int
    state: StepState
    by: str = ""
    took: float | None = None

    @property
    def is_slow(self) -> bool:
        return self.took is not None and bool(self.declared) and self.took > self.declared


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    """All of it. `lasted` is in minutes of the drill; `answered` from the first page to whoever took it first."""

    lasted: float
    taken: tuple[Taken, ...] = ()
    answered: float | None = None
    steps: tuple[PlayedStep, ...] = ()
    runbook: tuple[TimedStep, ...] = ()

    @property
    def slow_pages(self) -> tuple[PlayedPage, ...]:
        """Those that took their provider long, or did not go out."""
        pages = (page for step in self.steps for page in step.pages)
        return tuple(page for page in pages if _is_slow(page))

    @property
    def slow_steps(self) -> tuple[TimedStep, ...]:
        return tuple(step for step in self.runbook if step.is_slow)

    @property
    def is_answer_slow(self) -> bool:
        return self.answered is not None and self.answered > SLOW_ANSWER_MINUTES


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """What was played, and how it went so far."""

    drill: Drill
    incident: Incident
    directory: Directory
    policy: Policy | None
    run: Run | None
    report: DrillReport
    place: str = ""
    """Its channel's name, as far as it is known."""

    @property
    def participants(self) -> tuple[str, ...]:
        """Their names."""
        known = self.directory.people
        return tuple(known[one].name for one in self.drill.participants if one in known)

    @property
    def zone(self) -> str:
        """The team's."""
        team = self.directory.teams.get(self.incident.team)
        return team.on_call.timezone if team else "UTC"

    @property
    def locale(self) -> str:
        """The team's, "" when it has none."""
        team = self.directory.teams.get(self.incident.team)
        return team.locale if team else ""


def _is_slow(page: PlayedPage) -> bool:
    late = page.seconds is not None and page.seconds > SLOW_PAGE.total_seconds()
    return late or page.state is NotificationState.FAILED


def minutes_at(drill: Drill, moment: datetime) -> float:
    """How far the drill's own clock had come, in minutes."""
    return _minutes(drill, moment - drill.started_at)


def _minutes(drill: Drill, length: timedelta) -> float:
    return length.total_seconds() * drill.speed / 60


def report(
    drill: Drill,
    incident: Incident,
    planned: Simulation,
    made: Sequence[Notification],
    happened: Sequence[Entry],
    run: Run | None,
    now: datetime,
) -> DrillReport:
    """How `drill` went until it ended, or until `now`. `planned` is what a real incident would have brought."""
    taken = tuple(
        Taken(name=one.by, at=one.at, minutes=minutes_at(drill, one.at))
        for one in happened
        if one.event is Event.ACKNOWLEDGED
    )
    fired = {int(one.details["step"]): one.at for one in reversed(happened) if one.event in _FIRED and _is_step(one)}
    return DrillReport(
        lasted=minutes_at(drill, drill.ended_at or now),
        taken=taken,
        answered=_answered(drill, taken, made),
        steps=tuple(_step(drill, step, fired.get(step.step.order), made) for step in planned.steps),
        runbook=tuple(_timed(drill, run, taken[0].at if taken else None)) if run else (),
    )


_FIRED = (Event.ESCALATED, Event.NOBODY_REACHED)


def _is_step(entry: Entry) -> bool:
    return isinstance(entry.details.get("step"), int)


def _answered(drill: Drill, taken: Sequence[Taken], made: Iterable[Notification]) -> float | None:
    sent = [one.sent_at for one in made if one.recipient.person and one.sent_at]
    first = taken[0].at if taken else None
    if first is None or not sent or first < min(sent):
        return None
    return _minutes(drill, first - min(sent))


def _step(drill: Drill, step: PlannedStep, fired: datetime | None, made: Iterable[Notification]) -> PlayedStep:
    return PlayedStep(
        order=step.step.order,
        planned_minute=step.minute,
        planned=tuple((page.channel, page.name) for page in step.pages),
        misses=tuple(miss.reason for miss in step.misses),
        fired_at=fired,
        fired_minute=minutes_at(drill, fired) if fired else None,
        pages=tuple(_page(one) for one in made if one.step == step.step.order),
    )


def _page(one: Notification) -> PlayedPage:
    seconds = (one.sent_at - one.decided_at).total_seconds() if one.sent_at else None
    return PlayedPage(
        channel=one.channel,
        name=one.recipient.name,
        would_be=one.would_be,
        state=one.state,
        seconds=seconds,
        failure=one.failure,
        is_to_a_channel=one.is_to_a_channel,
    )


def _timed(drill: Drill, run: Run, taken_at: datetime | None) -> Iterable[TimedStep]:
    """A step's time begins when it is its turn and somebody has the incident."""
    for written in run.runbook.steps:
        _, went = run.step(written.order)
        took = None
        if went.state is StepState.DONE and went.started_at is not None and went.finished_at is not None:
            begun = max(went.started_at, min(taken_at or went.started_at, went.finished_at))
            took = _minutes(drill, went.finished_at - begun)
        yield TimedStep(
            order=written.order,
            title=written.title,
            declared=written.expected_duration,
            state=went.state,
            by=went.by,
            took=took,
        )
