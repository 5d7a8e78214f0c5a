"""A simulation says what the engine would do: never more, never less, never at another minute."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from domain.differences import difference
from domain.directory import Directory
from domain.escalations import begin, decide
from domain.incidents import Severity
from domain.oncall import OnCall, Rotation
from domain.people import Person, Service, Team
from domain.policies import Channel, Choice, Policy, PolicyStep, Target, TargetType, why_chosen
from domain.preferences import Preferences, Quiet
from domain.reach import Reach
from domain.simulation import Miss, Simulation, simulate, supposed
from handlers.catalog.catalog import read, resolve

PAYLOADS = Path(__file__).parents[1] / "payloads"
NIGHT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
"""Three in the morning in Paris."""


def guide() -> Directory:
    """The guide's catalog, as it is loaded."""
    files = [(name, (PAYLOADS / name).read_text("utf-8")) for name in ("guide.yaml", "organisation.yaml")]
    numbers = itertools.count(1)
    catalog = resolve(read(files, []), Directory(), lambda: f"id{next(numbers)}")
    return Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        policies={one.id: one for one in catalog.policies},
        runbooks={one.id: one for one in catalog.runbooks},
    )


GUIDE = guide()


def night(directory: Directory = GUIDE, reach: Reach | None = None, service: str = "redis-prod") -> Simulation:
    """A SEV1 of `service` at three in the morning."""
    found = directory.service_by_name(service)
    assert found is not None
    incident = supposed(found, Severity.SEV1, NIGHT, directory)
    policy = directory.policy_for(found.team, Severity.SEV1)
    return simulate(policy, incident, directory, reach or Reach())


def told(simulation: Simulation) -> list[tuple[int, str, str]]:
    return [(minute, page.channel.value, page.name) for minute, page in simulation.pages]


def policy_with(*steps: PolicyStep) -> Directory:
    """The guide's catalog with other steps in its policy."""
    [one] = GUIDE.policies.values()
    return replace(GUIDE, policies={one.id: replace(one, steps=steps)})


def step(order: int, delay: int, channels: str, target: TargetType, value: str = "") -> PolicyStep:
    reached = tuple(Channel(name) for name in channels.split())
    return PolicyStep(order=order, delay_minutes=delay, channels=reached, target=Target(target, value))


def test_the_guide_s_redis_sev1_goes_as_its_time_line_shows() -> None:
    assert told(night()) == [
        (0, "SLACK", "#sre-incidents"),
        (5, "SLACK", "John Doe"),
        (5, "SMS", "John Doe"),
        (15, "SMS", "Léa Lead"),
        (15, "EMAIL", "Léa Lead"),
        (30, "EMAIL", "engineering-manager@company.com"),
        (30, "SLACK", "engineering-manager@company.com"),
        (60, "EMAIL", "Chloé Tech"),
        (60, "SMS", "Chloé Tech"),
    ]


def test_it_says_why_and_until_when_somebody_is_on_call() -> None:
    second = night().steps[1]
    assert second.at == NIGHT + timedelta(minutes=5)
    why = second.pages[0].why
    assert (why.target, why.team, why.rotation) == (TargetType.ON_CALL, "SRE Core", "primary")
    assert why.until == datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
    assert night().steps[2].pages[0].why.is_lead


def test_a_step_that_reaches_nobody_lets_the_next_fire_at_once() -> None:
    bare = replace(next(iter(GUIDE.teams.values())), on_call=OnCall())
    directory = replace(GUIDE, teams={**GUIDE.teams, bare.id: bare})
    steps = night(directory).steps
    assert [(one.step.order, one.minute, one.is_early) for one in steps[:3]] == [
        (1, 0, False),
        (2, 5, False),
        (3, 5, True),
    ]
    assert steps[1].misses == (Miss("nobody is on call"),)
    assert steps[1].next_at_once and not steps[1].pages
    assert not steps[0].next_at_once


def test_a_channel_that_is_off_goes_another_way() -> None:
    off = Reach(frozenset({Channel.SLACK, Channel.EMAIL}))
    lead = night(policy_with(step(1, 0, "SMS", TargetType.USER, "team_lead")), off).steps[0]
    assert [(page.channel, page.name, page.instead_of) for page in lead.pages] == [
        (Channel.SLACK, "Léa Lead", Channel.SMS)
    ]
    assert lead.misses == (Miss("SMS is not set up", Channel.SMS, "Léa Lead", (Channel.SLACK,)),)


def test_who_is_reached_by_the_step_anyway_is_not_told_twice() -> None:
    second = night(reach=Reach(frozenset({Channel.SLACK, Channel.EMAIL}))).steps[1]
    assert [page.channel for page in second.pages] == [Channel.SLACK]
    assert second.misses == (Miss("SMS is not set up", Channel.SMS, "John Doe"),)


