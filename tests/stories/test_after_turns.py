"""Who is paged, who no longer, and who may say what after an incident's life took one turn and then another."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import wall_now
from bot.demo.voice import ReceivedCall
from domain.alerts import sent_by
from domain.signatures import signed
from handlers.alerts.parsers import alertmanager
from tests.stories.test_lifecycle import ADA, JOHN, catalog, rung
from tests.world import World, alert_body, read, world_on

SIGNED: dict[str, Any] = {
    "public_url": "https://vigie.example.com",
    "secret_key": "a-secret-of-the-tests",
    "ovh_sms_sender": "",
}
TWO = """
Policy: Core
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SMS, target: ON_CALL, message: "Whoever is on call"}
  2: {delay: 5, type: SMS, target: USER (ada), message: "Ada"}
"""
CALLS = TWO.replace("type: SMS, target: ON_CALL", "type: PHONE, target: ON_CALL").replace("delay: 5", "delay: 60")


async def test_when_everybody_cannot_take_it_the_policy_begins_again(database_url: str) -> None:
    """Better those who can't than nobody: Ada, who had it, is the lead, so that no lead is left either."""
    organisation = read("organisation.yaml").replace("lead: lea", "lead: ada")
    async with world_on(database_url, catalog=[organisation, TWO]) as world:
        await world.alert()
        card = world.card()
        await world.command("/incident", "decline", as_="john")
        assert rung(world) == ["john", "ada"]
        await card.click("Acknowledge", as_="ada")
        await world.advance(minutes=60)
        await world.command("/incident", "decline", as_="ada")
        card.reply("no lead can be paged")
        assert rung(world) == ["john", "ada"]
        await world.advance(minutes=5)
        assert rung(world) == ["john", "ada", "john"]
        await world.advance(minutes=5)
        assert rung(world) == ["john", "ada", "john", "ada"]


async def test_who_mitigates_what_they_could_not_take_may_say_so_again(sqlite_url: str) -> None:
    organisation, *rest = catalog()
    organisation = organisation.replace("aliases: [redis]", "aliases: [redis], auto_resolve: false")
    async with world_on(sqlite_url, catalog=[organisation, *rest]) as world:
        await world.alert()
        await world.advance(minutes=5)
        await world.direct("john").click("Can't take it", as_="john")
        assert await world.command("/incident", "mitigate", as_="john")
        await world.alert(status="resolved")
        await world.advance(minutes=60)
        await world.alert(fingerprint="f2")
        assert rung(world) == ["john", "lea", "john"]
        await world.direct("john").click("Can't take it", as_="john")
        assert rung(world) == ["john", "lea", "john", "ada"], "at once, and nobody waits for John"


async def test_help_that_somebody_else_asks_for_does_not_page_whoever_has_it(sqlite_url: str) -> None:
    runbook = """
Title: Redis
Service: redis-prod
Steps:
  1: {title: Look, description: Look, duration: 1}
"""
    async with world_on(sqlite_url, catalog=[*catalog(), runbook]) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=5)
        await card.reply("Still on step 1").click("I need help", as_="ada")
        assert (await world.submit("ada", "I need help", {"help": "escalate"})).closed
        assert rung(world) == ["lea"]


async def test_help_right_after_it_was_given_back_begins_a_policy_again_that_was_through(sqlite_url: str) -> None:
    runbook = """
Title: Redis
Service: redis-prod
Steps:
  1: {title: Look, description: Look, duration: 1}
"""
    async with world_on(sqlite_url, catalog=[*catalog(), runbook]) as world:
        await world.alert()
        card = world.card()
        await world.advance(minutes=25)
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=5)
        before = len(rung(world))
        await card.click("Give it back", as_="john")
        await card.reply("Still on step 1").click("I need help", as_="ada")
        assert (await world.submit("ada", "I need help", {"help": "escalate"})).closed
        assert rung(world)[before:] == ["john"]


