"""Who is paged, who no longer, and who may say what after an incident's life took one turn and then another."""

from __future__ import annotations

from tests.stories.test_lifecycle import JOHN, catalog, rung
from tests.world import read, world_on

TWO = """
Policy: Core
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SMS, target: ON_CALL, message: "Whoever is on call"}
  2: {delay: 5, type: SMS, target: USER (ada), message: "Ada"}
"""


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


async def test_a_viewer_who_was_paged_and_took_it_is_still_on_it_and_gives_it_back(sqlite_url: str) -> None:
    organisation, *rest = catalog(timeout="30 minutes")
    organisation = organisation.replace("slack: U02JOHN}", "slack: U02JOHN, role: viewer}")
    async with world_on(sqlite_url, catalog=[organisation, *rest]) as world:
        await world.alert()
        await world.advance(minutes=5)
        card = world.card()
        await world.direct("john").click("Acknowledge", as_="john")
        await world.advance(minutes=31)
        await world.direct("john").click("Still on it", as_="john")
        await world.advance(minutes=6)
        assert rung(world) == ["john"], "nobody who said that they are on it is paged"
        await card.click("Give it back", as_="john")
        await world.advance(seconds=11)
        assert rung(world) == ["john", "lea"]
        await card.click("Acknowledge", as_="ada")
        await card.click("Give it back", as_="john")
        assert "takes the role responder" in world.whispers("john")[-1]


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
