"""What was taken and has not left: asked about together, however slow the answers are."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import event

from bot.clock import SystemClock, wall_now
from bot.engine.context import Context
from bot.engine.holding import FRESH_SECONDS, RENEWED_SECONDS, Holding
from domain.notifications import Notification, Recipient
from domain.policies import Channel
from storage import claims, incidents, notifications, outbox
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


@pytest.mark.slow
async def test_a_page_leaves_however_slow_the_database_is_to_hold_on_to_it(sqlite_url: str) -> None:
    store, now, kept = Store(sqlite_url), wall_now(), incident()
    page = Notification(
        id="n", incident=kept.id, step=1, channel=Channel.SMS, message="", why="", decided_at=now,
        recipient=Recipient("ada", "Ada", "+336", "fr"),
    )  # fmt: skip
    waits = Parcel(kind=Kind.PAGE, incident=kept.id, subject=page.id, due_at=now)

    def take(tx: Transaction) -> list[Parcel]:
        incidents.add(tx, [kept])
        notifications.add(tx, [(page, page.id)])
        outbox.put(tx, [waits])
        return claims.claim(tx, outbox.due(tx, now, 1), "me", now)

    (parcel,) = store.write_now(take)
    long_ago = asyncio.get_running_loop().time() - RENEWED_SECONDS - 1
    holding = Holding(store, SystemClock(), [parcel], Context(), taken_at=long_ago, asked_at=long_ago)
    for engine in (store._engine, store._reading):
        event.listen(engine, "before_cursor_execute", lambda *_: time.sleep(RENEWED_SECONDS / 4))
    async with asyncio.timeout(RENEWED_SECONDS * 4):
        assert await holding.until(parcel) is not None
    store.close()
