"""Alerts in: what Alertmanager really sends becomes one incident a group, once."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import pytest

from tests.world import TESTER, World, alert_body, read, world_on

QUIET = (
    "people: []\nteams: [{name: SRE Core, channel: '#sre-incidents'}]\nservices: [{name: redis-prod, team: SRE Core}]"
)


async def incidents(world: World) -> list[dict[str, Any]]:
    status, body = await world.get("/api/v1/incidents/?ordering=created_at")
    assert status == 200
    return list(body["results"])


@pytest.fixture
async def recorded() -> dict[str, Any]:
    """What a real Alertmanager 0.25 sent."""
    loaded: dict[str, Any] = json.loads(read("alertmanager-webhook.json"))
    return loaded


async def test_repeats_and_ha_twins_change_nothing(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET]) as world:
        answers = await asyncio.gather(*(world.post(alert_body()) for _ in range(20)))
        await world.settle()
        assert [status for status, _ in answers] == [202] * 20
        assert len({(answer["incident"]["id"], answer["incident"]["short_id"]) for _, answer in answers}) == 1
        assert sum(answer["opened"] for _, answer in answers) == 1
        assert len(await incidents(world)) == 1
        card = world.card()
        card.reply("No escalation policy")
        world.finish()


async def test_what_a_real_alertmanager_sends(database_url: str, recorded: dict[str, Any]) -> None:
    async with world_on(database_url) as world:
        await world.post(recorded["first_firing"]["body"])
        await world.post(recorded["with_resolved"]["body"])
        await world.settle()
        [incident] = await incidents(world)
        assert incident["severity"] == "SEV1_CRITICAL"
        assert incident["service"] == "triage"
        assert incident["status"] == "TRIGGERED"
        assert incident["title"] == "disk <full> & @here *boom*"
        events = (await world.get(f"/api/v1/incidents/{incident['id']}/timeline/"))[1]["results"]
        assert "alert_added" not in [event["event"] for event in events]


async def test_all_resolved_resolves_and_stops_the_climb(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        [incident] = await incidents(world)
        assert incident["status"] == "RESOLVED"
        assert incident["resolved_by"] == "Alertmanager"
        assert "Resolved by Alertmanager" in world.card().words
        await world.advance(minutes=90)
        assert not world.outside.ovh.inbox.messages
        await world.alert(started="2026-11-23T06:00:00Z")
        assert len(await incidents(world)) == 2


async def test_a_service_may_ask_a_person_to_resolve(database_url: str) -> None:
    organisation = read("organisation.yaml").replace("aliases: [redis]", "aliases: [redis], auto_resolve: false")
    async with world_on(database_url, catalog=[organisation]) as world:
        await world.alert()
        await world.alert(status="resolved")
        assert (await incidents(world))[0]["status"] == "TRIGGERED"
        world.card().reply("All alerts have ended")


async def test_late_and_unknown_ends_open_nothing(world: World) -> None:
    await world.alert(status="resolved")
    assert await incidents(world) == []


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", "SEV1_CRITICAL"),
        ("warning", "SEV2_HIGH"),
        ("info", "SEV3_MEDIUM"),
        ("", "SEV3_MEDIUM"),
        ("none", "SEV3_MEDIUM"),
        ("SEV4", "SEV4_LOW"),
        ("?!", "SEV3_MEDIUM"),
    ],
)
async def test_severities(sqlite_url: str, label: str, severity: str) -> None:
    async with world_on(sqlite_url, catalog=[QUIET]) as world:
        await world.alert(severity=label)
        assert (await incidents(world))[0]["severity"] == severity


async def test_services_by_name_alias_and_triage(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        for number, service in enumerate(("redis-prod", "REDIS", "nobody-declared-this", "")):
            await world.alert(service=service, group=f"g{number}", fingerprint=f"f{number}")
        found = await incidents(world)
        assert [incident["service"] for incident in found] == ["redis-prod", "redis-prod", "triage", "triage"]
        assert "nobody-declared-this" in found[2]["description"]
        assert len([one for one in world.outside.workspace.messages_in("sre-incidents") if not one.is_reply]) >= 2


async def test_an_alert_before_any_catalog_is_kept_and_later_ones_find_a_team(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=["people: [{handle: ada}]"]) as world:
        await world.alert(service="unknown")
        assert (await incidents(world))[0]["team"] is None
        await world.load([read("organisation.yaml")])
        await world.alert(service="unknown", group="g2", fingerprint="f2")
        assert (await incidents(world))[1]["team"] == "SRE Core"


async def test_a_second_alert_joins_its_group(world: World) -> None:
    await world.alert()
    await world.alert(fingerprint="f2", name="Redis Replica Down")
    assert len(await incidents(world)) == 1
    card = world.card("2 of 2 still firing")
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5", "Redis Replica Down")
    card.step(1)


HOSTILE = (
    "<!channel> <@U01ADA> @everyone *bold* `code` {incident.short_id} {0} %s \x00 \u202e evil \n\n&amp; " + "x" * 9000
)


async def test_hostile_text_is_text(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.alert(name=HOSTILE, description=HOSTILE, team="<!here>")
        card = world.card()
        await world.advance(minutes=5)
        sms = world.phone("+33600000002").expect_sms("INC-")
        assert "\x00" not in sms.text
        await world.advance(minutes=10)
        mail = world.mailbox("lea@example.com").expect_mail("INC-")
        assert "\n" not in mail.subject
        for message in [card.message, *card.thread(), world.direct("john").message]:
            said = json.dumps([message.text, message.blocks])
            assert "<!channel>" not in said.replace('"plain_text"', "") or _only_plain(message.blocks, "<!channel>")
            assert "<!channel>" not in message.text
            assert "<@U01ADA>" not in message.text
        assert not world.outside.workspace.refused


def _only_plain(blocks: list[dict[str, Any]], words: str) -> bool:
    """Whether `words` stand in plain text alone, where Slack reads no markup."""

    def markdown(node: Any) -> list[str]:
        if isinstance(node, list):
            return [text for one in node for text in markdown(one)]
        if not isinstance(node, dict):
            return []
        own = [str(node["text"])] if node.get("type") == "mrkdwn" else []
        return own + [text for one in node.values() for text in markdown(one)]

    return not any(words in text for text in markdown(blocks))


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"not json", 400, ""),
        (b"", 400, ""),
        (b'{"alerts": ' + b"[" * 5000, 400, ""),
        (b"[]", 422, ""),
        (b"{}", 422, "alerts"),
        (b'{"alerts": []}', 422, "alerts"),
        (b'{"alerts": [7]}', 422, "alerts[0]"),
        (b'{"alerts": [{"status": "maybe", "startsAt": "yesterday"}]}', 422, "alerts[0].status"),
        (b'{"alerts": [{"status": "firing", "startsAt": "yesterday"}]}', 422, "alerts[0].startsAt"),
        (
            b'{"alerts": [{"status": "firing", "startsAt": "2026-11-23T04:01:55Z", "labels": {"a": 1}}]}',
            422,
            "alerts[0].labels.a",
        ),
        (b"\xff\xfe", 400, ""),
    ],
)
async def test_a_wrong_body_names_its_field(sqlite_url: str, body: bytes, status: int, field: str) -> None:
    async with world_on(sqlite_url, catalog=[QUIET]) as world:
        given, problem = await world.post(body)
        assert given == status, problem
        assert problem["status"] == status
        assert field in [error["field"] for error in problem["errors"]]
        assert await incidents(world) == []


async def test_who_may_send(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[QUIET]) as world:
        assert (await world.post(alert_body(), token="wrong"))[0] == 401
        reader = await world.app.use_cases.tokens.create("reader", ["read"], TESTER)
        status, problem = await world.post(alert_body(), token=reader)
        assert status == 403
        assert "ingest" in problem["detail"]
        big = json.dumps(alert_body(description="x" * (1024 * 1024))).encode()
        status, problem = await world.post(big)
        assert (status, problem["title"]) == (413, HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase)
        assert (await world.get("/api/v1/nothing/"))[0] == 404
        assert (await world.get("/api/v1/webhooks/alertmanager/"))[0] == 405


async def test_surrogates_and_nul_do_not_break_storage(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET]) as world:
        body = json.dumps(alert_body(name="half \ud800 and \x00 nul", fingerprint="f\x00\ud800", group="g\x00\ud800"))
        status, _ = await world.post(body.encode())
        assert status == 202
        await world.settle()
        assert "half" in (await incidents(world))[0]["title"]


@pytest.mark.slow
async def test_a_burst_into_one_channel_is_one_card_each(sqlite_url: str) -> None:
    """Slack takes one post a second in a channel: a card whose page was refused after it is not posted again."""
    async with world_on(sqlite_url, is_limited=True) as world:
        for number in range(6):
            body = alert_body(f"Alert {number}", group=f"g{number}", fingerprint=f"f{number}")
            assert (await world.post(body))[0] == 202
        for _ in range(20):
            await asyncio.sleep(0.5)
            cards = [one.words for one in world.outside.workspace.messages_in("sre-incidents") if not one.is_reply]
            assert len(cards) == len({words.split("INC-")[1][:6] for words in cards}), "a card was posted again"
        assert len(cards) == 6
