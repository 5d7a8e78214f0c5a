"""An incident that is given on: to whom it goes, however they are named, and what whoever gives it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_lifecycle import catalog, opened, rung
from tests.world import World, world_on

TWO_ON_CALL = """
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: lea
    members: [ada, john, lea]
    on_call:
      timezone: Europe/Paris
      rotations:
        - {name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}
        - {name: secondary, start: "2026-01-05T09:00", every: 1w, people: [ada]}
"""


@pytest.fixture
async def world(sqlite_url: str) -> Any:
    async with world_on(sqlite_url, catalog=catalog()) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


async def test_who_gives_it_to_their_own_team_pages_the_others_of_it(world: World) -> None:
    await world.load([TWO_ON_CALL])
    await world.alert()
    await world.command("/incident", "ack", as_="john")
    told = await world.command("/incident", "reassign SRE Core", as_="john")
    assert told is not None and "paged now" in told.words
    assert rung(world) == ["ada"]
    assert "Nobody has it yet" in world.card().words
    world.card().reply("whoever is on call for SRE Core: Ada Admin")


async def test_who_gives_it_to_themselves_has_it_and_is_told_so(world: World) -> None:
    card = await opened(world)
    for said in ("reassign john", "reassign SRE Core"):
        told = await world.command("/incident", said, as_="john")
        assert told is not None and "is yours" in told.words
        assert "<@U02JOHN> has it" in card.words
    assert rung(world) == ["john"]


@pytest.mark.parametrize(
    "said",
    [
        "ada",
        "@ada",
        "U01ADA",
        "<@U01ADA|ada>",
        "Ada Admin",
        "@ada admin",
        '"Ada Admin"',
        "« Ada Admin »",
        "ada@example.com",
    ],
)
async def test_somebody_is_named_in_any_way(world: World, said: str) -> None:
    await opened(world)
    told = await world.command("/incident", f"reassign {said}", as_="lea")
    assert told is not None and rung(world) == ["john", "ada"], told
    assert "lead" in (await world.command("/incident", f"lead {said}", as_="john") or told).words


async def test_a_team_in_quotes_and_me_are_understood(world: World) -> None:
    card = await opened(world)
    for said in ('"SRE Core"', "« SRE Core »"):
        await world.command("/incident", f"reassign {said}", as_="lea")
        assert "Nobody has it yet" in card.words
    assert rung(world) == ["john", "john", "john"]
    await world.command("/incident", "reassign me", as_="ada")
    assert "<@U01ADA> has it" in card.words
    await world.command("/incident", "lead moi", as_="lea")
    assert "Léa Lead" in card.words


async def test_of_two_who_have_one_name_nobody_is_taken_for_the_other(world: World) -> None:
    await world.load(["people: [{handle: ada2, name: Ada Admin, email: ada2@example.com, phone: '+33600000009'}]"])
    await opened(world)
    told = await world.command("/incident", "reassign Ada Admin", as_="john")
    assert told is not None and "Several fit: Ada Admin (@ada), Ada Admin (@ada2)" in told.words
    assert rung(world) == ["john"]
