"""The next two weeks' holes are those that the simulation finds, whenever an incident opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import AHEAD, WAKING, Cover, Hole, holes
from domain.directory import Directory
from domain.incidents import Severity
from domain.oncall import OnCall, Rotation
from domain.people import Person, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.reach import EVERYTHING, Reach
from domain.schedules import Override
from domain.simulation import simulate, supposed
from domain.troubles import Known, Trouble

NOW = datetime(2027, 3, 22, 10, 0, tzinfo=UTC)
"""A week before the clocks change in Paris."""
PEOPLE = {
    "ada": Person("ada", "ada", "Ada", email="ada@example.com", phone="+33600000001", slack="U01ADA"),
    "bob": Person("bob", "bob", "Bob", phone="+33600000002"),
    "eve": Person("eve", "eve", "Eve"),
}
SERVICE = Service("s", "redis-prod", team="t")


def step(order: int, delay: int, target: Target, *channels: Channel) -> PolicyStep:
    return PolicyStep(order=order, delay_minutes=delay, channels=channels or (Channel.SMS,), target=target)


def directory(
    *steps: PolicyStep, rotations: tuple[Rotation, ...] = (), overrides: tuple[Override, ...] = ()
) -> Directory:
    team = Team("t", "SRE", lead="ada", on_call=OnCall("Europe/Paris", rotations))
    policy = Policy(id="p", version_id="v", version=1, name="P", team="t", is_default=True, steps=steps)
    return Directory(
        people=PEOPLE, teams={"t": team}, services={"s": SERVICE}, policies={"p": policy}, overrides=overrides
    )


def of(found: tuple[Hole, ...], severity: Severity = Severity.SEV1) -> list[Hole]:
    return [hole for hole in found if hole.severity is severity]


ON_CALL = Target(TargetType.ON_CALL)
WEEKDAYS = Rotation("primary", datetime.fromisoformat("2027-03-22T09:00"), 1, ("ada",))


def test_two_ways_to_somebody_are_enough() -> None:
    both = step(1, 0, ON_CALL, Channel.SLACK, Channel.SMS)
    assert holes(directory(both, rotations=(WEEKDAYS,)), EVERYTHING, NOW) == ()


def test_one_way_to_one_person_is_said() -> None:
    (first, second) = holes(directory(step(1, 0, ON_CALL), rotations=(WEEKDAYS,)), EVERYTHING, NOW)
    assert (first.cover, first.person, first.channel) == (Cover.ONE_WAY, "ada", Channel.SMS)
    assert (first.start, first.end, first.services) == (NOW, NOW + AHEAD, ("redis-prod",))
    assert [first.severity, second.severity] == list(WAKING)


def test_a_rotation_that_begins_later_leaves_a_hole_until_then_less_the_delay() -> None:
    later = replace(WEEKDAYS, start=datetime.fromisoformat("2027-03-29T09:00"))
    steps = step(1, 10, ON_CALL, Channel.SLACK, Channel.SMS)
    (hole,) = of(holes(directory(steps, rotations=(later,)), EVERYTHING, NOW))
    assert hole.cover is Cover.NOBODY
    # 09:00 in Paris is 07:00 UTC, once its clocks have gone forward.
    assert hole.end == datetime(2027, 3, 29, 6, 50, tzinfo=UTC)


def test_no_policy_is_a_hole_for_what_must_wake_somebody() -> None:
    without = replace(directory(), policies={})
    assert [hole.severity for hole in holes(without, EVERYTHING, NOW)] == list(WAKING)


def test_a_channel_alone_is_enough_for_what_can_wait() -> None:
    channel = step(1, 0, Target(TargetType.CHANNEL, "#sre"), Channel.SLACK)
    found = holes(directory(channel), EVERYTHING, NOW)
    assert {hole.severity for hole in found} == set(WAKING)
    assert {hole.cover for hole in found} == {Cover.NOBODY}


def test_what_is_known_to_be_broken_is_no_way() -> None:
    gone = Known(name="person:U01ADA", trouble=Trouble.USER_GONE, label="Ada", detail="user_disabled", since=NOW)
    org = directory(step(1, 0, ON_CALL, Channel.SLACK), step(2, 10, ON_CALL), rotations=(WEEKDAYS,))
    assert of(holes(org, EVERYTHING, NOW)) == []
    [hole] = of(holes(org, Reach(frozenset({Channel.SLACK, Channel.SMS}), broken={gone.name: gone}), NOW))
    assert (hole.cover, hole.person, hole.channel) == (Cover.ONE_WAY, "ada", Channel.SMS)


@st.composite
def organisations(draw: st.DrawFn) -> Directory:
    """Rotations that begin and end anywhere, gaps, overrides, and steps to all kinds of targets."""
    hours = st.integers(0, 13 * 24)
    wall = st.builds(lambda at: datetime.fromisoformat("2027-03-22") + timedelta(hours=at), hours)
    people = st.lists(st.sampled_from(["ada", "bob", "eve"]), min_size=1, max_size=3).map(tuple)
    rotations = draw(
        st.lists(st.builds(Rotation, st.sampled_from(["one", "two"]), wall, st.integers(1, 4), people), max_size=2)
    )
    moments = st.builds(lambda at: NOW + timedelta(hours=at), hours)
    overrides = []
    for number in range(draw(st.integers(0, 2))):
        start = draw(moments)
        ends = start + timedelta(hours=draw(st.integers(1, 40)))
        person = draw(st.sampled_from(["bob", "eve"]))
        overrides.append(Override(id=str(number), team="t", person=person, start=start, end=ends))
    targets = st.sampled_from([ON_CALL, Target(TargetType.USER, "bob"), Target(TargetType.CHANNEL, "#sre")])
    delays = sorted(draw(st.sets(st.integers(0, 180), max_size=3)))
    channels = st.sets(st.sampled_from(Channel), min_size=1, max_size=2)
    steps = [step(order, delay, draw(targets), *sorted(draw(channels))) for order, delay in enumerate(delays, 1)]
    return directory(*steps, rotations=tuple(rotations), overrides=tuple(overrides))


@given(organisations(), st.lists(st.integers(0, 14 * 24 * 60 - 1), min_size=5, max_size=5))
def test_at_every_moment_the_sweep_says_what_the_simulation_says(org: Directory, minutes: list[int]) -> None:
    found = of(holes(org, EVERYTHING, NOW))
    for minute in minutes:
        at = NOW + timedelta(minutes=minute)
        policy = org.policy_for("t", Severity.SEV1)
        pages = simulate(policy, supposed(SERVICE, Severity.SEV1, at, org), org).pages
        ways = {(page.person, page.channel) for _, page in pages if page.person}
        here = [hole for hole in found if hole.start <= at < hole.end]
        assert len(here) <= 1
        if not ways:
            assert [hole.cover for hole in here] == [Cover.NOBODY]
        elif len(ways) == 1:
            assert [(hole.person, hole.channel) for hole in here] == list(ways)
        else:
            assert not here
