"""Four eyes: no critical step is settled without two people or a broken glass, whoever clicks what, whenever."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import approvals, rollbacks
from domain import runbooks as machine
from domain.approvals import Request, RequestState, Wish
from domain.directory import Directory
from domain.errors import Conflict, Invalid, NeedsSecond, VigieError
from domain.people import Actor, Person
from domain.runbooks import Run, Runbook, RunbookStep, StepState
from tests.unit.block_samples import START

PEOPLE = {
    "p-ada": Person("p-ada", "ada", "Ada", slack="U1"),
    "p-john": Person("p-john", "john", "John", email="john@example.com", slack="U2"),
    "p-lea": Person("p-lea", "lea", "Léa", slack="U3"),
    "p-john2": Person("p-john2", "johnny", "Johnny", email="JOHN@example.com ", slack="U4"),
}
DIRECTORY = Directory(people=PEOPLE)


def actor(person: str) -> Actor:
    found = PEOPLE[person]
    return Actor(key=f"person:{person}", name=found.name, slack=found.slack, person=person)


ADA, JOHN, LEA, JOHNNY = (actor(name) for name in ("p-ada", "p-john", "p-lea", "p-john2"))
STRANGER = Actor(key="slack:U9", name="john ", slack="U9")
BOOK = Runbook(
    id="book",
    version_id="v1",
    title="Fail over",
    four_eyes=True,
    steps=(
        RunbookStep(order=1, title="Drain", rollback_instructions="undrain"),
        RunbookStep(order=2, title="Promote", is_critical=True, rollback_instructions="demote"),
        RunbookStep(order=3, title="Delete", is_critical=True),
    ),
)
HUMAN = {"p-ada": "ada", "p-john": "john", "p-lea": "lea", "p-john2": "john", "": "stranger"}


def run_at(order: int) -> Run:
    run = machine.start("run", "incident", BOOK, START)
    for step in range(1, order):
        second = machine.Second("Ada")
        run = machine.done(run, step, JOHN, confirmed=True, now=START, second=second)
    return run


def request(by: Actor = JOHN, wish: Wish = Wish.DONE, note: str = "") -> tuple[Request, Run]:
    run = run_at(2)
    return approvals.ask("r", run, 2, wish, by, START, note=note), run


def test_nobody_settles_a_critical_step_alone() -> None:
    run = run_at(2)
    with pytest.raises(NeedsSecond):
        machine.done(run, 2, JOHN, confirmed=True, now=START)
    with pytest.raises(NeedsSecond):
        machine.skip(run, 2, JOHN, "no replica", START)
    with pytest.raises(NeedsSecond):
        rollbacks.roll_back(run_at(3), 2, JOHN, START)


def test_a_step_that_is_not_critical_needs_nobody() -> None:
    assert machine.done(run_at(1), 1, JOHN, confirmed=False, now=START).current == 2


def test_a_runbook_without_four_eyes_needs_nobody() -> None:
    run = replace(run_at(2), runbook=replace(BOOK, four_eyes=False))
    assert machine.done(run, 2, JOHN, confirmed=True, now=START).step(2)[1].approved_by == ""


@pytest.mark.parametrize("other", [JOHN, JOHNNY, STRANGER, replace(STRANGER, name="Somebody")])
def test_the_second_person_is_proved_to_be_another(other: Actor) -> None:
    asked, run = request()
    with pytest.raises(Conflict):
        approvals.approve(asked, run, other, DIRECTORY, START)


def test_whoever_nobody_declared_may_ask_but_not_with_the_name_of_who_approves() -> None:
    asked, run = request(STRANGER)
    approvals.approve(asked, run, ADA, DIRECTORY, START)
    with pytest.raises(Conflict):
        approvals.approve(asked, run, JOHN, DIRECTORY, START)


def test_what_must_be_confirmed_is_not_asked_for_unconfirmed() -> None:
    with pytest.raises(Conflict, match="must be confirmed"):
        approvals.ask("r", run_at(2), 2, Wish.DONE, JOHN, START, confirmed=False)
    with pytest.raises(Invalid):
        approvals.ask("r", run_at(2), 2, Wish.SKIP, JOHN, START, note=" ")


def test_ten_minutes_and_not_longer() -> None:
    asked, run = request()
    last = START + approvals.VALID
    approvals.approve(asked, run, ADA, DIRECTORY, last - timedelta(seconds=1))
    with pytest.raises(Conflict, match="expired"):
        approvals.approve(asked, run, ADA, DIRECTORY, last)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RequestState.APPROVED, "Ada has approved"),
        (RequestState.REFUSED, "Ada has refused"),
        (RequestState.GLASS, "Ada went on without"),
        (RequestState.VOID, "void"),
        (RequestState.EXPIRED, "expired"),
    ],
)
def test_a_request_is_answered_once(state: RequestState, said: str) -> None:
    asked, run = request()
    settled = replace(asked, state=state, decided_by="Ada")
    for answer in (
        lambda: approvals.approve(settled, run, LEA, DIRECTORY, START),
        lambda: approvals.refuse(settled, LEA, "no", START),
        lambda: approvals.break_glass(settled, run, LEA, "now", START),
    ):
        with pytest.raises(Conflict, match=said):
            answer()


def test_a_request_is_touched_by_what_happens_to_its_step() -> None:
    asked, run = request()
    after = machine.problem(run, 2, LEA, "it hangs")
    assert approvals.touched(run, after, [asked]) == (asked,)
    undone = rollbacks.roll_back(run, 1, LEA, START)
    assert approvals.touched(run, undone, [asked]) == ()
    assert approvals.touched(run, rollbacks.abort(run, LEA, START), [asked]) == (asked,)


@dataclass
class Desk:
    """What the server does with clicks: the rules in the order in which the services use them."""

    run: Run = field(default_factory=lambda: run_at(1))
    """The run as it is; clicks are mostly about the step whose turn it is, as people's are."""
    now: int = 0
    requests: list[Request] = field(default_factory=list)
    glass: dict[tuple[int, StepState], str] = field(default_factory=dict)
    pairs: dict[tuple[int, StepState], tuple[str, str]] = field(default_factory=dict)

    @property
    def moment(self):  # type: ignore[no-untyped-def]
        return START + timedelta(minutes=self.now)

    def waiting(self) -> list[Request]:
        return [one for one in self.requests if one.state is RequestState.WAITING]

    def turn(self, order: int) -> int:
        """The step that a click is about: 0 is the one whose turn it is."""
        return order or self.run.current or rollbacks.turn(self.run) or 1

    def wish(self, wish: Wish, order: int, by: Actor, note: str) -> None:
        order = self.turn(order)
        try:
            self.settle(self.alone(wish, order, by, note))
        except NeedsSecond:
            approvals.require_none(self.waiting(), order, self.moment)
            name = str(len(self.requests))
            self.requests.append(approvals.ask(name, self.run, order, wish, by, self.moment, note=note))

    def alone(self, wish: Wish, order: int, by: Actor, note: str) -> Run:
        match wish:
            case Wish.DONE:
                return machine.done(self.run, order, by, confirmed=True, now=self.moment)
            case Wish.SKIP:
                return machine.skip(self.run, order, by, note, self.moment)
            case Wish.ROLL_BACK:
                return rollbacks.roll_back(self.run, order, by, self.moment)
            case Wish.KEEP:
                return rollbacks.keep(self.run, order, by, note, self.moment)

    def settle(self, after: Run) -> None:
        gone = approvals.touched(self.run, after, self.waiting())
        for one in gone:
            self.put(approvals.void(one, "", self.moment))
        self.run = after

    def answer(self, kind: str, index: int, by: Actor, reason: str) -> None:
        asked = self.requests[-1 - index % len(self.requests)] if self.requests else None
        if asked is None:
            return
        if kind == "refuse":
            self.put(approvals.refuse(asked, by, reason, self.moment))
            return
        if kind == "approve":
            decided, after = approvals.approve(asked, self.run, by, DIRECTORY, self.moment)
        else:
            decided, after = approvals.break_glass(asked, self.run, by, reason, self.moment)
        self.put(decided)
        key = (asked.order, after.step(asked.order)[1].state)
        if kind == "approve":
            self.pairs[key] = (HUMAN[asked.by.person], HUMAN[by.person])
        else:
            self.glass[key] = reason
        self.settle(after)

    def put(self, request: Request) -> None:
        self.requests = [request if one.id == request.id else one for one in self.requests]

    def check(self) -> None:
        """Every critical step that is settled was settled by two people, or through a broken glass with a reason."""
        for written, went in zip(self.run.runbook.steps, self.run.steps, strict=True):
            if not written.is_critical or went.state is StepState.OPEN:
                continue
            key = (went.order, went.state)
            assert went.approved_by
            if went.glass:
                assert self.glass[key].strip() == went.glass
            else:
                one, other = self.pairs[key]
                assert one != other and other != "stranger"


