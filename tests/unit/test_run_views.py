"""Requests, rollbacks, questions and newer versions in the thread: Slack takes them whatever is written in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import approvals as requests
from blocks import carry_forms, overdue, rollbacks, runbooks
from blocks.timeline import thread_line
from bot.demo.blockkit import check_view
from domain import approvals, carrying
from domain import overdue as questions
from domain import rollbacks as undoing
from domain import runbooks as machine
from domain.approvals import RequestState, Wish
from domain.directory import Directory
from domain.people import Actor
from domain.runbooks import Run, Second
from domain.timeline import Entry, Event
from tests.unit.block_samples import ACKNOWLEDGED, ADA, BOOK, START, buttons, hostile, hostile_run, read, sound

LATER = START + timedelta(minutes=9)
LOCALES = st.sampled_from(["en", "fr"])
TURNS = (
    *(Event.APPROVAL_ASKED, Event.APPROVED, Event.REFUSED, Event.EXPIRED, Event.GLASS_BROKEN, Event.APPROVAL_VOID),
    *(Event.ROLLBACK_STARTED, Event.ROLLBACK_SKIPPED, Event.RUN_ROLLED_BACK, Event.RUN_ABORTED),
    *(Event.RUN_CARRIED_OVER, Event.STEP_OVERDUE, Event.STILL_ON_STEP, Event.HELP_WANTED),
)


def under_four_eyes(text: str) -> Run:
    run = hostile_run(text)
    steps = tuple(replace(step, is_critical=True) for step in run.runbook.steps)
    return replace(run, runbook=replace(run.runbook, four_eyes=True, steps=steps))


@settings(max_examples=60)
@given(hostile(), st.sampled_from(list(RequestState)), st.sampled_from([Wish.DONE, Wish.SKIP]), LOCALES)
def test_slack_takes_every_request(text: str, state: RequestState, wish: Wish, locale: str) -> None:
    run, asker = under_four_eyes(text), Actor(key="k", name=text)
    asked = approvals.ask("r", run, 1, wish, asker, START, note=text.strip() or "why")
    asked = replace(asked, state=state, decided_by=text, reason=text)
    message = sound(requests.request(asked, run, locale, "Europe/Paris"))
    sound(requests.request(asked, None, locale, "UTC"))
    assert bool(buttons(message)) is (state is RequestState.WAITING)
    for form in (requests.refuse_form, requests.glass_form):
        assert check_view(form(asked, run, locale)) == []


@settings(max_examples=40)
@given(hostile(), LOCALES)
def test_slack_takes_every_rollback(text: str, locale: str) -> None:
    run = hostile_run(text if text.strip() else "abort")
    done = machine.done(run, 1, ADA, confirmed=True, now=START)
    assert check_view(rollbacks.abort_form(done, locale)) == []
    stopped = undoing.abort(done, Actor(key="k", name=text), START)
    sound(rollbacks.rollback(stopped, 1, locale))
    sound(runbooks.overview(stopped, locale))
    assert check_view(rollbacks.skip_form(stopped, 1, locale)) == []
    kept = undoing.keep(stopped, 1, ADA, text.strip() or "why", LATER)
    for one in (kept, undoing.roll_back(stopped, 1, ADA, LATER, Second(text, text))):
        assert not buttons(sound(rollbacks.rollback(one, 1, locale)))
        assert not buttons(sound(runbooks.overview(one, locale)))
        sound(runbooks.step(one, 1, locale))


@settings(max_examples=40)
@given(hostile(), LOCALES, st.booleans())
def test_slack_takes_every_question(text: str, locale: str, needs_help: bool) -> None:
    run = questions.asked(hostile_run(text), LATER)
    incident = replace(ACKNOWLEDGED, acknowledged_by=text)
    assert buttons(sound(overdue.question(run, 1, incident, locale, is_watched=True)))
    answered = questions.answer(run, 1, Actor(key="k", name=text), LATER, needs_help=needs_help)
    assert not buttons(sound(overdue.question(answered, 1, incident, locale, is_watched=False)))
    assert check_view(overdue.help_form(run, 1, text, [overdue.LEAD, overdue.ESCALATE], locale)) == []


@settings(max_examples=40)
@given(hostile(), hostile(), st.integers(0, 50), LOCALES)
def test_slack_takes_every_newer_version(text: str, other: str, length: int, locale: str) -> None:
    run = hostile_run(text)
    more = tuple(replace(BOOK.steps[0], order=10 + n, title=f"{other}{n}", command=other) for n in range(length))
    newest = replace(run.runbook, version=9, version_id="v9", is_active=True, steps=(*run.runbook.steps[1:], *more))
    sound(runbooks.step(run, 1, locale, newer=newest))
    carried = carrying.carry_over(run, newest, "v9", "new", LATER)
    assert check_view(carry_forms.carry_form(run, carried, Directory(), locale)) == []
    past = replace(run, state=machine.RunState.CARRIED_OVER, carried_to=9)
    assert not buttons(sound(runbooks.step(past, 1, locale)))


@settings(max_examples=40)
@given(hostile(), st.sampled_from(TURNS), LOCALES)
def test_slack_takes_every_line(text: str, event: Event, locale: str) -> None:
    details: dict[str, str | int] = dict.fromkeys(("title", "asker", "reason", "note", "runbook"), text)
    entry = Entry(
        incident="i", at=START, event=event, by=text, details={**details, "step": 2, "count": 2, "version": 4}
    )
    line = thread_line(entry, locale)
    if line is not None:
        sound(line)


def test_a_request_says_who_for_what_and_until_when() -> None:
    run = under_four_eyes("Fail over")
    asked = approvals.ask("r", run, 1, Wish.SKIP, ADA, START, note="No replica")
    said = read(requests.request(asked, run, "fr", "Europe/Paris"))
    assert "<@U01ADA> veut passer l'étape 1 · Fail over" in said
    assert "No replica" in said and "04:18" in said


def test_the_newer_version_says_what_it_changes() -> None:
    run = machine.start("r", "i", BOOK, START)
    newest = replace(BOOK, version=4, version_id="v4", steps=BOOK.steps[1:])
    message = runbooks.step(run, 1, "en", newer=newest)
    assert "*v4 is out*: step 1 gone. This run keeps v3 unless you carry it over." in read(message)
    assert "run.carry.v1" in buttons(message)
    assert "is out" not in read(runbooks.step(run, 1, "en", newer=replace(newest, is_active=False)))
