"""What becomes of a page that is held in a message for many while the message leaves, or is put off: its incident gets
worse, or somebody takes it, or others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.engine.ledger import Ledger
from bot.engine.results import Outcome
from domain.notifications import Notification, NotificationState, Recipient
from domain.people import VIGIE
from domain.policies import Channel
from domain.storms import Allowance, Bundle
from handlers.alerts.service import AlertService
from handlers.incidents import transitions
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.relations import RelationService
from handlers.incidents.service import IncidentService
from handlers.storms.holding import Holding
from storage import catalog, claims, incidents, notifications, outbox, respites, storms
from storage.messages import Place
from storage.outbox import EDITS, Kind, Parcel
from storage.parcels import TEXTS
from storage.store import Store, Transaction
from tests.integration.test_at_once import ADA, CLOCK, group, shared, waits
from tests.integration.test_lock_order import beside, opened

__all__ = ["shared"]
READER = f"SMS:{ADA.phone}"


def held(tx: Transaction, incident: str, channel: Channel = Channel.SMS) -> None:
    """A page to Ada that waits in a message for many."""
    now, reader = CLOCK.now(), Recipient(ADA.id, ADA.name, ADA.phone, "en")
    page = Notification(
        id="page", incident=incident, step=1, channel=channel, recipient=reader, message="", why="", decided_at=now
    )
    notifications.add(tx, [(page, page.id)])
    message = Bundle(
        id="b", is_digest=False, channel=channel, address=ADA.phone, person=ADA.id, opened_at=now, joined_at=now
    )
    storms.open_bundle(tx, message, READER)
    storms.join(tx, [("b", incident, page.id)], now)
    outbox.put(tx, [Parcel(kind=Kind.BUNDLE, incident="", subject="b", due_at=now, lane=TEXTS)])


async def test_what_is_just_leaving_with_others_does_not_leave_alone_too(shared: Store) -> None:
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    incident = (await AlertService(shared, CLOCK, lambda: None).receive(group("one"))).incident
    shared.write_now(lambda tx: held(tx, incident))
    relations = RelationService(shared, CLOCK, lambda: None, OtherWays())
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as leaving:
        storms.allowances(leaving, [READER])
        taken = outbox.due(leaving, CLOCK.now(), 100, TEXTS)
        claims.claim(leaving, taken, "another process", CLOCK.now() + timedelta(seconds=35))
        worse = asyncio.create_task(relations.grade(incident, VIGIE, "SEV1"))
        await waits(shared)
    await worse
    other.close()
    assert [page.id for page in shared.read_now(lambda tx: storms.wanted(tx, "b"))] == ["page"]
    assert shared.read_now(lambda tx: outbox.due(tx, CLOCK.now(), 100, TEXTS)) == []


async def test_what_joins_just_as_all_is_taken_does_not_wait_for_that(shared: Store) -> None:
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    one, other = await opened(shared, "one", "other")
    shared.write_now(lambda tx: held(tx, one))
    shared.write_now(lambda tx: storms.keep(tx, {READER: Allowance(bundle="b")}, CLOCK.now()))
    now, later = CLOCK.now(), CLOCK.now() + timedelta(minutes=1)

    def joins(tx: Transaction) -> None:
        (first,) = storms.wanted(tx, "b")
        page = replace(first, id="another", incident=other)
        notifications.add(tx, [(page, page.id)])
        Holding().put(tx, [page], incidents.by_ids(tx, [other]), now)

    async with beside(shared, joins, lambda: shared.act(lambda tx: respites.give(tx, [one], later))):
        pass
    assert [parcel.subject for parcel in shared.read_now(lambda tx: outbox.due(tx, CLOCK.now(), 100, TEXTS))] == ["b"]


async def test_a_direct_message_for_many_says_who_took_something_while_it_was_on_its_way(store: Store) -> None:
    store.write_now(lambda tx: catalog.put_person(tx, ADA))
    store.write_now(catalog.touch)
    incident = (await AlertService(store, CLOCK, lambda: None).receive(group("one"))).incident
    store.write_now(lambda tx: held(tx, incident, Channel.SLACK))
    later = CLOCK.now() + timedelta(seconds=35)
    (taken,) = store.write_now(lambda tx: claims.claim(tx, outbox.due(tx, CLOCK.now(), 100, TEXTS), "me", later))
    await IncidentService(store, CLOCK, lambda: None).acknowledge(incident, VIGIE)
    now, place = CLOCK.now(), Place("bundle:b", "", "D01ADA", "1.000100")
    posted = Outcome(parcel=taken, started_at=now, finished_at=now, reference=place.ts, places=(place,))
    await Ledger(store, lambda outcome: None, OtherWays()).submit(replace(posted, stands_for=("page",)))
    edits = store.read_now(lambda tx: outbox.due(tx, CLOCK.now() + timedelta(minutes=1), 100, EDITS))
    assert [one.subject for one in edits if one.kind is Kind.BUNDLE] == ["b"]


async def test_what_was_to_gather_and_leaves_alone_says_who_took_it_while_it_was_on_its_way(store: Store) -> None:
    store.write_now(lambda tx: catalog.put_person(tx, ADA))
    store.write_now(catalog.touch)
    incident = (await AlertService(store, CLOCK, lambda: None).receive(group("one"))).incident
    store.write_now(lambda tx: held(tx, incident, Channel.SLACK))
    later = CLOCK.now() + timedelta(seconds=35)
    (taken,) = store.write_now(lambda tx: claims.claim(tx, outbox.due(tx, CLOCK.now(), 100, TEXTS), "me", later))
    await IncidentService(store, CLOCK, lambda: None).acknowledge(incident, VIGIE)
    now, place = CLOCK.now(), Place("page:page", incident, "D01ADA", "1.000100")
    posted = Outcome(parcel=taken, started_at=now, finished_at=now, reference=place.ts, places=(place,))
    await Ledger(store, lambda outcome: None, OtherWays()).submit(replace(posted, stands_for=("page",)))
    page = store.read_now(lambda tx: notifications.by_ids(tx, ["page"]))["page"]
    assert page.state is NotificationState.SENT
    edits = store.read_now(lambda tx: outbox.due(tx, CLOCK.now() + timedelta(minutes=1), 100, outbox.copies(page)))
    assert [one.subject for one in edits if one.kind is Kind.COPY] == ["page"]


async def test_a_direct_message_for_many_says_who_took_something_just_as_it_arrived(shared: Store) -> None:
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    (incident,) = await opened(shared, "one")
    shared.write_now(lambda tx: held(tx, incident, Channel.SLACK))
    later = CLOCK.now() + timedelta(seconds=35)
    (taken,) = shared.write_now(lambda tx: claims.claim(tx, outbox.due(tx, CLOCK.now(), 100, TEXTS), "me", later))
    now, place = CLOCK.now(), Place("bundle:b", "", "D01ADA", "1.000100")
    posted = Outcome(parcel=taken, started_at=now, finished_at=now, reference=place.ts, places=(place,))
    book = Ledger(shared, lambda outcome: None, OtherWays())

    def takes(tx: Transaction) -> None:
        transitions.acknowledge(tx, incidents.find(tx, incident), VIGIE, now)

    async with beside(shared, takes, lambda: book.submit(replace(posted, stands_for=("page",)))):
        pass
    edits = shared.read_now(lambda tx: outbox.due(tx, CLOCK.now() + timedelta(minutes=1), 100, EDITS))
    assert "b" in [one.subject for one in edits if one.kind is Kind.BUNDLE]
