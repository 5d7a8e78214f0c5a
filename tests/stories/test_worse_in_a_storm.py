"""An incident that a storm holds the card of, and that turns out to be among the worst."""

from __future__ import annotations

import pytest

from tests.stories.test_storms import ORGANISATION, POLICY
from tests.world import World, alert_body, world_on


async def fires(world: World, number: int, severity: str, fingerprint: str = "") -> str:
    name = fingerprint or f"f{number}"
    _, said = await world.post(alert_body(f"Down {name}", group=f"g{number}", fingerprint=name, severity=severity))
    await world.settle()
    return str(said["incident"]["short_id"])


def carded(world: World, name: str) -> list[str]:
    messages = world.outside.workspace.messages_in("sre-incidents")
    return [one.words for one in messages if not one.is_reply and name in one.words and "*Status*" in one.words]


@pytest.mark.parametrize("how", ["alert", "person"])
async def test_its_card_is_held_no_longer(sqlite_url: str, how: str) -> None:
    async with world_on(sqlite_url, catalog=[ORGANISATION, POLICY]) as world:
        names = [await fires(world, number, "info") for number in range(40)]
        assert [len(carded(world, name)) for name in (names[0], names[39])] == [1, 0]
        if how == "alert":
            await fires(world, 39, "critical", "full")
        else:
            await world.post({"severity": "SEV1"}, f"/api/v1/incidents/{names[39]}/severity/")
            await world.settle()
        (card,) = carded(world, names[39])
        assert "SEV1" in card
        assert carded(world, names[38]) == []
