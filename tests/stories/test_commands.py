"""Slash commands and shortcuts: what people type, and what they are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.demo.errors import FormIncomplete
from tests.world import World, alert_body, world_on

PEOPLE = """
people:
  - {handle: ada, name: Ada Admin, email: ada@example.com, phone: "+33600000001", slack: U01ADA, role: admin}
  - {handle: john, name: John Doe, email: john.doe@example.com, phone: "+33600000002", slack: U02JOHN}
  - {handle: lea, name: Léa Lead, email: lea@example.com, phone: "+33600000003", slack: U03LEA, locale: fr}
  - {handle: gus, name: Gus Guest, email: gus@example.com, slack: U06GUS, role: viewer}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: lea
    members: [ada, john, lea]
    on_call:
      timezone: Europe/Paris
      rotations: [{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}]
  - {name: Platform, channel: "#platform-incidents", members: [ada]}
services:
  - {name: redis-prod, team: SRE Core}
  - {name: api-gateway, team: Platform}
---
Policy: SRE Core - SEV1
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)"}
  2: {delay: 5, type: SMS, target: ON_CALL, message: "{incident.title}"}
---
Title: Redis recovery
Service: redis-prod
Severity: SEV1_CRITICAL
Steps:
  1: {title: Look at the cluster, command: redis-cli -h redis-master cluster info, duration: 2}
  2: {title: Verify, duration: 2}
---
Title: Anything slow, even Redis
Steps:
  1: {title: Find the time, duration: 5}
"""


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A running Vigie with these people."""
    async with world_on(database_url, catalog=[PEOPLE]) as running:
        yield running
        running.finish()


async def said(world: World, name: str, text: str, as_: str = "john", channel: str = "sre-incidents") -> str:
    answer = await world.command(name, text, as_=as_, channel=channel)
    assert answer is not None, f"{name} {text}: no answer"
    return answer.words


async def test_help_says_what_one_may_do(world: World) -> None:
    told = await said(world, "/incident", "")
    assert "/incident declare [title]" in told and "open an incident" in told
    assert "/incident declare" not in await said(world, "/incident", "help", as_="gus")
    assert "ouvrir un incident" in await said(world, "/incident", "aide", as_="lea")
    for name in ("/runbook", "/oncall", "/policy"):
        assert name in await said(world, name, "help", as_="gus")


async def test_a_near_miss_is_told_what_was_meant(world: World) -> None:
    told = await said(world, "/incident", "akc INC-ABC234")
    assert "has no “akc”" in told and "Did you mean `/incident ack`?" in told
    assert "n'a pas de" in await said(world, "/incident", "<!channel>", as_="lea")
    assert "<!channel>" not in world.whispers("lea")[-1]


async def test_acknowledging_without_a_name_takes_the_only_one(world: World) -> None:
    assert "No incident is open" in await said(world, "/incident", "ack")
    await world.alert()
    card = world.card("Redis Cluster Down")
    assert "You have INC-" in await said(world, "/incident", "ack")
    assert "<@U02JOHN> has it" in card.words
    await world.advance(minutes=10)
    assert not world.phone("+33600000002").texts
    card.reply("John Doe has it")
    card.reply("Redis recovery")
    card.step(1)
    card.reply("Escalation, step 1")
    card.reply("SEV1")


async def test_acknowledging_one_of_many_asks_which(world: World) -> None:
    await world.alert("One", group="g1", fingerprint="f1")
    await world.alert("Two", group="g2", fingerprint="f2")
    answer = await world.command("/incident", "ack", as_="john")
    assert answer and "Which one?" in answer.words and answer.buttons == ["Acknowledge", "Acknowledge"]
    short = world.card("Two").words.split("INC-")[1][:6]
    assert f"You have INC-{short}" in await said(world, "/incident", f"ack inc-{short.lower()}")
    assert "already acknowledged by John Doe" in await said(world, "/incident", f"ack INC-{short}", as_="ada")
    assert "There is no incident INC-ZZZZZZ" in await said(world, "/incident", "ack INC-ZZZZZZ")
    assert "has it" in await said(world, "/incident", "list")
    world.expect_what_was_said()


async def test_a_viewer_may_look_and_no_more(world: World) -> None:
    await world.alert()
    world.card()
    assert "Redis Cluster Down" in await said(world, "/incident", "list", as_="gus")
    told = await said(world, "/incident", "ack", as_="gus")
    assert told == "Acknowledge takes the role responder; yours is viewer."
    assert "Nobody has it yet" in world.card().words
    world.expect_what_was_said()


async def test_the_rest_of_an_incident_s_life(world: World) -> None:
    await world.alert()
    card = world.card("Redis Cluster Down")
    short = "INC-" + card.words.split("INC-")[1][:6]
    assert "Nobody has it yet" in await said(world, "/incident", short)
    assert "Kept in the timeline" in await said(world, "/incident", f"note {short} It is *the* <disk>")
    card.reply("It is")
    assert "goes out now" in await said(world, "/incident", "escalate")
    world.phone("+33600000002").expect_sms("Redis Cluster Down")
    story = await said(world, "/incident", f"timeline {short}")
    assert "Opened by" in story and "Sent: SMS to John Doe" in story and "disk" in story
    assert "Verify" in await said(world, "/runbook", "show Redis recovery")
    assert "already running" in await said(world, "/runbook", f"start redis recovery {short}")
    await world.command("/incident", f"resolve {short}", as_="john")
    await world.submit("john", "Resolve", {"note": "Promoted a replica"})
    assert "Resolved by" in card.words
    world.expect_what_was_said()


