"""What an operator reads while it runs."""

from __future__ import annotations

import json
import logging

import pytest

from bot import logs
from tests.world import world_on


async def test_a_running_vigie_says_what_happens_to_an_incident(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO", "json")
    async with world_on(sqlite_url) as world:
        await world.home("ada")
        logging.getLogger("vigie").setLevel(logging.getLogger("vigie").level)  # forget what is remembered
        await world.alert()
        await world.card().click("Acknowledge", as_="john")
        world.expect_what_was_said()
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    ours = [line for line in said if line["logger"] == "vigie.events"]
    assert [line["event"] for line in ours] == ["created", "escalated", "notification_sent", "acknowledged"]
    assert len({line["incident"] for line in ours}) == 1
