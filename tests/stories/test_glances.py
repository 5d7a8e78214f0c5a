"""What the engine looks at again and again is the same alone and in one statement, and is as many journeys fewer."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event

from storage import (
    alerts,
    approvals,
    catalog,
    coverage,
    dues,
    escalations,
    glances,
    rooms,
    runs,
    storms,
    updates,
)
from storage.store import Transaction
from tests.world import World

LOOKS: tuple[Callable[[Transaction], object], ...] = (
    alerts.next_wake,
    approvals.next_wake,
    catalog.revision,
    coverage.mark,
    escalations.next_wake,
    dues.next_lease,
    rooms.next_wake,
    runs.next_wake,
    storms.oldest_digest,
    updates.next_wake,
)


async def test_they_are_the_same_alone_and_together(world: World) -> None:
    await world.alert("Redis down")
    await world.settle()
    said: list[str] = []
    event.listen(world.app.store.engine, "before_cursor_execute", lambda *told: said.append(told[2]))

    def look(tx: Transaction) -> tuple[list[object], list[object]]:
        alone = [one(tx) for one in LOOKS]
        said.clear()
        with glances.at_once(tx):
            return alone, [one(tx) for one in LOOKS]

    alone, together = await world.app.store.write(look)
    assert together == alone
    assert together[LOOKS.index(escalations.next_wake)] is not None
    assert len(said) == 1
    world.expect_what_was_said()