async def test_a_viewer_who_was_paged_and_took_it_is_still_on_it_and_gives_it_back(sqlite_url: str) -> None:
    organisation, *rest = catalog(timeout="30 minutes")
    organisation = organisation.replace("slack: U02JOHN}", "slack: U02JOHN, role: viewer}")
    async with world_on(sqlite_url, catalog=[organisation, *rest]) as world:
        await world.alert()
        await world.advance(minutes=5)
        card = world.card()
        await world.direct("john").click("Acknowledge", as_="john")
        await world.advance(minutes=26)
        await world.direct("john").click("Still on it", as_="john")
        await world.advance(minutes=6)
        assert rung(world) == ["john"], "nobody who said that they are on it is paged"
        await card.click("Give it back", as_="john")
        await world.advance(seconds=11)
        assert rung(world) == ["john", "lea"]
        await card.click("Acknowledge", as_="ada")
        await card.click("Give it back", as_="john")
        assert "takes the role responder" in world.whispers("john")[-1]


async def test_a_viewer_who_was_paged_passes_it_on_and_nobody_else_does_for_them(sqlite_url: str) -> None:
    organisation, *rest = catalog()
    organisation = organisation.replace("slack: U02JOHN}", "slack: U02JOHN, role: viewer}")
    async with world_on(sqlite_url, catalog=[organisation, *rest]) as world:
        await world.alert()
        await world.card().click("Can't take it", as_="john")
        assert "takes the role responder" in world.whispers("john")[-1], "before they are paged"
        await world.advance(minutes=5)
        refused = await world.command("/incident", "decline @lea", as_="john")
        assert refused is not None and "takes the role responder" in refused.words
        assert rung(world) == ["john"]
        await world.direct("john").click("Can't take it", as_="john")
        assert rung(world) == ["john", "lea"]


async def test_a_call_that_is_lost_after_it_was_given_to_somebody_else_goes_no_other_way(sqlite_url: str) -> None:
    rings = TWO.replace("type: SMS, target: ON_CALL", "type: PHONE, target: ON_CALL")
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), rings], rings=True) as world:
        await world.alert()
        phone = world.phone(JOHN)
        call = phone.expect_call("Redis Cluster Down")
        assert await world.command("/incident", "reassign @lea", as_="ada")
        await phone.report(call, "no_answer")
        world.card().reply("John Doe not reached by telephone call")
        assert rung(world) == ["lea"]


async def test_what_was_mitigated_and_gets_worse_by_an_alert_triggers_again(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog()) as world:
        await world.alert(severity="info")
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await card.click("Mitigated", as_="john")
        await world.advance(minutes=20)
        await world.alert("Another", severity="info", fingerprint="f2")
        await world.advance(minutes=40)
        await world.alert("Another", severity="info", fingerprint="f2", status="resolved")
        await world.alert("Another", severity="info", fingerprint="f2", started="2026-11-23T05:10:00Z")
        assert rung(world) == [], "what is no worse, and what they knew, joins it"
        await world.alert("All are down", severity="critical", fingerprint="f3")
        card.reply("It got worse", "John Doe is paged first")
        assert "Nobody has it yet" in card.words
        assert rung(world) == ["john"]
        await world.advance(minutes=5)
        assert rung(world) == ["john", "john"]
        await card.click("Acknowledge", as_="john")
        await world.alert("All are down", severity="critical", fingerprint="f3")
        await world.advance(minutes=60)
        assert rung(world) == ["john", "john"]


async def test_what_was_mitigated_and_spreads_long_after_triggers_again(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog()) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await card.click("Mitigated", as_="john")
        await world.advance(minutes=31)
        await world.alert("Another is down", fingerprint="f2")
        card.reply("It got worse", "John Doe is paged first")
        assert rung(world) == ["john"]
        await world.alert("A third is down", fingerprint="f3")
        assert rung(world) == ["john"]


@pytest.mark.parametrize("button", ["Acknowledge", "Mitigated"])
async def test_what_begins_anew_long_after_somebody_took_it_triggers_again_though_nobody_told_its_end(
    database_url: str, button: str
) -> None:
    """It was silenced in Alertmanager, which then tells no end."""
    async with world_on(database_url, catalog=catalog()) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="john")
        if button == "Mitigated":
            await card.click(button, as_="john")
        await world.advance(minutes=31)
        await world.alert(started="2026-11-23T04:02:40Z")
        assert rung(world) == [], "of a twin, whose clock is another: it began before"
        await world.alert(started=world.clock.to_wall(world.clock.now()).isoformat())
        assert rung(world) == ["john"]
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=10)
        await world.alert(started=world.clock.to_wall(world.clock.now()).isoformat())
        assert rung(world) == ["john"], "they are at it"


