"""What is kept comes back as it was: members and not text, aware times, in order, once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from domain.alerts import Alert
from domain.errors import Conflict, NotFound
from domain.escalations import Escalation, EscalationState
from domain.incidents import Incident, Severity, Status
from domain.notifications import Notification, NotificationState, Recipient
from domain.oncall import OnCall, Rotation
from domain.people import VIGIE, Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.runbooks import Run, Runbook, RunbookStep, RunState, RunStep, StepState
from domain.timeline import Entry, Event
from storage import (
    audit,
    catalog,
    clock,
    escalations,
    incidents,
    messages,
    notifications,
    runs,
    timeline,
    tokens,
    versions,
)
from storage.audit_tables import AuditRow
from storage.catalog_tables import CatalogRevision
from storage.identifiers import DrawnTwice, new_id, new_short_id
from storage.incidents import Query
from storage.messages import Place
from storage.store import Store, Transaction

NOW = datetime(2026, 3, 1, 3, 0, 0, 123456, tzinfo=UTC)
PARIS = timezone(timedelta(hours=2))
MINUTE = timedelta(minutes=1)

ADA = Person("ada", "ada", "Ada Admin", "ada@example.com", "+33600000001", "U01ADA", Role.ADMIN, "fr")
SRE = Team("sre", "SRE Core", "#sre", "ada", ("ada",), "fr", OnCall("Europe/Paris", (
    Rotation("primary", datetime.fromisoformat("2026-01-05T09:00"), 7, ("ada",)),)))  # fmt: skip
REDIS = Service("redis", "redis-prod", "sre", ("redis", "cache"), auto_resolve=False)
POLICY = Policy(id="p", name="Nights", team="sre", severity_filter=Severity.SEV1, is_default=True, steps=(
    PolicyStep(order=1, delay_minutes=0, channels=(Channel.SLACK, Channel.SMS), target=Target(TargetType.ON_CALL)),
    PolicyStep(order=2, delay_minutes=5, channels=(Channel.EMAIL,), target=Target(TargetType.EMAIL, "cto@example.com"),
               message="é ☎ {incident.title}", requires_postmortem=True)))  # fmt: skip
RUNBOOK = Runbook(id="r", title="Redis", service="redis", severity_filter=Severity.SEV2, four_eyes=True, steps=(
    RunbookStep(order=1, title="Look", command="redis-cli info", expected_duration=2),
    RunbookStep(order=2, title="Restart", is_critical=True, rollback_instructions="Start it again")))  # fmt: skip


def incident(**changes: object) -> Incident:
    first = Incident(
        id=new_id(), short_id=new_short_id(), title="redis is down", severity=Severity.SEV1, detected_at=NOW,
        created_at=NOW, source="alertmanager", group_key=new_id(),
    )  # fmt: skip
    return replace(first, **changes)  # type: ignore[arg-type]


def keep(store: Store, *kept: Incident) -> None:
    store.write_now(lambda tx: incidents.add(tx, kept))


def leaves(value: object) -> Iterator[object]:
    """Everything inside a domain value."""
    if is_dataclass(value):
        for one in fields(value):
            yield from leaves(getattr(value, one.name))
    elif isinstance(value, tuple):
        yield from itertools.chain.from_iterable(leaves(one) for one in value)
    else:
        yield value


def assert_same(found: object, kept: object) -> None:
    """Equal is not enough: a str equals its enumeration's member, and `is` then fails without a word."""
    assert found == kept
    for one, other in zip(leaves(found), leaves(kept), strict=True):
        assert type(one) is type(other)
        if isinstance(other, Enum):
            assert one is other
        if isinstance(one, datetime) and one.tzinfo:
            assert one.utcoffset() == timedelta(0)


