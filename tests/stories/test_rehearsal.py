"""What the engine goes through at its start leaves nothing behind."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import func, select

from bot.engine.lanes import Rates
from bot.engine.rehearsal import Rehearsal
from storage.incident_tables import IncidentRow, TimelineRow
from storage.notification_tables import NotificationRow
from storage.outbox_tables import OutboxRow
from storage.store import Transaction
from tests.world import World


def kept(tx: Transaction) -> list[int]:
    tables = (IncidentRow, NotificationRow, OutboxRow, TimelineRow)
    return [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


async def test_a_page_is_rehearsed_and_nothing_of_it_stays(world: World, caplog: pytest.LogCaptureFixture) -> None:
    app = world.app
    await world.settle()
    caplog.set_level(logging.DEBUG, "bot.engine.rehearsal")
    await Rehearsal(app.store, app.clock, Rates(), app.use_cases.other_ways).run()
    assert "rehearsed a page" in caplog.text
    await world.settle()
    assert app.store.read_now(kept) == [0, 0, 0, 0]
