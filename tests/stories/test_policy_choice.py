"""Which policy an incident gets: one whose steps are all switched off pages nobody, so that it is the next that fits;
of two that fit, always the same."""

from __future__ import annotations

from domain.severities import Severity
from tests.world import read, world_on

DEFAULT = """
Policy: SRE Core - default
Team: SRE Core
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: ON_CALL}
"""
OFF = """
Policy: SRE Core - SEV1
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL, active: false}
"""


async def test_an_incident_gets_the_next_policy_that_fits(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), DEFAULT, OFF]) as world:
        await world.alert()
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("Redis Cluster Down")


async def test_one_that_gets_worse_goes_on_climbing(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), DEFAULT, OFF]) as world:
        await world.alert(severity="warning")
        await world.alert(severity="critical", fingerprint="f2")
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("Redis Cluster Down")


async def test_where_no_other_fits_that_is_said_at_once(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), OFF]) as world:
        await world.alert()
        world.card().reply("No escalation policy fits")


async def test_of_two_that_fit_the_same_one_stays(database_url: str) -> None:
    first = OFF.replace(", active: false", "")
    others = [first.replace("- SEV1", f"- SEV1 {number}") for number in range(9)]
    async with world_on(database_url, catalog=[read("organisation.yaml"), first, *others]) as world:
        directory, _ = await world.app.use_cases.oncall.look()
        [team] = (one for one in directory.teams.values() if one.name == "SRE Core")
        for text in (first, *others):
            await world.load([text.replace("0 minutes", "1 minutes")])
            directory, _ = await world.app.use_cases.oncall.look()
            chosen = directory.policy_for(team.id, Severity.SEV1)
            assert chosen is not None and chosen.name == "SRE Core - SEV1"
