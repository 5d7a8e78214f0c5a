"""The clock of the database's server: read, followed, and compared with this machine's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.clock import Reading, SharedTime, uptime, wall_now
from bot.kept_clock import open_clock, read_clock, world_of
from bot.server_clock import ServerClock
from storage.store import Store
from tests.world import world_on

HOUR = timedelta(hours=1)
SOON = timedelta(seconds=2)


def an_hour_off(way: int) -> SharedTime:
    """What a process went by before the server's clock was put right."""
    return SharedTime(Reading(wall_now() + way * HOUR, uptime(), uptime()))


def nothing() -> None:
    """Nobody waits for it."""


async def test_processes_on_postgresql_go_by_the_servers_clock(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    clock = open_clock(store, 1.0)
    assert isinstance(clock._wall, SharedTime)
    shown = store.read_now(read_clock).shown
    assert timedelta(0) <= clock.now() - shown < SOON
    store.close()


async def test_beside_an_sqlite_file_there_is_one_machine(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    assert world_of(store) is wall_now
    store.close()


@pytest.mark.parametrize("way", [-1, 1])
async def test_it_is_followed_and_what_is_due_is_looked_for_again(postgresql_url: str, way: int) -> None:
    store, time, moves = Store(postgresql_url), an_hour_off(way), list[datetime]()
    followed = ServerClock(store, time, lambda: moves.append(time()))
    await followed.look()
    assert len(moves) == 1 and abs(moves[0] - wall_now()) < SOON
    await followed.look()
    assert len(moves) == 1
    store.close()


async def test_a_machine_whose_clock_is_another_is_told_so_once(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, off = Store(postgresql_url), HOUR
    followed = ServerClock(store, an_hour_off(0), nothing, lambda: wall_now() + off)
    for _ in range(3):
        await followed.look()
    assert caplog.text.count("this machine's clock is 3600 s ahead of the database server's") == 1
    off = timedelta(0)
    await followed.look()
    assert "is that of the database's server again" in caplog.text
    store.close()


async def test_while_the_database_is_away_it_goes_on(postgresql_url: str) -> None:
    time, gone = an_hour_off(0), Store(postgresql_url.replace("/vigie_", "/nobody_"))
    await ServerClock(gone, time, nothing).look()
    assert abs(time() - wall_now()) < SOON
    gone.close()


@pytest.mark.parametrize("way", [-1, 1])
async def test_whichever_way_it_goes_no_process_is_taken_for_one_that_looks_no_more(
    postgresql_url: str, way: int
) -> None:
    """All would be, at once: a load balancer would have none left that takes alerts."""
    async with world_on(postgresql_url) as world:
        world.app._server_clock = ServerClock(world.app.store, an_hour_off(-way), nothing)
        world.clock.push(way * HOUR)
        await world.app._follow_the_clock()
        assert (await world.get("/readyz"))[1]["checks"]["auditor"]["ok"]
