"""What somebody does between two looks of the engine: what another did a moment before is not undone by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.engine import outcomes, room_records
from bot.engine.results import Outcome, Result
from domain.notifications import Notification, NotificationState
from domain.outages import SLACK_IS_AWAY
from domain.people import Actor
from domain.policies import Channel
from domain.rooms import Room
from domain.timeline import Entry, Event
from handlers.catalog.service import CatalogService
from handlers.incidents.declaration import Declaration
from handlers.incidents.help import call_next
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.relations import RelationService
from storage import claims, incidents, notifications, outbox, rooms, timeline
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction
from tests.integration.test_lifecycle import CLIMB, Night
from tests.world import TESTER
from tests.world import read as payload


async def test_help_right_after_it_was_given_on_leaves_whoever_it_was_given_to_paged(store: Store) -> None:
    """Chloé was given it, and is about to be paged, when John asks for help."""
    night = Night(store, 0)
    await night.open()
    await night.lifecycle.reassign(night.name, night.actor("ada"), "cto")
    john = night.actor("john")
    store.write_now(lambda tx: helped(tx, night, john))
    night.settle()
    assert "cto" in paged(store, night)


async def test_whoever_asked_for_help_is_not_looked_for_by_another_way(store: Store) -> None:
    """The SMS that called John does not arrive; he has asked for help meanwhile."""
    night = Night(store, 0)
    await night.open()
    john, before = night.actor("john"), night.clock.moment
    night.clock.moment += timedelta(seconds=30)
    store.write_now(lambda tx: helped(tx, night, john))
    night.settle()
    store.write_now(lambda tx: lost(tx, night, Channel.SMS, Channel.PHONE))
    made = store.read_now(lambda tx: notifications.of_incident(tx, night.name))
    assert [one for one in made if one.recipient.person == john.person and one.decided_at > before] == []


def helped(tx: Transaction, night: Night, by: Actor) -> None:
    incident, now = incidents.find(tx, night.name), night.clock.now()
    timeline.add(tx, [Entry(incident=incident.id, at=now, event=Event.HELP_WANTED, by=by.name)])
    call_next(tx, incident, by, now)


def paged(store: Store, night: Night) -> set[str]:
    """The handles of those who were."""
    made = store.read_now(lambda tx: notifications.of_incident(tx, night.name))
    people = {night.actor(handle).person: handle for handle in ("ada", "john", "lea", "cto")}
    return {people[one.recipient.person] for one in made if one.recipient.person}


async def test_what_was_spared_while_it_was_being_tried_goes_all_the_same_when_the_other_is_lost(store: Store) -> None:
    """Slack is away, and John's SMS goes out as his direct message is tried once more; then the SMS is lost."""
    night = Night(store, 0)
    night.is_away = True
    await night.open()
    tried(store, night, claimed(store, night, Channel.SLACK), Result.DIVERTED)
    night.clock.moment += timedelta(seconds=30)
    again = claimed(store, night, Channel.SLACK)
    tried(store, night, claimed(store, night, Channel.SMS), Result.SENT)
    tried(store, night, again, Result.DIVERTED)
    store.write_now(lambda tx: lost(tx, night, Channel.SMS))
    assert page(store, night, Channel.SLACK).state is NotificationState.WAITING


async def test_what_was_about_to_wait_for_a_war_room_as_it_was_made_is_said_in_it(store: Store) -> None:
    night = Night(store, 0)
    night.is_away = True
    await night.open()
    now, line = (
        night.clock.moment,
        Parcel(kind=Kind.ROOM_LINE, incident=night.name, subject="e", due_at=night.clock.now()),
    )
    store.write_now(lambda tx: rooms.add(tx, [Room(incident=night.name, name="inc-redis", is_begun=True)]))
    store.write_now(lambda tx: outbox.put(tx, [line]))
    (taken,) = store.write_now(lambda tx: claims.claim(tx, outbox.due(tx, now, 9), "test", now))
    store.write_now(lambda tx: opened(tx, night))
    told = Outcome(parcel=taken, result=Result.HELD, started_at=now, finished_at=now)
    store.write_now(lambda tx: outcomes.record(tx, [told], OtherWays()))
    assert [one.kind for one in store.write_now(lambda tx: outbox.due(tx, now, 9))] == [Kind.ROOM_LINE]


