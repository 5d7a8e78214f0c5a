"""War rooms: a channel of its own for a grave incident, kept in step, archived at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.demo.records import Channel, Message
from tests.world import Shown, World, alert_body, read, world_on

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
        while not world.app.use_cases.homes.workspace_url:
            await asyncio.sleep(0.005)
        yield Night(world)
        world.expect_what_was_said()
        world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
        world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}
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
    told = await world.http.get(
        f"/api/v1/incidents/{night.short_id}/timeline/?format=markdown",
        headers={"Authorization": f"Token {world.token}"},
    )
    assert f"War room: #{room.name}" in await told.text()

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


async def test_where_no_message_may_be_edited_the_summary_is_in_the_room_all_the_same(night: Night) -> None:
    night.world.refusals.add("edit_window_closed")
    night.world.outside.slack.fail_next("chat.update", "edit_window_closed", times=500)
    await night.alert()
    await night.world.post({"note": "Failover"}, f"/api/v1/incidents/{night.short_id}/resolve/")
    await night.world.settle()
    night.said("Time to resolve")
    assert night.room.archived
    assert "room_failed" not in await night.events()


async def test_only_the_severities_that_the_team_chose(night: Night) -> None:
    await night.alert(severity="info")
    assert night.rooms() == []
    card = night.world.card()
    await night.world.command("/incident", "severity SEV1", as_="ada")
    assert len(night.rooms()) == 1
    card.reply("War room")


async def test_whoever_leads_or_takes_it_later_is_invited(night: Night) -> None:
    card = await night.alert()
    await night.world.command("/incident", f"reassign {night.short_id} ada", as_="john")
    assert ADA in night.room.members
    night.room.members.remove(ADA)
    await card.click("Acknowledge", as_="cora")
    assert "U05CORA" in night.room.members
    assert ADA not in night.room.members, "whoever left is not asked again"
    told = await night.world.command("/incident", "room", as_="gus", channel=night.room.name)
    assert told and f"<#{night.room.id}>" in told.words
    assert GUS in night.room.members


async def test_what_is_typed_in_the_room_means_its_incident(night: Night) -> None:
    await night.alert()
    other = (await night.world.alert("Disk full", group="g2", fingerprint="f2"))["incident"]["short_id"]
    await night.world.command("/incident", "ack", as_="ada", channel=night.room.name)
    assert (await night.shown())["status"] == "ACKNOWLEDGED"
    assert (await night.world.get(f"/api/v1/incidents/{other}/"))[1]["status"] == "TRIGGERED"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("missing_scope", "lacks the scope"),
        ("restricted_action", "does not let Vigie"),
        ("too_many_convos_for_team", "as many channels as its plan allows"),
        ("ekm_access_denied", "ekm_access_denied"),
    ],
)
async def test_a_room_that_cannot_be_made_stops_nothing(night: Night, code: str, words: str) -> None:
    night.world.outside.slack.fail_next("conversations.create", code)
    night.world.refusals.add(code)
    card = await night.alert()
    assert night.rooms() == []
    line = card.reply("There is no war room", words)
    assert f"/incident room {night.short_id}" in line.words
    await card.click("Acknowledge", as_="john")
    await night.world.advance(minutes=1)
    assert len([one for one in card.thread() if "There is no war room" in one.words]) == 1
    assert (await night.shown())["war_room"] is None
    told = await night.world.command("/incident", f"room {night.short_id}", as_="ada")
    assert told and "is being made" in told.words
    assert {ADA, JOHN, LEA} <= set(night.room.members)
    assert (await night.shown())["war_room"]["channel"] == night.room.id


@pytest.mark.parametrize("method", ["conversations.setTopic", "pins.add", "bookmarks.add", "conversations.invite"])
async def test_what_slack_refuses_is_left_out_and_said_once(night: Night, method: str) -> None:
    night.world.outside.slack.fail_next(method, "restricted_action")
    card = await night.alert()
    assert night.said("This is the war room")
    warned = [one for one in card.thread() if "war room" in one.words and "⚠️" in one.words]
    assert len(warned) == 1
    await card.click("Acknowledge", as_="john")
    assert night.calls(method) <= 1
    await night.world.command("/incident", f"room {night.short_id}", as_="john")
    assert night.calls(method) == 2
    assert len(night.rooms()) == 1


async def test_a_name_that_is_taken_gets_a_number(night: Night) -> None:
    night.world.outside.slack.fail_next("conversations.create", "name_taken")
    await night.alert()
    assert night.room.name == f"{night.short_id.lower()}-redis-cluster-down-2"
    assert (await night.shown())["war_room"]["name"] == night.room.name


async def test_a_title_that_slack_does_not_take_as_a_name(night: Night) -> None:
    night.world.outside.slack.fail_next("conversations.create", "invalid_name_specials")
    await night.alert()
    assert night.room.name == night.short_id.lower()


async def test_somebody_archives_the_room_by_hand(night: Night) -> None:
    card = await night.alert()
    first = night.room
    first.archived = True
    night.world.refusals |= {"is_archived", "is_inactive"}
    await card.click("Acknowledge", as_="john")
    card.reply("Somebody has archived the war room")
    assert first.id not in card.words
    await night.world.command("/incident", f"room {night.short_id}", as_="john")
    second = next(one for one in night.rooms() if one is not first)
    assert second.name == f"{first.name}-2"
    assert {JOHN, LEA} <= set(second.members)
    assert f"<#{second.id}>" in card.words


async def test_somebody_takes_vigie_out_of_the_room(night: Night) -> None:
    card = await night.alert()
    night.room.members.remove("UVIGIE")
    night.world.refusals.add("not_in_channel")
    await card.click("Acknowledge", as_="john")
    assert "UVIGIE" in night.room.members
    assert "John Doe has it" in night.room.topic


async def test_a_person_whom_slack_does_not_let_in_is_named(night: Night) -> None:
    night.world.outside.workspace.user("lea").deleted = True
    card = await night.alert()
    assert JOHN in night.room.members
    card.reply("Not let into the war room", "Léa Lead")


async def test_a_person_whom_slack_does_not_know_is_named(database_url: str) -> None:
    unknown = organisation().replace("lea@example.com", "lea@elsewhere.example").replace(", slack: U03LEA", "")
    async with world_on(database_url, catalog=[unknown, read("guide.yaml")]) as world:
        night = Night(world)
        card = await night.alert()
        card.reply("Not let into the war room", "Léa Lead", "users_not_found")
        assert set(night.room.members) == {"UVIGIE", JOHN}
        world.expect_what_was_said()
        world.refusals.add("users_not_found")


async def test_the_archive_waits_as_long_as_the_team_says(database_url: str) -> None:
    settings = f"{ROOMS}    war_room_archive: 30 minutes\n"
    async with world_on(database_url, catalog=[organisation(settings), read("guide.yaml")]) as world:
        night = Night(world)
        await night.alert()
        await world.post({"note": "Done"}, f"/api/v1/incidents/{night.short_id}/resolve/")
        await world.settle()
        night.said("Time to resolve")
        assert not night.room.archived
        await world.advance(minutes=29)
        assert not night.room.archived
        await world.advance(minutes=1)
        assert night.room.archived


async def test_a_duplicate_leads_into_the_other_room(night: Night) -> None:
    await night.alert()
    main = night.short_id
    kept = night.room
    await night.alert("Disk full", group="g2", fingerprint="f2")
    await night.world.command("/incident", f"room {night.short_id}", as_="gus")
    await night.world.command("/incident", f"room {night.short_id}", as_="ada")
    left = night.room
    await night.world.command("/incident", f"merge {main} {night.short_id}", as_="ada")
    assert left.archived
    assert night.said("It goes on in").words.endswith(f"<#{kept.id}>.")
    assert ADA in kept.members and not kept.archived


async def test_slack_is_away_and_comes_back(night: Night) -> None:
    world = night.world
    await world.outside.slack.go_down("http500")
    answer = await world.post(alert_body())
    night.short_id = answer[1]["incident"]["short_id"]
    await world.settle()
    await world.slack_returns()
    await world.advance(seconds=60)
    await world.advance(seconds=60)
    assert len(night.rooms()) == 1
    night.said("This is the war room")


async def test_slack_asks_to_wait(night: Night) -> None:
    night.world.outside.slack.rate_limit_next("conversations.create", 1)
    await night.alert()
    first, second = night.world.outside.workspace.calls_to("conversations.create")
    assert second.at - first.at >= 1
    night.said("This is the war room")


async def test_over_before_there_was_a_room(night: Night) -> None:
    world = night.world
    await world.outside.slack.go_down("http500")
    answer = await world.post(alert_body())
    night.short_id = answer[1]["incident"]["short_id"]
    await world.post({"note": "Nothing"}, f"/api/v1/incidents/{night.short_id}/resolve/")
    await world.settle()
    await world.slack_returns()
    await world.advance(seconds=60)
    await world.advance(seconds=60)
    assert night.rooms() == []
    assert (await night.shown())["war_room"] is None
