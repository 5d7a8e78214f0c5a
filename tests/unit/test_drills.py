"""Drills: nobody is paged who does not take part, whatever the policy and the catalog; time passes faster and nothing
else changes."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.drill_marks import marked
from blocks.kit import Message
from bot.engine.addresses import Addresses
from bot.engine.stage import narrowed
from bot.engine.transports import Transports
from bot.notifiers.base import Call, Email, Receipt, Sms
from domain import overdue
from domain.climbing import HEAD_START, look
from domain.directory import Directory
from domain.drill_reports import minutes_at, report
from domain.drills import Drill, addresses, cast, faults, within
from domain.errors import DeliveryError
from domain.escalations import begin, decide
from domain.incidents import Incident, Severity, Status
from domain.lifecycle import DEBOUNCE, Life, give_back, reassign
from domain.notifications import Recipient
from domain.oncall import OnCall, Rotation
from domain.people import Person, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.reports import Case
from domain.reports import report as figures
from domain.runbooks import Runbook, RunbookStep, start
from domain.simulation import simulate

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
NAMES = ("ada", "bob", "cy", "dora", "eve")
INCIDENT = Incident(
    id="i",
    short_id="INC-AAAAAA",
    title="DRILL: Redis",
    severity=Severity.SEV1,
    team="t",
    channel="C0DRILL",
    is_drill=True,
    detected_at=START,
    created_at=START,
)


def person(name: str, ways: frozenset[Channel]) -> Person:
    return Person(
        id=f"id-{name}",
        handle=name,
        name=name.title(),
        slack=f"U0{name.upper()}" if Channel.SLACK in ways else "",
        phone=f"+3360000{NAMES.index(name):04}" if Channel.SMS in ways else "",
        email=f"{name}@example.com" if Channel.EMAIL in ways else "",
    )


def directory_of(people: list[Person]) -> Directory:
    rotation = Rotation("primary", datetime.fromisoformat("2026-01-05T09:00"), 7, (people[0].id,))
    ids = tuple(one.id for one in people)
    team = Team("t", "T", "#t", people[-1].id, ids, on_call=OnCall("UTC", (rotation,)))
    return Directory(people={one.id: one for one in people}, teams={"t": team})


WAYS = st.frozensets(st.sampled_from([Channel.SLACK, Channel.SMS, Channel.EMAIL]), min_size=1)
PEOPLE = st.tuples(*(WAYS for _ in NAMES)).map(lambda ways: [person(n, w) for n, w in zip(NAMES, ways, strict=True)])
TARGETS = st.one_of(
    st.sampled_from([Target(TargetType.ON_CALL), Target(TargetType.TEAM), Target(TargetType.USER, "team_lead")]),
    st.sampled_from(NAMES).map(lambda name: Target(TargetType.USER, name)),
    st.sampled_from(["cto@company.com", "bob@example.com"]).map(lambda one: Target(TargetType.EMAIL, one)),
    st.sampled_from(["#other", "https://discord.com/api/webhooks/1/x"]).map(lambda at: Target(TargetType.CHANNEL, at)),
)
CHANNELS = st.lists(st.sampled_from(list(Channel)), min_size=1, max_size=3, unique=True).map(tuple)


def policy_of(targets: list[tuple[Target, tuple[Channel, ...]]]) -> Policy:
    steps = tuple(
        PolicyStep(order=n + 1, delay_minutes=n * 5, channels=channels, target=target)
        for n, (target, channels) in enumerate(targets)
    )
    return Policy(id="p", version_id="p1", name="P", steps=steps)


POLICIES = st.lists(st.tuples(TARGETS, CHANNELS), min_size=1, max_size=5).map(policy_of)


def drill_of(participants: tuple[str, ...], speed: int = 60) -> Drill:
    ids = tuple(f"id-{name}" for name in participants)
    return Drill(incident="i", speed=speed, participants=ids, channel="C0DRILL", started_by="Ada", started_at=START)


PLAYERS = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple)


@given(PEOPLE, POLICIES, PLAYERS, PLAYERS)
def test_nobody_is_paged_who_does_not_take_part(
    people: list[Person], policy: Policy, players: tuple[str, ...], called: tuple[str, ...]
) -> None:
    directory, drill = directory_of(people), drill_of(players)
    climb, incident = begin(INCIDENT, policy, drill.speed), INCIDENT
    life = reassign(Life(incident, climb), tuple(f"id-{name}" for name in called), "Ada", START)
    for one, now in ((climb, START + timedelta(hours=1)), (life.climb, START)):
        decision = look(one, policy, life.incident, directory, now)
        meant = (*decision.called, *decision.pages)
        pages = cast(meant, drill, directory)
        assert {page.recipient.address for page in pages} <= addresses(drill, directory)
        assert {page.recipient.person for page in pages} <= {*drill.participants, ""}
        keys = [(page.step.order, page.channel, page.recipient.address) for page in pages]
        assert len(keys) == len(set(keys))
        assert bool(pages) == bool(meant), "what would have reached somebody reaches somebody"
        said = {text for page in pages for text in page.would_be}
        others = {page.recipient.name for page in meant if page.recipient.person not in drill.participants}
        assert all(any(text.endswith(f" to {name}") for text in said) for name in others)


@given(PEOPLE, POLICIES, st.integers(1, 60))
def test_time_passes_faster_and_nothing_else_changes(people: list[Person], policy: Policy, speed: int) -> None:
    directory = directory_of(people)
    slow, fast = begin(INCIDENT, policy), begin(INCIDENT, policy, speed)
    while slow.wake_at is not None:
        assert fast.wake_at is not None
        assert abs((fast.wake_at - START) * speed - (slow.wake_at - START)) < timedelta(milliseconds=1)
        one = decide(slow, policy, INCIDENT, directory, slow.wake_at)
        other = decide(fast, policy, INCIDENT, directory, fast.wake_at)
        assert one.pages == other.pages
        slow, fast = one.escalation, other.escalation
    assert fast.wake_at is None


def test_every_length_of_a_climb_passes_faster() -> None:
    people = [person(name, frozenset(Channel)) for name in NAMES]
    steps = (PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL)),)
    policy = Policy(id="p", version_id="p1", name="P", steps=steps, ack_timeout_minutes=30)
    climb = begin(INCIDENT, policy, 10)
    assert climb.lasting(timedelta(minutes=30)) == timedelta(minutes=3)
    given_back = give_back(Life(replace(INCIDENT, status=Status.ACKNOWLEDGED), climb), START)
    assert given_back.climb.wake_at == START + DEBOUNCE / 10
    called = look(
        reassign(Life(INCIDENT, climb), ("id-bob",), "Ada", START).climb, policy, INCIDENT, directory_of(people), START
    )
    assert called.escalation.wake_at == START + HEAD_START / 10


def test_a_step_of_its_runbook_is_overdue_sooner() -> None:
    book = Runbook(id="b", title="B", steps=(RunbookStep(order=1, title="Look", expected_duration=10),))
    run = start("r", "i", book, START, 10)
    assert overdue.wake_at(run) == START + timedelta(minutes=2)
    assert overdue.wake_at(overdue.asked(run, START)) == START + timedelta(minutes=1)


def test_who_can_t_take_it_gets_no_more_while_others_are_left() -> None:
    people = [person(name, frozenset(Channel)) for name in NAMES]
    directory, drill = directory_of(people), drill_of(("dora", "eve"))
    step = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL))
    pages = decide(
        begin(INCIDENT, Policy(id="p", name="P", steps=(step,))),
        Policy(id="p", name="P", steps=(step,)),
        INCIDENT,
        directory,
        START,
    ).pages
    assert {page.recipient.name for page in cast(pages, drill, directory)} == {"Dora", "Eve"}
    assert {page.recipient.name for page in cast(pages, drill, directory, ["id-eve"])} == {"Dora"}
    assert {page.recipient.name for page in cast(pages, drill, directory, ["id-eve", "id-dora"])} == {"Dora", "Eve"}


def test_who_has_lost_every_address_meanwhile_stops_no_drill() -> None:
    people = [person("ada", frozenset(Channel)), person("bob", frozenset()), person("cy", frozenset({Channel.SMS}))]
    directory, policy = directory_of(people), policy_of([(Target(TargetType.ON_CALL), (Channel.SMS,))])
    meant = decide(begin(INCIDENT, policy), policy, INCIDENT, directory, START)
    for players, reached in ((("bob", "cy"), "+33600000002"), (("bob",), "C0DRILL")):
        assert [page.recipient.address for page in cast(meant.pages, drill_of(players), directory)] == [reached]


def test_another_way_ends_at_who_takes_part() -> None:
    people = [person(name, frozenset(Channel)) for name in NAMES]
    directory, drill = directory_of(people), drill_of(("bob",))
    ways = [(Channel.SMS, Recipient(one.id, one.name, one.phone)) for one in people]
    assert [way[1].name for way in within(drill, directory, ways)] == ["Bob"]


class Provider:
    """Takes what it is given."""

    def __init__(self) -> None:
        self.sent: list[Sms | Email | Call] = []

    async def send(self, message: Sms | Email | Call, ready: object = None) -> Receipt:
        self.sent.append(message)
        return Receipt("1")

    async def lookup(self, tag: str) -> Receipt | None:
        return None

    async def close(self) -> None:
        return None


class Book(Addresses):
    """Leads anywhere."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def direct(self, address: str) -> str:
        self.asked.append(address)
        return "D0"

    async def channel(self, name: str) -> str:
        self.asked.append(name)
        return name

    def lane(self, name: str) -> str:
        return name.removeprefix("#")


