"""A source that is silent for too long opens an incident by itself, and ends it when it is heard again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import uptime
from domain.directory import Directory
from handlers.catalog import dump
from storage import catalog
from storage.catalog import table
from storage.oversight_tables import Inspected, InspectionRow
from tests.world import Shown, World, read, world_on

BY_HAND = "services: [{name: redis-prod, team: SRE Core, auto_resolve: false}]"
BACKUP = "heartbeats: [{name: backup-nightly, service: redis-prod, severity: SEV3, every: 5m, grace: 2m}]"


async def beat(world: World, name: str = "backup-nightly") -> dict[str, object]:
    status, body = await world.post({}, f"/api/v1/heartbeats/{name}/")
    assert status == 200, body
    await world.settle()
    return body


async def silence(world: World, minutes: float) -> list[dict[str, object]]:
    """Time goes by; the incidents that are open then."""
    await world.advance(minutes=minutes)
    _, body = await world.get("/api/v1/incidents/?status=TRIGGERED")
    found: list[dict[str, object]] = body["results"]
    return found


async def acknowledged_silence(world: World, *, as_: str) -> tuple[dict[str, object], Shown]:
    """A source was heard and is silent, and somebody has its incident, which a person is to resolve."""
    await world.load([BY_HAND])
    await beat(world)
    await silence(world, 6)
    [incident] = await silence(world, 2)
    card = world.card("No sign of life from backup-nightly")
    await card.click("Acknowledge", as_=as_)
    return incident, card


async def test_silence_opens_an_incident_and_a_sign_of_life_ends_it(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        assert (await beat(world))["is_silent"] is False
        assert await silence(world, 6) == []
        await beat(world, "BACKUP-Nightly")
        assert await silence(world, 6.5) == []
        [incident] = await silence(world, 1)
        assert incident["title"] == "No sign of life from backup-nightly"
        assert (incident["severity"], incident["service"]) == ("SEV3_MEDIUM", "redis-prod")
        card = world.card("No sign of life from backup-nightly")
        assert await silence(world, 30) == [incident], "one incident, however long it lasts"
        [shown] = (await world.get("/api/v1/heartbeats/"))[1]["results"]
        assert shown["is_silent"] and shown["silent_at"] is None
        await beat(world)
        assert "heard again" in card.words
        assert (await world.get("/api/v1/metrics/"))[1]["self_resolved"] == 1
        assert await silence(world, 1) == []
        [again] = await silence(world, 10)
        assert again["short_id"] != incident["short_id"]
        world.expect_what_was_said()


async def test_silent_once_more_it_says_so_under_the_incident_that_is_still_open(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        incident, card = await acknowledged_silence(world, as_="ada")
        await beat(world)
        assert await silence(world, 8) == []
        card.reply("1 more alert: No sign of life from backup-nightly")
        _, shown = await world.get(f"/api/v1/incidents/{incident['id']}/")
        assert [one["event"] for one in shown["timeline"]].count("alert_added") == 1
        world.expect_what_was_said()


async def test_silent_once_more_after_it_was_heard_for_long_it_pages_whoever_had_it(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        incident, card = await acknowledged_silence(world, as_="john")
        for _ in range(8):
            await beat(world)
            await world.advance(minutes=5)
        [again] = await silence(world, 3)
        assert again["id"] == incident["id"]
        assert "John Doe is paged first" in card.reply("An alert fires again").words
        world.phone("+33600000002").expect_sms("INC-")
        world.expect_what_was_said()


async def test_a_source_that_was_never_heard_is_waited_for_from_its_declaration(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml")]) as world:
        await world.load([BACKUP])
        await world.settle()
        assert await silence(world, 6) == []
        [incident] = await silence(world, 2)
        assert "never heard" in str(incident["description"])
        await world.load([BACKUP.replace("every: 5m", "every: 5m, active: false")])
        await beat(world)
        assert await silence(world, 60) == []
        world.expect_what_was_said()


async def changes(world: World) -> None:
    """Something of the catalog does, such as who reads which language: no source."""
    await world.app.store.write(catalog.touch)
    world.app.worker.wake()
    await world.settle()


@pytest.mark.parametrize("begins_again", [True, False])
async def test_a_source_that_was_never_heard_is_missed_however_often_the_catalog_changes(
    database_url: str, begins_again: bool
) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        for _ in range(4):
            assert await silence(world, 1.6) == []
            if begins_again:
                world.app.use_cases.heartbeats._compared = Directory(revision=-1)
            await changes(world)
        assert len(await silence(world, 1)) == 1
        world.expect_what_was_said()


async def test_a_source_that_was_put_off_waits_on_whatever_changes_in_the_catalog(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        heartbeats = world.app.use_cases.heartbeats
        await beat(world)
        await heartbeats.live()
        heartbeats._alive_at = uptime() - 600
        world.clock.push(timedelta(minutes=10))
        await heartbeats.live()
        await changes(world)
        assert await silence(world, 6) == []
        assert len(await silence(world, 2)) == 1
        world.expect_what_was_said()


async def test_a_source_that_is_waited_for_again_is_not_silent_already(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        await beat(world)
        await world.load([BACKUP.replace("every: 5m", "every: 5m, active: false")])
        await world.settle()
        assert await silence(world, 60) == []
        await world.load([BACKUP.replace("every: 5m", "every: 5m, active: true")])
        await world.settle()
        assert await silence(world, 5) == []
        assert len(await silence(world, 3)) == 1
        world.expect_what_was_said()


@pytest.mark.parametrize(("is_resolved", "is_begun"), [(True, False), (False, False), (True, True)])
async def test_a_source_that_was_silent_and_left_out_is_missed_when_it_is_waited_for_again(
    database_url: str, is_resolved: bool, is_begun: bool
) -> None:
    """Also by a Vigie that was not there as it was left out."""
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        [incident] = await silence(world, 8)
        await world.load([BACKUP.replace("every: 5m", "every: 5m, active: false")])
        await world.settle()
        if is_resolved:
            path = f"/api/v1/incidents/{incident['short_id']}/resolve/"
            assert (await world.post({"resolution_note": "It moves"}, path))[0] == 200
        if is_begun:
            await world.settle()
            world.app.use_cases.heartbeats._compared = Directory(revision=-1)
        await world.load([BACKUP.replace("every: 5m", "every: 5m, active: true")])
        await world.settle()
        assert len(await silence(world, 6)) == (0 if is_resolved else 1)
        [again] = await silence(world, 2)
        assert (again["id"] == incident["id"]) is not is_resolved
        await beat(world)
        assert await silence(world, 1) == []
        world.expect_what_was_said()


async def test_a_source_that_was_silent_and_left_out_is_back_as_soon_as_it_is_heard(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        await beat(world)
        assert len(await silence(world, 8)) == 1
        for active in ("false", "true"):
            await world.load([BACKUP.replace("every: 5m", f"every: 5m, active: {active}")])
            await world.settle()
        await beat(world)
        assert await silence(world, 0) == []
        world.expect_what_was_said()


@pytest.mark.parametrize("hours", [0.04, 3])
async def test_a_vigie_that_was_away_blames_nobody(database_url: str, hours: float) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        heartbeats = world.app.use_cases.heartbeats
        await world.advance(minutes=5)
        await beat(world)
        await heartbeats.live()
        assert await silence(world, 6) == []
        await heartbeats.live()
        world.clock.push(timedelta(hours=hours))
        # What a process does when it begins: it has looked at nothing yet.
        heartbeats._compared, heartbeats._alive_at = Directory(revision=-1), None
        world.app.worker.wake()
        await world.settle()
        assert await silence(world, 0.9) == [], "a minute of its seven was left"
        assert len(await silence(world, 0.3)) == 1
        world.expect_what_was_said()


async def test_a_vigie_that_begins_again_and_again_waits_for_its_sources_all_the_same(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        heartbeats = world.app.use_cases.heartbeats
        await beat(world)
        for _ in range(30):
            heartbeats._compared, heartbeats._alive_at = Directory(revision=-1), None
            await heartbeats.live()
            world.clock.push(timedelta(seconds=15))
            world.app.worker.wake()
            await world.settle()
        _, body = await world.get("/api/v1/incidents/?status=TRIGGERED")
        assert body["count"] == 1
        world.expect_what_was_said()


async def test_names_that_were_forgotten_up_to_a_day_say_nothing_of_when_vigie_was_away(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        rows, store = table(InspectionRow), world.app.store
        forgotten = {"id": Inspected.ANONYMISED.value, "at": world.clock.now() - timedelta(days=90)}
        await store.write(lambda tx: tx.execute(rows.insert().values(forgotten)))
        await beat(world)
        heartbeats = world.app.use_cases.heartbeats
        heartbeats._alive_at = None
        await heartbeats.live()
        assert len(await silence(world, 8)) == 1
        kept = rows.select().where(rows.c.id == Inspected.ANONYMISED.value)
        assert (await store.read(lambda tx: tx.execute(kept).one())).at == forgotten["at"]
        world.expect_what_was_said()


async def test_a_database_that_was_away_blames_nobody(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        heartbeats = world.app.use_cases.heartbeats
        await beat(world)
        await heartbeats.live()
        heartbeats._alive_at = uptime() - 600
        assert await silence(world, 7.5) == [], "the look that is due finds that nobody could be heard"
        assert len(await silence(world, 8)) == 1
        world.expect_what_was_said()


async def test_what_is_not_declared_or_not_allowed_is_refused(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BACKUP]) as world:
        assert (await world.post({}, "/api/v1/heartbeats/nobody/"))[0] == 404
        assert (await world.post({}, "/api/v1/heartbeats/backup-nightly/", token="vigie_wrong"))[0] == 401
        assert (await world.post(b"\x00 not JSON", "/api/v1/heartbeats/backup-nightly/"))[0] == 200
        written = dump.files(await world.app.store.read(catalog.directory), world.clock.now())
        assert any("name: backup-nightly" in text and "every: 5 minutes" in text for text in written.values())