def test_an_incident_comes_back_as_it_was(store: Store) -> None:
    for status in Status:
        kept = incident(
            status=status, severity=Severity.SEV3, description="é ☎ \n<!channel>", acknowledged_at=NOW + MINUTE,
            acknowledged_by="Ada", resolved_at=NOW + 2 * MINUTE, root_cause="a cable",
        )  # fmt: skip
        keep(store, kept)
        for name in (kept.id, kept.short_id, kept.short_id.lower()):
            assert_same(store.write_now(lambda tx, n=name: incidents.find(tx, n)), kept)  # type: ignore[misc]


def test_times_of_any_zone_come_back_as_utc(store: Store) -> None:
    kept = incident(created_at=NOW.astimezone(PARIS))
    keep(store, kept)
    found = store.read_now(lambda tx: incidents.find(tx, kept.id))
    assert found.created_at == NOW and found.created_at.utcoffset() == timedelta(0)


def test_a_change_is_kept(store: Store) -> None:
    kept = incident()
    keep(store, kept)
    changed = replace(kept, status=Status.ACKNOWLEDGED, acknowledged_by="Ada", acknowledged_at=NOW)
    store.write_now(lambda tx: incidents.save(tx, changed))
    assert_same(store.read_now(lambda tx: incidents.by_ids(tx, [kept.id]))[kept.id], changed)


def test_an_incident_that_nobody_knows_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="INC-NONE22"):
        store.read_now(lambda tx: incidents.find(tx, "INC-NONE22"))


async def test_a_group_has_one_open_incident_whoever_asks(store: Store) -> None:
    twins = [incident(group_key="the group") for _ in range(8)]
    writes = [store.write(lambda tx, one=one: incidents.add(tx, [one])) for one in twins]  # type: ignore[misc]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert all(result is None or isinstance(result, IntegrityError) for result in results)
    place = ("alertmanager", "the group")
    found = await store.read(lambda tx: incidents.open_groups(tx, [place]))
    won = twins[results.index(None)]
    assert found == {place: won.id}
    await store.write(lambda tx: incidents.save(tx, replace(won, status=Status.RESOLVED)))
    assert await store.read(lambda tx: incidents.open_groups(tx, [place])) == {}
    await store.write(lambda tx: incidents.add(tx, [incident(group_key="the group")]))


def test_incidents_without_a_group_are_as_many_as_there_are(store: Store) -> None:
    keep(store, incident(group_key=""), incident(group_key=""))
    assert store.read_now(lambda tx: incidents.open_groups(tx, [("alertmanager", "")])) == {}


def test_thousands_of_groups_are_looked_up_at_once(store: Store) -> None:
    kept = [incident(group_key=f"group {n}") for n in range(1000)]
    keep(store, *kept)
    places = [("alertmanager", f"group {n}") for n in range(1500)]
    assert len(store.read_now(lambda tx: incidents.open_groups(tx, places))) == 1000


def test_alerts_fire_until_they_end(store: Store) -> None:
    kept = incident()
    first, second = (
        Alert(source="alertmanager", fingerprint=name, started="t", started_at=NOW, is_firing=True, labels={"a": "é"})
        for name in ("f1", "f2")
    )

    def begin(tx: Transaction) -> None:
        incidents.add(tx, [kept])
        incidents.add_alerts(tx, [(kept.id, first), (kept.id, second)], NOW)

    store.write_now(begin)
    store.write_now(lambda tx: incidents.end_alerts(tx, [first], NOW))
    known = store.read_now(lambda tx: incidents.known_alerts(tx, [first.key, second.key, ("x", "y", "z")]))
    assert {key: (one.is_firing, one.is_incident_open) for key, one in known.items()} == {
        first.key: (False, True),
        second.key: (True, True),
    }
    assert store.read_now(lambda tx: incidents.firing(tx, [kept.id, "none"])) == {kept.id: 1, "none": 0}


