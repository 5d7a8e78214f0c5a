"""Two transactions of PostgreSQL that need the same things take them in one order: neither ends for the other's sake,
and no click, no alert and no receipt is refused for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.engine.ledger import Ledger
from bot.engine.results import Outcome, Result
from domain.alerts import Alert, AlertGroup
from domain.approvals import Wish
from domain.heartbeats import SOURCE, Beat, Heartbeat
from domain.notifications import Notification, Recipient
from domain.people import VIGIE, Person, Role, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.runbooks import Runbook, RunbookStep
from domain.storms import Bundle
from handlers.alerts.service import AlertService
from handlers.heartbeats.service import HeartbeatService
from handlers.incidents.other_ways import OtherWays
from handlers.runbooks.approvals import ApprovalService
from handlers.runbooks.approvals import ask as ask_for
from handlers.runbooks.service import RunbookService
from handlers.storms.service import StormService
from storage import (
    approvals,
    catalog,
    claims,
    escalations,
    heartbeats,
    incidents,
    notifications,
    outbox,
    runs,
    storms,
)
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.parcels import TEXTS
from storage.store import Store, Transaction
from tests.integration.test_at_once import CLOCK, DEADLOCKS, waits

ADA = Person("ada", "ada", "Ada", "ada@example.com", "+33600000001", "U01ADA", Role.ADMIN, "en")
BOB = replace(ADA, id="bob", handle="bob", name="Bob", email="bob@example.com", phone="+33600000002", slack="U02BOB")
TO_ADA = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.USER, "ada"))


@pytest.fixture
async def shared(postgresql_url: str) -> AsyncIterator[Store]:
    opened = Store(postgresql_url)
    opened.write_now(house)
    yield opened
    opened.close()


def house(tx: Transaction) -> None:
    for person in (ADA, BOB):
        catalog.put_person(tx, person)
    catalog.put_team(tx, Team("sre", "SRE", "#sre", "ada", ("ada", "bob")))
    catalog.put_policy(tx, Policy(id="p", name="P", is_default=True, steps=(TO_ADA,)))
    catalog.touch(tx)


async def opened(store: Store, *names: str) -> list[str]:
    """The incidents of alerts with these names."""
    service = AlertService(store, CLOCK, lambda: None)

    def group(name: str) -> AlertGroup:
        alert = Alert(source="alertmanager", fingerprint=name, started="1", is_firing=True)
        return AlertGroup(source="alertmanager", key=name, alerts=(alert,), title=name)

    return sorted([(await service.receive(group(name))).incident for name in names])


@asynccontextmanager
async def beside(
    store: Store, first: Callable[[Connection], object], second: Callable[[], Awaitable[Any]]
) -> AsyncIterator[Connection]:
    """A transaction in which `first` was done, while `second` waits for it or is over. Both end well."""
    other = Store(store.url.render_as_string(hide_password=False))
    with other.engine.begin() as transaction:
        first(transaction)
        coming = asyncio.ensure_future(second())
        await asyncio.wait({coming, asyncio.ensure_future(waits(store))}, return_when=asyncio.FIRST_COMPLETED)
        yield transaction
    await coming
    # What a connection counted is told when it ends.
    store.engine.dispose()
    assert other.read_now(lambda tx: tx.execute(DEADLOCKS).scalar()) == 0
    other.close()


async def held_in_a_message(store: Store, incidents_: Sequence[str]) -> None:
    def work(tx: Transaction) -> None:
        now = CLOCK.now()
        bundle = Bundle(
            id="b", is_digest=False, channel=Channel.SMS, address=ADA.phone, person="ada", name="Ada", opened_at=now,
            joined_at=now,
        )  # fmt: skip
        storms.open_bundle(tx, bundle, f"SMS:{ADA.phone}")
        storms.join(tx, [("b", one, one) for one in incidents_], now)

    await store.write(work)


async def test_who_takes_all_and_a_climb_that_goes_on_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for its climb, and nobody the other way round."""
    (incident,) = await opened(shared, "one")
    await held_in_a_message(shared, [incident])
    take_all = StormService(shared, CLOCK, lambda: None)
    async with beside(
        shared, lambda tx: incidents.hold(tx, [incident]), lambda: take_all.acknowledge_all("b", VIGIE)
    ) as climbing:
        climb = escalations.by_incidents(climbing, [incident])[incident]
        await asyncio.to_thread(escalations.save, climbing, [climb])
        await asyncio.to_thread(escalations.by_incidents, climbing, [incident])


