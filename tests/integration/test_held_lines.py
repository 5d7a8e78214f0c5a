"""What is said of an incident just as its card comes, in two transactions of PostgreSQL, does not wait for a card that
is there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.engine.slack_watch import back
from domain.outages import Part
from handlers.alerts.service import AlertService
from storage import incidents, lapses, messages, outages, outbox
from storage.messages import Place
from storage.store import Store, Transaction
from tests.integration.test_at_once import CLOCK, group, shared

__all__ = ["shared"]


def carded(tx: Transaction, incident: str) -> None:
    """Its card is there."""
    messages.put(tx, [Place(f"card:{incident}", incident, "C1SRE", "1.0")])
    outbox.release(tx, [incident], CLOCK.now())
    assert messages.has(tx, f"card:{incident}")


async def is_held_back(store: Store) -> bool:
    later = CLOCK.now() + timedelta(days=1)
    return bool(await store.read(lambda tx: lapses.held_back(tx, CLOCK.now() - timedelta(days=1), later)))


async def test_that_slack_is_back_is_said_under_the_card_that_has_just_come(shared: Store) -> None:
    incident = (await AlertService(shared, CLOCK, lambda: None).receive(group("one"))).incident
    outage = shared.write_now(lambda tx: outages.begin(tx, CLOCK.now(), Part.API, "me"))
    shared.write_now(lambda tx: outages.detour(tx, outage.id, incident))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as settling:
        incidents.hold(settling, [incident])
        carded(settling, incident)
        saying = asyncio.create_task(shared.write(lambda tx: back(tx, outage, CLOCK.now())))
        await asyncio.wait({saying}, timeout=1)
    await saying
    other.close()
    assert not await is_held_back(shared)
