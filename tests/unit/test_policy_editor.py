"""The policy editor: Slack takes its forms whatever they hold, steps keep their order, versions differ in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import policies as looks
from blocks import policy_history, policy_steps
from blocks.words import words
from bot.demo.blockkit import check_view
from domain import policy_drafts as rules
from domain.directory import Directory
from domain.drafts import MOST_MINUTES, Draft, Version, differences, moved, without
from domain.errors import Conflict, Invalid
from domain.incidents import Severity
from domain.people import Actor, Person, Role, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from handlers.policies import forms
from handlers.policies.forms import StepForm
from handlers.policies.targets import LEAD, Picked, picked, target
from tests.unit.block_samples import START, hostile

ADMIN = Actor(key="person:ada", name="Ada", role=Role.ADMIN)
PEOPLE = {
    "ada": Person("ada", "ada", "Ada Admin", slack="U01ADA"),
    "cto": Person("cto", "cto", "Chloé Tech", email="cto@example.com"),
}
TEAM = Team("team", "SRE Core", lead="ada")
DIRECTORY = Directory(people=PEOPLE, teams={"team": TEAM})
STEP = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SLACK,), target=Target(TargetType.ON_CALL))
CHANNELS = {"sre": "C0000001", "@U01ADA": "D0000001", "mailto:x@y.z": "U09"}


def draft(*delays: int) -> Draft[Policy]:
    steps = tuple(replace(STEP, order=n, delay_minutes=delay) for n, delay in enumerate(delays, 1))
    return Draft("person:ada", Policy(id="p", version_id="v", name="Policy", team="team", steps=steps))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy of up to twenty steps, its words anything."""
    text = draw(hostile())
    targets = [
        *(Target(TargetType.ON_CALL), Target(TargetType.TEAM), Target(TargetType.USER, "team_lead")),
        *(Target(kind, text) for kind in (TargetType.USER, TargetType.EMAIL, TargetType.CHANNEL)),
        *(Target(TargetType.CHANNEL, "C0000001"), Target(TargetType.CHANNEL, "https://discord.example/x")),
    ]
    steps = [
        PolicyStep(
            order=order,
            delay_minutes=draw(st.integers(0, MOST_MINUTES)),
            channels=tuple(draw(st.sets(st.sampled_from(Channel), min_size=1))),
            target=draw(st.sampled_from(targets)),
            message=text[: rules.LONGEST_MESSAGE],
            is_active=order % 3 > 0,
            requires_postmortem=order % 2 > 0,
        )
        for order in range(1, draw(st.integers(0, rules.MOST_STEPS)) + 1)
    ]
    return Policy(
        id="0" * 36,
        version_id=draw(st.sampled_from(["", "v"])),
        version=draw(st.integers(1, 9999)),
        name=text[: rules.LONGEST_NAME],
        description=text,
        team="team",
        severity_filter=draw(st.none() | st.sampled_from(Severity)),
        is_active=draw(st.booleans()),
        ack_timeout_minutes=draw(st.integers(0, MOST_MINUTES)),
        steps=tuple(steps),
    )


