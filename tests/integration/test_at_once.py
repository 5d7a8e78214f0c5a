"""Two that touch the same incident at once, in two transactions of PostgreSQL: whoever comes second sees what the first
has done, and no alert is left with nobody to hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import event, text

from bot.engine.addresses import link
from bot.engine.duties import Duties
from domain.alerts import Alert, AlertGroup
from domain.drafts import Draft
from domain.errors import Conflict, InUse
from domain.escalations import Escalation
from domain.heartbeats import SOURCE, Beat, Heartbeat
from domain.home import Place
from domain.people import VIGIE, Actor, Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.runbooks import Runbook, RunbookStep
from domain.schedules import Override
from domain.stand_ins import Swap, SwapState
from handlers.alerts.service import AlertService
from handlers.catalog.fields import POLICIES
from handlers.catalog.rest import CatalogRecords
from handlers.heartbeats.service import HeartbeatService
from handlers.incidents import transitions
from handlers.incidents.declaration import Declaration, draft_of
from handlers.incidents.opening import keep, with_triage
from handlers.incidents.opening import opening as begun
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.relations import RelationService
from handlers.runbooks.service import RunbookService
from handlers.services.service import ServiceService
from handlers.teams.service import TeamService
from handlers.tokens.service import TokenService
from handlers.trials.service import TrialService
from storage import (
    catalog,
    claims,
    clock_shifts,
    drafts,
    dues,
    duties,
    escalations,
    feeds,
    heartbeats,
    homes,
    incidents,
    outbox,
    overrides,
    oversights,
    removals,
    runs,
    storms,
    tokens,
    transfer,
    trials,
)
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction, serialise
from tests.world import PushedClock

CLOCK = PushedClock()
STEP = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL))
DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


@pytest.fixture
async def shared(postgresql_url: str) -> AsyncIterator[Store]:
    opened = Store(postgresql_url)
    opened.write_now(lambda tx: catalog.put_team(tx, Team("sre", "SRE", "#sre")))
    yield opened
    opened.close()


def group(*names: str, key: str = "the group", is_firing: bool = True) -> AlertGroup:
    alerts = [Alert(source="alertmanager", fingerprint=one, started="1", is_firing=is_firing) for one in names]
    return AlertGroup(source="alertmanager", key=key, alerts=tuple(alerts), title="redis is down")


async def waits(store: Store) -> None:
    """Until a transaction waits for another."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(30):
        while not await store.read(lambda tx: tx.execute(waiting).scalar()):
            await asyncio.sleep(0.01)


async def test_an_alert_that_comes_while_its_incident_is_resolved_opens_another(shared: Store) -> None:
    alerts = AlertService(shared, CLOCK, lambda: None)
    first = await alerts.receive(group("one"))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as resolving:
        found = incidents.find(resolving, first.incident)
        transitions.resolve(resolving, found, VIGIE, "mended", "", CLOCK.now())
        coming = asyncio.create_task(alerts.receive(group("two")))
        await waits(shared)
    second = await coming
    other.close()
    assert second.opened and second.incident != first.incident


async def test_a_source_that_is_heard_as_its_incident_is_resolved_is_waited_for_again(shared: Store) -> None:
    """Its next silence would page nobody, and a backup says once a night that it lives."""
    shared.write_now(lambda tx: catalog.put_heartbeat(tx, Heartbeat(id="b", name="backup", every_minutes=5)))
    shared.write_now(catalog.touch)
    service = HeartbeatService(shared, CLOCK, lambda: None)
    await service.fire()
    past = CLOCK.now() - timedelta(minutes=1)
    shared.write_now(lambda tx: heartbeats.put(tx, [Beat("b", None, past)]))
    await service.fire()
    (incident,) = shared.read_now(lambda tx: incidents.open_groups(tx, [(SOURCE, "b")])).values()
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as resolving:
        transitions.resolve(resolving, incidents.find(resolving, incident), VIGIE, "mended", "", CLOCK.now())
        heard = asyncio.create_task(service.beat("backup"))
        await waits(shared)
    assert not (await heard).beat.is_silent
    other.close()
    assert shared.read_now(heartbeats.next_wake) is not None


