"""Post-mortems: their rules, and that Slack takes every view and message whatever people write."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import markdown, postmortem_actions, postmortem_document, postmortems, timeline_document
from blocks.errors import sentence
from blocks.timeline import history_line, thread_line
from blocks.words import words
from bot.demo.blockkit import check_view
from domain import postmortems as rules
from domain.directory import Directory
from domain.errors import Conflict, Invalid, Outdated
from domain.notifications import Notification, NotificationState, Recipient
from domain.people import Actor, Person, Role, Team
from domain.policies import Channel
from domain.postmortems import A_FIELD, LIMITS, Action, Owed, Postmortem, Record, Section, State, Version
from domain.timeline import Entry, Event
from handlers.documents import wants_markdown
from handlers.postmortems import forms
from tests.unit.block_samples import INCIDENT, RESOLVED, START, hostile, hostile_run, sound

ADA = Actor(key="person:ada", name="Ada Admin", role=Role.ADMIN, person="ada")
DUE = Postmortem(incident=INCIDENT.id, team="t", step=4)
DONE = Action(id="a", incident=INCIDENT.id, text="Disks", owner="ada", due_on=date(2026, 12, 1))
TODAY = START.date()


def test_the_days_count_from_the_resolution() -> None:
    night = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    over = rules.resolved(DUE, night, "Europe/Paris")
    assert over.due_on == date(2026, 4, 5)
    assert over.wake_at == datetime(2026, 4, 5, 7, tzinfo=UTC), "nine o'clock in summer"
    assert rules.resolved(over, night + timedelta(days=3), "Europe/Paris") == over
    assert not over.is_overdue(date(2026, 4, 5)) and over.is_overdue(date(2026, 4, 6))


def test_from_due_to_published() -> None:
    over = rules.resolved(DUE, START, "UTC")
    with pytest.raises(Conflict, match="nobody has written it"):
        rules.published(over, ADA, START)
    draft = rules.written(over, START, "UTC")
    assert (draft.state, draft.version, draft.wake_at) == (State.DRAFT, 1, over.wake_at)
    out = rules.published(draft, ADA, START)
    assert (out.state, out.published_version, out.wake_at) == (State.PUBLISHED, 1, None)
    with pytest.raises(Conflict, match="published already"):
        rules.published(out, ADA, START)
    with pytest.raises(Conflict, match="published already"):
        rules.waived(out, ADA, "no")
    again = rules.written(out, START, "UTC")
    assert (again.state, again.version, again.published_version) == (State.PUBLISHED, 2, 1)
    assert rules.published(again, ADA, START).published_version == 2


def test_what_is_waived_may_be_written_all_the_same() -> None:
    waived = rules.waived(rules.resolved(DUE, START, "UTC"), ADA, "a drill")
    assert (waived.state, waived.wake_at) == (State.WAIVED, None)
    with pytest.raises(Conflict, match="waived already"):
        rules.waived(waived, ADA, "a drill")
    again = rules.written(waived, START, "UTC")
    assert (again.state, again.wake_at) == (State.DRAFT, rules.resolved(DUE, START, "UTC").wake_at)
    late = rules.written(waived, START + timedelta(days=60), "UTC")
    assert late.wake_at is not None and late.wake_at > START + timedelta(days=60), "nobody forgets it"
    for reason in ("", "x" * 1001):
        with pytest.raises(Invalid) as refused:
            rules.waived(DUE, ADA, reason)
        assert [fault.field for fault in refused.value.faults] == ["reason"]


@given(st.dictionaries(st.sampled_from(Section), st.integers(0, 20_000)))
def test_everything_that_is_too_long_is_named(lengths: dict[Section, int]) -> None:
    faults = list(rules.text_faults({section: "x" * length for section, length in lengths.items()}))
    assert {fault.field for fault in faults} == {one.value for one, size in lengths.items() if size > LIMITS[one]}
    assert {one.value for one in lengths} <= postmortems.form_fields().keys()


@given(st.text(st.sampled_from("ab\n "), max_size=200), st.integers(1, 30))
def test_a_text_in_parts_says_the_same(text: str, size: int) -> None:
    pieces = rules.parts(text, size)
    assert pieces and all(len(piece) <= size for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")
    if max(map(len, text.split("\n"))) <= size:
        assert [line for line in rules.together(pieces).split("\n") if line] == [
            line for line in text.split("\n") if line
        ]


def test_an_action_is_reminded_of_until_it_is_done() -> None:
    made = rules.promised(DONE, "Europe/Paris")
    assert made.wake_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    late = datetime(2027, 1, 20, 12, tzinfo=UTC)
    assert rules.reminded(made, late, "Europe/Paris").wake_at == datetime(2027, 1, 27, 8, tzinfo=UTC)
    ticked = rules.ticked(made, ADA, late)
    assert (ticked.wake_at, ticked.done_by) == (None, "Ada Admin")
    with pytest.raises(Conflict, match="done it already"):
        rules.ticked(ticked, ADA, late)
    assert rules.reopened(ticked, late, "UTC").wake_at == datetime(2027, 1, 27, 9, tzinfo=UTC)
    assert rules.reopened(ticked, START, "UTC").wake_at == datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "owner", "due_on", "wrong"),
    [
        ("", "", None, {"text", "owner", "due_on"}),
        ("x" * 501, "ada", TODAY, {"text"}),
        ("x", "ada", TODAY - timedelta(days=1), {"due_on"}),
        ("x", "ada", TODAY, set()),
    ],
)
def test_what_is_wrong_with_an_action(text: str, owner: str, due_on: date | None, wrong: set[str]) -> None:
    assert {fault.field for fault in rules.action_faults(text, owner, due_on, TODAY, None)} == wrong
    for fault in rules.action_faults(text, owner, due_on, TODAY, None):
        assert sentence(Invalid([fault]), "fr") != sentence(Invalid([fault]), "en")


def test_a_day_that_has_gone_by_may_stay() -> None:
    late = replace(DONE, due_on=TODAY - timedelta(days=9))
    assert not list(rules.action_faults("x", "ada", late.due_on, TODAY, late))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record in which everything that somebody wrote is the same words, of any kind and length."""
    text = draw(hostile())
    people = {"ada": Person("ada", "ada", text, slack="U01ADA")}
    team = Team("t", text, text, "ada")
    incident = replace(
        draw(st.sampled_from([INCIDENT, RESOLVED])), title=text, team="t", lead="ada", resolution_note=text
    )
    details: dict[str, str | int] = {"text": text, "author": text, "reason": text, "until": "2026-12-01", "name": text}
    events = draw(st.lists(st.sampled_from(Event), max_size=30)) * draw(st.sampled_from([1, 12]))
    entries = tuple(
        Entry(incident=incident.id, at=START + timedelta(hours=n), event=event, by=text, details=details)
        for n, event in enumerate(events)
    )
    page = Notification(
        id="n",
        incident=incident.id,
        step=1,
        channel=draw(st.sampled_from(Channel)),
        recipient=Recipient("", text, text),
        message=text,
        why=text,
        state=draw(st.sampled_from(NotificationState)),
        decided_at=START,
        sent_at=START,
        reference=text,
        failure=text,
    )
    state = draw(st.sampled_from(State))
    one = replace(DUE, state=state, due_on=TODAY, version=3, published_version=2, published_at=START, waived_by=text)
    one = replace(one, waived_because=text, published_by=text, asked_by=text)
    texts = dict.fromkeys(Section, text) | {Section.WHAT_HAPPENED: (text * 9)[:12_000]}
    return Record(
        incident=incident,
        directory=Directory(people=people, teams={"t": team}),
        now=START,
        timeline=entries,
        run=draw(st.sampled_from([None, hostile_run(text)])),
        pages=(page,),
        postmortem=draw(st.sampled_from([None, one])),
        written=draw(st.sampled_from([None, Version(3, START, text, texts)])),
        actions=(replace(DONE, text=text), replace(DONE, id="b", text=text, done_at=START, done_by=text)) * 15,
    )


