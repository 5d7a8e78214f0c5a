"""War rooms: a channel of its own for a grave incident, kept in step, archived at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.demo.records import Channel, Message
from tests.world import Shown, World, read, world_on

ROOMS = "    war_room: [SEV1_CRITICAL, SEV2_HIGH]\n"
JOHN, ADA, LEA, GUS = "U02JOHN", "U01ADA", "U03LEA", "U06GUS"


def organisation(settings: str = ROOMS) -> str:
    """The guide's organisation, its first team with these settings."""
    return read("organisation.yaml").replace("    lead: lea\n", f"    lead: lea\n{settings}")


@dataclass
class Night:
    """A world whose team has war rooms."""

    world: World
    short_id: str = ""

    async def alert(self, name: str = "Redis Cluster Down", **said: Any) -> Shown:
        self.short_id = (await self.world.alert(name, **said))["incident"]["short_id"]
        return self.world.card(self.short_id)

    def rooms(self) -> list[Channel]:
        return [one for one in self.world.outside.workspace.channels.values() if one.name.startswith("inc-")]

    @property
    def room(self) -> Channel:
        (one,) = [one for one in self.rooms() if one.name.startswith(self.short_id.lower())]
        return one

    def said(self, words: str) -> Message:
        """The one message in the room that has these words."""
        (found,) = [one for one in self.world.outside.workspace.messages_in(self.room.id) if words in one.words]
        return found

    async def shown(self) -> Any:
        return (await self.world.get(f"/api/v1/incidents/{self.short_id}/"))[1]

    async def events(self) -> list[str]:
        return [entry["event"] for entry in (await self.shown())["timeline"]]

    def calls(self, method: str) -> int:
        return len(self.world.outside.workspace.calls_to(method))


@pytest.fixture
async def night(database_url: str) -> AsyncIterator[Night]:
    async with world_on(database_url, catalog=[organisation(), read("guide.yaml")]) as world:
        yield Night(world)
        world.expect_what_was_said()
        for sms in world.outside.ovh.inbox.messages:
            world.expected.add(sms.tag)
        world.finish()


async def test_a_room_from_the_alert_to_the_end(night: Night) -> None:
    world = night.world
    card = await night.alert()
    room = night.room
    assert room.name == f"{night.short_id.lower()}-redis-cluster-down"
    assert set(room.members) == {"UVIGIE", JOHN, LEA}
    assert "SEV1" in room.topic and "Nobody has it yet" in room.topic
    top = night.said("This is the war room")
    assert "Acknowledge" in top.buttons
    assert world.outside.workspace.pins == [(room.id, top.ts)]
    (bookmark,) = world.outside.workspace.bookmarks
    assert "Redis Cluster Recovery" in bookmark["title"]
    assert f"/archives/{card.message.channel}/" in bookmark["link"]
    assert f"<#{room.id}>" in card.words
    card.reply("War room", f"<#{room.id}>")

    await Shown(top, world).click("Acknowledge", as_="ada")
    assert ADA in room.members
    assert "Ada Admin has it" in room.topic
    assert "Acknowledge" not in top.buttons

    await world.command("/incident", f"lead {night.short_id} @{GUS}", as_="ada", channel=room.name)
    await world.command("/incident", "severity SEV2", as_="ada", channel=room.name)
    assert "SEV2" in room.topic

    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve", {"note": "Failover", "root_cause": ""})
    assert room.archived
    assert "is resolved" in room.topic
    night.said("Time to resolve")
    assert not top.buttons
    card.reply("is archived")
    assert [one for one in await night.events() if one.startswith("room_")] == ["room_opened", "room_archived"]
    assert len(night.rooms()) == 1


async def test_only_the_severities_that_the_team_chose(night: Night) -> None:
    await night.alert(severity="info")
    assert night.rooms() == []
    card = night.world.card()
    await night.world.command("/incident", "severity SEV1", as_="ada")
    assert len(night.rooms()) == 1
    card.reply("War room")