def test_lists_are_filtered_searched_and_paged(store: Store) -> None:
    many = [incident(title=f"disk {n} is 100% full_", created_at=NOW + n * MINUTE) for n in range(7)]
    keep(store, *many, incident(status=Status.RESOLVED, severity=Severity.SEV4, service="redis"))

    def titles(**query: object) -> tuple[int, list[str]]:
        count, page = store.read_now(lambda tx: incidents.listed(tx, Query(**query)))  # type: ignore[arg-type]
        return count, [one.title.split()[1] for one in page]

    assert titles(search="DISK", limit=3) == (7, ["6", "5", "4"])
    assert titles(search="disk", limit=3, offset=6) == (7, ["0"])
    assert titles(search="disk", ordering="created_at", limit=2) == (7, ["0", "1"])
    assert titles(search="100%")[0] == 7 and titles(search="1%0")[0] == 0
    assert titles(search="full_")[0] == 7 and titles(search="f_ll")[0] == 0
    assert titles(statuses=("RESOLVED",), severities=("SEV4_LOW",), services=("redis",))[0] == 1
    assert titles(statuses=("RESOLVED",), teams=("sre",))[0] == 0


def test_climbs_come_back_and_fall_due(store: Store) -> None:
    kept = [incident() for _ in range(3)]
    climbs = [
        Escalation(incident=one.id, policy_version="v", started_at=NOW, wake_at=wake, state=state)
        for one, wake, state in zip(kept, (NOW + MINUTE, NOW, None), list(EscalationState)[:3], strict=True)
    ]
    keep(store, *kept)
    store.write_now(lambda tx: escalations.add(tx, climbs))
    found = store.read_now(lambda tx: escalations.by_incidents(tx, [one.id for one in kept]))
    for climb in climbs:
        assert_same(found[climb.incident], climb)
    assert store.read_now(escalations.next_wake) == NOW
    assert store.read_now(lambda tx: escalations.due(tx, NOW, 10)) == [kept[1].id]
    assert store.read_now(lambda tx: escalations.due(tx, NOW + MINUTE, 10)) == [kept[1].id, kept[0].id]
    moved = replace(
        climbs[1],
        next_step=1,
        wake_at=NOW + 5 * MINUTE,
        round=2,
        started_at=NOW - MINUTE,
        state=EscalationState.RESUMING,
        declined=("ada",),
        called=("bob", "lea"),
        because="reassigned",
        caller="Ada",
    )
    store.write_now(lambda tx: escalations.save(tx, [moved, replace(climbs[0], wake_at=None)]))
    assert_same(store.read_now(lambda tx: escalations.by_incidents(tx, [moved.incident]))[moved.incident], moved)
    store.write_now(lambda tx: escalations.hurry(tx, moved.incident, NOW))
    assert store.read_now(lambda tx: escalations.due(tx, NOW, 10)) == [moved.incident]


def test_a_notification_keeps_its_receipt_and_its_tries(store: Store) -> None:
    kept = incident()
    keep(store, kept)
    page, other = (
        Notification(
            id=new_id(), incident=kept.id, step=1, channel=channel, message="m", why="on call", decided_at=NOW,
            recipient=Recipient("ada", "Ada", "+336", "fr"), is_bundle_of=(1, 2),
        )
        for channel in (Channel.SMS, Channel.EMAIL)
    )  # fmt: skip
    store.write_now(lambda tx: notifications.add(tx, [(page, "k1"), (other, "k2")]))
    found = store.read_now(lambda tx: notifications.of_incident(tx, kept.id))
    assert_same(tuple(found), (page, other))
    with pytest.raises(IntegrityError):
        store.write_now(lambda tx: notifications.add(tx, [(replace(page, id=new_id()), "k1")]))
    decided = [(replace(page, id="new"), "k1"), (replace(page, id="first"), "k3"), (replace(page, id="second"), "k3")]
    fresh = store.read_now(lambda tx: notifications.fresh(tx, decided))
    assert [(one.id, key) for one, key in fresh] == [("first", "k3")]

    store.write_now(lambda tx: notifications.settle(tx, [(page.id, NotificationState.SENT, NOW, "ovh-1", "")]))
    store.write_now(lambda tx: notifications.cancel_waiting(tx, kept.id))
    after = store.read_now(lambda tx: notifications.by_ids(tx, [page.id, other.id]))
    assert_same(after[page.id], replace(page, state=NotificationState.SENT, sent_at=NOW, reference="ovh-1"))
    assert_same(after[other.id], replace(other, state=NotificationState.CANCELLED))

    tried = {"notification": page.id, "number": 1, "started_at": NOW, "outcome": "sent", "reason": ""}
    store.write_now(lambda tx: notifications.note_attempts(tx, [tried | {"finished_at": NOW + MINUTE}]))
    [attempt] = store.read_now(lambda tx: notifications.attempts(tx, [page.id]))[page.id]
    assert (attempt.number, attempt.finished_at) == (1, NOW + MINUTE)