@given(policies(), policies(), st.integers(0, 300), st.sampled_from(["en", "fr"]), st.booleans())
def test_slack_always_takes_the_forms(policy: Policy, other: Policy, teams: int, locale: str, is_resumed: bool) -> None:
    many = {str(n): Team(str(n), f"{n}{policy.name}") for n in range(teams)}
    directory = Directory(people=PEOPLE, teams={"team": replace(TEAM, name=policy.name), **many})
    views: list[dict[str, Any]] = [
        looks.editor(Draft("a", policy, 3), directory, locale, is_resumed=is_resumed),
        looks.shown(policy, directory, ADMIN, locale),
        looks.saved(policy, dict.fromkeys(range(30), 2), locale, is_changed=bool(teams)),
        looks.outdated(policy.description, policy.id, locale),
    ]
    revisions = [Version(one, policy.name, START) for one in (policy, other) * 15]
    views.append(policy_history.history(revisions, directory, ADMIN, locale))
    for step in policy.steps[:3]:
        shown = picked(step.target, directory, CHANNELS)
        choices = {name: getattr(shown, name) for name in ("choice", "user", "channel", "kept")}
        views.append(policy_steps.form(step, locale, metadata="p|1", **choices))
    for view in views:
        assert check_view(view) == []
        assert len(view["blocks"]) <= 100


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20), st.data())
def test_steps_are_numbered_as_they_stand(delays: list[int], data: st.DataObject) -> None:
    before = draft(*delays)
    position, by = data.draw(st.integers(1, len(delays))), data.draw(st.sampled_from([-1, 1]))
    after = moved(before, position, by)
    assert [step.order for step in after.document.steps] == list(range(1, len(delays) + 1))
    assert sorted(step.delay_minutes for step in after.document.steps) == sorted(delays)
    less = without(before, position)
    assert [step.delay_minutes for step in less.document.steps] == delays[: position - 1] + delays[position:]
    assert [step.order for step in less.document.steps] == list(range(1, len(delays)))


def test_a_step_that_is_gone_is_a_conflict() -> None:
    for position in (0, -1, 3):
        with pytest.raises(Conflict, match="no longer there"):
            without(draft(0, 5), position)


def test_twenty_steps_are_enough() -> None:
    full = draft(*range(20))
    with pytest.raises(Invalid, match="at most 20"):
        rules.with_step(full, 0, STEP)
    assert rules.with_step(full, 20, replace(STEP, delay_minutes=99)).document.steps[19].delay_minutes == 99
    assert len(rules.with_step(draft(0), 0, STEP).document.steps) == 2


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "give it a name"),
        ({"name": "Other"}, "name", "already"),
        ({"team": "gone"}, "team", "no longer there"),
        ({"steps": ()}, "steps", "at least one step"),
        ({"steps": (replace(STEP, channels=()),)}, "steps", "step 1: choose at least one channel"),
        ({"steps": (replace(STEP, message="{incident.nope}"),)}, "steps", "{incident.nope} is unknown"),
        ({"steps": (replace(STEP, delay_minutes=99_999),)}, "steps", "0 to 10080"),
        ({"steps": (replace(STEP, target=Target(TargetType.USER, "nobody")),)}, "steps", "nobody is called nobody"),
    ],
)
def test_what_can_t_be_saved_is_named(change: dict[str, Any], field: str, words: str) -> None:
    directory = replace(DIRECTORY, policies={"o": Policy(id="o", name="OTHER")})
    policy = draft(0, 5).document
    assert rules.faults(policy, directory) == []
    (fault,) = rules.faults(replace(policy, **change), directory)
    assert fault.field == field
    assert words in fault.message


def test_a_team_without_a_lead_can_t_be_climbed_to() -> None:
    step = replace(STEP, target=Target(TargetType.USER, "team_lead"))
    directory = Directory(teams={"team": replace(TEAM, lead="")})
    assert [fault.field for fault in rules.step_faults(step, draft().document, directory)] == ["target"]
    assert list(rules.step_faults(step, draft().document, DIRECTORY)) == []


def said(before: Policy, after: Policy) -> list[str]:
    found = differences(before, after)
    return [policy_history.difference_words(one, DIRECTORY, words("en")) for one in found]


def test_differences_are_said() -> None:
    before = draft(0, 5, 15).document
    assert said(before, replace(before, id="x", version=9, version_id="y")) == []
    changed = replace(
        before, name="New", team="", severity_filter=Severity.SEV2, is_default=True, ack_timeout_minutes=90
    )
    assert said(before, changed) == [
        "Name: Policy → New",
        "Team: SRE Core → every team",
        "Severity: every severity → SEV2",
        "Default: no → yes",
        "Silence before it pages again: off → 1 hr 30 min",
    ]
    louder = replace(before, steps=(*before.steps[:2], replace(before.steps[2], message="Louder")))
    assert said(before, louder) == ["Step 3: another message"]
    assert said(before, draft(0, 15).document) == ["Step 2 removed: After 5 min: direct message to whoever is on call"]
    assert said(draft(0, 15).document, before) == ["Step 2 added: After 5 min: direct message to whoever is on call"]


