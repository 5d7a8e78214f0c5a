"""Killed between any two calls of Slack's: whoever comes after ends with one room, and nothing in it twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from bot.app import App
from domain.people import Actor, Role
from domain.postmortems import Section
from storage import storms
from tests.stories.test_war_rooms import ROOMS, Night, organisation
from tests.world import UNLIMITED, World, alert_body, client, read, world_on


async def killed(world: World) -> None:
    """End this Vigie as kill -9 does: nothing that it holds is given back, nothing that it awaits is written down."""
    app = world.app
    tasks = [app._engine, app._looking, *app.sender._sending]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    app.worker.ticks.stop()
    await app.use_cases.coverage.stop()
    await app._sockets.stop()
    await app.listener.stop()
    await app.sender.taking.presence.close()
    await app._session.close()
    app.close()


async def started_anew(world: World) -> None:
    """Another Vigie on the same database, in the same world."""
    app = App(world.app.settings, world.clock, UNLIMITED)
    await world.outside.slack.come_back()
    await app.start()
    world.app = app
    await world.http.close()
    world.http = client(app.port)
    await world.outside.slack.sockets.wait_connected(2)


async def hanging(world: World) -> bool:
    """Wait until Slack has stopped answering; False when it never did, since there was nothing more to ask."""
    for _ in range(2000):
        if world.outside.slack.faults.outage:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await world.settle()
            return world.outside.slack.faults.outage is not None
    return False


async def nothing_lately(world: World) -> None:
    """What came before this round makes no storm of it."""
    await world.app.store.write(lambda tx: storms.forget(tx, world.clock.now()))


def is_whole(night: Night) -> None:
    """One room, with everything in it, and nothing twice."""
    workspace = night.world.outside.workspace
    room = night.room
    said = Counter(message.words.split("\n")[0] for message in workspace.messages_in(room.id))
    assert set(said.values()) == {1}, said
    top = night.said("This is the war room")
    assert [ts for channel, ts in workspace.pins if channel == room.id] == [top.ts]
    assert len([one for one in workspace.bookmarks if one["channel_id"] == room.id]) == 1
    assert {"UVIGIE", "U02JOHN", "U03LEA"} <= set(room.members)
    assert "SEV1" in room.topic
    thread = Counter(message.words for message in night.world.card(night.short_id).thread())
    assert [count for words, count in thread.items() if "War room" in words] == [1], thread


async def carry_on(world: World) -> bool:
    """Kill it once Slack has stopped answering, and let another one go on; whether there was anything to stop."""
    was_stopped = await hanging(world)
    if was_stopped:
        await killed(world)
        await started_anew(world)
        # What was cut off and tried again before the end waits for its turn.
        await world.advance(seconds=20)
    world.outside.slack.faults.stop_after(0)
    await world.settle()
    return was_stopped


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_killed_after_each_call_while_the_room_is_made(database_url: str) -> None:
    async with world_on(database_url, catalog=[organisation(), read("guide.yaml")]) as world:
        await world.settle()
        calls, was_stopped = 0, True
        while was_stopped:
            await nothing_lately(world)
            calls += 1 if world.app.store.is_sqlite else 4
            world.outside.slack.stop_after(calls)
            answer = await world.post(alert_body(group=f"g{calls}", fingerprint=f"f{calls}"))
            night = Night(world, answer[1]["incident"]["short_id"])
            was_stopped = await carry_on(world)
            is_whole(night)
            events = await night.events()
            assert events.count("room_opened") == 1
            assert "room_failed" not in events
            await world.post({"note": "Failover"}, f"/api/v1/incidents/{night.short_id}/resolve/")
            await world.settle()
        assert calls > 15
        assert len(night.rooms()) == calls // (1 if world.app.store.is_sqlite else 4)
        assert not world.outside.workspace.refused


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_killed_after_each_call_while_the_room_is_archived(database_url: str) -> None:
    async with world_on(database_url, catalog=[organisation(), read("guide.yaml")]) as world:
        await world.settle()
        calls, was_stopped = 0, True
        while was_stopped:
            await nothing_lately(world)
            calls += 1 if world.app.store.is_sqlite else 4
            answer = await world.post(alert_body(group=f"g{calls}", fingerprint=f"f{calls}"))
            night = Night(world, answer[1]["incident"]["short_id"])
            await world.settle()
            world.outside.slack.stop_after(calls)
            await world.post({"note": "Failover"}, f"/api/v1/incidents/{night.short_id}/resolve/")
            was_stopped = await carry_on(world)
            is_whole(night)
            night.said("Time to resolve")
            assert night.room.archived
            assert (await night.events()).count("room_archived") == 1
        assert calls > 8
        assert not world.outside.workspace.refused


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_killed_after_each_call_while_an_update_goes_out(database_url: str) -> None:
    settings = f"{ROOMS}    stakeholders: [chief@example.com]\n"
    async with world_on(database_url, catalog=[organisation(settings), read("guide.yaml")]) as world:
        await world.settle()
        calls, was_stopped = 0, True
        while was_stopped:
            await nothing_lately(world)
            calls += 1 if world.app.store.is_sqlite else 2
            answer = await world.post(alert_body(group=f"g{calls}", fingerprint=f"f{calls}"))
            night = Night(world, answer[1]["incident"]["short_id"])
            await world.settle()
            world.outside.slack.stop_after(calls)
            await world.post({"text": "Masters come back"}, f"/api/v1/incidents/{night.short_id}/updates/")
            was_stopped = await carry_on(world)
            is_whole(night)
            night.said("Masters come back")
            thread = [one for one in world.card(night.short_id).thread() if "Masters come back" in one.words]
            assert len(thread) == 1
            mails = [one for one in world.mailbox("chief@example.com").mails if night.short_id in one.subject]
            assert len({one.message["Message-ID"] for one in mails}) == 2, "the beginning and the update"
            await world.post({"note": "Done"}, f"/api/v1/incidents/{night.short_id}/resolve/")
            await world.settle()
        assert calls > 2
        assert not world.outside.workspace.refused


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_killed_after_each_call_while_a_post_mortem_is_put_in_the_thread(database_url: str) -> None:
    ada = Actor(key="person:ada", name="Ada Admin", role=Role.ADMIN, slack="U01ADA")
    async with world_on(database_url) as world:
        await world.settle()
        calls, was_stopped = 0, True
        while was_stopped:
            await nothing_lately(world)
            calls += 1
            answer = await world.post(alert_body(group=f"g{calls}", fingerprint=f"f{calls}"))
            name = answer[1]["incident"]["short_id"]
            await world.settle()
            await world.post({"note": "Failover"}, f"/api/v1/incidents/{name}/resolve/")
            await world.settle()
            service = world.app.use_cases.postmortems
            await service.ask(name, ada)
            await service.save(name, ada, 0, dict.fromkeys(Section, "") | {Section.LESSONS: "Watch the disks"})
            world.outside.slack.stop_after(calls)
            await service.publish(name, ada)
            was_stopped = await carry_on(world)
            assert len([one for reply in world.card(name).thread() for one in reply.files]) == 1
        assert calls > 2
        assert not world.outside.workspace.refused
