"""Somebody else holds a lock on the database: /readyz says so, whoever changes something is answered, and what was
asked comes to be when the lock is gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from handlers.promptness import PROMPTLY_SECONDS
from tests.stories.test_full_disk import eventually
from tests.world import World, alert_body

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PROMPT = PROMPTLY_SECONDS + 4
"""Seconds that an answer takes at the most, on a machine that has other things to do."""


@asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Nobody but somebody else may write."""
    store = world.app.store
    if store.is_sqlite:
        other = sqlite3.connect(store.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()
        return
    async with await psycopg.AsyncConnection.connect(store.url.render_as_string(hide_password=False)) as somebody:
        await somebody.execute("LOCK TABLE incidents, inspections, tokens IN ACCESS EXCLUSIVE MODE")
        yield
        await somebody.rollback()


async def database(world: World) -> dict[str, Any]:
    """What /readyz says of it."""
    async with world.http.get("/readyz") as answer:
        return dict((await answer.json())["checks"]["database"])


async def test_a_lock_is_seen_though_nothing_is_to_be_written(world: World) -> None:
    if not world.app.store.is_sqlite:
        pytest.skip("PostgreSQL locks what somebody wants to write, and nobody wants to")
    assert (await database(world))["ok"]
    async with locked(world):
        await eventually(lambda: says(world, "a write has waited for", "end what else holds a lock on the database"))
    await eventually(lambda: says(world, "which is current"))


async def says(world: World, *words: str) -> bool:
    detail = (await database(world))["detail"]
    return all(word in detail for word in words)


async def test_a_change_is_answered_and_comes_to_be(world: World) -> None:
    await world.alert()
    _, found = await world.get("/api/v1/incidents/")
    path = f"/api/v1/incidents/{found['results'][0]['id']}/"
    loop = asyncio.get_running_loop()
    async with locked(world):
        begun = loop.time()
        async with world.http.post(
            f"{path}acknowledge/", json={}, headers={"Authorization": f"Token {world.token}"}
        ) as answer:
            assert (answer.status, answer.content_type) == (503, "application/problem+json")
            assert int(answer.headers["Retry-After"]) > 0
            assert "may still come to be" in (await answer.json())["detail"]
        assert loop.time() - begun < PROMPT
        assert await says(world, "a write has waited for")

    async def is_acknowledged() -> bool:
        return bool((await world.get(path))[1]["status"] == "ACKNOWLEDGED")

    await eventually(is_acknowledged)
    await world.settle()
    assert "Resolve" in world.card("Redis Cluster Down").buttons and "Acknowledge" not in world.card().buttons
    world.expect_what_was_said()


async def test_an_incident_that_somebody_holds_stops_no_other(world: World) -> None:
    """Who looked at one with a tool of the database's, and went home: what comes in, is paged and has left goes on."""
    store = world.app.store
    if store.is_sqlite:
        pytest.skip("SQLite has one lock for everything")
    await world.alert("Held")
    async with await psycopg.AsyncConnection.connect(store.url.render_as_string(hide_password=False)) as somebody:
        await somebody.execute("SELECT 1 FROM incidents FOR UPDATE")
        held, (status, _) = await asyncio.gather(world.post(alert_body("Held")), other(world))
        assert (held[0], status) == (503, 202)
        assert await says(world, "a write has given up", "end what else holds a lock on the database")
        await world.settle()
        assert "Nobody has it yet" in world.card("Other").words
        await somebody.rollback()
    assert (await world.post(alert_body("Held")))[0] == 202
    await eventually(lambda: says(world, "which is current"))
    world.expect_what_was_said()


async def other(world: World) -> tuple[int, dict[str, Any]]:
    """An alert that comes while one waits, and is written with it or after it."""
    await asyncio.sleep(0.1)
    return await world.post(alert_body("Other", group="g2", fingerprint="f2"))