def test_what_is_off_is_not_tried_on_the_way() -> None:
    mail = Reach(frozenset({Channel.EMAIL}))
    both = night(policy_with(step(1, 0, "PHONE", TargetType.USER, "team_lead")), mail).steps[0]
    assert [(page.channel, page.instead_of) for page in both.pages] == [(Channel.EMAIL, Channel.PHONE)]
    assert [(miss.channel, miss.instead) for miss in both.misses] == [(Channel.PHONE, (Channel.EMAIL,))]


def test_whoever_is_on_call_stands_in_for_a_channel_that_is_off() -> None:
    texts = Reach(frozenset({Channel.SMS}))
    [page] = night(policy_with(step(1, 0, "SLACK", TargetType.CHANNEL, "#sre-incidents")), texts).steps[0].pages
    assert (page.channel, page.name, page.instead_of) == (Channel.SMS, "John Doe", Channel.SLACK)
    assert page.why.rotation == "primary"


def test_two_steps_of_one_moment_are_one_message() -> None:
    twice = policy_with(step(1, 0, "SMS", TargetType.ON_CALL), step(2, 0, "SMS", TargetType.USER, "john"))
    first, second = night(twice).steps
    assert (first.pages, first.said_in) == ((), 2)
    assert [page.covers for page in second.pages] == [(1,)]


def test_without_a_policy_nobody_is_paged() -> None:
    simulation = night(service="api-gateway")
    assert simulation.policy is None and not simulation.steps


def test_why_a_policy_is_chosen() -> None:
    own = Policy(id="a", name="A", team="t", severity_filter=Severity.SEV1)
    assert why_chosen(own, Severity.SEV1) is Choice.TEAM_SEVERITY
    assert why_chosen(replace(own, severity_filter=None, is_default=True), Severity.SEV1) is Choice.TEAM_DEFAULT
    assert why_chosen(replace(own, team="", is_default=True), Severity.SEV1) is Choice.INSTANCE_DEFAULT


def test_the_same_night_has_no_difference() -> None:
    assert difference(night(), night()) == ()


def test_a_step_taken_away_is_pages_removed() -> None:
    [one] = GUIDE.policies.values()
    shorter = night(replace(GUIDE, policies={one.id: replace(one, steps=one.steps[:4])}))
    assert [(found.rule, found.message) for found in difference(night(), shorter)] == [
        ("page-removed", "Chloé Tech by EMAIL: no longer at 60 min"),
        ("page-removed", "Chloé Tech by SMS: no longer at 60 min"),
    ]
    assert {found.rule for found in difference(shorter, night())} == {"page-added"}


def test_a_delay_changed_is_a_page_moved() -> None:
    [one] = GUIDE.policies.values()
    later = tuple(replace(each, delay_minutes=20) if each.order == 3 else each for each in one.steps)
    found = difference(night(), night(replace(GUIDE, policies={one.id: replace(one, steps=later)})))
    assert [(each.rule, each.severity.value, each.message) for each in found] == [
        ("page-moved", "warning", "Léa Lead by SMS: at 20 min instead of 15"),
        ("page-moved", "warning", "Léa Lead by EMAIL: at 20 min instead of 15"),
    ]


def test_that_nobody_is_rung_any_more_is_said_first() -> None:
    quiet = night(policy_with(step(1, 0, "SLACK", TargetType.CHANNEL, "#sre-incidents")))
    assert difference(night(), quiet)[0].message == "SEV1 rings nobody's telephone any more"
    silent = replace(quiet, policy=None, steps=())
    assert difference(night(), silent)[0].message == "SEV1 pages nobody any more"


HANDLES = ("ada", "bob", "eve")


CHANNELS = some.lists(some.sampled_from(list(Channel)), unique=True, max_size=4).map(tuple)
QUIET = some.dictionaries(some.sampled_from(list(Severity)[1:]), CHANNELS.filter(bool), max_size=2).map(
    lambda said: tuple(Quiet(severity, said[severity]) for severity in sorted(said))
)
PREFERENCES = some.builds(Preferences, channels=CHANNELS, quiet=QUIET)