@pytest.mark.parametrize("first", ["firing", "resolved"])
async def test_what_is_over_as_soon_as_it_is_told_triggers_nothing_again(sqlite_url: str, first: str) -> None:
    """Its beginning and its end wait for one transaction while the database is slow."""
    organisation, *rest = catalog()
    organisation = organisation.replace("aliases: [redis]", "aliases: [redis], auto_resolve: false")
    async with world_on(sqlite_url, catalog=[organisation, *rest]) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await card.click("Mitigated", as_="john")
        await world.alert(status=first)
        await world.advance(minutes=31)
        bodies = [alert_body("Another is down", fingerprint="f2", status=status) for status in ("firing", "resolved")]
        groups = [sent_by(alertmanager.parse({}, body), "story") for body in bodies]
        await asyncio.gather(*(world.app.use_cases.alerts.receive(group) for group in groups))
        await world.settle()
        assert rung(world) == []


async def test_what_nobody_took_and_spreads_long_after_its_last_page_pages_anew(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        await world.alert()
        await world.advance(minutes=30)
        before = rung(world)
        await world.advance(minutes=20)
        await world.alert("Another is down", fingerprint="f2")
        assert rung(world) == before
        await world.advance(minutes=20)
        await world.alert("Another is down", fingerprint="f2")
        assert rung(world) == before
        await world.alert("A third is down", fingerprint="f3")
        assert rung(world) == [*before, "john"]


async def test_what_pages_nobody_says_once_that_it_spreads(sqlite_url: str) -> None:
    organisation = read("organisation.yaml").replace("    lead: lea\n", "")
    async with world_on(sqlite_url, catalog=[organisation]) as world:
        await world.alert()
        await world.advance(minutes=31)
        for name in ("f2", "f3"):
            await world.alert("Another is down", fingerprint=name)
        assert sum("triggers again" in one.words for one in world.card().thread()) == 1


async def test_an_answer_by_sms_takes_nothing_from_whoever_snoozed_it(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(), **SIGNED) as world:
        await world.alert()
        await world.advance(minutes=5)
        assert await world.command("/incident", "snooze 1h", as_="ada")
        await world.phone(JOHN).answer("a")
        assert "already acknowledged by Ada Admin" in world.phone(JOHN).texts[-1].text
        assert "Snoozed by" in world.card().words
        before = len(rung(world))
        await world.advance(minutes=60)
        assert rung(world)[before:] == ["ada"]


async def test_a_link_that_was_open_meanwhile_takes_nothing_from_whoever_snoozed_it(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(), **SIGNED) as world:
        await world.alert()
        await world.advance(minutes=5)
        (link,) = re.findall(r"/a/\S+", world.phone(JOHN).texts[-1].text)
        assert await world.command("/incident", "snooze 1h", as_="ada")
        async with world.http.post(link) as answer:
            assert answer.status == 409
        assert "Snoozed by" in world.card().words


async def test_an_answer_by_sms_of_whoever_is_asked_is_a_sign_of_life(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(timeout="30 minutes"), **SIGNED) as world:
        await world.alert()
        await world.advance(minutes=5)
        phone = world.phone(JOHN)
        await phone.answer("a")
        await world.advance(minutes=25)
        assert "Are you still on it?" in str([one.words for one in world.outside.slack.member("john").direct_messages])
        await phone.answer("a")
        assert "is yours" in phone.texts[-1].text
        world.card("Redis").reply("John Doe is still on it")
        await world.advance(minutes=6)
        assert "Nobody has it yet" not in world.card("Redis").words


async def is_wanted(world: World, call: ReceivedCall) -> bool:
    """What a gateway is told that asks before it dials."""
    headers = signed(world.outside.voice.secret, wall_now().timestamp(), b"")
    async with world.http.get(call.callback, headers=headers) as answer:
        return bool((await answer.json())["wanted"])


async def test_nobody_is_rung_who_cannot_take_it_or_whose_turn_it_is_no_more(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), CALLS], rings=True) as world:
        for number, said in enumerate(("decline {}", "reassign {} @lea")):
            answer = await world.alert(group=f"g{number}", fingerprint=f"f{number}")
            call = world.phone(JOHN).expect_call()
            assert await is_wanted(world, call)
            assert await world.command("/incident", said.format(answer["incident"]["short_id"]), as_="john")
            assert not await is_wanted(world, call)


