"""What was taken and has not left: asked about together, however slow the answers are."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import event

from bot.clock import SystemClock, wall_now
from bot.engine.context import Context
from bot.engine.holding import FRESH_SECONDS, Holding
from domain.notifications import Notification, Recipient
from domain.policies import Channel
from storage import incidents, notifications
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction
from tests.integration.test_storage import incident

PAGES = 40


async def test_pages_that_wait_share_a_slow_answer(store: Store) -> None:
    asked: list[str] = []

    def slowly(*said: object) -> None:
        if "notifications" in str(said[2]):
            asked.append(str(said[2]))
            time.sleep(3 * FRESH_SECONDS)

    now, kept = wall_now(), incident()
    pages = [
        Notification(
            id=f"n{place}", incident=kept.id, step=1, channel=Channel.SMS, message="", why="", decided_at=now,
            recipient=Recipient("ada", "Ada", "+336", "fr"),
        )
        for place in range(PAGES)
    ]  # fmt: skip

    def put(tx: Transaction) -> None:
        incidents.add(tx, [kept])
        notifications.add(tx, [(page, page.id) for page in pages])

    store.write_now(put)
    parcels = [
        Parcel(kind=Kind.PAGE, incident=kept.id, subject=page.id, due_at=now, id=place)
        for place, page in enumerate(pages)
    ]
    seconds = asyncio.get_running_loop().time()
    holding = Holding(store, SystemClock(), parcels, Context(), taken_at=seconds, asked_at=seconds - 1)
    event.listen(store._reading, "before_cursor_execute", slowly)
    ends = await asyncio.gather(*(holding.until(parcel) for parcel in parcels))
    assert None not in ends, "all are wanted"
    assert len(asked) <= 3
