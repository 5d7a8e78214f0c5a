"""What commands answer and the form that declares: taken by Slack whatever is in them, and short."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import catalog, commands, declare
from blocks import incident_lists as lists
from blocks.catalog import Duty, Row
from blocks.declare import Foreseen, Form
from blocks.incident_lists import Page
from blocks.kit import Message
from blocks.menus import Choice, options
from bot.demo.blockkit import check_view
from domain.incidents import Severity, Status
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.timeline import Entry, Event
from tests.unit.block_samples import ACKNOWLEDGED, BOOK, CARD, INCIDENT, RESOLVED, START, hostile, read, sound

LOCALES = st.sampled_from(["en", "fr"])
LATER = START + timedelta(minutes=12)


def step(order: int, target: Target, **said: Any) -> PolicyStep:
    given_channels = said.pop("channels", (Channel.SLACK,))
    return PolicyStep(order=order, delay_minutes=5 * (order - 1), channels=given_channels, target=target, **said)


NIGHTS = Policy(
    id="p",
    name="Nights",
    steps=(
        step(1, Target(TargetType.CHANNEL, "#sre-incidents")),
        step(2, Target(TargetType.ON_CALL), channels=(Channel.SLACK, Channel.SMS)),
        step(3, Target(TargetType.CHANNEL, "https://discord.com/api/webhooks/1/secret")),
        step(4, Target(TargetType.USER, "team_lead"), channels=(Channel.SMS,)),
        step(5, Target(TargetType.USER, "ada"), is_active=False),
    ),
)


@settings(max_examples=60)
@given(hostile(), LOCALES, st.integers(0, 40), st.sampled_from([INCIDENT, ACKNOWLEDGED, RESOLVED]))
def test_every_answer_is_one_that_slack_takes(text: str, locale: str, count: int, base: Any) -> None:
    incident = replace(base, title=text, description=text, acknowledged_by=text, resolved_by=text, resolution_note=text)
    some = [(incident, text)] * min(count, lists.A_PAGE)
    page = Page(offset=10, count=max(count, 11), asked=text)
    events = [
        Entry(incident="i", at=START, event=event, by=text, details={"text": text, "note": text}) for event in Event
    ]
    for message in (
        lists.list_page(some, page, LATER, locale, may_acknowledge=True),
        lists.candidates([*some, (incident, text)], LATER, locale, may_acknowledge=True),
        lists.shown(replace(CARD, incident=incident, service=text, team=text), may_acknowledge=True, may_resolve=True),
        *(lists.history(incident, events[place : place + 10], page, locale) for place in range(0, len(events), 10)),
        lists.yours(incident, locale),
        commands.unknown("/incident", text, "", [("ack", "[INC-…]")], locale),
        commands.unknown("/incident", text, "ack", [], locale),
        catalog.runbook_list([Row(text, text, None, 3)] * len(some), page, locale),
        catalog.policy_list([Row(text, text, Severity.SEV1, 3, is_active=False)] * len(some), page, locale),
        catalog.runbook(replace(BOOK, title=text, description=text, steps=BOOK.steps * 20), text, locale),
        catalog.policy(replace(NIGHTS, name=text, description=text), text, locale),
        catalog.which_runbook(incident, [replace(BOOK, title=text)] * 9, locale),
        catalog.started(incident, replace(BOOK, title=text), locale),
        catalog.on_call([Duty(text, ((text, text, LATER),) * 3)] * 12 + [Duty(text, ())], locale),
    ):
        sound(message)


@settings(max_examples=60)
@given(
    hostile(), LOCALES, st.sampled_from([None, *Severity]), st.sampled_from([0, 1, 40, 100, 101, 300]), st.booleans()
)
def test_every_form_is_one_that_slack_takes(
    text: str, locale: str, severity: Severity | None, count: int, is_known: bool
) -> None:
    services = [Choice(f"{n} {text}", f"id-{n}", f"{n % 3} {text}") for n in range(count)]
    policy = replace(NIGHTS, name=text) if is_known else None
    foreseen = Foreseen(text, policy, (replace(BOOK, title=text),) * (count % 7)) if severity else None
    form = Form(title=text, description=text, service="id-0" if is_known else "", severity=severity, metadata=text)
    incident = replace(INCIDENT, title=text, channel=text)
    views = [declare.declare_form(form, services, foreseen, locale), declare.declared(incident, locale)]
    views.append(declare.note_form(text, [incident], locale))
    for view in views:
        assert check_view(view) == []
    assert len(options(services)) <= 100


def shown(message: Message) -> str:
    return read(message)


def test_a_row_says_state_age_and_whose_it_is() -> None:
    page = Page(offset=0, count=2)
    told = shown(
        lists.list_page([(INCIDENT, "redis-prod"), (ACKNOWLEDGED, "")], page, LATER, "en", may_acknowledge=True)
    )
    assert "*🔴 SEV1 · Redis Cluster Down*\nINC-ABC234 · ❗ Nobody has it yet · " in told
    assert "12 min" in told
    assert "Ada Admin has it" in told
    assert told.count("[Acknowledge]") == 1


def test_who_may_not_acknowledge_has_no_button() -> None:
    page = Page(offset=0, count=1)
    assert "[" not in shown(lists.list_page([(INCIDENT, "")], page, LATER, "en", may_acknowledge=False))
    card = replace(CARD, incident=replace(INCIDENT, status=Status.TRIGGERED))
    assert "[" not in shown(lists.shown(card, may_acknowledge=False, may_resolve=False))


@pytest.mark.parametrize(
    ("offset", "count", "buttons"),
    [
        (0, 10, []),
        (0, 11, ["[Next page]"]),
        (10, 30, ["[Previous page]", "[Next page]"]),
        (20, 30, ["[Previous page]"]),
    ],
)
def test_pages_turn(offset: int, count: int, buttons: list[str]) -> None:
    told = shown(lists.list_page([(RESOLVED, "")], Page(offset=offset, count=count), LATER, "en", may_acknowledge=True))
    assert [line for line in told.split("\n") if line.endswith("page]")] == buttons


def test_a_policy_says_who_is_paged_when_and_how() -> None:
    told = shown(catalog.policy(NIGHTS, "SRE Core", "en"))
    assert "*Nights*: SRE Core · every severity · 4 steps" in told
    assert "• at once: message to #sre-incidents" in told
    assert "• after 5 min: direct message and SMS to whoever is on call" in told
    assert "• after 10 min: message to Discord" in told
    assert "• after 15 min: SMS to the team's lead" in told
    assert "secret" not in told


def test_the_form_says_what_follows() -> None:
    def outlook(foreseen: Foreseen | None) -> str:
        view = declare.declare_form(Form(), [], foreseen, "en")
        return str(view["blocks"][-1]["text"]["text"])

    assert "Choose how bad it is" in outlook(None)
    assert "📣 Escalation: *Nights*, 4 steps" in outlook(Foreseen("#sre", NIGHTS, ()))
    assert "No runbook fits" in outlook(Foreseen("#sre", NIGHTS, ()))
    assert "nobody will be paged" in outlook(Foreseen("", replace(NIGHTS, steps=()), ()))
    assert "Its card comes in #sre." in outlook(Foreseen("#sre", None, ()))
    assert "card comes" not in outlook(Foreseen("", None, (BOOK,)))
    assert "📖 Runbook: *Redis Cluster Recovery*, 2 steps" in outlook(Foreseen("", None, (BOOK,)))
    assert "Several runbooks fit" in outlook(Foreseen("", None, (BOOK, BOOK)))
