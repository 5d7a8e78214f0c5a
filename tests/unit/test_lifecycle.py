"""The turns of an incident's life, whatever their order: nobody is paged who need not be, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain import climbing, lifecycle, snoozes
from domain import incidents as rules
from domain.directory import Directory
from domain.errors import Conflict, Invalid
from domain.escalations import Escalation, EscalationState, Page, begin, reaches_another, stop
from domain.incidents import Incident, Severity, Status
from domain.lifecycle import Life
from domain.oncall import OnCall, Rotation
from domain.people import Actor, Person, Role, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.simulation import simulate

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PEOPLE = {
    name: Person(name, name, name.title(), f"{name}@example.com", f"+3360000000{number}", f"U0{name.upper()}")
    for number, name in enumerate(("ada", "bob", "lea"))
}
TARGETS = [
    Target(TargetType.CHANNEL, "#sre"),
    Target(TargetType.ON_CALL),
    Target(TargetType.TEAM),
    Target(TargetType.USER, "ada"),
    Target(TargetType.USER, "team_lead"),
    Target(TargetType.USER, "nobody"),
    Target(TargetType.EMAIL, "bob@example.com"),
]


def actor(name: str) -> Actor:
    return Actor(f"person:{name}", name.title(), Role.OPERATOR, f"U0{name.upper()}", name)


@some.composite
def policies(draw: some.DrawFn) -> Policy:
    delays = sorted(draw(some.lists(some.integers(0, 40), min_size=0, max_size=4)))
    by = some.sampled_from([(Channel.SLACK,), (Channel.SMS,), (Channel.SLACK, Channel.SMS)])
    steps = tuple(
        PolicyStep(order=order, delay_minutes=delay, channels=draw(by), target=draw(some.sampled_from(TARGETS)))
        for order, delay in enumerate(delays, 1)
    )
    timeout = draw(some.sampled_from([0, 0, 10, 30]))
    return Policy(id="p", version_id="v", name="P", steps=steps, ack_timeout_minutes=timeout)


@some.composite
def directories(draw: some.DrawFn) -> Directory:
    people = draw(some.lists(some.sampled_from(sorted(PEOPLE)), unique=True))
    rotation = Rotation("primary", datetime.fromisoformat("2026-01-05T09:00"), 7, tuple(people))
    team = Team("t", "T", "#sre", draw(some.sampled_from(["", "lea"])), tuple(people), "", OnCall("UTC", (rotation,)))
    known = {name: replace(one, is_active=draw(some.integers(0, 9)) > 0) for name, one in PEOPLE.items()}
    return Directory(people=known, teams={"t": team})


@dataclass
class Night:
    """An incident with its climb, its engine, and what the engine did."""

    policy: Policy
    directory: Directory
    now: datetime = NOW
    life: Life = field(init=False)
    pages: list[tuple[datetime, Page]] = field(default_factory=list)
    has_said_that_nobody_is_left: bool = False
    alive_at: datetime | None = None

    def __post_init__(self) -> None:
        incident = Incident(
            id="i", short_id="INC-AAAAAA", title="t", severity=Severity.SEV1, team="t", detected_at=NOW, created_at=NOW
        )
        self.life = Life(incident, begin(incident, self.policy))
        self.settle()

    @property
    def is_wanting(self) -> bool:
        return self.life.incident.status is Status.TRIGGERED

    def settle(self) -> None:
        """The engine looks until nothing is due."""
        for _ in range(50):
            climb, incident = self.life.climb, self.life.incident
            if climb.wake_at is None or climb.wake_at > self.now:
                return
            decision = climbing.look(climb, self.policy, incident, self.directory, self.now, alive_at=self.alive_at)
            self.life = Life(decision.triggered or incident, decision.escalation)
            pages = (*decision.called, *decision.pages)
            assert self.is_wanting or not pages
            self.pages += [(self.now, page) for page in pages]
            over = decision.escalation.state is EscalationState.EXHAUSTED
            if self.is_wanting and (over or decision.is_nobody_left):
                self.has_said_that_nobody_is_left = True
            if decision.triggered:
                self.has_said_that_nobody_is_left = over
        raise AssertionError("the engine never comes to rest")

    def after(self, length: timedelta) -> None:
        """Time goes by; the engine looks when something is due, or late after a downtime."""
        end = self.now + length
        while self.life.climb.wake_at is not None and self.now < self.life.climb.wake_at <= end:
            self.now = self.life.climb.wake_at
            self.settle()
        self.now = end
        self.settle()

    def down(self, length: timedelta) -> None:
        self.now += length
        self.settle()

    def act(self, verb: str, name: str) -> None:
        try:
            self.life = ACTS[verb](self, actor(name))
        except Conflict:
            return
        if verb not in ("decline", "note"):
            self.has_said_that_nobody_is_left = False
        self.settle()

    def acknowledge(self, by: Actor) -> Life:
        incident = rules.acknowledge(self.life.incident, by, self.now)
        self.alive_at = self.now
        return Life(incident, lifecycle.watched(self.life.climb, self.policy, self.now, incident.owner))

    def snooze(self, by: Actor) -> Life:
        until = self.now + 20 * MINUTE
        incident = rules.snooze(self.life.incident, by, until, self.now)
        return Life(incident, lifecycle.snoozed(self.life.climb, until, incident.owner))

    def decline(self, by: Actor) -> Life:
        climb = self.life.climb
        is_theirs = any(page.recipient.person == by.person for _, page in self.pages)
        if by.person in climb.declined and self.life.incident.owner != by.person:
            return self.life
        return lifecycle.decline(self.life, by.person, self.now, is_theirs_to_answer=is_theirs)

    def mitigate(self, by: Actor) -> Life:
        return Life(rules.mitigate(self.life.incident, by, self.now), stop(self.life.climb))

    def resolve(self, by: Actor) -> Life:
        return Life(rules.resolve(self.life.incident, by, "done", "", self.now), stop(self.life.climb))

    def note(self, by: Actor) -> Life:
        self.alive_at = self.now
        return self.life


ACTS: dict[str, Callable[[Night, Actor], Life]] = {
    "acknowledge": Night.acknowledge,
    "give back": lambda night, by: lifecycle.give_back(night.life, night.now),
    "snooze": Night.snooze,
    "decline": Night.decline,
    "reassign": lambda night, by: lifecycle.reassign(night.life, (by.person,), "Ada", night.now),
    "mitigate": Night.mitigate,
    "resolve": Night.resolve,
    "note": Night.note,
}
MOVES = some.one_of(
    some.tuples(some.sampled_from(sorted(ACTS)), some.sampled_from(sorted(PEOPLE))),
    some.tuples(some.just("after"), some.integers(1, 3000)),
    some.tuples(some.just("down"), some.integers(1, 8000)),
)


def play(night: Night, moves: list[tuple[str, str | int]]) -> None:
    for verb, what in moves:
        if isinstance(what, int):
            getattr(night, verb)(timedelta(seconds=what))
        else:
            night.act(verb, what)


@settings(max_examples=500)
@given(policies(), directories(), some.lists(MOVES, max_size=12))
def test_who_wants_somebody_waits_for_something_or_has_said_that_nobody_is_left(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]]
) -> None:
    night = Night(policy, directory)
    for move in moves:
        play(night, [move])
        incident, climb = night.life.incident, night.life.climb
        if incident.status is Status.TRIGGERED:
            is_over = climb.state is EscalationState.EXHAUSTED
            assert climb.wake_at is not None or (is_over and (night.has_said_that_nobody_is_left or not policy.steps))
        if incident.is_snoozed:
            assert climb.wake_at == incident.snoozed_until
        if incident.status in (Status.MITIGATED, Status.RESOLVED):
            assert climb.wake_at is None


@settings(max_examples=300)
@given(policies(), directories(), some.lists(MOVES, max_size=8), some.sampled_from(["acknowledge", "resolve"]))
def test_nobody_is_paged_after_the_last_acknowledgement(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]], last: str
) -> None:
    night = Night(replace(policy, ack_timeout_minutes=0), directory)
    play(night, moves)
    night.act(last, "ada")
    if night.is_wanting:
        return
    if night.life.incident.is_snoozed:
        night.act("acknowledge", "ada")
    before = len(night.pages)
    night.after(timedelta(days=2))
    assert len(night.pages) == before


@settings(max_examples=300)
@given(policies(), directories(), some.lists(MOVES, max_size=8), some.sampled_from(["give back", "snooze"]))
def test_what_wants_somebody_again_pages_somebody_if_anybody_can_be(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]], how: str
) -> None:
    night = Night(policy, directory)
    play(night, moves)
    night.act("acknowledge", "ada")
    if night.life.incident.status is not Status.ACKNOWLEDGED:
        return
    night.act(how, "bob")
    before = len(night.pages)
    night.after(timedelta(seconds=9))
    assert len(night.pages) == before
    night.after(timedelta(days=2))
    fresh = Escalation(incident="i", policy_version="v", started_at=NOW, wake_at=None)
    incident, directory = night.life.incident, night.directory
    if any(reaches_another(fresh, step, incident, directory, night.now) for step in policy.live_steps):
        persons = [page for _, page in night.pages[before:] if page.step.target.type is not TargetType.CHANNEL]
        assert persons


@settings(max_examples=300)
@given(policies(), directories(), some.lists(MOVES, max_size=8), some.sampled_from(sorted(PEOPLE)))
def test_whoever_had_it_and_cannot_take_it_passes_it_on_to_anybody_who_can(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]], owner: str
) -> None:
    night = Night(policy, directory)
    play(night, [*moves, ("acknowledge", owner)])
    if night.life.incident.owner != owner or night.life.incident.status is not Status.ACKNOWLEDGED:
        return
    before = len(night.pages)
    night.act("decline", owner)
    climb, incident = night.life.climb, night.life.incident
    if any(reaches_another(climb, step, incident, directory, night.now) for step in policy.live_steps):
        persons = [page for _, page in night.pages[before:] if page.step.target.type is not TargetType.CHANNEL]
        assert any(page.recipient.person not in climb.declined for page in persons)


@settings(max_examples=300)
@given(policies(), directories(), some.lists(MOVES, max_size=8))
def test_whether_anybody_is_still_paged_is_foretold(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]]
) -> None:
    night = Night(policy, directory)
    play(night, moves)
    if night.is_wanting:
        is_nobody = climbing.reaches_nobody(night.life, policy, directory, night.now)
        before = len(night.pages)
        night.after(timedelta(days=2))
        persons = [page for _, page in night.pages[before:] if page.step.target.type is not TargetType.CHANNEL]
        assert is_nobody == (not persons)


@settings(max_examples=300)
@given(policies(), directories(), some.lists(MOVES, max_size=10))
def test_who_cannot_take_it_is_paged_again_only_when_nobody_else_is_left(
    policy: Policy, directory: Directory, moves: list[tuple[str, str | int]]
) -> None:
    night = Night(policy, directory)
    for move in moves:
        climb, position = night.life.climb, night.life.climb.next_step
        before = len(night.pages)
        play(night, [move])
        if move[0] != "after" or night.life.climb.next_step < position or night.life.climb.round != climb.round:
            continue
        for at, page in night.pages[before:]:
            if page.step.order and page.recipient.person in climb.declined:
                later = policy.live_steps[policy.live_steps.index(page.step) + 1 :]
                assert not any(reaches_another(climb, step, night.life.incident, directory, at) for step in later)


@settings(max_examples=200)
@given(policies(), directories())
def test_a_simulation_agrees_with_a_night_on_which_nobody_does_anything(policy: Policy, directory: Directory) -> None:
    night = Night(policy, directory)
    night.after(timedelta(days=1))
    planned = simulate(policy, night.life.incident, directory).steps
    pages = [(at, page.step.order, page.channel, page.recipient.address) for at, page in night.pages]
    told = [(step.at, step.step.order, page.channel, page.address) for step in planned for page in step.pages]
    assert sorted(pages) == sorted(told)


def test_an_outlook_is_what_then_happens() -> None:
    steps = tuple(
        PolicyStep(order=order, delay_minutes=delay, channels=(Channel.SMS,), target=target)
        for order, (delay, target) in enumerate([(0, TARGETS[5]), (5, TARGETS[5]), (10, TARGETS[3])], 1)
    )
    policy, directory = Policy(id="p", version_id="v", name="P", steps=steps), Directory(people=PEOPLE)
    night = Night(policy, directory)
    assert [page.recipient.name for _, page in night.pages] == ["Ada"]
    night.act("acknowledge", "bob")
    assert climbing.outlook(night.life.climb, policy, night.life.incident, directory) is None
    night.act("give back", "bob")
    found = climbing.outlook(night.life.climb, policy, night.life.incident, directory)
    assert found is not None
    assert (found[0] - night.now, found[1][0].recipient.name) == (lifecycle.DEBOUNCE, "Ada")


@pytest.mark.parametrize(
    ("said", "length"),
    [
        *(("30m", 30), ("4h", 240), ("1h30", 90), ("2d", 2880), ("45", 45), ("09:00", 360), ("until 2:30", 1410)),
        *(("2 heures", 120), ("1 hour 5 minutes", 65), ("1 jour", 1440), ("2j", 2880), ("jusqu’à 9:00", 360)),
    ],
)
def test_lengths_and_times_of_the_day(said: str, length: int) -> None:
    """02:00 UTC is 03:00 in Paris."""
    assert snoozes.until(said, NOW, "Europe/Paris") - NOW == length * MINUTE


@pytest.mark.parametrize("said", ["", "soon", "0m", "8d", "-1h", "25:00", "1h 1h"])
def test_what_is_no_length_is_refused(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        snoozes.until(said, NOW, "UTC")
    assert refused.value.faults[0].field == "until"


@given(some.text(max_size=12))
def test_a_snooze_never_lasts_for_ever(said: str) -> None:
    try:
        until = snoozes.until(said, NOW, "Europe/Paris")
    except Invalid:
        return
    assert MINUTE <= until - NOW <= timedelta(days=7)


def test_who_is_given_it_is_paged_though_another_cannot_take_it_at_that_moment() -> None:
    step = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.USER, "lea"))
    policy = Policy(id="p", version_id="v", name="P", steps=(step,))
    night = Night(policy, Directory(people=PEOPLE))
    night.life = lifecycle.reassign(night.life, ("ada",), "Lea", night.now)
    night.life = lifecycle.decline(night.life, "lea", night.now, is_theirs_to_answer=True)
    night.settle()
    assert night.pages[-1][1].recipient.person == "ada"