ACTORS = st.sampled_from([ADA, JOHN, LEA, JOHNNY, STRANGER])
NOTES = st.sampled_from(["", "  ", "because"])
WISHES = st.sampled_from([Wish.DONE, Wish.DONE, Wish.SKIP, Wish.ROLL_BACK, Wish.KEEP])
CLICKS = st.one_of(
    st.tuples(st.just("wish"), WISHES, st.sampled_from([0, 0, 0, 1, 2, 3]), ACTORS, NOTES),
    st.tuples(st.sampled_from(["approve", "approve", "refuse", "glass"]), st.integers(0, 2), ACTORS, NOTES),
    st.tuples(st.just("problem"), st.integers(1, 3), ACTORS),
    st.tuples(st.just("both"), WISHES, ACTORS, ACTORS),
    st.tuples(st.just("abort"), ACTORS),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 9, 10, 11])),
)


@settings(max_examples=300)
@given(st.lists(CLICKS, max_size=40))
def test_never_a_critical_step_settled_by_one_person(clicks: list[tuple]) -> None:  # type: ignore[type-arg]
    desk = Desk()
    for kind, *said in clicks:
        with suppress(VigieError):
            if kind == "wish":
                desk.wish(*said)
            elif kind == "problem":
                desk.settle(machine.problem(desk.run, said[0], said[1], "it hangs"))
            elif kind == "abort":
                desk.settle(rollbacks.abort(desk.run, said[0], desk.moment))
            elif kind == "both":
                desk.wish(said[0], 0, said[1], "because")
                desk.answer("approve", 0, said[2], "")
            elif kind == "wait":
                desk.now += said[0]
            else:
                desk.answer(kind, *said)
        desk.check()
