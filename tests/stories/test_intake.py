"""Every tool's alert makes a card, its repeats change nothing, its end resolves; rules of the house come in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World, alert_body, read, world_on

QUIET = """
people: [{handle: ada, phone: "+33600000001", slack: U01ADA}]
teams:
  - {name: SRE Core, channel: "#sre-incidents", lead: ada}
  - {name: Shop, channel: "#billing-incidents"}
services: [{name: redis-prod, team: SRE Core}, {name: checkout, team: SRE Core}]
"""
CALM = """
Policy: Calm
Team: SRE Core
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look at it in the morning"}
---
Policy: Loud
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0 minutes, type: SMS, target: USER (ada), message: "wake up"}
"""


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(read(f"intake/{name}.json"))
    return loaded


GENIE = {"alert": {"alertId": "g-1", "message": "Errors", "alias": "errors"}}


def stack(status: str) -> dict[str, Any]:
    """An incident of Better Stack's."""
    return {"data": {"id": "5", "attributes": {"name": "Shop", "cause": "Status 500", "status": status}}}


def _grafana_over(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"status": "resolved", "alerts": [{**body["alerts"][0], "status": "resolved"}]}


TOOLS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "grafana": ("Checkout answers in 4 s", _grafana_over),
    "datadog": ("Disk is nearly full", lambda body: body | {"transition": "Recovered"}),
    "sentry-metric": ("Too many errors", lambda body: body | {"action": "resolved"}),
    "pagerduty": ("Disk of checkout-3", lambda body: {"event_action": "resolve", "dedup_key": body["dedup_key"]}),
    "generic": ("Backup failed", lambda body: body | {"state": "ok"}),
}
"""What each tool's card says, and what it sends at the end."""


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_tools_alert_from_its_beginning_to_its_end(database_url: str, tool: str) -> None:
    title, over = TOOLS[tool]
    path = f"/api/v1/webhooks/{tool.partition('-')[0]}/"
    body = payload(tool) | ({"title": "Backup failed", "service": "checkout"} if tool == "generic" else {})
    async with world_on(database_url, catalog=[QUIET]) as world:
        for _ in range(3):
            assert (await world.post(body, path))[0] == 202
            await world.settle()
        card = world.card(title)
        assert "checkout" in card.words
        world.expect_thread(card, "No escalation policy")
        assert (await world.post(over(body), path))[0] == 202
        await world.settle()
        assert "Resolved by" in card.words
        world.expect_thread(card, "All alerts ended")
        world.finish()


async def incident(world: World) -> dict[str, Any]:
    _, body = await world.get("/api/v1/incidents/")
    [one] = body["results"]
    return dict((await world.get(f"/api/v1/incidents/{one['id']}/"))[1])


async def test_a_tool_s_own_word_for_the_worst_wakes_somebody(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[QUIET, CALM]) as world:
        odd = {
            "title": "Checkout is down",
            "service": {"name": "checkout"},
            "priority": "P1 - Urgent",
            "link": {"to": []},
        }
        assert (await world.post(odd, "/api/v1/webhooks/generic/"))[0] == 202
        await world.settle()
        assert "SEV1" in world.card("Checkout is down").words
        world.phone("+33600000001").expect_sms("wake up")


async def test_a_word_that_nobody_knows_is_said_on_the_card(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[QUIET, CALM]) as world:
        await world.alert("Disk is full", severity="purple")
        assert "Severity purple is not known: taken for SEV3." in world.card("Disk is full").words


RULES = """
alert_rules:
  - {name: Tests page nobody, match: {env: [test, dev*]}, drop: true}
  - {name: Disks can wait, match: {alertname: "*disk*"}, severity: SEV4, service: checkout, team: Shop}
"""