def test_the_catalog_comes_back_as_it_was(store: Store) -> None:
    def write(tx: Transaction) -> tuple[Policy, Runbook]:
        catalog.put_person(tx, ADA)
        catalog.put_team(tx, SRE)
        catalog.put_service(tx, REDIS)
        kept = catalog.put_policy(tx, POLICY), catalog.put_runbook(tx, RUNBOOK)
        catalog.touch(tx)
        return kept

    policy, runbook = store.write_now(write)
    directory = store.read_now(catalog.directory)
    assert_same(directory.people["ada"], ADA)
    assert_same(directory.teams["sre"], SRE)
    assert_same(directory.services["redis"], REDIS)
    assert_same(directory.policies["p"], policy)
    assert_same(directory.runbooks["r"], runbook)
    assert_same(replace(policy, version_id=""), POLICY)
    assert store.read_now(catalog.directory) is directory


def test_a_version_is_never_changed_and_never_made_for_nothing(store: Store) -> None:
    first = store.write_now(lambda tx: catalog.put_policy(tx, POLICY))
    again = store.write_now(lambda tx: catalog.put_policy(tx, POLICY))
    assert (again.version, again.version_id) == (1, first.version_id)
    second = store.write_now(lambda tx: catalog.put_policy(tx, replace(POLICY, description="louder")))
    assert second.version == 2
    assert_same(store.read_now(lambda tx: versions.policy(tx, first.version_id)), first)
    assert_same(store.read_now(lambda tx: versions.policy(tx, second.version_id)), second)
    assert store.read_now(catalog.directory).policies["p"].version == 2


async def test_two_who_edit_at_once_make_two_versions(store: Store) -> None:
    def edit(words: str) -> Policy:
        return store.write_now(lambda tx: catalog.put_policy(tx, replace(POLICY, description=words)))

    edits = (asyncio.to_thread(edit, f"edit {n}") for n in range(6))
    assert sorted(policy.version for policy in await asyncio.gather(*edits)) == [1, 2, 3, 4, 5, 6]


async def test_two_who_edit_a_person_at_once_both_succeed(store: Store) -> None:
    writes = (store.write(lambda tx, n=n: catalog.put_person(tx, replace(ADA, name=f"Ada {n}"))) for n in range(8))  # type: ignore[misc]
    assert await asyncio.gather(*writes) == [None] * 8
    assert len((await store.read(catalog.directory)).people) == 1


def test_a_catalog_that_was_undone_is_shown_to_nobody(store: Store) -> None:
    def load(team: Team, *, fails: bool) -> None:
        def work(tx: Transaction) -> None:
            catalog.put_team(tx, team)
            catalog.touch(tx)
            assert team.id in catalog.directory(tx).teams
            if fails:
                raise Conflict("a later file is wrong")

        store.write_now(work)

    with pytest.raises(Conflict):
        load(replace(SRE, id="bad", name="Bad"), fails=True)
    assert store.read_now(catalog.directory).teams == {}
    load(SRE, fails=False)
    assert set(store.read_now(catalog.directory).teams) == {"sre"}


def test_a_change_by_another_process_is_seen(store: Store, database_url: str) -> None:
    assert store.read_now(catalog.directory).people == {}
    other = Store(database_url)
    other.write_now(lambda tx: catalog.link_slack(tx, ADA, "U02NEW"))
    assert store.read_now(catalog.directory).people["ada"].slack == "U02NEW"
    other.close()