async def test_declaring_shows_who_is_paged_before_it_is_sent(world: World) -> None:
    await world.command("/incident", "declare Redis is odd", as_="john")
    john = world.outside.slack.member("john")
    form = await world.form("john", "Declare an incident")
    assert "Choose a service" in form.words
    await john.select(form, "service", "redis-prod · SRE Core")
    await world.settle()
    await john.select(await world.form("john", ""), "severity", "🔴 SEV1, critical")
    await world.settle()
    form = await world.form("john", "")
    for words in ("SRE Core, in #sre-incidents", "SRE Core - SEV1", "Redis recovery"):
        assert words in form.words
    with pytest.raises(FormIncomplete):
        await john.submit(form, {"title": ""})
    outcome = await john.submit(form, {"title": " \t "})
    assert list(outcome.errors) == ["title"]
    await world.submit("john", "", {"title": "Redis is odd", "description": "Writes <!here> hang"})
    card = world.card("Redis is odd")
    assert "Writes <!here> hang" in card.words and john.view is None
    card.step(1)
    await world.advance(minutes=5)
    world.phone("+33600000002").expect_sms("Redis is odd")
    world.expect_what_was_said()


async def test_who_may_not_declare_is_told_so_and_nothing_opens(world: World) -> None:
    await world.command("/incident", "declare", as_="gus")
    gus = world.outside.slack.member("gus")
    assert gus.view and "takes the role operator" in gus.view.words
    await gus.close()
    await gus.shortcut("incident.declare")
    await world.settle()
    assert gus.view and "takes the role operator" in gus.view.words


async def test_a_message_becomes_an_incident_or_a_note(world: World) -> None:
    ada = world.outside.slack.member("ada")
    message = await ada.say("general", "The gateway answers in 4 s\nsince ten minutes")
    await ada.message_shortcut("incident.declare_from", message)
    form = await world.form("ada", "")
    await ada.select(form, "service", "api-gateway · Platform")
    await world.settle()
    await world.submit("ada", "", {"title": "The gateway answers in 4 s"})
    card = world.card("The gateway answers in 4 s", channel="platform-incidents")
    assert "since ten minutes" in card.words and "No escalation policy" in card.words
    second = await ada.say("general", "It began with the deployment")
    await ada.message_shortcut("incident.note_from", second)
    await world.form("ada", "")
    await world.submit("ada", "", {})
    card.reply("It began with the deployment")
    card.reply("No escalation policy")
    card.reply("Anything slow")
    card.step(1)


async def test_runbooks_policies_and_who_is_on_call(world: World) -> None:
    assert "Redis recovery" in await said(world, "/runbook", "list")
    assert "2 runbooks" in world.whispers("john")[-1]
    assert "say which runbook" in (await said(world, "/runbook", "show redis")).lower()
    policy = await said(world, "/policy", "show sre")
    assert "T+5 min" in policy and "SMS to whoever is on call" in policy
    assert "SRE Core - SEV1" in await said(world, "/policy", "list", as_="gus")
    told = await said(world, "/oncall", "who")
    assert "SRE Core" in told and "until" in told and "Next:" in told and "nobody" in told
    assert "Aucune équipe" in await said(world, "/oncall", "who marketing", as_="lea")


async def test_a_list_goes_on(world: World) -> None:
    for number in range(12):
        assert (await world.post(alert_body(f"Alert {number}", group=f"g{number}", fingerprint=f"f{number}")))[0] == 202
    await world.settle()
    answer = await world.command("/incident", "list", as_="john")
    assert answer and "12 incidents" in answer.words and answer.words.count("INC-") == 10
    await world.outside.slack.member("john").click(answer, "More")
    await world.settle()
    assert answer.words.count("INC-") == 2 and answer.buttons[-1] == "Before"
    world.expect_what_was_said()


async def test_a_service_among_many_is_searched_for(database_url: str) -> None:
    names = [f"service-{number}" for number in range(150)]
    many = "teams: [{name: Core, channel: '#sre-incidents'}]\nservices:\n" + "\n".join(
        f"  - {{name: {name}, team: Core}}" for name in names
    )
    async with world_on(database_url, catalog=[PEOPLE, many]) as world:
        await world.command("/incident", "declare", as_="john")
        john = world.outside.slack.member("john")
        form = await world.form("john", "")
        assert len(await john.suggest(form, "service")) == 100
        assert [one["text"]["text"] for one in await john.suggest(form, "service", "E-149")] == ["service-149 · Core"]
        await john.select(form, "service", "service-149 · Core")
        await world.settle()
        assert "Core, in #sre-incidents" in (await world.form("john", "")).words
        await world.submit("john", "", {"title": "It hangs"})
        assert "service-149 · Core" in world.card("It hangs").words
