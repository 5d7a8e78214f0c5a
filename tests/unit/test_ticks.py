"""The alarm clock: what it is in the middle of as everything stops is no fault."""

from __future__ import annotations

import asyncio

import pytest

from bot.engine.ticks import Ticks


async def test_stopped_in_the_middle_of_a_look_it_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    ticks, has_begun = Ticks(lambda: None), asyncio.Event()

    async def look() -> None:
        has_begun.set()
        await asyncio.sleep(3600)

    ticks.start()
    ticks.every(0.01, look, "a long look")
    await has_begun.wait()
    with caplog.at_level("WARNING"):
        ticks.stop()
        await asyncio.sleep(0.01)
    assert not [record for record in caplog.records if record.exc_info]
