"""Discord channels: a page behind a webhook, edited in place as the incident changes, whose address nobody is shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.demo.provider_faults import Fault
from bot.opening import open_store
from domain.oversights import Lapse
from domain.webhooks import redacted
from handlers.catalog.service import CatalogService
from storage.catalog import table
from storage.incident_tables import EscalationRow
from tests.stories.modals import Modal
from tests.stories.test_auditor import damage, look
from tests.stories.test_links import JOHN
from tests.stories.test_troubles import ready
from tests.world import TESTER, World, alert_body, read, world_on

WEBHOOK = "https://discord.com/api/webhooks/1/demo-token"
GONE = "https://discord.com/api/webhooks/9/its-key"
POLICY = f"""
Policy: Out loud
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {{delay: 0 minutes, type: SLACK, target: "CHANNEL ({WEBHOOK})"}}
  2: {{delay: 5 minutes, type: SMS, target: ON_CALL}}
"""


@pytest.fixture
async def abroad(database_url: str) -> AsyncIterator[World]:
    """A Vigie whose policy tells a Discord channel."""
    async with world_on(database_url, catalog=[read("organisation.yaml"), POLICY]) as running:
        yield running
        running.finish()


async def test_the_message_follows_the_incident(abroad: World) -> None:
    world = abroad
    await world.alert("*Redis* @everyone <@1> https://x.example `down`")
    post = world.discord("SEV1")
    assert post.mentions == ()
    assert "\\*Redis\\* \\@everyone \\<\\@1\\>" in post.text and "❗ Nobody has it yet" in post.text
    assert "3 of 6 masters are down" in post.text
    await world.card().click("Acknowledge", as_="john")
    assert "John Doe has it" in world.discord("SEV1").text
    assert not any(words in world.discord("SEV1").text for words in ("Nobody has it yet", "Acknowledge it in Slack"))
    assert f"/archives/{world.card().message.channel}/p" in world.discord("SEV1").text
    assert len(world.outside.discord.inbox.messages) == 1
    _, listed = await world.get("/api/v1/incidents/")
    short_id = listed["results"][0]["short_id"]
    await world.post({"note": "restarted"}, f"/api/v1/incidents/{short_id}/resolve/")
    await world.settle()
    assert "✅ Resolved by" in world.discord("SEV1").text
    assert "Acknowledge it in Slack" not in world.discord("SEV1").text
    world.expect_what_was_said()


async def test_what_to_do_is_said_however_long_the_rest(database_url: str) -> None:
    policy = POLICY.replace('"}', f'", message: "{"*_~[x](y)" * 90}"}}')
    async with world_on(database_url, catalog=[read("organisation.yaml"), policy]) as world:
        await world.alert("*_[]()" * 40)
        assert "Acknowledge it in Slack" in world.discord("SEV1").text
        world.expect_what_was_said()


async def test_what_discord_asks_is_honoured(abroad: World) -> None:
    world = abroad
    world.outside.discord.faults.next(Fault(status=429, retry_after=0.4))
    await world.alert()
    await world.advance(seconds=2)
    world.discord("Redis Cluster Down")
    assert not [entry for entry in world.card().thread() if "not reached" in entry.words]
    world.expect_what_was_said()


async def test_a_webhook_that_was_deleted_is_the_teams_own_channel(abroad: World) -> None:
    world = abroad
    world.outside.discord.faults.always(Fault(status=404, message="Unknown Webhook"))
    await world.alert()
    assert world.card().reply("Discord not reached").words
    assert world.card().reply("Nobody has it yet").words
    assert not world.phone(JOHN).texts
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.expect_what_was_said()


async def test_an_admin_hears_once_of_a_webhook_that_was_deleted_until_no_policy_names_it(database_url: str) -> None:
    policy = POLICY.replace(WEBHOOK, GONE)
    async with world_on(database_url, catalog=[read("organisation.yaml"), policy]) as world:
        await world.alert()
        assert world.card("Redis Cluster Down").reply("Nobody has it yet").words
        told = world.direct("ada").words
        assert "Discord takes nothing at https://discord.com/api/webhooks/9/" in told and "Make a new webhook" in told
        await world.alert("Disk full", group="g2", fingerprint="f2")
        assert len(world.outside.slack.member("ada").direct_messages) == 1
        assert "webhook: webhook_gone" in await ready(world)
        _, night = await world.get("/api/v1/simulate/?service=redis-prod&severity=SEV1_CRITICAL")
        assert "Unknown Webhook" in str(night) and "its-key" not in str(night)
        await world.load([POLICY])
        await world.alert("Swap is used", group="g3", fingerprint="f3")
        world.discord("Swap is used")
        await world.app.use_cases.refused_cards.look()
        assert await ready(world) == "none is known to be broken"
        world.expect_what_was_said()
        assert "its-key" not in "".join(message.words for message in world._posted())
        world.finish()


async def test_while_discord_is_away_whoever_is_on_call_hears_of_it_another_way(abroad: World) -> None:
    world = abroad
    world.outside.discord.faults.always(Fault(status=503))
    await world.alert()
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.outside.discord.faults.clear()
    await world.advance(seconds=20)
    world.discord("Redis Cluster Down")
    world.expect_what_was_said()


async def test_a_command_with_a_new_key_takes_no_webhook_from_a_vigie_that_runs_with_the_old(sqlite_url: str) -> None:
    """Whoever changes SECRET_KEY may load a file before they start Vigie anew."""
    old, new = "the-key-of-yesterday", "the-key-of-tomorrow"
    async with world_on(sqlite_url, catalog=[read("organisation.yaml")], secret_key=old) as world:
        changed = {"secret_key": new, "secret_key_fallbacks": (old,)}
        with closing(open_store(world.app.settings.model_copy(update=changed))) as store:
            await CatalogService(store, world.clock).load([("policy.yaml", POLICY)], TESTER)
        await world.alert()
        assert "Nobody has it yet" in world.discord("Redis Cluster Down").text
        world.expect_what_was_said()


async def test_nobody_is_shown_the_webhook(abroad: World, caplog: pytest.LogCaptureFixture) -> None:
    world, shown = abroad, redacted(WEBHOOK)
    world.outside.discord.faults.always(Fault(status=404, message="Unknown Webhook"))
    caplog.set_level(logging.DEBUG)
    await world.alert()
    world.expect_what_was_said()
    admin = await world.app.use_cases.tokens.create("admin", ["read", "write", "admin"], TESTER)
    said = [str(await world.get(path, admin)) for path in ("/api/v1/policies/", "/api/v1/audit/")]
    _, listed = await world.get("/api/v1/incidents/")
    said.append(str(await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")))
    said.append(str(await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/timeline/")))
    home = await world.home("ada")
    await home.click("Policies")
    await home.click("Open")
    ada = Modal(world, "ada")
    await ada.click("Edit")
    said += [message.words for message in world._posted()] + [str(ada.view.body), caplog.text]
    assert all("demo-token" not in one for one in said)
    assert shown in said[0]


async def test_a_policy_that_comes_back_as_it_was_shown_keeps_its_webhook(abroad: World) -> None:
    world = abroad
    admin = await world.app.use_cases.tokens.create("admin", ["read", "write", "admin"], TESTER)
    _, listed = await world.get("/api/v1/policies/", admin)
    [policy] = listed["results"]
    async with world.http.put(
        f"/api/v1/policies/{policy['id']}/", json=policy, headers={"Authorization": f"Token {admin}"}
    ) as answer:
        assert answer.status == 200
        assert (await answer.json())["version"] == policy["version"]
    policy["steps"][0]["target_channel"] = "https://discord.com/api/webhooks/2/********"
    async with world.http.put(
        f"/api/v1/policies/{policy['id']}/", json=policy, headers={"Authorization": f"Token {admin}"}
    ) as answer:
        assert answer.status == 422 and "hidden" in await answer.text()
    await world.alert()
    world.discord("Redis Cluster Down")
    world.expect_what_was_said()


async def test_a_worse_incident_waits_for_no_other_behind_its_webhook(database_url: str) -> None:
    catalog = [
        read("organisation.yaml"),
        POLICY,
        POLICY.replace("Out loud", "Quieter").replace("SEV1_CRITICAL", "SEV3_MEDIUM"),
    ]
    async with world_on(database_url, catalog=catalog, is_limited=True) as world:
        for number in range(12):
            await world.post(
                alert_body(f"Disk {number}", severity="info", group=f"g{number}", fingerprint=f"f{number}")
            )
        await world.post(alert_body(group="worse", fingerprint="worse"))
        inbox = world.outside.discord.inbox
        async with asyncio.timeout(10):
            while not any("SEV1" in post.text for post in inbox.messages):
                await asyncio.sleep(0.05)
        assert len(inbox.messages) < 10


async def test_what_becomes_worse_under_the_same_policy_waits_for_no_other_either(database_url: str) -> None:
    policy = POLICY.replace("Severity: SEV1_CRITICAL", "Default: true")
    async with world_on(database_url, catalog=[read("organisation.yaml"), policy], is_limited=True) as world:
        for number in range(14):
            _, last = await world.post(
                alert_body(f"Disk {number}", severity="info", group=f"g{number}", fingerprint=f"f{number}")
            )
        inbox, its = world.outside.discord.inbox, f"/api/v1/incidents/{last['incident']['id']}"
        async with asyncio.timeout(10):
            while not (await world.get(f"{its}/notifications/"))[1]["results"]:
                await asyncio.sleep(0.05)
        await world.post({"severity": "SEV1"}, f"{its}/severity/")
        async with asyncio.timeout(10):
            while not any("SEV1" in post.text for post in inbox.messages):
                await asyncio.sleep(0.05)
        assert len(inbox.messages) < 10


async def test_what_waits_for_its_turn_behind_a_webhook_was_not_overlooked(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), POLICY], is_limited=True) as world:
        for number in range(45):
            await world.post(alert_body(f"Disk {number}", group=f"g{number}", fingerprint=f"f{number}"))
        await asyncio.sleep(3)
        world.clock.push(timedelta(seconds=65))
        await world.app.auditor.look()
        assert len(world.outside.discord.inbox.messages) < 20
        assert "hook:1" not in [one.subject for one in world.app.auditor.standing]


async def test_threads_of_one_webhook_are_told_apart(database_url: str) -> None:
    both = [f"{WEBHOOK}?thread_id={thread}" for thread in (7, 8)]
    catalog = [POLICY.replace("Out loud", name).replace(WEBHOOK, hook) for name, hook in zip("AB", both, strict=True)]
    catalog[1] = catalog[1].replace("SEV1_CRITICAL", "SEV2_HIGH")
    async with world_on(database_url, catalog=[read("organisation.yaml"), *catalog]) as world:
        admin = await world.app.use_cases.tokens.create("admin", ["read", "write", "admin"], TESTER)
        _, listed = await world.get("/api/v1/policies/", admin)
        for policy in listed["results"]:
            assert "demo-token" not in str(policy)
            async with world.http.put(
                f"/api/v1/policies/{policy['id']}/", json=policy, headers={"Authorization": f"Token {admin}"}
            ) as answer:
                assert (await answer.json())["version"] == policy["version"]
        await world.alert()
        assert world.discord("SEV1").thread == "7"
        await world.card().click("Acknowledge", as_="john")
        assert "John Doe has it" in world.discord("SEV1").text
        world.expect_what_was_said()


async def test_a_climb_that_begins_anew_goes_on_past_a_webhook_that_was_told(database_url: str) -> None:
    """Its address is sealed in the database: the page to it is still the same page."""
    catalog, key = [read("organisation.yaml"), POLICY], "0123456789abcdef"
    async with world_on(database_url, catalog=catalog, secret_key=key) as world:
        await world.alert()
        world.discord("SEV1")
        world.expect_what_was_said()
        await damage(world, delete(table(EscalationRow)))
        world.clock.push(timedelta(minutes=3))
        assert await look(world) == [(Lapse.NO_CLIMB, True)]
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("Redis Cluster Down")
        world.expect_what_was_said()
        assert len(world.outside.discord.inbox.messages) == 1
