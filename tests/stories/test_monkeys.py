"""People who click on anything and fill every field to its limit and beyond: Slack refuses nothing of ours, every click
is answered, and no fault is logged."""

from __future__ import annotations

import asyncio
import logging
import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.monkey import SNIPPETS, Monkey
from tests.world import CHANNEL, World, world_on

TURNS = 60
SOMETIMES = 0.05
EXAMPLES = 2
CLOSED_MEANWHILE = ("views.update", "not_found")
"""A modal that its reader closed while its content was on its way: nothing is there to fill."""
NOWHERE = ("conversations.info", "channel_not_found")
"""A channel that nobody has, or that Vigie does not see: whoever chose it is told so."""


async def let_loose(world: World, chance: Random) -> set[str]:
    """What an admin, an operator who reads French, and a guest whom nobody declared have tried."""
    world.outside.workspace.users["U02JOHN"].locale = "fr-FR"
    guest = world.outside.workspace.add_user("gaston", locale="fr-FR")
    world.outside.workspace.channel(CHANNEL).members.append(guest.id)
    monkeys = [Monkey(world, name, chance) for name in ("ada", "john", "gaston")]
    for turn in range(TURNS):
        if turn == 0 or chance.random() < SOMETIMES:
            await world.alert(f"{chance.choice(SNIPPETS)} down", group=f"g{turn}", fingerprint=f"f{turn}")
        if chance.random() < SOMETIMES:
            await world.advance(minutes=chance.choice([1, 5, 20]))
        await asyncio.gather(*(monkey.act() for monkey in monkeys))
        if chance.random() < 0.4:
            await world.settle()
    await world.settle()
    return set().union(*(monkey.used for monkey in monkeys))


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 1_000_000))
async def test_monkeys(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("monkeys") / "vigie.db")
    caplog.clear()
    async with world_on(f"sqlite:///{file}") as world:
        used = await let_loose(world, Random(seed))
        refused = {(call.method, call.error) for call in world.outside.workspace.refused}
    faults = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert refused <= {CLOSED_MEANWHILE, NOWHERE}
    assert not faults
    assert len(used) > 20
