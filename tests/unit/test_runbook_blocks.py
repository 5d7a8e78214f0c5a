"""A runbook in the thread: one step at a time, the command to copy, and no button that should not be there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import runbooks as looks
from blocks import step_forms as asked
from bot.demo.blockkit import check_view
from domain import rollbacks
from domain import runbooks as rules
from domain.people import Actor
from domain.runbooks import Run, RunbookStep, RunState
from tests.unit.block_samples import ADA, BOOK, RUN, SECOND, START, buttons, hostile, hostile_run, read, sound

DONE, SKIP, PROBLEM, ROLL_BACK = "step.done.v1", "step.skip.v1", "step.problem.v1", "step.roll_back.v1"
LATER = START + timedelta(minutes=9)


def finished() -> Run:
    return rules.done(SECOND, 4, ADA, confirmed=True, now=LATER)


def with_problem() -> Run:
    return rules.problem(SECOND, 4, ADA, "the replica is behind")


@settings(max_examples=60)
@given(hostile(), st.sampled_from(["open", "problem", "done", "skipped", "rolled back"]), st.sampled_from(["en", "fr"]))
def test_slack_takes_every_step(text: str, state: str, locale: str) -> None:
    run, somebody = hostile_run(text), Actor(key="k", name=text)
    match state:
        case "problem":
            run = rules.problem(run, 1, somebody, text)
        case "done":
            run = rules.done(rules.problem(run, 1, somebody, text), 1, somebody, confirmed=True, now=LATER)
        case "skipped":
            run = rules.skip(run, 1, somebody, text.strip() or "why", LATER)
        case "rolled back":
            run = rollbacks.roll_back(run, 1, somebody, LATER)
    for is_open in (True, False):
        sound(looks.step(run, 1, locale, is_open))
    sound(looks.step(run, 4, locale))
    sound(looks.overview(run, locale))


@settings(max_examples=30)
@given(hostile(), st.integers(0, 120), st.sampled_from(["en", "fr"]))
def test_slack_takes_every_overview(text: str, length: int, locale: str) -> None:
    steps = tuple(RunbookStep(order=n, title=text or "x", expected_duration=n) for n in range(length))
    sound(looks.overview(rules.start("r", "i", replace(BOOK, title=text, steps=steps), START), locale))


@settings(max_examples=30)
@given(hostile(), st.sampled_from(["en", "fr"]))
def test_slack_takes_every_form(text: str, locale: str) -> None:
    for form in (asked.skip_form, asked.problem_form, asked.confirm_form):
        assert check_view(form(hostile_run(text), 4, locale)) == []


def test_a_step_says_what_to_do() -> None:
    message = looks.step(RUN, 1, "en")
    assert message.text == "Step 1/2: Look at the cluster"
    assert read(message).splitlines() == [
        "Step 1/2: Look at the cluster",
        "Before anything else:",
        "☐ the graphs",
        "☑ the logs",
        "# the state",
        "redis-cli -h redis-master cluster info",
        "⏱️ about 2 min",
        "[Done]",
        "[Skip]",
        "[Problem]",
    ]


def test_a_command_is_shown_as_it_is() -> None:
    command = "echo `date` | grep <a> && echo '*'\n\tdone"
    run = rules.start("r", "i", replace(BOOK, steps=(RunbookStep(order=1, title="Run", command=command),)), START)
    shown = [block for block in looks.step(run, 1, "en").blocks if block["type"] == "rich_text"]
    assert [block["elements"][0]["type"] for block in shown] == ["rich_text_preformatted"]
    assert shown[0]["elements"][0]["elements"] == [{"type": "text", "text": command}]


@pytest.mark.parametrize(("length", "is_cut"), [(4000, False), (4001, True)])
def test_a_command_that_is_cut_says_so(length: int, is_cut: bool) -> None:
    run = rules.start("r", "i", replace(BOOK, steps=(RunbookStep(order=1, title="t", command="x" * length),)), START)
    assert ("do not run it from here" in read(looks.step(run, 1, "en"))) is is_cut


def test_buttons_carry_the_run_and_the_step() -> None:
    made = buttons(looks.step(RUN, 1, "en"))
    assert list(made) == [DONE, SKIP, PROBLEM]
    # As a version before reads it; which version of the runbook is seen says the row.
    assert {button["value"] for button in made.values()} == {"run-1:1"}
    assert [one["block_id"] for one in looks.step(RUN, 1, "en").blocks if one["type"] == "actions"] == ["run-1@book-3"]
    assert made[DONE]["style"] == "primary" and "confirm" not in made[DONE]


def test_a_critical_step_is_behind_a_dialog_that_says_what_it_does() -> None:
    made = buttons(looks.step(SECOND, 4, "en"))
    assert list(made) == [DONE, SKIP, PROBLEM, ROLL_BACK]
    told = made[DONE]["confirm"]["text"]["text"]
    assert told.startswith("“Fail over” is critical.")
    assert told.endswith("redis-cli -h redis-replica-0 cluster failover takeover")
    assert "Fail over" in made[ROLL_BACK]["confirm"]["text"]["text"]
    assert "⚠️ *Critical step*" in read(looks.step(SECOND, 4, "en"))


def test_a_step_that_asks_for_confirmation_is_behind_a_dialog() -> None:
    asking = RunbookStep(order=1, title="Scale", command="# first\n\nkubectl scale", requires_confirmation=True)
    run = rules.start("r", "i", replace(BOOK, steps=(asking,)), START)
    told = buttons(looks.step(run, 1, "fr"))[DONE]["confirm"]["text"]["text"]
    assert told.startswith("«\u00a0Scale\u00a0» demande une confirmation.") and told.endswith("kubectl scale")


def test_a_step_whose_turn_it_is_not_has_no_button() -> None:
    assert buttons(looks.step(RUN, 4, "en")) == {}


def test_a_problem_puts_the_rollback_first() -> None:
    message = looks.step(with_problem(), 4, "en")
    said = read(message)
    assert "*Ada Admin has a problem here.* the replica is behind" in said
    assert said.index("failover abort") < said.index("*The step as written:*") < said.index("failover takeover")
    assert buttons(message)[ROLL_BACK]["style"] == "danger"
    untroubled = read(looks.step(SECOND, 4, "en"))
    assert untroubled.index("failover takeover") < untroubled.index("failover abort")


def test_a_step_that_is_done_says_who_when_and_how_long() -> None:
    said = read(looks.step(SECOND, 1, "en"))
    assert "✅ Step 1/2: Look at the cluster" in said
    assert "Done by Ada Admin in 2 min · <!date^1795403400^" in said
    assert buttons(looks.step(SECOND, 1, "en")) == {}


def test_a_step_that_was_confirmed_says_by_whom_and_can_be_rolled_back_while_the_incident_is_open() -> None:
    message = looks.step(finished(), 4, "en")
    assert "confirmed by Ada Admin" in read(message)
    assert "failover abort" in read(message)
    assert list(buttons(message)) == [ROLL_BACK]
    closed = looks.step(finished(), 4, "en", is_open=False)
    assert buttons(closed) == {} and "failover abort" not in read(closed)


def test_a_step_that_was_skipped_says_why() -> None:
    message = looks.step(rules.skip(SECOND, 4, ADA, "the master is back", LATER), 4, "en")
    assert "Skipped by Ada Admin" in read(message) and "*Reason*: the master is back" in read(message)
    assert buttons(message) == {}


def test_a_step_that_was_rolled_back_has_nothing_left_to_do() -> None:
    message = looks.step(rollbacks.roll_back(finished(), 4, ADA, LATER), 4, "fr")
    assert "↩️ Étape 2/2" in read(message) and "Annulée par Ada Admin" in read(message)
    assert buttons(message) == {}


def test_a_step_left_open_when_the_incident_ends_says_so() -> None:
    message = looks.step(SECOND, 4, "en", is_open=False)
    assert "The incident is over; this step was left open." in read(message)
    assert buttons(message) == {}


def test_the_overview_lists_the_steps_and_the_time_they_take() -> None:
    said = read(looks.overview(SECOND, "en"))
    assert said.splitlines() == [
        "📖 *Redis Cluster Recovery* (version 3, pinned)",
        "2 steps, about 7 min",
        "✅ 1. Look at the cluster · 2 min",
        "▶️ 2. Fail over ⚠️",
        "[Abort and roll back]",
    ]


def test_the_overview_ends_with_the_times_that_it_took() -> None:
    said = read(looks.overview(finished(), "fr"))
    assert "2 étapes, terminé en 9\u00a0min" in said
    assert "✅ 2. Fail over · 7\u00a0min" in said
    stopped = replace(finished(), state=RunState.ABORTED, aborted_at=LATER, aborted_by="Ada Admin")
    assert "2 steps, stopped by Ada Admin at" in read(looks.overview(stopped, "en"))


def test_a_long_runbook_is_listed_as_far_as_it_goes() -> None:
    steps = tuple(RunbookStep(order=n, title=f"{n} " + "long title " * 30) for n in range(40))
    said = read(looks.overview(rules.start("r", "i", replace(BOOK, steps=steps), START), "en"))
    assert "30. 29 long title" in said and said.endswith("… and 10 more steps")


FORMS: list[tuple[Any, str, str, bool]] = [
    (asked.skip_form, SKIP, "reason", False),
    (asked.problem_form, PROBLEM, "words", True),
]


@pytest.mark.parametrize(("form", "callback", "block", "is_optional"), FORMS)
def test_a_form_asks_one_thing(form: Any, callback: str, block: str, is_optional: bool) -> None:
    view = form(RUN, 4, "en")
    asked = [one for one in view["blocks"] if one["type"] == "input"]
    assert (view["callback_id"], view["private_metadata"]) == (callback, "run-1@book-3:4")
    assert [(one["block_id"], one["optional"]) for one in asked] == [(block, is_optional)]


def test_the_confirm_form_says_what_the_step_does() -> None:
    view = asked.confirm_form(SECOND, 4, "en")
    assert (view["callback_id"], view["private_metadata"]) == ("step.confirm.v1", "run-1@book-3:4")
    assert "Fail over" in view["blocks"][0]["text"]["text"] and "submit" in view
