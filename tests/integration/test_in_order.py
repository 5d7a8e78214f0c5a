"""Who waits for an incident that another has, in two transactions of PostgreSQL, stands in its timeline after what the
other did."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from domain.people import VIGIE
from domain.runbooks import Runbook, RunbookStep
from domain.timeline import Entry, Event
from handlers.alerts.service import AlertService
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.relations import RelationService
from handlers.replies.service import Came, ReplyService
from handlers.runbooks.carrying import CarryingService
from handlers.runbooks.service import RunbookService
from handlers.updates.service import UpdateService
from storage import catalog, incidents, timeline
from storage.store import Store
from tests.integration.test_at_once import ADA, CLOCK, group, shared, waits

__all__ = ["shared"]


async def doing(store: Store, what: str, one: str, other: str) -> object:
    """What Ada does about an incident, or about two."""
    ada, wired = replace(VIGIE, person="ada"), (store, CLOCK, lambda: None)
    match what:
        case "merge":
            return await RelationService(*wired, OtherWays()).merge(other, one, ada)
        case "link":
            return await RelationService(*wired, OtherWays()).link(one, other, ada)
        case "answer by SMS":
            name = (await store.read(lambda tx: incidents.look_up(tx, one))).short_id
            return await ReplyService(*wired).take(Came("an answer", ADA.phone, f"ok {name}", CLOCK.now()))
        case _:
            return await UpdateService(*wired).post(one, ada, "half of them are back")


@pytest.mark.parametrize("what", ["merge", "link", "answer by SMS", "status update"])
async def test_what_waited_for_another_stands_after_what_the_other_did(shared: Store, what: str) -> None:
    """Who gave it back and who took it then reads the wrong way round else."""
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    alerts = AlertService(shared, CLOCK, lambda: None)
    one, two = [(await alerts.receive(group(key, key=key))).incident for key in ("one", "two")]
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as noting:
        incidents.hold(noting, [one])
        coming = asyncio.create_task(doing(shared, what, one, two))
        await waits(shared)
        timeline.add(noting, [Entry(incident=one, at=CLOCK.now(), event=Event.NOTE, by="Bob")])
    await coming
    other.close()
    told = await shared.read(lambda tx: timeline.of_incident(tx, one))
    assert [entry.event for entry in told].index(Event.NOTE) < len(told) - 1


async def test_a_run_that_is_carried_over_stands_after_what_it_waited_for(shared: Store) -> None:
    wired = (shared, CLOCK, lambda: None)
    incident = (await AlertService(*wired).receive(group("one"))).incident
    book = Runbook(id="r", title="Redis", steps=(RunbookStep(order=1, title="Look"),))
    version = shared.write_now(lambda tx: catalog.put_runbook(tx, book)).version_id
    shared.write_now(catalog.touch)
    run = await RunbookService(*wired).start(incident, version, VIGIE)
    newer = replace(book, description="It looks twice.")
    seen = shared.write_now(lambda tx: catalog.put_runbook(tx, newer)).version_id
    shared.write_now(catalog.touch)
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as noting:
        incidents.hold(noting, [incident])
        coming = asyncio.create_task(CarryingService(*wired).carry_over(run.id, seen, VIGIE))
        await waits(shared)
        timeline.add(noting, [Entry(incident=incident, at=CLOCK.now(), event=Event.NOTE, by="Bob")])
    await coming
    other.close()
    told = await shared.read(lambda tx: timeline.of_incident(tx, incident))
    assert [entry.event for entry in told][-2:] == [Event.NOTE, Event.RUN_CARRIED_OVER]