async def test_a_call_for_many_is_wanted_while_nobody_has_one_of_them(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), CALLS], rings=True) as world:
        names = {}
        for number in range(6):
            title = f"Number {number}"
            answer = await world.alert(title, group=f"g{number}", fingerprint=f"f{number}", severity="warning")
            names[title] = answer["incident"]["short_id"]
        for _ in range(20):
            await world.advance(minutes=1)
        call = world.phone(JOHN).calls[-1]
        alone = {title for title in names for one in world.phone(JOHN).calls[:-1] if title in one.text}
        said, *others = sorted(names.keys() - alone, key=lambda title: title not in call.text)
        assert said in call.text
        assert others, "it is the only call of several"
        assert await world.command("/incident", f"ack {names[said]}", as_="ada")
        assert await is_wanted(world, call)
        for title in others:
            assert await world.command("/incident", f"ack {names[title]}", as_="ada")
        assert not await is_wanted(world, call)


async def test_without_a_policy_what_is_given_back_pages_the_lead(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml")]) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="ada")
        await card.click("Give it back", as_="ada")
        await world.advance(seconds=11)
        card.reply("Nobody else is left", "Léa Lead, the lead, is paged")
        assert rung(world) == ["lea"]


async def test_a_clock_that_is_set_back_makes_nothing_of_a_call_a_former_one(sqlite_url: str) -> None:
    """It was given back at a moment that is yet to come: whoever is called since is rung, and reached another way."""
    once = CALLS.partition("  2:")[0]
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), once], rings=True) as world:
        await world.alert()
        card, phone = world.card(), world.phone(JOHN)
        phone.expect_call()
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=2)
        await card.click("Give it back", as_="john")
        world.clock.push(timedelta(hours=-1))
        await world.app.auditor.look()
        await world.advance(minutes=5)
        call = phone.expect_call()
        assert await is_wanted(world, call)
        await phone.report(call, "no_answer")
        assert rung(world) == ["john"]


async def test_a_clock_that_is_set_back_keeps_nobody_who_is_silent_from_being_asked(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(timeout="30 minutes")) as world:
        await world.alert()
        card = world.card()
        await world.app.auditor.look()
        await card.click("Acknowledge", as_="john")
        world.clock.push(timedelta(hours=-3))
        await world.app.auditor.look()
        await world.advance(minutes=31)
        assert "Are you still on it?" in str([one.words for one in world.outside.slack.member("john").direct_messages])
        await world.advance(minutes=6)
        assert "Nobody has it yet" in card.words
        assert rung(world) == ["john"]


async def test_who_has_the_name_of_somebody_who_cannot_take_it_is_rung(sqlite_url: str) -> None:
    organisation = read("organisation.yaml").replace("name: Ada Admin", "name: John Doe")
    both = CALLS.replace("type: SMS, target: USER (ada)", "type: PHONE, target: USER (ada)")
    async with world_on(sqlite_url, catalog=[organisation, both.replace("delay: 60", "delay: 5")], rings=True) as world:
        await world.alert()
        await world.advance(minutes=5)
        johns, other = world.phone(JOHN).expect_call(), world.phone(ADA).expect_call()
        assert await world.command("/incident", "decline", as_="john")
        assert not await is_wanted(world, johns)
        assert await is_wanted(world, other)


async def test_whoever_vigie_does_not_know_is_not_said_to_be_paged_first(sqlite_url: str) -> None:
    """They took it with a button, and no policy or number leads to them."""
    async with world_on(sqlite_url, catalog=catalog()) as world:
        world.outside.workspace.add_user("stranger", user_id="U09OTHER")
        await world.alert(severity="info")
        card = world.card()
        await card.click("Acknowledge", as_="stranger")
        await card.click("Mitigated", as_="stranger")
        await world.alert("All are down", severity="critical", fingerprint="f2")
        assert "paged first" not in card.reply("It got worse", "The escalation goes on").words
        assert rung(world) == ["john"]
