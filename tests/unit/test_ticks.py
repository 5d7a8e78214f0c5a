"""The alarm clock: what it is in the middle of as everything stops is no fault."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import logs
from bot.clock import wall_now
from bot.engine.ticks import Ticks


async def test_stopped_in_the_middle_of_a_look_it_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    ticks, has_begun = Ticks(lambda: None, wall_now, wall_now), asyncio.Event()

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


async def test_looks_that_are_left_out_since_one_takes_long_bury_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "console")
    ticks, left_out = Ticks(lambda: None, wall_now, wall_now), asyncio.Event()

    async def look() -> None:
        await asyncio.sleep(3600)

    ticks.start()
    ticks.every(0.01, look, "a long look")
    asyncio.get_running_loop().call_later(0.2, left_out.set)
    await left_out.wait()
    ticks.stop()
    assert "skipped" not in capsys.readouterr().err


async def test_a_clock_that_is_set_back_holds_nothing_up(caplog: pytest.LogCaptureFixture) -> None:
    set_back, rang, looked = timedelta(0), asyncio.Event(), asyncio.Event()
    ticks = Ticks(rang.set, wall_now, lambda: wall_now() - set_back)

    async def look() -> None:
        looked.set()

    ticks.start()
    ticks.every(3600, look, "an hourly look")
    ticks.look_at_the_clock()
    assert not rang.is_set() and not caplog.records
    set_back = timedelta(hours=1)
    ticks.look_at_the_clock()
    assert rang.is_set(), "the engine looks what is due by the new time"
    assert "the clock was set back by 3600 s" in caplog.text
    async with asyncio.timeout(10):
        await looked.wait()
    ticks.stop()
