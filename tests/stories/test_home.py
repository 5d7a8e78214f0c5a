"""The Home tab: what waits for its reader, the catalog page by page, in their language, and what their role may do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.demo.visible import words
from storage import outbox
from storage.outbox import HELD
from tests.world import CHANNEL, AtHome, World, alert_body, read, world_on


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.01)


PEOPLE = """
people:
  - {handle: vera, name: Vera Viewer, email: vera@example.com, slack: U04VERA, role: viewer}
"""


def many_policies(count: int) -> str:
    step = "Steps: [{delay: 0 minutes, type: SLACK, target: ON_CALL}]"
    return "\n---\n".join(f"Policy: Policy {number:03}\nTeam: SRE Core\n{step}" for number in range(count))


async def paged(world: World) -> None:
    """An incident that John, who is on call, was paged for."""
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    await world.advance(minutes=5)
    card.reply("step 2 of 5")
    world.direct("john")
    world.phone("+33600000002").expect_sms("Redis Cluster Down")


async def test_it_says_what_waits_and_who_is_on_call(world: World) -> None:
    home = await world.home("john")
    assert "Nothing waits for you" in home.words
    assert "You are on call" in home.words
    assert "then you" in home.words
    assert "+336…02" in home.words
    assert "+33600000002" not in home.words
    assert "john.doe@example.com" in home.words
    lea = await world.home("lea")
    assert "Vous n'êtes pas d'astreinte" in lea.words
    assert "John Doe" in lea.words


async def test_an_opening_that_slack_tells_again_is_acked_and_shown_once(world: World) -> None:
    """Slack did not hear the first answer in time; it goes on until it hears one."""
    await world.home("ada")
    sockets, workspace = world.outside.slack.sockets, world.outside.workspace
    sockets.ack_timeout = 5.0
    shown = len(workspace.calls_to("views.publish"))
    assert await sockets.deliver_event(sockets.envelopes[-1].payload)
    await world.settle()
    assert not sockets.unacked
    assert len(workspace.calls_to("views.publish")) == shown


async def test_acknowledge_from_home(world: World) -> None:
    ada, john = await world.home("ada"), await world.home("john")
    await paged(world)
    assert "Redis Cluster Down" in john.words.split("On call")[0]
    assert "Nothing waits for you" in ada.words
    assert "1 open incident" in ada.words
    link = next(e for b in john.view.blocks for e in b.get("elements", ()) if e.get("url"))
    card = world.card()
    assert link["url"].endswith(f"/archives/{card.message.channel}/p{card.message.ts.replace('.', '')}")
    await john.click("home.acknowledge.v1.mine")
    assert "has it" in card.words
    assert "Acknowledge" not in john.buttons
    assert "Acknowledge" not in ada.buttons
    card.reply("John Doe has it")
    await ada.click("incident.resolve.v1")
    await world.submit("ada", "Resolve", {"note": "Failed over"})
    assert "Nothing waits for you" in john.words
    assert "0 open incidents" in john.words
    card.reply("is resolved")


async def test_a_second_click_is_told_who_was_first(world: World) -> None:
    ada, john = await world.home("ada"), await world.home("john")
    await paged(world)
    members = [world.outside.slack.member(name) for name in ("ada", "john")]
    views = [home.view for home in (ada, john)]
    await asyncio.gather(
        members[0].click(views[0], "home.acknowledge.v1.all"), members[1].click(views[1], "home.acknowledge.v1.mine")
    )
    await world.settle()
    world.card().reply("has it")
    told = [member.view for member in members if member.view]
    assert len(told) == 1
    assert "is already acknowledged by" in words(told[0].blocks)


async def test_two_hundred_policies_are_paged_and_found(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), many_policies(200)]) as world:
        ada = await world.home("ada")
        await ada.click("Policies")
        assert "200 policies" in ada.words
        assert "Page 1 of 20" in ada.words
        seen = listed(ada)
        for _ in range(19):
            await ada.click("Next ▶")
            seen += listed(ada)
        assert seen == [f"Policy {number:03}" for number in range(200)]
        assert "Next ▶" not in ada.buttons
        await ada.click("◀ Previous")
        assert "Page 19 of 20" in ada.words
        await ada.search("policy 12")
        assert listed(ada) == [f"Policy {number:03}" for number in range(120, 130)]
        await ada.search("nothing like it")
        assert "0 found" in ada.words
        await ada.click("Show all")
        assert "Page 1 of 20" in ada.words


def listed(home: AtHome) -> list[str]:
    """The names of the things that a section lists."""
    rows = [block for block in home.view.blocks if block.get("accessory")]
    return [row["text"]["text"].split("*")[1] for row in rows]


async def test_a_change_leaves_its_readers_where_they_are(world: World) -> None:
    ada = await world.home("ada")
    await ada.click("Teams")
    await ada.search("platform")
    await world.load([read("organisation.yaml").replace("name: Platform,", "name: Platform, locale: fr,")])
    await paged(world)
    assert "Platform" in ada.words
    assert "1 found for “platform”" in ada.words


async def test_every_section(world: World) -> None:
    ada = await world.home("ada")
    for button, told in {
        "Runbooks": ("Redis Cluster Recovery", "redis-prod", "6 steps", "about"),
        "Services": ("api-gateway", "Platform", "also gateway"),
        "Teams": ("SRE Core", "#sre-incidents", "lead: Léa Lead", "3 members", "on call: John Doe"),
        "Policies": ("SRE Core - SEV1", "5 steps", "v1"),
    }.items():
        await ada.click(button)
        for word in told:
            assert word in ada.words, (button, word)


async def test_a_french_reader(world: World) -> None:
    lea = await world.home("lea")
    await paged(world)
    assert "Incidents ouverts" in lea.buttons
    assert "Acquitter" in lea.buttons
    await lea.click("Politiques")
    assert "1 politique" in lea.words
    await lea.search("rien")
    assert "0 résultat" in lea.words


async def test_a_viewer_sees_and_does_not_touch(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), read("guide.yaml"), PEOPLE]) as world:
        world.outside.workspace.add_user("vera", user_id="U04VERA")
        ada, vera = await world.home("ada"), await world.home("vera")
        await paged(world)
        assert "Acknowledge" in ada.buttons
        assert {"Acknowledge", "Resolve"}.isdisjoint(vera.buttons)
        await vera.click("Policies")
        assert "➕ New policy" not in vera.buttons
        await ada.click("Policies")
        assert "➕ New policy" in ada.buttons
        world.finish()


async def test_a_home_that_hangs_delays_no_page(world: World) -> None:
    john = await world.home("john")
    world.outside.slack.delay("views.publish", 1.5)
    started = asyncio.get_running_loop().time()
    status, _ = await world.post(alert_body())
    assert status == 202
    await world.outside.workspace.wait_for(lambda: len(world.outside.workspace.messages_in(CHANNEL)) > 1)
    assert asyncio.get_running_loop().time() - started < 1.4
    await world.settle()
    world.outside.slack.delay("views.publish", 0)
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    assert "1 open incident" in john.words


async def test_a_home_that_slack_refuses_for_good_is_let_go(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        john = await world.home("john")
        world.outside.slack.fail_next("views.publish", "not_enabled")
        await world.alert()
        assert "0 open incidents" in john.words
        assert world.card().words
        assert await world.app.store.read(lambda tx: outbox.due(tx, HELD, 100, outbox.HOMES)) == []
        await (await world.home("john")).click("Teams")
        assert "SRE Core" in john.words


async def test_an_older_home_does_not_replace_a_newer(sqlite_url: str) -> None:
    """A refresh that is late, while its reader turns a page: the page stays turned."""
    async with world_on(sqlite_url) as world:
        ada = await world.home("ada")
        slack, calls = world.outside.slack, world.outside.workspace.calls
        slack.delay("views.publish", 1)
        await world.post(alert_body())
        await until(lambda: "views.publish" in slack.faults.delayed)
        slack.delay("views.publish", 0)
        await slack.member("ada").click(ada.view, "Teams")
        await until(lambda: any(call.error == "hash_conflict" for call in calls))
        await until(lambda: "SRE Core" in ada.words)
        await world.settle()
        assert "SRE Core" in ada.words
        assert "Page" not in ada.words
        assert [call.error for call in calls if call.method == "views.publish"].count("hash_conflict") == 1


async def test_a_home_is_kept_up_for_a_day(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        ada = await world.home("ada")
        await world.advance(minutes=24 * 60 + 1)
        await world.alert()
        assert "0 open incidents" in ada.words
        assert "1 open incident" in (await world.home("ada")).words