def opened(tx: Transaction, night: Night) -> None:
    """Slack has made the war room."""
    room, incident = rooms.look_up(tx, night.name), incidents.find(tx, night.name)
    assert room is not None
    room_records.opened(tx, room, "C0ROOM", incident, night.clock.now())


def page(store: Store, night: Night, channel: Channel) -> Notification:
    """John's page by this channel."""
    made = store.read_now(lambda tx: notifications.of_incident(tx, night.name))
    return next(one for one in made if one.channel is channel and one.recipient.person)


def claimed(store: Store, night: Night, channel: Channel) -> Parcel:
    """John's page by this channel, on its way."""
    wanted, now = page(store, night, channel), night.clock.moment

    def take(tx: Transaction) -> list[Parcel]:
        due = [one for one in outbox.due(tx, now, 200, outbox.lane_of(wanted)) if one.kind is Kind.PAGE]
        return claims.claim(tx, due, "test", now + timedelta(seconds=35))

    (taken,) = store.write_now(take)
    return taken


def tried(store: Store, night: Night, parcel: Parcel, result: Result) -> None:
    """What became of it."""
    now, reason = night.clock.moment, SLACK_IS_AWAY if result is Result.DIVERTED else ""
    its = store.read_now(lambda tx: notifications.by_ids(tx, [parcel.subject]))[parcel.subject]
    told = Outcome(parcel=parcel, result=result, page=its, started_at=now, finished_at=now, reason=reason)
    told = replace(told, retry_at=now + timedelta(seconds=30)) if reason else told
    store.write_now(lambda tx: outcomes.record(tx, [told], OtherWays()))


def lost(tx: Transaction, night: Night, channel: Channel, *others: Channel) -> None:
    """The provider says that John's page by this channel did not arrive; `others` are set up beside Slack and SMS."""
    incident = incidents.find(tx, night.name)
    its = next(one for one in notifications.of_incident(tx, night.name) if one.channel is channel)
    failed = replace(its, state=NotificationState.FAILED, failure="busy")
    notifications.settle(tx, [(its.id, failed.state, its.sent_at, "", failed.failure)])
    ways = OtherWays(frozenset({Channel.SLACK, Channel.SMS, *others}))
    ways.take(tx, failed, incident, failed.failure, night.clock.moment)


THROUGH = """
---
Policy: Through
Team: SRE Core
Severity: SEV4_LOW
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)"}
"""


async def test_whoever_could_not_take_a_duplicate_is_not_paged_as_its_policy_goes_on(store: Store) -> None:
    """John has said so of the one that is merged into an incident whose policy is through."""
    night = Night(store, 0)
    policies = CLIMB.replace("USER (team_lead)", "TEAM") + THROUGH
    catalog = [("o.yaml", payload("organisation.yaml")), ("p.yaml", policies)]
    await CatalogService(store, night.clock).load(catalog, TESTER)  # type: ignore[arg-type]
    declared = [Declaration(title="It is slow", severity=one, service="redis-prod") for one in ("SEV4", "SEV1")]
    main, night.name = [(await night.incidents.declare(one, TESTER)).incident.id for one in declared]
    night.settle()
    await night.act("decline", "john")
    relations = RelationService(store, night.clock, lambda: None, OtherWays())  # type: ignore[arg-type]
    await relations.merge(main, night.name, TESTER)
    night.name = main
    night.after(seconds=600)
    assert paged(store, night) == {"ada", "lea"}
