"""Which step of a newer version is which, and what stays done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import carrying
from domain import runbooks as machine
from domain.errors import Conflict, Outdated
from domain.runbooks import Run, Runbook, RunbookStep, RunState, Second, StepState
from tests.unit.block_samples import ADA, START

LATER = START + timedelta(minutes=9)


def book(*steps: tuple[str, str], version: int = 1, **said: object) -> Runbook:
    made = tuple(RunbookStep(order=n, title=title, command=command) for n, (title, command) in enumerate(steps, 1))
    return Runbook(id="book", version_id=f"v{version}", version=version, title="Fail over", steps=made, **said)  # type: ignore[arg-type]


def run_of(runbook: Runbook, done: int) -> Run:
    run = machine.start("old", "incident", runbook, START)
    for order in range(1, done + 1):
        run = machine.done(run, order, ADA, confirmed=True, now=START)
    return run


OLD = book(("Drain", "drain"), ("Tell", "say"), ("Check", "ping"))


def test_the_same_title_is_the_same_step_whatever_its_case_and_place() -> None:
    assert carrying.matches(OLD, book(("Look", ""), ("tell ", "shout"), (" DRAIN", "x"))) == {1: 3, 2: 2}


def test_then_the_same_command_is() -> None:
    assert carrying.matches(OLD, book(("Empty it", "drain"), ("Check", "ping"))) == {1: 1, 3: 2}


def test_titles_that_are_there_twice_match_in_their_order() -> None:
    assert carrying.matches(book(("Wait", ""), ("Wait", "")), book(("Wait", "a"), ("Wait", "b"))) == {1: 1, 2: 2}


def test_what_is_done_stays_done_with_who_and_when() -> None:
    run = run_of(OLD, 2)
    newest = book(("Look", ""), ("Drain", "drain"), ("Tell", "say"), ("Check", "ping"), version=2)
    carried = carrying.carry_over(run, newest, "v2", "new", LATER)
    assert carried.kept == (2, 3) and carried.run.current == 1
    assert carried.run.step(2)[1] == replace(run.step(1)[1], order=2)
    assert carried.run.started_at == START and carried.run.step(1)[1].started_at == LATER


def test_a_run_whose_last_steps_are_gone_is_finished() -> None:
    carried = carrying.carry_over(run_of(OLD, 2), book(("Drain", ""), ("Tell", ""), version=2), "v2", "new", LATER)
    assert carried.run.state is RunState.FINISHED and carried.run.finished_at == LATER


def test_what_was_done_alone_is_done_again_where_two_are_wanted() -> None:
    strict = book(("Drain", "drain"), ("Tell", "say"), version=2, four_eyes=True)
    strict = replace(strict, steps=tuple(replace(step, is_critical=True) for step in strict.steps))
    run = run_of(OLD, 2)
    carried = carrying.carry_over(run, strict, "v2", "new", LATER)
    assert carried.again == (1, 2) and carried.kept == () and carried.run.current == 1
    seconded = machine.changed(run, 1, approved_by=Second("Ada").name)
    assert carrying.carry_over(seconded, strict, "v2", "new", LATER).again == (2,)


def test_only_to_what_is_newer_and_was_seen() -> None:
    run, newest = run_of(OLD, 1), replace(OLD, version=2, version_id="v2")
    with pytest.raises(Outdated):
        carrying.carry_over(run, newest, "v1", "new", LATER)
    for other in (OLD, replace(newest, is_active=False), replace(newest, id="other")):
        with pytest.raises(Conflict):
            carrying.carry_over(run, other, other.version_id, "new", LATER)
    with pytest.raises(Conflict, match="goes on with a newer"):
        carrying.carry_over(replace(run, state=RunState.CARRIED_OVER), newest, "v2", "new", LATER)


STEPS = st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(["", "x", "y"])), min_size=1, max_size=6)


@given(STEPS, STEPS, st.integers(0, 6))
def test_every_step_is_matched_once_and_nothing_is_done_that_nobody_did(
    before: list[tuple[str, str]], after: list[tuple[str, str]], done: int
) -> None:
    old, newest = book(*before), book(*after, version=2)
    matched = carrying.matches(old, newest)
    assert len(set(matched.values())) == len(matched)
    run = run_of(old, min(done, len(before) - 1))
    carried = carrying.carry_over(run, newest, "v2", "new", LATER)
    was_done = {matched[went.order] for went in run.steps if went.state is StepState.DONE and went.order in matched}
    assert {went.order for went in carried.run.steps if went.state is StepState.DONE} == was_done
    gone = {old.order for old, new in carrying.changes(old, newest) if old and new is None}
    assert gone == {step.order for step in old.steps} - set(matched)