@given(policies(), policies())
def test_a_policy_differs_from_itself_in_nothing_and_from_another_in_something(one: Policy, other: Policy) -> None:
    assert differences(one, one) == ()
    content = {name: getattr(other, name) for name in ("id", "version_id", "version")}
    if replace(one, **content) != other:
        found = differences(one, other)
        orders = [step.order for step in one.steps] != [step.order for step in other.steps]
        assert found or orders


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (Target(TargetType.USER, "team_lead"), Picked(LEAD)),
        (Target(TargetType.USER, "ada"), Picked("USER", user="U01ADA")),
        (Target(TargetType.USER, "cto"), Picked("USER", kept="Chloé Tech")),
        (Target(TargetType.CHANNEL, "#sre"), Picked("CHANNEL", channel="C0000001")),
        (Target(TargetType.CHANNEL, "#private"), Picked("CHANNEL", kept="#private")),
        (Target(TargetType.CHANNEL, "C0000009"), Picked("CHANNEL", channel="C0000009")),
        (Target(TargetType.CHANNEL, "https://discord.example/x"), Picked("DISCORD", url="https://********")),
        (Target(TargetType.EMAIL, "cto@example.com"), Picked("EMAIL", address="cto@example.com")),
        (Target(TargetType.TEAM), Picked("TEAM")),
    ],
)
def test_a_target_left_alone_stays(kept: Target, shown: Picked) -> None:
    assert picked(kept, DIRECTORY, CHANNELS) == shown
    form = StepForm(
        delay=0,
        channels=(),
        target=shown.choice,
        user=shown.user,
        channel=shown.channel,
        address=shown.address,
        url=shown.url,
    )
    assert target(form, kept, DIRECTORY, CHANNELS) == kept


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"target": ""}, "target"),
        ({"target": "nonsense"}, "target"),
        ({"target": "USER"}, "user"),
        ({"target": "USER", "user": "U0STRANGER"}, "user"),
        ({"target": "CHANNEL"}, "channel"),
        ({"target": "CHANNEL", "channel": "x y"}, "channel"),
        ({"target": "EMAIL", "address": "nobody"}, "address"),
        ({"target": "EMAIL", "address": f"{'a' * 250}@b.cc"}, "address"),
        ({"target": "DISCORD", "url": "javascript://x"}, "url"),
    ],
)
def test_a_target_that_is_none_is_refused_at_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        target(StepForm(delay=0, channels=(), **said), None, DIRECTORY, CHANNELS)
    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_channel_is_written_by_its_name_where_it_is_known() -> None:
    form = StepForm(delay=0, channels=(), target="CHANNEL", channel="C0000001")
    assert target(form, None, DIRECTORY, CHANNELS) == Target(TargetType.CHANNEL, "#sre")
    assert target(replace(form, channel="C0000009"), None, DIRECTORY, CHANNELS).value == "C0000009"


@given(st.dictionaries(st.sampled_from(["delay", "flags:1", "ack_timeout:2", "severity:9", "name:", "x"]), st.text()))
def test_what_slack_sends_is_not_taken_on_trust(values: dict[str, str]) -> None:
    body = {"view": {"state": {"values": {block: {"any": {"value": text}} for block, text in values.items()}}}}
    header, step = forms.header(body), forms.step(body)
    assert len(header.name) <= rules.LONGEST_NAME
    assert 0 <= header.ack_timeout <= MOST_MINUTES
    assert -1 <= step.delay <= MOST_MINUTES
    assert header.severity is None


@given(st.text(), st.text())
def test_a_view_s_own_words_are_not_taken_on_trust(text: str, value: str) -> None:
    assert forms.editor(text)[1] >= 0
    assert forms.choice({"actions": [{"selected_option": {"value": value}}]})[1] >= 0
    assert forms.editor(f"{text}|12") == (text, 12)
