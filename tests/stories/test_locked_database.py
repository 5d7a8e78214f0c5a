"""Somebody else holds a lock on the database: /readyz says so."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from tests.stories.test_full_disk import eventually
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


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