def test_as_many_other_changes_on_a_standby_that_took_over_are_seen(store: Store, database_url: str) -> None:
    """It lacks the last one, which this process has read."""
    store.write_now(lambda tx: catalog.link_slack(tx, ADA, "U01ADA"))
    kept = store.read_now(lambda tx: (catalog.revision(tx), catalog.directory(tx).people["ada"]))
    store.write_now(lambda tx: catalog.link_slack(tx, kept[1], "U02LOST"))
    assert store.read_now(catalog.directory).people["ada"].slack == "U02LOST"
    other = Store(database_url)

    def takes_over(tx: Transaction) -> None:
        catalog.link_slack(tx, kept[1], "U03NEW")
        tx.execute(update(catalog.table(CatalogRevision)).values(revision=kept[0]))
        catalog.touch(tx)

    other.write_now(takes_over)
    assert store.read_now(catalog.directory).people["ada"].slack == "U03NEW"
    other.close()


def test_a_run_keeps_what_became_of_its_steps(store: Store) -> None:
    kept = incident()
    keep(store, kept)
    runbook = store.write_now(lambda tx: catalog.put_runbook(tx, RUNBOOK))
    steps = (RunStep(order=1, started_at=NOW), RunStep(order=2))
    run = Run(id=new_id(), incident=kept.id, runbook=runbook, started_at=NOW, steps=steps)
    store.write_now(lambda tx: runs.add(tx, [run]))
    assert_same(store.read_now(lambda tx: runs.find(tx, run.id)), run)
    done = RunStep(order=1, state=StepState.DONE, by="Ada", confirmed_by="Ada", started_at=NOW, finished_at=NOW)
    skipped = RunStep(order=2, state=StepState.SKIPPED, note="no need", has_problem=True)
    over = replace(run, state=RunState.FINISHED, finished_at=NOW + MINUTE, steps=(done, skipped))
    store.write_now(lambda tx: runs.save(tx, over))
    store.write_now(lambda tx: catalog.put_runbook(tx, replace(RUNBOOK, steps=RUNBOOK.steps[:1])))
    assert_same(store.read_now(lambda tx: runs.by_incidents(tx, [kept.id]))[kept.id], over)
    with pytest.raises(NotFound):
        store.read_now(lambda tx: runs.find(tx, "none"))


def test_the_timeline_is_in_the_order_things_were_written(store: Store) -> None:
    kept = incident()
    keep(store, kept)
    entries = [Entry(incident=kept.id, at=NOW, event=event, by="é", details={"n": 1, "s": "x"}) for event in Event]
    for entry in entries[:3]:
        store.write_now(lambda tx, one=entry: timeline.add(tx, [one]))  # type: ignore[misc]
    ids = store.write_now(lambda tx: timeline.add(tx, entries[3:]))
    assert_same(tuple(store.read_now(lambda tx: timeline.of_incident(tx, kept.id))), tuple(entries))
    assert list(store.read_now(lambda tx: timeline.by_ids(tx, ids[:1])).values()) == [entries[3]]


def test_identifiers_sort_by_when_they_were_made() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made) and len(set(made)) == 5000


def test_a_token_is_good_until_it_is_revoked(store: Store) -> None:
    store.write_now(lambda tx: tokens.add(tx, "grafana", "h1", ["read", "ingest"], NOW))
    with pytest.raises(Conflict, match="grafana"):
        store.write_now(lambda tx: tokens.add(tx, "grafana", "h2", ["read"], NOW))
    assert_same(store.read_now(tokens.good)["h1"].scopes, frozenset({"ingest", "read"}))
    store.write_now(lambda tx: tokens.revoke(tx, "grafana", NOW + MINUTE))
    assert store.read_now(tokens.good) == {}
    assert [token.revoked_at for token in store.read_now(tokens.every)] == [NOW + MINUTE]
    with pytest.raises(NotFound):
        store.write_now(lambda tx: tokens.revoke(tx, "grafana", NOW))
    store.write_now(lambda tx: tokens.add(tx, "grafana", "h3", ["read"], NOW))
    assert set(store.read_now(tokens.good)) == {"h3"}


