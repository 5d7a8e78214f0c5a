"""What runs say about a runbook: measured against declared, and what nobody ever tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from blocks import evidence as looks
from bot.demo.blockkit import check_blocks, check_view
from domain.evidence import ENOUGH, Went, evidence, findings, never_run
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook, RunbookStep, StepState

BEGUN = datetime(2026, 11, 23, 3, tzinfo=UTC)


def went(title: str, minutes: float, state: StepState = StepState.DONE) -> Went:
    return Went(title, state, started_at=BEGUN, finished_at=BEGUN + timedelta(minutes=minutes))


def book(*steps: tuple[str, int]) -> Runbook:
    written = tuple(
        RunbookStep(order=order, title=title, expected_duration=minutes)
        for order, (title, minutes) in enumerate(steps, 1)
    )
    return Runbook(id="one", title="Redis Cluster Recovery", steps=written)


def test_real_minutes_beside_declared_ones() -> None:
    said = evidence(book(("Restart the node", 5)), 4, [went("restart  the NODE", one) for one in (10, 14, 18)])
    (step,) = said.steps
    assert (step.declared, step.median, step.measured) == (5, 14.0, 3)
    (found,) = findings(said)
    assert (found.rule, found.where.step) == ("duration-unrealistic", 1)
    assert found.message == "declared 5 min, took 14 min in the middle of 3 times"
    assert found in lint_runbook(book(("Restart the node", 5)), said)
    assert found not in lint_runbook(book(("Restart the node", 5)))


def test_two_runs_prove_nothing() -> None:
    assert not list(findings(evidence(book(("Restart", 5)), 2, [went("Restart", 50), went("Restart", 60)])))


def test_what_was_skipped_takes_no_time_and_is_not_exercised() -> None:
    said = evidence(
        book(("Look", 5), ("Restart", 5), ("Verify", 5)),
        3,
        [went("Look", 5), went("Restart", 0, StepState.SKIPPED), went("Restart", 0, StepState.SKIPPED)],
    )
    assert [step.title for step in said.most_skipped] == ["Restart"]
    assert [step.title for step in said.never_exercised] == ["Restart", "Verify"]
    assert said.steps[1].median is None


def test_steps_of_one_title_share_nothing() -> None:
    said = evidence(book(("Restart", 5), ("Restart", 9)), 3, [went("Restart", 30)] * 5)
    assert [step.done for step in said.steps] == [0, 0]


def test_a_runbook_never_run_is_named_when_it_is_active() -> None:
    asleep = Runbook(id="two", title="Old", is_active=False)
    assert never_run([book(("Look", 1)), asleep], {}) == (book(("Look", 1)),)
    assert never_run([book(("Look", 1))], {"one": 1}) == ()


@given(st.integers(1, 60), st.lists(st.floats(0, 500), max_size=9))
def test_a_duration_is_doubted_only_when_it_was_measured_and_is_far(declared: int, minutes: list[float]) -> None:
    found = list(findings(evidence(book(("Restart", declared)), 9, [went("Restart", one) for one in minutes])))
    if (
        len(minutes) < ENOUGH
        or abs(median(minutes) - declared) < 1.99
        or declared / 1.99 <= median(minutes) <= declared * 1.99
    ):
        assert not found
    elif median(minutes) > declared * 2.01 + 2 or median(minutes) < declared / 2.01 - 2:
        assert [one.rule for one in found] == ["duration-unrealistic"]


TITLES = st.text(min_size=1, max_size=300) | st.just("<!channel> *x* `y` {title}")
STEPS = st.lists(st.tuples(TITLES, st.integers(0, 600)), max_size=60)


@given(STEPS, st.sampled_from(list(StepState)), st.floats(0, 10**5), st.sampled_from(["en", "fr"]))
def test_slack_takes_every_view(steps: list[tuple[str, int]], state: StepState, minutes: float, locale: str) -> None:
    made = book(*steps)
    known = evidence(made, 3, [went(title, minutes, state) for title, _ in steps for _ in range(3)])
    assert check_view(looks.shown(made, known, locale)) == []
    assert check_blocks(looks.message(made, known, locale).blocks) == []
    assert check_blocks(looks.of_all([made] * 40, {}, [made] * 40, locale).blocks) == []
    assert "<!" not in str(looks.shown(made, known, locale))