async def test_a_rule_says_how_bad_it_is_and_whose(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET, RULES]) as world:
        await world.alert("A disk is full")
        [card] = [one for one in world.outside.workspace.messages_in("billing-incidents") if not one.is_reply]
        assert "SEV4" in card.words
        one = await incident(world)
        assert (one["service"], one["team"]) == ("checkout", "Shop")
        told = await world.command("/incident", f"timeline {one['short_id']}", as_="ada")
        assert told is not None
        assert "Rule Disks can wait: severity set to SEV4, service set to checkout, team set to Shop" in told.words


async def test_what_a_rule_drops_is_counted_and_nobody_hears_of_it(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET, RULES]) as world:
        await world.alert(env="dev-3")
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0
        async with world.http.get("/metrics") as answer:
            figures = await answer.text()
        assert 'vigie_alerts_dropped_total{rule="Tests page nobody"} 1.0' in figures
        assert 'vigie_alerts_total{outcome="dropped",source="alertmanager"} 1.0' in figures
        world.finish()


HOLD = "alert_rules: [{name: Flapping, match: {alertname: 'Link *'}, hold: 5 minutes}]"


async def test_what_resolves_by_itself_in_time_wakes_nobody(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET, HOLD]) as world:
        await world.alert("Link down")
        await world.advance(minutes=4)
        await world.alert("Link down", status="resolved")
        await world.advance(minutes=10)
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0
        world.finish()


async def test_what_somebody_has_in_their_tool_pages_nobody_when_the_time_is_up(database_url: str) -> None:
    hold = "alert_rules: [{name: Flapping, match: {source: pagerduty}, hold: 5 minutes}]"
    body = payload("pagerduty")
    async with world_on(database_url, catalog=[QUIET, CALM, hold]) as world:
        await world.post(body, "/api/v1/webhooks/pagerduty/")
        await world.post(body | {"event_action": "acknowledge"}, "/api/v1/webhooks/pagerduty/")
        await world.advance(minutes=10)
        assert (await incident(world))["status"] == "ACKNOWLEDGED"
        assert not world.phone("+33600000001").texts
        await world.post(body | {"event_action": "resolve"}, "/api/v1/webhooks/pagerduty/")
        await world.settle()
        assert (await incident(world))["status"] == "RESOLVED"


async def test_what_is_to_be_dropped_since_it_waits_wakes_nobody(database_url: str) -> None:
    drop = """alert_rules:
  - {name: The switch is replaced, match: {alertname: 'Link * 7'}, drop: true}
  - {name: Flapping, match: {alertname: 'Link *'}, hold: 5 minutes}"""
    async with world_on(database_url, catalog=[QUIET, HOLD]) as world:
        for port in (7, 8):
            await world.alert(f"Link down {port}", fingerprint=f"f{port}", group=f"g{port}")
        await world.load([drop])
        await world.advance(minutes=6)
        found = (await world.get("/api/v1/incidents/"))[1]["results"]
        assert [one["title"] for one in found] == ["Link down 8"]
        async with world.http.get("/metrics") as answer:
            assert 'vigie_alerts_dropped_total{rule="The switch is replaced"} 1.0' in await answer.text()


async def test_what_does_not_opens_its_incident_when_the_time_is_up(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET, HOLD]) as world:
        await world.alert("Link down")
        await world.alert("Link down")
        await world.advance(minutes=4)
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0
        await world.advance(minutes=1.1)
        card = world.card("Link down")
        world.expect_thread(card, "No escalation policy")
        one = await incident(world)
        told = [entry["details"] for entry in one["timeline"] if entry["event"] == "rule_applied"]
        assert told == [{"rule": "Flapping", "held_minutes": 5}]
        await world.alert("Link down", status="resolved")
        assert "Resolved by" in card.words
        world.expect_thread(card, "All alerts ended")
        world.finish()


async def test_what_may_not_wait_lets_go_of_what_does(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET, HOLD]) as world:
        await world.alert("Link down")
        await world.alert("Router down", fingerprint="f2")
        assert "2 of 2" in world.card("Link down").words


