"""What happens to an incident between its acknowledgement and its end: who can't take it, gives it back, snoozes it,
gives it to another, falls silent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.world import Shown, World, world_on
from tests.world import read as payload

ADA, JOHN, LEA = "+33600000001", "+33600000002", "+33600000003"
CLIMB = """
Policy: Core
Team: SRE Core
Default: true
ack_timeout: {timeout}
Steps:
  1: {{delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "A new incident"}}
  2: {{delay: 5, type: SLACK + SMS, target: ON_CALL, message: "Whoever is on call"}}
  3: {{delay: 10, type: SMS, target: USER (team_lead), message: "The lead"}}
  4: {{delay: 20, type: SMS, target: USER (ada), message: "Ada"}}
"""


def catalog(timeout: str = "0 minutes", more: str = "") -> list[str]:
    return [payload("organisation.yaml"), CLIMB.format(timeout=timeout) + more]


@pytest.fixture
async def world(database_url: str) -> Any:
    async with world_on(database_url, catalog=catalog()) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


def rung(world: World) -> list[str]:
    """Whose phone has rung, in order."""
    names = {ADA: "ada", JOHN: "john", LEA: "lea"}
    return [names[sms.to] for sms in world.outside.ovh.inbox.messages]


async def events(world: World) -> list[str]:
    _, found = await world.get("/api/v1/incidents/")
    _, incident = await world.get(f"/api/v1/incidents/{found['results'][0]['id']}/")
    return [entry["event"] for entry in incident["timeline"] if entry["event"] != "notification_sent"]


async def opened(world: World, minutes: float = 5) -> Shown:
    await world.alert()
    await world.advance(minutes=minutes)
    return world.card()


async def test_who_cannot_take_it_passes_it_on_at_once(world: World) -> None:
    card = await opened(world)
    assert rung(world) == ["john"]
    await world.direct("john").click("Can't take it", as_="john")
    assert rung(world) == ["john", "lea"]
    card.reply("John Doe can't take it")
    card.reply("step 3 of 4")
    assert "Nobody has it yet" in card.words
    await world.advance(minutes=14)
    assert rung(world) == ["john", "lea"]
    await world.advance(minutes=1)
    assert rung(world) == ["john", "lea", "ada"]


async def test_who_had_acknowledged_and_cannot_gives_it_back_and_passes_it_on(world: World) -> None:
    card = await opened(world)
    await world.direct("john").click("Acknowledge", as_="john")
    await world.advance(minutes=60)
    assert rung(world) == ["john"]
    await world.outside.slack.member("john").select(card.message, "incident.more.v1", "Can't take it")
    await world.settle()
    assert rung(world) == ["john", "lea"]
    assert "Nobody has it yet" in card.words
    await world.advance(minutes=9)
    assert rung(world) == ["john", "lea"]
    await world.advance(minutes=1)
    assert rung(world) == ["john", "lea", "ada"]


async def test_when_nobody_is_left_that_is_said_loudly_and_the_lead_is_paged(world: World) -> None:
    card = await opened(world, minutes=20)
    assert rung(world) == ["john", "ada", "lea"] or sorted(rung(world)) == ["ada", "john", "lea"]
    before = len(rung(world))
    await world.direct("john").click("Can't take it", as_="john")
    assert rung(world)[before:] == ["lea"]
    said = card.reply("Nobody else is left")
    assert said.message.reply_broadcast
    assert "Léa Lead" in said.words


async def test_who_had_it_when_the_policy_was_through_passes_it_on_to_those_paged_before(world: World) -> None:
    card = await opened(world, minutes=25)
    await card.click("Acknowledge", as_="ada")
    before = len(rung(world))
    assert await world.command("/incident", "decline", as_="ada")
    assert rung(world)[before:] == ["john"]
    await world.advance(minutes=5)
    assert rung(world)[before:] == ["john", "lea"]


async def test_the_lead_is_paged_for_want_of_others_though_it_was_given_to_them_before(world: World) -> None:
    card = await opened(world, minutes=25)
    assert await world.command("/incident", "reassign @lea", as_="ada")
    await world.advance(minutes=40)
    before = len(rung(world))
    await world.direct("john").click("Can't take it", as_="john")
    card.reply("Léa Lead, the lead, is paged")
    assert rung(world)[before:] == ["lea"]


async def test_given_back_it_climbs_on_ten_seconds_later(world: World) -> None:
    card = await opened(world)
    await card.click("Acknowledge", as_="ada")
    await world.advance(minutes=30)
    await card.click("Give it back", as_="ada")
    assert "Nobody has it yet" in card.words
    assert rung(world) == ["john"]
    await world.advance(seconds=9)
    assert rung(world) == ["john"]
    await world.advance(seconds=2)
    assert rung(world) == ["john", "lea"]
    await world.advance(minutes=10)
    assert rung(world) == ["john", "lea", "ada"]


async def test_taken_again_within_ten_seconds_nobody_is_paged(world: World) -> None:
    card = await opened(world)
    await card.click("Acknowledge", as_="ada")
    await card.click("Give it back", as_="ada")
    await world.advance(seconds=5)
    await card.click("Acknowledge", as_="ada")
    await world.advance(minutes=60)
    assert rung(world) == ["john"]


async def test_a_climb_that_had_ended_begins_again_when_it_is_given_back(world: World) -> None:
    card = await opened(world, minutes=25)
    await card.click("Acknowledge", as_="ada")
    await card.click("Give it back", as_="ada")
    before = len(rung(world))
    await world.advance(seconds=11)
    assert rung(world)[before:] == ["john"]
    await world.advance(minutes=5)
    assert rung(world)[before:] == ["john", "lea"]


async def test_five_minutes_after_whoever_is_called_a_climb_that_had_ended_pages_somebody_else(world: World) -> None:
    card = await opened(world, minutes=25)
    before = len(rung(world))
    assert await world.command("/incident", "reassign @lea", as_="ada")
    assert rung(world)[before:] == ["lea"]
    card_says = re.search(r"Next: .*and John Doe, at <!date\^(\d+)", card.words)
    told = await world.command("/incident", "why", as_="ada")
    assert card_says and told
    local = datetime.fromtimestamp(int(card_says[1]), ZoneInfo("Europe/Paris"))
    assert f"step 1, for a channel: comes at {local:%H:%M}" in told.words
    assert f"step 2, for whoever is on call: comes at {local:%H:%M}" in told.words
    await world.advance(minutes=5)
    assert rung(world)[before:] == ["lea", "john"]
    await world.advance(minutes=5)
    assert rung(world)[before:] == ["lea", "john", "lea"]


async def test_snoozed_it_is_quiet_and_then_pages_the_snoozer_first(world: World) -> None:
    card = await opened(world)
    await world.outside.slack.member("ada").select(card.message, "incident.snooze.v1", "15 min")
    await world.settle()
    assert "Snoozed by <@U01ADA> until" in card.words
    await world.advance(minutes=14)
    assert rung(world) == ["john"]
    await world.advance(minutes=1)
    assert rung(world) == ["john", "ada"]
    assert "It wants you: the snooze is over" in world.direct("ada").words
    assert "Nobody has it yet" in card.words
    assert card.reply("The snooze is over").message.reply_broadcast
    await world.advance(minutes=5)
    assert rung(world) == ["john", "ada", "lea"]


async def test_a_zone_that_nobody_here_knows_is_the_team_s(world: World) -> None:
    card = await opened(world)
    world.outside.workspace.users["U01ADA"].tz = "Mars/Olympus"
    await world.outside.slack.member("ada").select(card.message, "incident.snooze.v1", "until 09:00")
    await world.settle()
    assert "Snoozed by <@U01ADA> until" in card.words


async def test_a_snooze_ends_by_an_acknowledgement_or_by_ending_it(world: World) -> None:
    card = await opened(world)
    assert await world.command("/incident", "snooze 2h", as_="ada")
    assert "Snoozed" in card.words
    await card.click("Acknowledge", as_="ada")
    await world.advance(minutes=180)
    assert rung(world) == ["john"]
    assert await world.command("/incident", "snooze 1h", as_="ada")
    assert re.search(r"until \d\d:\d\d\.", card.message.text)
    await card.click("End the snooze", as_="ada")
    assert await world.command("/incident", "snooze 5d", as_="ada")
    assert re.search(r"until \d\d:\d\d \(\d+ \w{3,4}\)\.", card.message.text)
    await card.click("End the snooze", as_="ada")
    await world.advance(seconds=11)
    assert rung(world) == ["john", "lea"]


async def test_ending_a_snooze_takes_nothing_from_whoever_has_it(world: World) -> None:
    await opened(world)
    name = (await world.get("/api/v1/incidents/"))[1]["results"][0]["short_id"]
    await world.command("/incident", "ack", as_="john")
    told = await world.command("/incident", "unsnooze", as_="ada")
    assert told is not None and "already acknowledged by John Doe" in told.words
    assert (await world.post({}, f"/api/v1/incidents/{name}/unsnooze/"))[0] == 409
    await world.advance(minutes=1)
    assert rung(world) == ["john"]


async def test_the_button_of_a_snooze_that_is_over_gives_nothing_back(world: World) -> None:
    card = await opened(world)
    await world.command("/incident", "snooze 1h", as_="ada")
    old = Shown(replace(card.message), world)
    await card.click("Acknowledge", as_="john")
    await old.click("End the snooze", as_="ada")
    assert "already acknowledged by John Doe" in world.whispers("ada")[-1]
    await world.advance(minutes=1)
    assert rung(world) == ["john"]


async def test_reassigned_it_pages_that_person_at_once_and_goes_on_until_they_take_it(world: World) -> None:
    card = await opened(world)
    await card.click("Acknowledge", as_="john")
    told = await world.command("/incident", "reassign @ada", as_="lea")
    assert told is not None
    assert rung(world) == ["john", "ada"]
    assert "Léa Lead gave it to you" in world.direct("ada").words
    assert "no longer yours" in world.direct("john").words
    card.reply("Léa Lead gave it to Ada Admin")
    await world.advance(minutes=5)
    assert rung(world) == ["john", "ada", "lea"]
    await world.direct("ada").click("Acknowledge", as_="ada")
    await world.advance(minutes=60)
    assert rung(world) == ["john", "ada", "lea"]


async def test_reassigned_in_the_form_to_a_team_it_pages_whoever_is_on_call(world: World) -> None:
    card = await opened(world)
    await card.click("Acknowledge", as_="ada")
    await world.outside.slack.member("ada").select(card.message, "incident.more.v1", "Reassign…")
    outcome = await world.submit("ada", "Reassign", {"team": "SRE Core"})
    assert outcome.closed
    assert rung(world) == ["john", "john"]


async def test_mitigated_it_climbs_no_further(world: World) -> None:
    card = await opened(world)
    await world.outside.slack.member("john").select(card.message, "incident.more.v1", "Mitigated")
    await world.settle()
    assert "Mitigated; <@U02JOHN> has it" in card.words
    await world.advance(minutes=60)
    assert rung(world) == ["john"]
    _, found = await world.get("/api/v1/incidents/")
    incident = found["results"][0]
    assert incident["status"] == "MITIGATED"
    assert incident["mitigated_at"]
    assert incident["acknowledged_by"] == "John Doe"
    assert (await world.post({"note": "Disk"}, f"/api/v1/incidents/{incident['id']}/resolve/"))[0] == 200


async def test_who_is_silent_is_asked_and_then_it_triggers_again(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog("30 minutes")) as world:
        card = await opened(world)
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=24)
        assert "Are you still on it?" not in world.direct("john").words
        await world.advance(minutes=1)
        assert "Are you still on it?" in world.direct("john").words
        card.reply("are you still on it?")
        await world.direct("john").click("Still on it", as_="john")
        assert "Are you still on it?" not in world.direct("john").words
        await world.advance(minutes=25)
        await world.advance(minutes=4)
        assert rung(world) == ["john"]
        await world.advance(minutes=1)
        assert rung(world) == ["john", "john"], "half an hour of silence is what the policy allows"
        card.reply("Nothing was heard of John Doe")
        assert "Nobody has it yet" in card.words
        await world.advance(minutes=5)
        assert rung(world) == ["john", "john", "lea"]


async def test_a_note_is_a_sign_of_life(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog("30 minutes")) as world:
        card = await opened(world)
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=20)
        await world.command("/incident", "note looking at it", as_="john")
        await world.advance(minutes=20)
        assert "asked" not in await events(world)
        await world.advance(minutes=5)
        assert "asked" in await events(world)
        await world.command("/incident", "note nearly there", as_="john")
        await world.advance(minutes=6)
        assert rung(world) == ["john"]
        assert "triggered_again" not in await events(world)


GRAVE = """
---
Policy: Grave
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)"}
  2: {delay: 5, type: SMS, target: ON_CALL}
  3: {delay: 10, type: SMS, target: USER (team_lead)}
"""


async def test_whoever_was_paged_before_it_got_worse_passes_it_on_at_once(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=GRAVE)) as world:
        await world.alert(severity="warning")
        await world.advance(minutes=5)
        assert rung(world) == ["john"]
        await world.alert(severity="critical", fingerprint="f2")
        await world.direct("john").click("Can't take it", as_="john")
        assert rung(world) == ["john", "lea"]
        await world.advance(minutes=9)
        assert rung(world) == ["john", "lea"]