async def test_alerts_and_a_climb_that_both_need_an_incident_and_an_allowance_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for allowances, and nobody the other way round."""
    alerts = AlertService(shared, CLOCK, lambda: None)
    first = await alerts.receive(group("one"))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as climbing:
        incidents.hold(climbing, [first.incident])
        over = alerts.receive(group("one", is_firing=False))
        coming = asyncio.gather(over, alerts.receive(group("two", key="another group")))
        await waits(shared)
        await asyncio.to_thread(storms.allowances, climbing, ["somebody"])
    await coming
    # What a connection counted is told when it ends.
    shared.engine.dispose()
    assert other.read_now(lambda tx: tx.execute(DEADLOCKS).scalar()) == 0
    other.close()


async def test_what_is_undone_for_another_is_done_again(shared: Store) -> None:
    """PostgreSQL ends one of two that wait for each other: a click, an alert or a receipt, which is none the worse."""
    alerts = AlertService(shared, CLOCK, lambda: None)
    one, two = [(await alerts.receive(group(key, key=key))).incident for key in ("one", "two")]
    met, begun = Barrier(2), list[str]()

    def crosswise(first: str, second: str) -> Callable[[Transaction], str]:
        def work(tx: Transaction) -> str:
            incidents.hold(tx, [first])
            begun.append(first)
            if len(begun) <= met.parties:
                met.wait(30)
            incidents.hold(tx, [second])
            return first

        return work

    ends = await asyncio.gather(shared.write(crosswise(one, two)), shared.act(crosswise(two, one)))
    assert list(ends) == [one, two]
    assert len(begun) == met.parties + 1
    assert shared.write_fault is None


async def test_climbs_that_somebody_holds_hold_up_no_other(shared: Store) -> None:
    """However many they are, and though they are the longest due."""
    alerts = AlertService(shared, CLOCK, lambda: None)
    one, two = [(await alerts.receive(group(key, key=key))).incident for key in ("one", "two")]
    now = CLOCK.now()
    policy = Policy(id="p", name="P", steps=(STEP,))
    version = shared.write_now(lambda tx: catalog.put_policy(tx, policy)).version_id
    for hours, incident in ((2, one), (1, two)):
        due = now - timedelta(hours=hours)
        climb = Escalation(incident=incident, policy_version=version, started_at=due, next_step=1, wake_at=due)
        shared.write_now(partial(escalations.put, escalation=climb))
    with shared.engine.begin() as elsewhere:
        incidents.hold(elsewhere, [one])
        assert shared.write_now(lambda tx: escalations.hold_due(tx, now, 1)) == [two]
    assert shared.write_now(lambda tx: escalations.hold_due(tx, now, 1)) == [one]


async def test_of_two_tokens_of_one_name_one_is_made_and_the_other_refused(shared: Store) -> None:
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as first:
        tokens.add(first, "ci", "a digest", ["ingest"], CLOCK.now())
        second = asyncio.create_task(TokenService(shared, CLOCK).create("ci", ["admin"], VIGIE))
        await waits(shared)
    with pytest.raises(Conflict, match="there is a token ci already"):
        await second
    assert [token.scopes for token in shared.read_now(tokens.every)] == [{"ingest"}]
    other.close()


@pytest.mark.parametrize("put", [
    lambda tx: homes.go(tx, "U01ADA", Place(), CLOCK.now()),
    lambda tx: feeds.issue(tx, "person:ada", CLOCK.now()),
    lambda tx: drafts.POLICIES.put(tx, Draft("ada", Policy(id="p", name="P")), CLOCK.now()),
    lambda tx: transfer.put(tx, "ada", "", "Title: T", CLOCK.now()),
])  # fmt: skip
async def test_two_clicks_of_one_hand_are_both_taken(shared: Store, put: Callable[[Transaction], object]) -> None:
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as first:
        put(first)
        second = asyncio.create_task(shared.write(put))
        await waits(shared)
    await second
    other.close()


async def test_a_runbook_in_another_s_place_and_its_first_step_end_both(shared: Store) -> None:
    """Whoever holds an incident asks for its run, and nobody the other way round."""
    incident = (await AlertService(shared, CLOCK, lambda: None).receive(group("one"))).incident
    book = Runbook(id="r", title="Redis", steps=(RunbookStep(order=1, title="Look"),))
    kept = shared.write_now(lambda tx: catalog.put_runbook(tx, book))
    shared.write_now(catalog.touch)
    service = RunbookService(shared, CLOCK, lambda: None)
    run = await service.start(incident, kept.version_id, VIGIE)
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as stepping:
        incidents.find(stepping, incident)
        attached = asyncio.create_task(service.attach(incident, kept.version_id, VIGIE))
        await waits(shared)
        await asyncio.to_thread(runs.find, stepping, run.id)
    await attached
    shared.engine.dispose()
    assert other.read_now(lambda tx: tx.execute(DEADLOCKS).scalar()) == 0
    other.close()


async def test_a_step_s_question_is_not_lost_when_a_click_on_it_is_refused_as_somebody_takes_the_incident(
    shared: Store,
) -> None:
    incident = (await AlertService(shared, CLOCK, lambda: None).receive(group("one"))).incident
    step = RunbookStep(order=1, title="Delete", expected_duration=5, is_critical=True)
    kept = shared.write_now(lambda tx: catalog.put_runbook(tx, Runbook(id="r", title="Redis", steps=(step,))))
    shared.write_now(catalog.touch)
    service = RunbookService(shared, CLOCK, lambda: None)
    run = await service.start(incident, kept.version_id, VIGIE)
    # The engine has looked while nobody had it.
    shared.write_now(lambda tx: runs.wake(tx, run.id, None))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as taking:
        found = incidents.find(taking, incident)
        unconfirmed = asyncio.create_task(service.done(run.id, 1, VIGIE, confirmed=False))
        await waits(shared)
        await asyncio.to_thread(transitions.acknowledge, taking, found, VIGIE, CLOCK.now())
    with pytest.raises(Conflict):
        await unconfirmed
    assert shared.read_now(runs.next_wake) is not None
    other.close()


async def test_a_policy_that_an_incident_opens_with_is_not_removed(shared: Store) -> None:
    """One whose policy is gone pages nobody, ever."""
    await AlertService(shared, CLOCK, lambda: None).receive(group("the first makes the triage service"))
    step = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL))
    policy = Policy(id="p", name="P", is_default=True, steps=(step,))
    shared.write_now(lambda tx: catalog.put_policy(tx, policy))
    shared.write_now(catalog.touch)
    records = CatalogRecords(shared, CLOCK, lambda: None, frozenset())
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as opening:
        serialise(opening, "intake")
        directory = with_triage(opening, CLOCK.now())
        removed = asyncio.create_task(records.remove(POLICIES, "p", VIGIE, ""))
        await waits(shared)
        said = Declaration(title="redis is down", severity="SEV1")
        keep(opening, [begun(draft_of(said, directory, VIGIE, CLOCK.now()), directory, CLOCK.now(), {})])
    with pytest.raises(InUse):
        await removed
    other.close()


async def test_an_incident_gets_no_policy_and_no_runbook_that_is_just_removed(shared: Store) -> None:
    """Nothing can be decided on a climb whose policy is gone, and no incident ended whose runbook is."""
    made = (shared, CLOCK, lambda: None)
    incident = (await AlertService(*made).receive(group("one"))).incident
    policy = Policy(id="p", name="P", is_default=True, steps=(STEP,))
    book = Runbook(id="r", title="Redis", steps=(RunbookStep(order=1, title="Look"),))
    version = shared.write_now(lambda tx: catalog.put_runbook(tx, book)).version_id
    shared.write_now(lambda tx: catalog.put_policy(tx, policy))
    shared.write_now(catalog.touch)
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as removing:
        serialise(removing, "catalog")
        removals.drop_policy(removing, policy)
        removals.drop_runbook(removing, book)
        catalog.touch(removing)
        graded = asyncio.create_task(RelationService(*made, OtherWays()).grade(incident, VIGIE, "SEV1"))
        await waits(shared)
        attached = asyncio.create_task(RunbookService(*made).attach(incident, version, VIGIE))
        await asyncio.sleep(0.1)
    assert (await graded).policy_version == ""
    with pytest.raises(Conflict, match="changed since"):
        await attached
    other.close()


async def test_a_swap_that_is_answered_at_the_last_moment_keeps_nobody_waiting_for_their_turn(
    shared: Store,
) -> None:
    now = CLOCK.now()
    asked = Swap(id="s", team="sre", asker="ada", asked="bob", start=now, end=now + timedelta(hours=1), expires_at=now)
    shared.write_now(lambda tx: overrides.ask(tx, asked, now))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as answering:
        overrides.settle(answering, asked, SwapState.REFUSED)
        looking = asyncio.create_task(Duties(shared, CLOCK, lambda: None).fire())
        await waits(shared)
    await looking
    other.close()


async def test_who_went_off_while_another_process_looked_comes_on_by_none(shared: Store) -> None:
    """They would be told in the night that they are on call, and whoever is that they are not."""
    clock = PushedClock()
    now, end = clock.now(), clock.now() + timedelta(minutes=1)
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(lambda tx: overrides.add(tx, Override(id="o", team="sre", person="ada", start=now, end=end), now))
    shared.write_now(catalog.touch)
    watch = Duties(shared, clock, lambda: None)
    await watch.fire()
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as looking:
        serialise(looking, "duties")
        assert duties.kept(looking) == {"sre": ("ada",)}
        late = asyncio.create_task(watch.fire())
        await waits(shared)
        clock.push(timedelta(minutes=2))
        duties.keep(looking, {"sre": ()})
    await late
    other.close()
    assert await shared.read(duties.kept) == {"sre": ()}


@pytest.mark.parametrize("what", ["service", "team"])
async def test_what_an_incident_that_opens_is_about_is_not_removed(shared: Store, what: str) -> None:
    """Whoever is paged would not be told what is broken; nobody is on call for a team that is gone."""
    await AlertService(shared, CLOCK, lambda: None).receive(group("the first makes the triage service"))
    shared.write_now(lambda tx: catalog.put_team(tx, Team("data", "Data", "#data")))
    shared.write_now(lambda tx: catalog.put_service(tx, Service("s", "redis", "sre")))
    shared.write_now(catalog.touch)
    made = (shared, CLOCK, lambda: None)
    remove = ServiceService(*made).remove if what == "service" else TeamService(*made).remove
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as opening:
        serialise(opening, "intake")
        directory = with_triage(opening, CLOCK.now())
        removed = asyncio.create_task(remove("s" if what == "service" else "data", VIGIE))
        await waits(shared)
        said = Declaration(title="redis is down", severity="SEV1", service="redis")
        draft = draft_of(said, directory, VIGIE, CLOCK.now())
        draft = draft if what == "service" else replace(draft, service=replace(draft.service, team="data"))
        keep(opening, [begun(draft, directory, CLOCK.now(), {})])
    with pytest.raises(InUse):
        await removed
    other.close()


ADA = Person("ada", "ada", "Ada", "ada@example.com", "+33600000001", "", Role.ADMIN, "en")


@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_slack_id_that_is_found_undoes_nothing_that_is_said_of_its_person(shared: Store, is_gone: bool) -> None:
    """A page by their old number reaches nobody, and neither does one to somebody who has left."""
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as saving:
        serialise(saving, "catalog")
        if is_gone:
            catalog.drop_person(saving, ADA)
        else:
            catalog.put_person(saving, replace(ADA, phone="+33600000009"))
        catalog.touch(saving)
        found = asyncio.create_task(shared.write(lambda tx: link(tx, ADA.email, "U01ADA", CLOCK.now())))
        await waits(shared)
    await found
    other.close()
    people = (await shared.read(catalog.directory)).people
    assert list(people.values()) == ([] if is_gone else [replace(ADA, phone="+33600000009", slack="U01ADA")])


async def test_a_clock_that_is_set_back_takes_no_lease_from_what_is_just_being_sent(shared: Store) -> None:
    """Another process would take it for a dead one's, and send it as well."""
    now, later = CLOCK.now(), CLOCK.now() + timedelta(hours=1)
    shared.write_now(lambda tx: oversights.take_turn(tx, later, timedelta(0)))
    shared.write_now(lambda tx: outbox.put(tx, [Parcel(kind=Kind.PAGE, incident="i", subject="n", due_at=now)]))
    until, other = now + timedelta(seconds=35), Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as sending:
        claims.claim(sending, outbox.due(sending, now, 100), "me", until)
        hour = timedelta(hours=1)
        following = asyncio.create_task(
            shared.write(lambda tx: clock_shifts.follow(tx, now, timedelta(minutes=2), hour, timedelta(0)))
        )
        await waits(shared)
    await following
    other.close()
    assert await shared.read(dues.next_lease) == until