async def test_one_that_gets_worse_is_paged_by_the_policy_for_worse(database_url: str) -> None:
    body = payload("pagerduty")
    async with world_on(database_url, catalog=[QUIET, CALM]) as world:
        await world.post(body, "/api/v1/webhooks/pagerduty/")
        await world.settle()
        assert not world.phone("+33600000001").texts
        body["payload"]["severity"] = "critical"
        await world.post(body, "/api/v1/webhooks/pagerduty/")
        await world.settle()
        world.phone("+33600000001").expect_sms("INC-")
        card = world.card("Disk of checkout-3", "SEV1")
        card.reply("PagerDuty raised the severity from SEV2 to SEV1", "The policy Loud takes over")


async def test_an_acknowledgement_in_the_tool_stops_the_climb(database_url: str) -> None:
    async with world_on(database_url) as world:
        body = payload("pagerduty")
        body["payload"] |= {"component": "redis-prod", "severity": "critical"}
        await world.post(body, "/api/v1/webhooks/pagerduty/")
        await world.settle()
        await world.post({"event_action": "acknowledge", "dedup_key": body["dedup_key"]}, "/api/v1/webhooks/pagerduty/")
        await world.advance(minutes=60)
        assert not world.outside.ovh.inbox.messages
        assert "PagerDuty" in world.card().words


@pytest.mark.parametrize(
    ("tool", "begins", "taken"),
    [
        ("Opsgenie", GENIE | {"action": "Create"}, GENIE | {"action": "Acknowledge"}),
        ("Better Stack", stack("Started"), stack("Acknowledged")),
    ],
)
async def test_an_acknowledgement_in_a_known_tool_stops_the_climb(
    sqlite_url: str, tool: str, begins: dict[str, Any], taken: dict[str, Any]
) -> None:
    async with world_on(sqlite_url) as world:
        for body in (begins | {"service": "redis-prod", "severity": "SEV1"}, taken):
            await world.post(body, "/api/v1/webhooks/generic/")
            await world.settle()
        await world.advance(minutes=60)
        assert not world.outside.ovh.inbox.messages
        assert tool in world.card().words


async def test_what_is_given_back_in_a_known_tool_pages_again(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        begins = GENIE | {"action": "Create", "service": "redis-prod", "severity": "SEV1"}
        for body in (begins, GENIE | {"action": "Acknowledge"}, GENIE | {"action": "UnAcknowledge"}):
            await world.post(body, "/api/v1/webhooks/generic/")
            await world.settle()
        world.card("Nobody has it yet").reply("Opsgenie gave it back")
        await world.advance(minutes=6)
        assert world.outside.ovh.inbox.messages


async def test_what_is_given_back_in_a_known_tool_stays_whose_it_is_here(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        begins = GENIE | {"action": "Create", "service": "redis-prod", "severity": "SEV1"}
        _, opened = await world.post(begins, "/api/v1/webhooks/generic/")
        await world.command("/incident", f"ack {opened['incident']['short_id']}", as_="john")
        await world.post(GENIE | {"action": "UnAcknowledge"}, "/api/v1/webhooks/generic/")
        await world.advance(minutes=60)
        assert "<@U02JOHN> has it" in world.card().words
        assert not world.outside.ovh.inbox.messages


async def test_hostile_names_are_counted_and_shown_as_text(sqlite_url: str) -> None:
    rules = 'alert_rules: [{name: "<!channel> \\"quoted\\" \\\\n", match: {alertname: x*}, severity: SEV1}]'
    async with world_on(sqlite_url, catalog=[QUIET, rules]) as world:
        assert (await world.post(alert_body("xyz")))[0] == 202
        await world.settle()
        one = await incident(world)
        told = await world.command("/incident", f"timeline {one['short_id']}", as_="ada")
        assert told is not None
        assert "<!channel>" not in json.dumps(told.blocks)
        assert not world.outside.workspace.refused
