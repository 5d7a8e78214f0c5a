"""What was taken and has not left: asked about together, however slow the answers are."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import event

from bot.clock import SystemClock, wall_now
from bot.engine.context import Context
from bot.engine.holding import FRESH_SECONDS, Holding
from storage.outbox import Kind, Parcel
from storage.store import Store

PAGES = 40


async def test_pages_that_wait_share_a_slow_answer(store: Store) -> None:
    asked: list[str] = []

    def slowly(*said: object) -> None:
        if "notifications" in str(said[2]):
            asked.append(str(said[2]))
            time.sleep(3 * FRESH_SECONDS)

    event.listen(store._reading, "before_cursor_execute", slowly)
    now = wall_now()
    parcels = [
        Parcel(kind=Kind.PAGE, incident="i", subject=f"n{place}", due_at=now, id=place) for place in range(PAGES)
    ]
    seconds = asyncio.get_running_loop().time()
    holding = Holding(store, SystemClock(), parcels, Context(), taken_at=seconds, asked_at=seconds - 2 * FRESH_SECONDS)
    ends = await asyncio.gather(*(holding.until(parcel) for parcel in parcels))
    assert None not in ends, "all are wanted"
    assert len(asked) <= 3
