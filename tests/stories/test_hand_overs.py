"""An incident that goes from hand to hand: everybody is told of whoever has it now, and since when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_lifecycle import catalog
from tests.world import World, world_on


@pytest.fixture
async def world(sqlite_url: str) -> Any:
    async with world_on(sqlite_url, catalog=catalog()) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


async def test_the_card_says_since_when_whoever_has_it_has_it(world: World) -> None:
    answer = await world.alert()
    name = answer["incident"]["short_id"]
    await world.advance(minutes=2)
    await world.command("/incident", "ack", as_="john")
    card = world.card()
    assert "<@U02JOHN> has it, after 2 min" in card.words
    await world.advance(minutes=38)
    await world.command("/incident", f"reassign {name} ada", as_="john")
    await world.advance(minutes=3)
    await world.command("/incident", f"ack {name}", as_="ada")
    assert "<@U01ADA> has it, after 43 min" in card.words
    shown = await world.command("/incident", f"show {name}", as_="lea")
    assert shown is not None and "après 43\xa0min" in shown.words
    _, incident = await world.get(f"/api/v1/incidents/{name}/")
    assert incident["kpis"]["mtta_seconds"] < 180


async def test_a_post_mortem_names_who_took_it_first_beside_that_time(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", f"snooze {name} 30m", as_="john")
    await world.command("/incident", f"reassign {name} ada", as_="ada")
    await world.command("/incident", f"resolve {name}", as_="ada")
    await world.submit("ada", "Resolve", {"note": "Mended"})
    headers = {"Authorization": f"Token {world.token}", "Accept": "text/markdown"}
    async with world.http.get(f"/api/v1/incidents/{name}/postmortem/", headers=headers) as answer:
        lines = (await answer.text()).split("\n")
    (row,) = [line for line in lines if line.startswith("| Acknowledged")]
    assert "John Doe" in row and "Ada" not in row
