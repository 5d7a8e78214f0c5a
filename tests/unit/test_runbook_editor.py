"""The runbook editor: Slack takes its forms whatever they hold, what it keeps can be loaded, changes are in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import runbook_editor as looks
from blocks import runbook_history, runbook_steps, runbook_transfer
from blocks import runbooks as cards
from blocks.runbook_transfer import Imported
from blocks.words import words
from bot.demo.blockkit import refuse_view
from domain import placeholders
from domain import runbook_drafts as rules
from domain import runbooks as runs
from domain.directory import Directory
from domain.drafts import MOST_MINUTES, Draft, Version, differences, moved, without
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Severity
from domain.people import Actor, Role, Service
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog import dump
from handlers.catalog.catalog import read, resolve, unversioned
from handlers.runbooks import forms
from tests.unit.block_samples import PIECES, START, hostile, sound

OPERATOR = Actor(key="person:ada", name="Ada", role=Role.OPERATOR)
DIRECTORY = Directory(services={"s": Service("s", "redis-prod", "t")})
STEP = RunbookStep(order=1, title="Look")


def draft(*titles: str) -> Draft[Runbook]:
    steps = tuple(RunbookStep(order=10 * n, title=title) for n, title in enumerate(titles, 1))
    return Draft("person:ada", rules.counted(Runbook(id="b", version_id="v", title="Book", steps=steps)), 1)


@st.composite
def books(draw: st.DrawFn) -> Runbook:
    """A runbook of up to sixty steps, every field at its limit or beyond it."""
    text = draw(hostile())
    steps = [
        RunbookStep(
            order=order,
            title=text,
            description=text,
            checklist=(text[:300],) * draw(st.sampled_from([0, 1, 25])),
            command=text,
            expected_duration=draw(st.sampled_from([0, 5, MOST_MINUTES, 10**9])),
            is_critical=order % 2 > 0,
            requires_confirmation=order % 3 > 0,
            rollback_instructions=text,
        )
        for order in range(1, draw(st.sampled_from([0, 1, 3, 12, 13, 50, 60])) + 1)
    ]
    return Runbook(
        id="0" * 36,
        version_id=draw(st.sampled_from(["", "v"])),
        version=draw(st.integers(1, 9999)),
        title=text,
        description=text,
        service=draw(st.sampled_from(["", "s", "gone"])),
        severity_filter=draw(st.none() | st.sampled_from(Severity)),
        is_active=draw(st.booleans()),
        four_eyes=draw(st.booleans()),
        steps=tuple(steps),
    )


@settings(max_examples=25, deadline=None)
@given(books(), books(), st.sampled_from([0, 99, 100, 300]), st.sampled_from(["en", "fr"]), st.integers(-1, 9))
def test_slack_always_takes_the_forms(book: Runbook, other: Runbook, services: int, locale: str, page: int) -> None:
    many = {str(n): Service(str(n), f"{n}{book.title}", "t") for n in range(services)}
    directory = Directory(services={"s": Service("s", book.title or "s", "t"), **many})
    found = lint_runbook(book)
    short, shorter = (replace(one, steps=one.steps[:3]) for one in (book, other))
    revisions = [Version(one, book.title, START) for one in (short, shorter) * 12]
    imported = [Imported(None, short, found), Imported(shorter, short, found, 3)] * 15
    faults = [Fault(book.title, book.title, line=n) for n in range(40)]
    views: list[dict[str, Any]] = [
        looks.editor(Draft("a", book, 3), directory, found, locale, is_resumed=page > 3),
        looks.shown(book, directory, OPERATOR, locale, page),
        looks.saved(book, dict.fromkeys(range(30), 2), locale, is_changed=page > 2),
        looks.outdated(book.description, book.id, locale),
        runbook_history.history(revisions, directory, OPERATOR, locale),
        runbook_steps.form(book.steps[0] if book.steps else None, locale, metadata="b|1"),
        runbook_transfer.import_form(book.title, locale, faults=faults),
        runbook_transfer.import_form(book.title, locale, refusal=book.title or "no"),
        runbook_transfer.preview(imported, directory, locale, seen="x" * 32, told=book.title),
        runbook_transfer.preview([Imported(other, book, found, 3)], directory, locale, seen="x" * 32),
        runbook_transfer.preview([Imported(book, book, found, 0, False)], directory, locale, seen=""),
        runbook_transfer.taken(imported, locale),
        runbook_transfer.export(book, book.title * 9, locale),
        runbook_transfer.export_sent(book, book.title, locale, is_sent=page > 2),
    ]
    for view in views:
        assert refuse_view(view, "modal") is None
        assert len(view["blocks"]) < 100, "nothing was cut off"


@settings(max_examples=25, deadline=None)
@given(hostile(), hostile(), st.sampled_from(["en", "fr"]))
def test_slack_always_takes_a_filled_step(text: str, value: str, locale: str) -> None:
    step = RunbookStep(
        order=1,
        title=text,
        description=f"{{label.x}}{text}",
        checklist=(text, "{label.y}"),
        command=f"{text} {{label.x}} {{label.z}}",
        rollback_instructions=f"{{label.a-b}} {text}",
        is_critical=True,
    )
    run = runs.start("r", "i", Runbook(id="b", title=text, steps=(step,)), START)
    known = placeholders.facts({"title": value}, [{"x": value, "z": "a\nb"}, {"x": text, "a-b": value}])
    sound(cards.step(run, 1, locale, True, known))


TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=9) | st.sampled_from([" ", "\t", "\n", "---\n", "- ", "# "]))
SAID = TEXT.map("".join)


@settings(max_examples=150, deadline=None)
@given(SAID, SAID, SAID, st.integers(0, 10_080), st.sets(st.sampled_from(["critical", "confirmation", "active"])))
def test_what_the_editor_keeps_can_be_exported_and_loaded(
    title: str, text: str, items: str, minutes: int, flags: set[str]
) -> None:
    values = {
        **dict.fromkeys(("description", "command", "rollback"), text),
        "title": title,
        "checklist": items,
        "duration": str(minutes),
    }
    state: dict[str, Any] = {name: {"e": {"value": value}} for name, value in values.items()}
    state["flags"] = {"e": {"selected_options": [{"value": flag} for flag in flags]}}
    state["service:4"] = {"e": {"selected_option": {"value": "s"}}}
    body = {"view": {"state": {"values": state}}}
    step, header = forms.step(body), forms.header(body)
    if list(rules.step_faults(step)):
        return
    book = Runbook(id="b", **header.said(), steps=(replace(step, order=1),))
    if rules.faults(book, DIRECTORY):
        return
    directory = replace(DIRECTORY, runbooks={"b": book})
    found: list[Fault] = []
    again = resolve(read([("x.yaml", dump.runbook_text(book, directory))], found), directory, lambda: "new")
    assert found == []
    assert [unversioned(one) for one in again.runbooks] == [unversioned(book)]


def test_steps_are_numbered_as_they_stand() -> None:
    before = draft("a", "b", "c")
    assert [step.order for step in before.document.steps] == [1, 2, 3]
    assert titles(moved(before, 1, 1)) == ["b", "a", "c"]
    assert titles(moved(before, 1, -1)) == ["a", "b", "c"]
    assert titles(without(before, 2)) == ["a", "c"]
    assert titles(rules.with_step(before, 0, STEP)) == ["a", "b", "c", "Look"]
    assert titles(rules.with_step(before, 2, STEP)) == ["a", "Look", "c"]
    for position in (0, 4, -1):
        with pytest.raises(Conflict):
            without(before, position)


def titles(writing: Draft[Runbook]) -> list[str]:
    assert [step.order for step in writing.document.steps] == list(range(1, len(writing.document.steps) + 1))
    return [step.title for step in writing.document.steps]


def test_fifty_steps_are_enough() -> None:
    full = draft(*map(str, range(50)))
    with pytest.raises(Invalid, match="at most 50"):
        rules.with_step(full, 0, STEP)
    assert rules.with_step(full, 50, STEP).document.steps[49].title == "Look"


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"title": ""}, "title", "give it a title"),
        ({"title": "other"}, "title", "there is a runbook other already"),
        ({"service": "gone"}, "service", "no longer there"),
        ({"steps": ()}, "steps", "at least one step"),
        ({"steps": (STEP,) * 51}, "steps", "at most 50"),
        ({"steps": (replace(STEP, title=""),)}, "steps", "step 1: say what to do"),
        ({"steps": (replace(STEP, expected_duration=-1),)}, "steps", "from 0 to 10080"),
        ({"steps": (replace(STEP, checklist=("x" * 141,)),)}, "steps", "at most 140"),
        ({"steps": (replace(STEP, checklist=("x",) * 21),)}, "steps", "at most 20"),
    ],
)
def test_what_can_t_be_saved_is_named(change: dict[str, Any], field: str, said: str) -> None:
    directory = replace(DIRECTORY, runbooks={"o": Runbook(id="o", title="OTHER")})
    book = draft("a").document
    assert rules.faults(book, directory) == []
    (fault,) = rules.faults(replace(book, **change), directory)
    assert fault.field == field and said in fault.message


def said(before: Runbook, after: Runbook) -> list[str]:
    return runbook_history.said_changes(before, after, DIRECTORY, words("en"))


def test_differences_are_said() -> None:
    before = draft("a", "b").document
    assert said(before, replace(before, id="x", version=9, version_id="y")) == []
    assert said(before, replace(before, service="s", severity_filter=Severity.SEV2, four_eyes=True)) == [
        "Service: every service → redis-prod",
        "Severity: every severity → SEV2",
        "Four eyes: no → yes",
    ]
    first = before.steps[0]
    changes: list[tuple[dict[str, Any], str]] = [
        ({"command": "uptime"}, "Step 1, command: – → uptime"),
        ({"command": "x" * 200}, "Step 1: another command"),
        ({"checklist": ("x",)}, "Step 1, checklist: – → x"),
        ({"is_critical": True}, "Step 1: a → a · ⚠️ critical"),
        ({"requires_confirmation": True}, "Step 1: a → a · ☝️ to be confirmed"),
    ]
    for change, line in changes:
        assert said(before, replace(before, steps=(replace(first, **change), before.steps[1]))) == [line]
    assert said(before, draft("a").document) == ["Step 2 removed: b"]
    assert said(draft("a").document, before) == ["Step 2 added: b"]


@given(books(), books())
@settings(max_examples=20, deadline=None)
def test_a_runbook_differs_from_itself_in_nothing_and_every_difference_is_said(one: Runbook, other: Runbook) -> None:
    assert differences(one, one) == ()
    if differences(one, other):
        assert said(one, other)


@given(st.dictionaries(st.sampled_from(["title", "flags:1", "duration", "severity:9", "text", "file"]), st.text()))
def test_what_slack_sends_is_not_taken_on_trust(values: dict[str, str]) -> None:
    body = {"view": {"state": {"values": {block: {"any": {"value": text}} for block, text in values.items()}}}}
    header, step = forms.header(body), forms.step(body)
    assert len(header.title) <= rules.LONGEST_TITLE and len(step.title) <= rules.LONGEST_STEP_TITLE
    assert -1 <= step.expected_duration <= MOST_MINUTES
    assert forms.upload(body) is None
    assert "\0" not in forms.pasted(body)


def test_a_runbook_can_be_shown_to_be_copied_only_to_the_letter() -> None:
    assert runbook_transfer.fits("Title: x\n")
    assert not runbook_transfer.fits("Title: x\u202e\n")
    assert not runbook_transfer.fits("x" * 2901)


@pytest.mark.parametrize("letter", ["x", "é", "🔥", "\\", '"', "&", "☃", "\n"])
@pytest.mark.parametrize("count", [1, 12, 50])
def test_every_field_at_its_limit_fits_in_a_view(letter: str, count: int) -> None:
    text = (letter * 3000)[:3000]
    step = RunbookStep(
        order=1,
        title=text[:140],
        description=text,
        checklist=(text[:140],) * 20,
        command=text,
        rollback_instructions=text,
        is_critical=True,
    )
    book = Runbook(id="b" * 36, title=text[:150], description=text, steps=(step,) * count)
    numbered = Draft("a", rules.counted(book), 1)
    for view in (
        looks.shown(numbered.document, DIRECTORY, OPERATOR, "fr"),
        looks.editor(numbered, DIRECTORY, lint_runbook(book), "fr", is_resumed=True),
        runbook_steps.form(step, "fr", metadata="b|1"),
    ):
        assert refuse_view(view, "modal") is None
