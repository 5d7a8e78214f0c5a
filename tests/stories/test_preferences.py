"""How people want to be reached, set in their own form and kept at night."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.stories.test_contacts import contacts
from tests.world import World, read, world_on

JOHN = "+33600000002"


async def test_the_next_channel_is_the_one_they_put_first(world: World) -> None:
    john = await contacts(world, "john")
    await john.click("Change")
    await john.submit({"order": ["e-mail", "SMS"]})
    assert "e-mail, SMS" in john.words
    await world.load([RING])
    world.outside.ovh.refused_numbers.add(JOHN)
    await world.alert()
    world.mailbox("john.doe@example.com").expect_mail("Redis Cluster Down")
    world.card().reply("John Doe not reached by SMS", "Trying e-mail instead")
    world.expect_what_was_said()


async def test_quiet_keeps_a_minor_incident_off_the_telephone(world: World) -> None:
    await world.load([POLICY])
    john = await contacts(world, "john")
    await john.click("Change")
    refused = await john.submit({"quiet": "for SEV3 and below", "timezone": "Mars/Olympus"})
    assert "still reach you" in refused.errors["quiet_by"].lower() and "time zone" in refused.errors["timezone"]
    await john.submit({"quiet": "for SEV3 and below", "quiet_by": ["Slack"], "timezone": "Europe/Paris"})
    assert "SEV3 and below: only by Slack" in john.words
    await world.alert(severity="info")
    assert "Redis Cluster Down" in world.direct("john").words
    await world.advance(minutes=10)
    card = world.card()
    why = await world.command("/incident", "why @john", as_="ada")
    assert why is not None and why.words.count("no SMS to John Doe, who wants quiet at this severity") == 1
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    card.reply("John Doe is quiet by every channel of this step: paged all the same")
    _, person = await world.get("/api/v1/people/john/")
    assert person["quiet"] == {"SEV3_MEDIUM": ["SLACK"]} and person["timezone"] == "Europe/Paris"
    world.expect_what_was_said()


async def test_a_mail_s_times_are_those_of_where_its_reader_lives(world: World) -> None:
    lea = "people: [{handle: lea, name: Léa Lead, email: lea@example.com, slack: U03LEA, timezone: Asia/Tokyo}]"
    await world.load([lea])
    opened = world.clock.now().astimezone(ZoneInfo("Asia/Tokyo"))
    await world.alert()
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    await world.advance(minutes=10)
    said = world.mailbox("lea@example.com").expect_mail("(Asia/Tokyo)").text
    assert any(f"{opened + timedelta(minutes=late):%H:%M} (Asia/Tokyo)" in said for late in (0, 1))
    assert any(f" {opened + timedelta(minutes=30 + late):%H:%M}" in said for late in (0, 1))
    world.expect_what_was_said()


async def test_sev1_is_never_quiet(world: World) -> None:
    await world.load(
        [
            "people: [{handle: john, name: John Doe, email: john.doe@example.com, phone: '+33600000002', "
            "slack: U02JOHN, quiet: {SEV2_HIGH: [EMAIL]}}]"
        ]
    )
    await world.alert()
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.direct("john")
    world.expect_what_was_said()


@pytest.mark.parametrize("minutes", [1, 30])
async def test_who_was_quiet_is_called_once_it_is_as_bad_as_they_are_not(sqlite_url: str, minutes: int) -> None:
    """One policy for all: a warning that turns critical, before and after the policy is through."""
    john = (
        "people: [{handle: john, name: John Doe, email: john.doe@example.com, phone: '+33600000002', slack: U02JOHN, "
        "quiet: {SEV2_HIGH: [SLACK]}}]"
    )
    every = POLICY.replace("Severity: SEV3_MEDIUM", "Default: true").replace(
        "SMS, target: ON_CALL}\n", "EMAIL, target: ON_CALL}\n"
    )
    every = every.replace("SLACK + EMAIL", "SLACK + SMS")
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), every]) as world:
        await world.load([john])
        await world.alert(severity="warning")
        await world.advance(minutes=minutes)
        assert world.phone(JOHN).texts == []
        await world.alert(severity="critical", fingerprint="f2")
        assert len(world.phone(JOHN).texts) == 1
        assert "it got worse" in world.direct("john").words
        await world.alert(severity="critical", fingerprint="f3")
        await world.advance(minutes=60)
        assert len(world.phone(JOHN).texts) == 1


async def test_who_is_quiet_is_called_out_of_turn_by_what_they_allow(world: World) -> None:
    lea = (
        "people: [{handle: lea, name: Léa Lead, email: lea@example.com, phone: '+33600000003', slack: U03LEA, "
        "quiet: {SEV3_MEDIUM: [EMAIL]}}]"
    )
    await world.load([POLICY, lea])
    await world.alert(severity="info")
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.direct("john")
    await world.command("/incident", "reassign @lea", as_="ada")
    await world.settle()
    world.mailbox("lea@example.com").expect_mail("Redis Cluster Down")
    assert world.phone("+33600000003").texts == []
    said = await world.command("/incident", "why @lea", as_="ada")
    assert said is not None and "because Ada Admin gave it to them" in said.words
    assert "no direct message and SMS to Léa Lead, who wants quiet at this severity" in said.words
    world.card()
    world.expect_what_was_said()


POLICY = """
Policy: Small things
Team: SRE Core
Severity: SEV3_MEDIUM
Steps:
  1: {delay: 0 minutes, type: SLACK + SMS, target: ON_CALL}
  2: {delay: 10 minutes, type: SMS, target: ON_CALL}
"""
RING = """
Policy: SRE Core - SEV1
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL}
"""