@given(records(), st.sampled_from(Role), st.sampled_from(["en", "fr"]))
def test_slack_takes_whatever_is_shown(record: Record, role: Role, locale: str) -> None:
    # The ids of blocks are those of actions, each of which there is once.
    record = replace(record, actions=tuple(replace(one, id=str(n)) for n, one in enumerate(record.actions)))
    actor = replace(ADA, role=role)
    texts = postmortem_document.texts_of(record, locale)
    assert all(len(text) <= LIMITS[section] for section, text in texts.items() if record.written is None)
    version = record.written or Version(1, START, "Ada", texts)
    for view in (
        postmortems.shown(record, actor, locale),
        postmortems.form(record, texts, 3, locale),
        postmortems.outdated("x", INCIDENT.id, locale),
        postmortems.history(record, [replace(version, number=2), version], actor, locale),
        postmortems.waive_form(record, locale),
        postmortem_actions.form(record, None, locale),
        postmortem_actions.form(record, record.actions[0], locale),
    ):
        assert check_view(view) == [], view
    owed = Owed(((DUE, record.incident),), ((DONE, record.incident),))
    assert check_view({"type": "home", "blocks": postmortems.at_home(owed, TODAY, words(locale))}) == []
    sound(postmortems.listing([(DUE, record.incident)] * 20, TODAY, locale))
    sound(postmortems.listing([], TODAY, locale))
    sound(postmortems.file_message(record, locale))


