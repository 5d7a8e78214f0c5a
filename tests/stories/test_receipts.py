"""From the provider's yes to the phone: receipts, and the next channel when there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.stories.test_links import JOHN, KEY, paged, read
from tests.world import World, world_on


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A Vigie that phones reach."""
    async with world_on(database_url, public_url="https://vigie.example.com", secret_key=KEY) as running:
        yield running
        running.finish()


async def receipts(world: World, channel: str, step: int = 2) -> list[dict[str, Any]]:
    """The receipts of a step's pages by one channel, as the API tells them."""
    _, listed = await world.get("/api/v1/incidents/")
    _, found = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    return [one for one in found["results"] if one["channel"] == channel and one["step"] == step]


async def test_a_receipt_tells_the_whole_way_of_a_page(world: World) -> None:
    path = await paged(world)
    await world.advance(seconds=15)
    (sms,) = await receipts(world, "SMS")
    assert (sms["state"], sms["stage"], sms["person"]) == ("sent", "delivered", "john")
    assert "INC-" in sms["said"] and "https://vigie.example.com/a/…" in sms["said"] and path not in sms["said"]
    await read(world, "HEAD", path)
    assert (await receipts(world, "SMS"))[0]["opened_at"] is None
    await read(world, "GET", path)
    await read(world, "POST", path)
    await world.settle()
    (sms,) = await receipts(world, "SMS")
    assert sms["stage"] == "acknowledged"
    moments = [sms[f"{name}_at"] for name in ("decided", "rendered", "sent", "delivered", "opened", "acknowledged")]
    assert None not in moments and moments == sorted(moments)
    took = list(sms["latencies"].values())
    assert took == sorted(took) and took[0] >= 0
    (direct,) = await receipts(world, "SLACK")
    assert (direct["stage"], direct["acknowledged_at"]) == ("delivered", None)
    world.expect_what_was_said()


async def test_the_button_that_was_pressed_is_on_the_pages_receipt(world: World) -> None:
    await paged(world)
    await world.direct("john").click("Acknowledge", as_="john")
    (direct,) = await receipts(world, "SLACK")
    assert direct["stage"] == "acknowledged"
    assert (await receipts(world, "SMS"))[0]["acknowledged_at"] is None
    world.expect_what_was_said()


async def test_a_network_that_refuses_sends_it_another_way_at_once(world: World) -> None:
    world.outside.ovh.unreachable_numbers.add(JOHN)
    await world.alert()
    await world.advance(minutes=5)
    world.direct("john")
    assert not world.phone(JOHN).texts
    await world.advance(seconds=11)
    (mail,) = await receipts(world, "EMAIL")
    world.mailbox("john.doe@example.com").expect_mail("Redis Cluster Down")
    (sms,) = await receipts(world, "SMS")
    assert (sms["state"], sms["failure"]) == ("failed", "the phone's network refused it: Absent subscriber")
    assert mail["instead_of"] == sms["id"]
    assert world.card().reply("John Doe not reached by SMS: the phone's network refused it", "Trying e-mail instead")
    await world.advance(minutes=3)
    assert len(await receipts(world, "EMAIL")) == 1
    world.expect_what_was_said()