async def running(store: Store, incident: str, step: RunbookStep) -> str:
    """A run of a runbook with this step."""
    kept = store.write_now(lambda tx: catalog.put_runbook(tx, Runbook(id="r", title="Redis", steps=(step,))))
    store.write_now(catalog.touch)
    return (await RunbookService(store, CLOCK, lambda: None).start(incident, kept.version_id, VIGIE)).id


async def test_who_takes_an_incident_and_who_does_its_step_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for its run, and nobody the other way round."""
    (incident,) = await opened(shared, "one")
    run = await running(shared, incident, RunbookStep(order=1, title="Look"))
    service = RunbookService(shared, CLOCK, lambda: None)
    async with beside(
        shared, lambda tx: incidents.find(tx, incident), lambda: service.done(run, 1, VIGIE, confirmed=False)
    ) as taking:
        await asyncio.to_thread(runs.find, taking, run)


async def test_a_second_person_s_yes_and_the_end_of_the_incident_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for its requests, and nobody the other way round."""
    (incident,) = await opened(shared, "one")
    run = await running(shared, incident, RunbookStep(order=1, title="Delete", is_critical=True))

    def ask(tx: Transaction) -> str:
        found = runs.find(tx, run)
        return ask_for(tx, incidents.find(tx, incident), found, 1, Wish.DONE, replace(VIGIE, key="u"), CLOCK.now()).id

    request = shared.write_now(ask)
    service = ApprovalService(shared, CLOCK, lambda: None)
    async with beside(
        shared, lambda tx: incidents.hold(tx, [incident]), lambda: service.refuse(request, VIGIE, "no")
    ) as resolving:
        await asyncio.to_thread(approvals.waiting, resolving, incident)


async def test_silent_sources_and_a_climb_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for allowances, and nobody the other way round."""
    service = HeartbeatService(shared, CLOCK, lambda: None)
    for name in ("new", "known"):
        one = Heartbeat(id=name, name=name, every_minutes=5)
        shared.write_now(lambda tx, one=one: catalog.put_heartbeat(tx, one))  # type: ignore[misc]
    shared.write_now(catalog.touch)
    await service.fire()
    past = CLOCK.now() - timedelta(minutes=1)
    shared.write_now(lambda tx: heartbeats.put(tx, [Beat("known", None, past)]))
    await service.fire()
    (incident,) = shared.read_now(lambda tx: incidents.open_groups(tx, [(SOURCE, "known")])).values()
    # The first incident made the triage service: the catalog is another.
    await service.fire()
    late = [Beat("new", None, past - timedelta(minutes=1)), Beat("known", None, past)]
    shared.write_now(lambda tx: heartbeats.put(tx, late))
    async with beside(shared, lambda tx: incidents.hold(tx, [incident]), service.fire) as climbing:
        await asyncio.to_thread(storms.allowances, climbing, ["somebody"])


async def test_messages_that_fail_and_a_climb_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for allowances, and nobody the other way round."""
    found = await opened(shared, "one", "two")
    lost = [shared.write_now(partial(gathered, incident=one, to=to)) for one, to in zip(found, (ADA, BOB), strict=True)]
    book = Ledger(shared, lambda outcome: None, OtherWays())
    async with beside(
        shared,
        lambda tx: incidents.hold(tx, found[1:]),
        lambda: asyncio.gather(*(book.submit(outcome) for outcome in lost)),
    ) as climbing:
        await asyncio.to_thread(storms.allowances, climbing, ["somebody"])


def gathered(tx: Transaction, incident: str, to: Person) -> Outcome:
    """A page that was in a message for many, which its provider has refused."""
    now, bundle = CLOCK.now(), new_id()
    reader = Recipient(to.id, to.name, to.phone, "en")
    page = Notification(
        id=new_id(), incident=incident, step=1, channel=Channel.SMS, recipient=reader, message="", why="",
        decided_at=now,
    )  # fmt: skip
    notifications.add(tx, [(page, page.id)])
    held = Bundle(
        id=bundle, is_digest=False, channel=Channel.SMS, address=to.phone, person=to.id, opened_at=now, joined_at=now
    )
    storms.open_bundle(tx, held, f"SMS:{to.phone}")
    storms.join(tx, [(bundle, incident, page.id)], now)
    outbox.put(tx, [Parcel(kind=Kind.BUNDLE, incident="", subject=bundle, due_at=now, lane=TEXTS)])
    due = [one for one in outbox.due(tx, now, 100, TEXTS) if one.subject == bundle]
    (taken,) = claims.claim(tx, due, "me", now + timedelta(seconds=35))
    return Outcome(parcel=taken, result=Result.FAILED, started_at=now, finished_at=now, reason="refused")