@given(hostile(), st.sampled_from(["en", "fr"]), st.sampled_from([None, DUE, replace(DUE, state=State.WAIVED)]))
def test_slack_takes_every_reminder(text: str, locale: str, one: Postmortem | None) -> None:
    sound(postmortems.reminder(one, INCIDENT.id, text, text, "2026-12-01", locale))
    for action in (None, DONE, rules.ticked(DONE, ADA, START)):
        sound(postmortem_actions.reminder(action, text, text, "2026-12-01", locale))
    details: dict[str, str | int] = {"text": text, "author": text, "reason": text, "until": "2026-12-01", "name": text}
    for event in (*rules_events(), Event.PINNED, Event.HURRIED):
        entry = Entry(incident="i", at=START, event=event, by=text, details=details)
        said = thread_line(entry, locale)
        assert said is None or sound(said)
        assert history_line(entry, words(locale))


def rules_events() -> list[Event]:
    return [event for event in Event if event.value.startswith(("postmortem", "action"))]


@given(records(), st.sampled_from(["en", "fr"]))
def test_a_document_holds_no_html(record: Record, locale: str) -> None:
    document = postmortem_document.document(record, locale)
    timeline = timeline_document.timeline(record.incident, record.timeline, "Europe/Paris", locale)
    for text in (document, timeline):
        assert not re.search(r"(?<!\\)<(?!!date)", text)
    say = words(locale)
    for section in Section:
        assert f"## {postmortem_document.section_name(section, say)}" in document


def test_what_the_record_says_is_the_first_draft() -> None:
    record = Record(incident=RESOLVED, directory=Directory(), now=START, postmortem=DUE)
    texts = postmortem_document.texts_of(record, "fr")
    assert texts[Section.ROOT_CAUSE] == "The disk was full"
    assert texts[Section.SUMMARY].startswith("Redis Cluster Down (SEV1) sur –.\nAcquitté après 8\N{NO-BREAK SPACE}min")
    assert texts[Section.LESSONS] == ""


@pytest.mark.parametrize(
    "title", ["[a](http://b) *c* `d` <img>", "# Redis", "1. Redis", "- Redis", "> Redis", "+ Redis"]
)
def test_a_title_is_text_in_the_draft_and_read_as_it_came(title: str) -> None:
    incident = replace(RESOLVED, title=title)
    added = Entry(incident="i", at=START, event=Event.ALERT_ADDED, by="x", details={"count": 1, "title": title})
    record = Record(incident=incident, directory=Directory(), now=START, postmortem=DUE, timeline=(added,))
    summary = postmortem_document.document(record, "en").partition("## Summary\n\n")[2]
    assert not re.match(r"[#>+-]|\d+\.", summary)
    assert "[a](" not in summary and " *c*" not in summary and " `d`" not in summary and "<img>" not in summary
    assert title in json.dumps(postmortems.shown(record, ADA, "en")).replace("&lt;", "<").replace("&gt;", ">")


