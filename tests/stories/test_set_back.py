"""A clock that is set back by hours while something goes on: nobody waits for what is yet to come by the former one."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.test_after_turns import SIGNED
from tests.stories.test_lifecycle import JOHN, catalog, rung
from tests.stories.test_receipts import TEXTS
from tests.world import World, read, world_on


async def set_back(world: World, hours: float = 3) -> None:
    """The machine's clock is put right, which Vigie notices in a moment."""
    by = timedelta(hours=hours)
    world.clock.push(-by)
    world.app.auditor.set_back(by)
    await world.app.auditor.look()
    await world.settle()


async def test_an_answer_to_an_sms_of_before_is_to_that_one(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), TEXTS], **SIGNED) as world:
        phone = world.phone(JOHN)
        await world.alert("Disk full", group="g2", fingerprint="f2")
        phone.expect_sms("Disk full")
        await phone.answer("a")
        phone.expect_sms("Disk full", "is yours")
        await world.advance(minutes=60)
        await world.alert()
        phone.expect_sms("Redis Cluster Down")
        await set_back(world)
        await phone.answer("a")
        phone.expect_sms("Redis Cluster Down", "is yours")
        assert "<@U02JOHN> has it" in world.card("Redis Cluster Down").words


async def test_an_sms_of_before_that_does_not_arrive_goes_another_way_in_time(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), TEXTS]) as world:
        world.outside.ovh.network.silent.add(JOHN)
        await world.alert()
        await world.advance(seconds=15)
        await set_back(world)
        await world.advance(minutes=2)
        assert world.direct("john").buttons


async def test_who_had_it_passes_it_on_to_everybody_who_is_left(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        await world.alert()
        await world.advance(minutes=5)
        await world.card().click("Acknowledge", as_="john")
        await set_back(world)
        await world.command("/incident", "decline", as_="john")
        assert rung(world) == ["john", "lea"]
        await world.advance(minutes=16)
        assert rung(world) == ["john", "lea", "ada"]


async def test_what_gets_worse_pages_who_was_not_heard_of_for_long(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        await world.alert(severity="warning")
        await world.advance(minutes=5)
        await world.card().click("Acknowledge", as_="john")
        before = len(rung(world))
        await set_back(world)
        await world.advance(minutes=60)
        await world.alert(severity="critical", fingerprint="f2")
        await world.advance(minutes=1)
        assert rung(world)[before:] == ["john"]


async def test_a_sign_of_life_counts_though_another_is_yet_to_come(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(timeout="30 minutes")) as world:
        await world.alert()
        await world.advance(minutes=5)
        await world.card().click("Acknowledge", as_="john")
        before = len(rung(world))
        await set_back(world)
        await world.advance(minutes=26)
        assert "Are you still on it?" in str([one.words for one in world.outside.slack.member("john").direct_messages])
        assert await world.command("/incident", "note I am restarting it", as_="john")
        await world.advance(minutes=6)
        assert rung(world)[before:] == [], "John was heard of"


async def test_a_snooze_is_as_long_as_it_was_to_be(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog()) as world:
        await world.alert()
        assert await world.command("/incident", "snooze 30m", as_="john")
        await world.app.auditor.look()
        await set_back(world)
        await world.advance(minutes=29)
        assert rung(world) == []
        await world.advance(minutes=2)
        assert rung(world) == ["john"]


async def test_a_snooze_until_nine_ends_at_nine(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        await world.alert()
        name = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
        assert await world.command("/incident", "snooze 09:00", as_="john")
        until = (await world.get(f"/api/v1/incidents/{name}/"))[1]["snoozed_until"]
        await set_back(world)
        await world.advance(minutes=1)
        assert (await world.get(f"/api/v1/incidents/{name}/"))[1]["snoozed_until"] == until
        assert rung(world) == []


async def test_what_was_over_and_fires_again_with_the_same_start_pages_again(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.advance(minutes=5)
        await set_back(world)
        await world.advance(minutes=10)
        assert (await world.alert())["opened"]
        await world.advance(minutes=5)
        world.phone(JOHN).expect_sms("INC-")


async def test_what_fires_after_all_was_over_for_long_pages_whoever_has_it(sqlite_url: str) -> None:
    organisation, *rest = catalog()
    kept = organisation.replace("aliases: [redis]", "aliases: [redis], auto_resolve: false")
    async with world_on(sqlite_url, catalog=[kept, *rest]) as world:
        await world.alert()
        await world.card().click("Acknowledge", as_="john")
        await world.alert(status="resolved")
        await set_back(world)
        await world.advance(minutes=60)
        await world.alert(fingerprint="f2")
        assert rung(world) == ["john"]
