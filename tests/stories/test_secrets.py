"""After a night with everything in it, whoever gets hold of the database finds no secret that acts."""

from __future__ import annotations

from typing import Any

from tests.secrets import raw
from tests.stories.modals import Modal
from tests.stories.test_discord import POLICY
from tests.world import TESTER, read, world_on

CALENDAR = "127.0.0.1:9/hidden-calendar/team.ics"
TEAM = f"""
teams:
  - {{name: Abroad, channel: "#general", lead: john, members: [john], on_call: {{ical: "http://{CALENDAR}"}}}}
  - {{name: Aloud, channel: "#general", lead: john, members: [john], on_call: {{ical: "HTTP://{CALENDAR}"}}}}
"""
PUBLIC: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": "a-secret-key-of-the-night"}


async def test_no_secret_that_acts_is_in_the_database(database_url: str) -> None:
    catalog = [read("organisation.yaml"), TEAM, POLICY]
    async with world_on(database_url, catalog=catalog, **PUBLIC) as world:
        admin = await world.app.use_cases.tokens.create("admin", ["read", "write", "admin"], TESTER)
        await world.alert()
        await world.advance(minutes=6)
        world.discord("Redis Cluster Down")
        home = await world.home("ada")
        await home.click("Policies")
        await home.click("Open")
        await Modal(world, "ada").click("Edit")
        await world.card().click("Acknowledge", as_="john")
        assert world.discord("Redis Cluster Down").text
        settings = world.app.settings
        acts = {"demo-token", "hidden-calendar", admin, world.token} | settings.secrets
        acts |= {settings.slack_bot_token, settings.slack_app_token}
        said = raw(world.app.store)
        assert [one for one in acts if one and one in said] == []
        world.expect_what_was_said()