@given(PEOPLE, PLAYERS, st.sampled_from(NAMES))
async def test_the_last_gate_holds_whatever_was_decided(
    people: list[Person], players: tuple[str, ...], name: str
) -> None:
    directory, drill = directory_of(people), drill_of(players)
    sms, mail, gateway, book = Provider(), Provider(), Provider(), Book()
    ways = Transports(slack=None, rooms=None, addresses=book, sms=sms, email=mail, phone=gateway)  # type: ignore[arg-type]
    staged = narrowed(ways, drill, directory, "en")
    whom = directory.people[f"id-{name}"]
    letter = Email(to=whom.email, subject="s", text="t", html="h", message_id="<m>", sent_at=START)
    assert staged.sms
    assert staged.email
    assert staged.phone
    call = Call(id="c", to=whom.phone, text="t", locale="en", expires_at=START)
    tries: list[tuple[Awaitable[object], str]] = [
        (staged.sms.send(Sms(whom.phone, "x", "t")), whom.phone),
        (staged.email.send(letter), whom.email),
        (staged.phone.send(call), whom.phone),
        (staged.addresses.direct(whom.slack), whom.slack),
        (staged.addresses.channel("#other"), "#other"),
        (staged.addresses.channel("C0DRILL"), "C0DRILL"),
    ]
    allowed = addresses(drill, directory)
    for act, address in tries:
        if address in allowed:
            await act
        else:
            with pytest.raises(DeliveryError):
                await act
    assert {one.to for one in (*sms.sent, *mail.sent, *gateway.sent)} <= allowed
    assert set(book.asked) <= allowed
    assert all(one.text.startswith("DRILL") for one in (*sms.sent, *mail.sent, *gateway.sent))