async def test_a_clock_that_is_set_back_wakes_no_climb_that_has_just_ended(shared: Store) -> None:
    incident = (await AlertService(shared, CLOCK, lambda: None).receive(group("one"))).incident
    now, hour = CLOCK.now(), timedelta(hours=1)
    policy = Policy(id="p", name="P", steps=(STEP,))
    version = shared.write_now(lambda tx: catalog.put_policy(tx, policy)).version_id
    climb = Escalation(
        incident=incident, policy_version=version, started_at=now - hour, next_step=1, wake_at=now + hour
    )
    shared.write_now(lambda tx: escalations.put(tx, climb))
    shared.write_now(lambda tx: oversights.take_turn(tx, now + hour, timedelta(0)))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as resolving:
        found = incidents.find(resolving, incident)
        transitions.resolve(resolving, found, VIGIE, "mended", "", now)
        following = asyncio.create_task(
            shared.write(lambda tx: clock_shifts.follow(tx, now, timedelta(minutes=2), hour, timedelta(0)))
        )
        await waits(shared)
    await following
    other.close()
    assert await shared.read(escalations.next_wake) is None


async def test_a_catalog_that_is_changed_while_it_is_read_is_read_anew(shared: Store) -> None:
    """A step that pages somebody who is in the team and not among the people reaches nobody."""
    other = Store(shared.url.render_as_string(hide_password=False))
    changed: list[str] = []

    def change(tx: Transaction) -> None:
        catalog.put_person(tx, ADA)
        catalog.put_team(tx, Team("sre", "SRE", "#sre", members=("ada",)))
        catalog.touch(tx)

    def meanwhile(*said: object) -> None:
        if "FROM teams" in str(said[2]) and not changed:
            changed.append("by somebody else")
            other.write_now(change)

    event.listen(shared.engine, "before_cursor_execute", meanwhile)
    directory = shared.read_now(catalog.directory)
    other.close()
    assert changed
    assert directory.teams["sre"].members == ("ada",) and directory.people == {"ada": ADA}


async def test_a_test_that_somebody_asks_for_beside_the_monthly_one_is_refused_as_a_second(shared: Store) -> None:
    """There is one of each channel: whichever came second would fail, and the check-ups of all others with it."""
    shared.write_now(lambda tx: catalog.put_person(tx, ADA))
    shared.write_now(catalog.touch)
    service = TrialService(shared, CLOCK, lambda: None, frozenset(Channel))
    other = Store(shared.url.render_as_string(hide_password=False))
    with other.engine.begin() as monthly:
        service.begin(monthly, ADA, CLOCK.now(), is_monthly=True)
        asked = asyncio.create_task(service.start(Actor(key="person:ada", name="Ada", role=Role.ADMIN, person="ada")))
        await waits(shared)
    with pytest.raises(Conflict):
        await asked
    other.close()
    assert all(trial.is_monthly for trial in await shared.read(lambda tx: trials.of_person(tx, "ada")))