def test_a_story_that_is_too_long_says_how_much_is_missing() -> None:
    note = Entry(incident="i", at=START, event=Event.NOTE, by="Ada", details={"text": "x" * 1400})
    record = Record(incident=RESOLVED, directory=Directory(), now=START, timeline=(note,) * 20)
    story = postmortem_document.texts_of(record, "en")[Section.WHAT_HAPPENED]
    assert len(story) <= LIMITS[Section.WHAT_HAPPENED]
    assert story.endswith("… and 12 more entries: see the timeline.")


def test_names_are_names() -> None:
    assert markdown.name("[a](b) <i> `x` | *y*\nz") == r"\[a\](b) \<i\> \`x\` \| \*y\* z"
    assert markdown.typed("- one\n<b>two") == "- one  \n&lt;b>two"


def filled(**fields: str) -> dict[str, Any]:
    values = {block.replace("__", ":"): {"text": {"value": text}} for block, text in fields.items()}
    return {"view": {"state": {"values": values}}}


def test_a_form_is_put_together() -> None:
    found = forms.texts(filled(what_happened__2=" two", what_happened__1="one\0", what_happened__3="", x__1="no"))
    assert found[Section.WHAT_HAPPENED] == "one\ntwo"
    assert found[Section.LESSONS] == ""
    assert forms.texts({}) == dict.fromkeys(Section, "")
    long = forms.texts(filled(lessons__1="x" * A_FIELD, lessons__2="x"))
    assert [fault.field for fault in rules.text_faults(long)] == ["lessons"]


@pytest.mark.parametrize("text", ["", "2026-13-01", "tomorrow", "20261201", "2026-W01-1"])
def test_no_day(text: str) -> None:
    assert forms.day(text) is None
    assert forms.day("2026-12-01") == date(2026, 12, 1)
    assert forms.choice("tick:a:b") == ("tick", "a:b")


class Asked:
    """What `wants_markdown` looks at of a request."""

    def __init__(self, accept: str, **query: str) -> None:
        self.headers, self.query = {"Accept": accept}, query


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/markdown", True),
        ("text/markdown;q=0.5, application/json", False),
        ("application/json;q=0.1, Text/Markdown; charset=utf-8", True),
        ("text/markdown;q=0", False),
    ],
)
def test_what_is_accepted(accept: str, wanted: bool) -> None:
    request: Any = Asked(accept)
    assert wants_markdown(request) is wanted


def test_refusals_are_said_in_french() -> None:
    for error in (
        Outdated("Ada changed this post-mortem meanwhile: it is v3 now"),
        Conflict("INC-ABC234 is not over: its post-mortem is written once it is resolved"),
        Conflict("it is published already, by Ada"),
        Conflict("a post-mortem takes at most 30 actions"),
    ):
        assert sentence(error, "fr") != sentence(error, "en")


@given(st.lists(st.text(st.sampled_from("ab"), min_size=1, max_size=2900), min_size=1, max_size=9))
def test_a_form_sent_as_it_came_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)[: LIMITS[Section.WHAT_HAPPENED]].strip()
    texts = dict.fromkeys(Section, "") | {Section.WHAT_HAPPENED: text}
    record = Record(incident=RESOLVED, directory=Directory(), now=START, postmortem=DUE)
    view = postmortems.form(record, texts, 1, "en")
    fields = [block for block in view["blocks"] if block["type"] == "input"]
    values = {one["block_id"]: {"text": {"value": one["element"].get("initial_value")}} for one in fields}
    assert forms.texts({"view": {"state": {"values": values}}}) == texts