def test_every_way_out_is_narrowed() -> None:
    """Who adds one says what it is in a drill: left out, it is None there."""
    assert {one.name for one in fields(Transports)} == {
        *("slack", "addresses", "rooms", "groups"),
        *("sms", "email", "phone", "discord"),
    }


def test_everything_is_marked_once() -> None:
    said = marked(Message("Step 2", [{"type": "section", "text": {"type": "mrkdwn", "text": "Look"}}]), "en")
    assert said.text == "DRILL: Step 2"
    assert "DRILL" in str(said.blocks[0])
    assert marked(said, "fr") == said


def test_faults_are_named_by_field() -> None:
    people = [person(name, frozenset(Channel)) for name in NAMES]
    nowhere = replace(people[0], slack="", phone="", email="")
    found = faults(0, [nowhere.id], "", directory_of([nowhere, *people[1:]]))
    assert {fault.field for fault in found} == {"speed", "channel", "participants"}


def test_drills_are_counted_apart() -> None:
    real = replace(INCIDENT, id="real", is_drill=False, acknowledged_at=START + timedelta(minutes=2))
    played = replace(INCIDENT, acknowledged_at=START + timedelta(seconds=1))
    found = figures([Case(real), Case(played)])
    assert (found.count, found.drills) == (1, 1)
    assert found.mtta.mean == 120


def test_a_report_tells_what_did_not_have_to_happen() -> None:
    people = [person(name, frozenset(Channel)) for name in NAMES]
    step = PolicyStep(order=1, delay_minutes=5, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL))
    policy, drill = Policy(id="p", name="P", steps=(step,)), drill_of(("bob",))
    planned = simulate(policy, INCIDENT, directory_of(people))
    now = START + timedelta(seconds=30)
    told = report(drill, INCIDENT, planned, [], [], None, now)
    assert told.lasted == minutes_at(drill, now) == 30
    assert told.steps[0].fired_at is None
    assert told.steps[0].planned == ((Channel.SMS, "Ada"),)