async def test_an_event_of_slack_is_taken_once(store: Store) -> None:
    takes = await asyncio.gather(*(store.write(lambda tx: tokens.take_event(tx, "Ev1", NOW)) for _ in range(10)))
    assert sorted(takes) == [False] * 9 + [True]
    store.write_now(lambda tx: tokens.forget_events(tx, NOW + MINUTE))
    assert store.write_now(lambda tx: tokens.take_event(tx, "Ev1", NOW))


def test_places_in_slack_are_kept_once(store: Store) -> None:
    card = Place("card:one", "one", "C1", "1.0")
    store.write_now(lambda tx: messages.put(tx, [card, Place("step:one", "one", "C1", "2.0")]))
    store.write_now(lambda tx: messages.put(tx, [replace(card, ts="3.0")]))
    assert store.read_now(lambda tx: messages.of_incidents(tx, ["one"]))["card:one"].ts == "3.0"
    store.write_now(lambda tx: messages.forget(tx, ["card:one"]))
    assert not store.read_now(lambda tx: messages.has(tx, "card:one"))
    assert store.read_now(lambda tx: messages.has(tx, "step:one"))


def test_the_clock_goes_on_from_what_was_kept_last(store: Store) -> None:
    assert store.read_now(clock.read) is None
    for speed in (60.0, 2.5):
        store.write_now(lambda tx, s=speed: clock.keep(tx, s, NOW, NOW + MINUTE))  # type: ignore[misc]
    assert store.read_now(clock.read) == (2.5, NOW, NOW + MINUTE)


def test_a_change_of_configuration_is_in_the_audit_log(store: Store) -> None:
    store.write_now(lambda tx: audit.record(tx, VIGIE, "put", "team:sre", None, {"name": "SRE"}, NOW))
    row = store.read_now(lambda tx: tx.execute(catalog.table(AuditRow).select()).one())
    assert (row.at, row.actor, row.before, row.after) == (NOW, "vigie", None, {"name": "SRE"})


async def test_a_short_id_that_another_has_is_drawn_anew(store: Store) -> None:
    await store.write(lambda tx: incidents.add(tx, [incident(short_id="INC-AAAAAA")]))
    names = iter(["INC-AAAAAA", "INC-AAAAAA", "INC-BBBBBB"])

    def opened(tx: Transaction) -> str:
        made = incident(short_id=next(names), group_key="another")
        incidents.add(tx, [made])
        return made.short_id

    assert await store.write(opened) == "INC-BBBBBB"
    _, found = await store.read(lambda tx: incidents.listed(tx, Query()))
    assert sorted(one.short_id for one in found) == ["INC-AAAAAA", "INC-BBBBBB"]


async def test_two_of_a_batch_with_one_short_id_are_drawn_anew(store: Store) -> None:
    draws = iter(["INC-AAAAAA", "INC-AAAAAA", "INC-AAAAAA", "INC-CCCCCC"])

    def opened(tx: Transaction) -> None:
        incidents.add(tx, [incident(short_id=next(draws), group_key=f"group {number}") for number in range(2)])

    await store.write(opened)
    assert next(draws, None) is None


async def test_a_name_that_is_always_taken_is_given_up(store: Store) -> None:
    await store.write(lambda tx: incidents.add(tx, [incident(short_id="INC-AAAAAA")]))
    with pytest.raises(DrawnTwice):
        await store.write(lambda tx: incidents.add(tx, [incident(short_id="INC-AAAAAA", group_key="another")]))


async def test_another_constraint_is_no_matter_of_names(store: Store) -> None:
    first = incident()
    await store.write(lambda tx: incidents.add(tx, [first]))
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: incidents.add(tx, [first]))