@some.composite
def organisations(draw: some.DrawFn) -> Directory:
    """Up to three people with some of their addresses, a team with a rotation, and a policy of any shape."""
    people = {
        handle: Person(
            id=handle,
            handle=handle,
            name=handle.title(),
            email=draw(some.sampled_from(["", f"{handle}@example.com"])),
            phone=draw(some.sampled_from(["", "+3360000000" + str(HANDLES.index(handle))])),
            slack=draw(some.sampled_from(["", f"U0{handle.upper()}"])),
            is_active=draw(some.booleans()),
            preferences=draw(PREFERENCES),
        )
        for handle in HANDLES
    }
    some_people = some.lists(some.sampled_from(HANDLES), unique=True, max_size=3).map(tuple)
    rotation = Rotation("primary", datetime.fromisoformat("2026-11-30T09:00"), 1, draw(some_people))
    on_call = OnCall("Europe/Paris", (rotation,))
    team = Team("team", "Team", "#team", draw(some.sampled_from(["", *HANDLES])), draw(some_people), on_call=on_call)
    targets = some.one_of(
        some.sampled_from([Target(TargetType.ON_CALL), Target(TargetType.TEAM), Target(TargetType.CHANNEL, "#team")]),
        some.just(Target(TargetType.CHANNEL, "#other")),
        some.sampled_from([*HANDLES, "team_lead", "nobody"]).map(lambda name: Target(TargetType.USER, name)),
        some.sampled_from(["ada@example.com", "x@y.org"]).map(lambda address: Target(TargetType.EMAIL, address)),
    )
    channels = some.lists(some.sampled_from(list(Channel)), unique=True, min_size=1, max_size=3).map(tuple)
    steps = draw(some.lists(some.tuples(some.integers(0, 12), channels, targets, some.booleans()), max_size=5))
    policy = Policy(
        id="policy",
        name="Policy",
        team="team",
        is_default=True,
        steps=tuple(
            PolicyStep(order=order, delay_minutes=delay, channels=by, target=target, is_active=is_active)
            for order, (delay, by, target, is_active) in enumerate(steps, 1)
        ),
    )
    service = Service("service", "redis-prod", "team")
    return Directory(people=people, teams={"team": team}, services={"service": service}, policies={"policy": policy})


NEAR_A_HAND_OFF = some.integers(0, 15).map(
    lambda minutes: datetime(2026, 12, 2, 7, 50, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=300)
@given(organisations(), NEAR_A_HAND_OFF)
def test_it_agrees_with_the_engine_stepped_minute_by_minute(directory: Directory, at: datetime) -> None:
    policy = directory.policies["policy"]
    incident = supposed(directory.services["service"], Severity.SEV2, at, directory)
    climb = begin(incident, policy)
    pages, fired, missed = [], [], []
    for minute in range(14):
        decision = decide(climb, policy, incident, directory, at + timedelta(minutes=minute))
        climb = decision.escalation
        pages += [(minute, page.step.order, page.channel, page.recipient.address) for page in decision.pages]
        fired += [(minute, one.order) for one in decision.fired]
        missed += [(minute, one.step.order, one.reason) for one in decision.unreached]
    planned = simulate(policy, incident, directory).steps
    assert sorted(pages) == sorted(
        (one.minute, one.step.order, page.channel, page.address) for one in planned for page in one.pages
    )
    assert fired == [(one.minute, one.step.order) for one in planned]
    assert missed == [(one.minute, one.step.order, miss.reason) for one in planned for miss in one.misses]


@settings(max_examples=200)
@given(organisations(), NEAR_A_HAND_OFF, some.sets(some.sampled_from(list(Channel))))
def test_never_by_a_channel_that_is_off_and_never_twice_by_one_step(
    directory: Directory, at: datetime, channels: set[Channel]
) -> None:
    incident = supposed(directory.services["service"], Severity.SEV2, at, directory)
    planned = simulate(directory.policies["policy"], incident, directory, Reach(frozenset(channels))).steps
    assert all(page.channel in channels for one in planned for page in one.pages)
    for one in planned:
        ways = [(page.channel, page.address) for page in one.pages]
        assert len(set(ways)) == len(ways)


@settings(max_examples=200)
@given(
    organisations(),
    NEAR_A_HAND_OFF,
    some.sets(some.sampled_from([Channel.SLACK, Channel.SMS, Channel.EMAIL]), min_size=1),
)
def test_whoever_the_step_means_and_some_channel_finds_is_always_reached(
    directory: Directory, at: datetime, channels: set[Channel]
) -> None:
    """Everybody with every address: whatever is off, a channel that is on finds them."""
    people = {
        one.id: replace(one, email=f"{one.id}@example.com", phone=f"+33{one.id}", slack=f"U0{one.id}")
        for one in directory.people.values()
    }
    whole = replace(directory, people=people)
    incident = supposed(whole.services["service"], Severity.SEV2, at, whole)
    meant = simulate(whole.policies["policy"], incident, whole)
    left = simulate(whole.policies["policy"], incident, whole, Reach(frozenset(channels)))
    reached = {page.person for _, page in left.pages}
    assert {page.person for _, page in meant.pages if page.person} <= reached
