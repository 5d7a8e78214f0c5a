"""Reminders in the database: one each time, whoever dies or looks at the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.postmortems import remind
from domain import postmortems as rules
from domain.incidents import Incident, Severity, Status
from domain.people import Actor, Person, Role, Team
from domain.policies import Channel, PolicyStep, Target, TargetType
from domain.postmortems import Action, Postmortem, Section, State
from handlers.postmortems import requirements
from storage import catalog, dues, incidents, outbox, postmortem_actions, postmortems
from storage.outbox import Kind
from storage.store import Store, Transaction
from tests.unit.block_samples import RESOLVED

NOW = datetime(2026, 11, 23, 3, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
ADA = Person("ada", "ada", "Ada Admin", slack="U01ADA", role=Role.ADMIN)
BOB = Person("bob", "bob", "Bob")
TEAM = Team("team", "SRE Core", "#sre-incidents", "bob", ("ada",))
INCIDENT = replace(RESOLVED, id="i", short_id="INC-ABC234", team="team", owner="ada", lead="ada")
STEP = PolicyStep(
    order=4,
    delay_minutes=30,
    channels=(Channel.EMAIL,),
    target=Target(TargetType.EMAIL, "cto@example.com"),
    requires_postmortem=True,
)


def stocked(store: Store, incident: Incident = INCIDENT) -> None:
    """Ada and Bob in a team, an incident that is over, and its post-mortem with an action of Ada's."""

    def work(tx: Transaction) -> None:
        for person in (ADA, BOB):
            catalog.put_person(tx, person)
        catalog.put_team(tx, TEAM)
        incidents.add(tx, [incident])
        requirements.fired(tx, incident, [STEP, replace(STEP, order=5)])
        requirements.over(tx, incident, NOW)
        promised = Action(id="a", incident=incident.id, text="Disks", owner="ada", due_on=NOW.date())
        postmortem_actions.add(tx, rules.promised(promised, "UTC"))
        catalog.touch(tx)

    store.write_now(work)


def told(store: Store) -> list[str]:
    def work(tx: Transaction) -> list[str]:
        parcels = [parcel for lane in dues.lanes(tx) for parcel in outbox.due(tx, LATER, 99, lane)]
        return sorted(parcel.subject for parcel in parcels if parcel.kind is Kind.NOTICE)

    return store.write_now(work)


def test_the_first_step_that_wants_one_is_named(store: Store) -> None:
    stocked(store)
    one = store.read_now(lambda tx: postmortems.look_up(tx, "i"))
    assert one is not None and (one.step, one.state) == (4, State.DUE)
    assert one.due_on == NOW.date() + timedelta(days=7)
    assert one.wake_at == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_a_reminder_comes_once_a_week_however_long_nobody_looked(store: Store) -> None:
    stocked(store)
    store.write_now(lambda tx: remind(tx, LATER))
    # Bob leads the team, but Slack does not know him: Ada is told of both.
    assert len(told(store)) == 2
    store.write_now(lambda tx: remind(tx, LATER))
    assert len(told(store)) == 2
    one = store.read_now(lambda tx: postmortems.look_up(tx, "i"))
    assert one is not None and one.reminders == 1
    assert one.wake_at == datetime(2026, 12, 8, 9, tzinfo=UTC)


def test_a_process_that_dies_before_its_commit_leaves_none(store: Store) -> None:
    stocked(store)

    def killed(tx: Transaction) -> None:
        remind(tx, LATER)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write_now(killed)
    assert told(store) == []
    store.write_now(lambda tx: remind(tx, LATER))
    assert len(told(store)) == 2


async def test_two_processes_remind_once(database_url: str) -> None:
    one, another = Store(database_url), Store(database_url)
    stocked(one)
    await asyncio.gather(*(each.write(lambda tx: remind(tx, LATER)) for each in (one, another, one, another)))
    assert len(told(one)) == 2
    one.close()
    another.close()


def test_nobody_whom_slack_knows(store: Store) -> None:
    """Then the team's channel hears of it."""
    stocked(store, replace(INCIDENT, owner="", lead=""))
    store.write_now(lambda tx: catalog.put_person(tx, replace(ADA, is_active=False)))
    store.write_now(catalog.touch)
    store.write_now(lambda tx: remind(tx, LATER))

    def lanes(tx: Transaction) -> list[str]:
        return dues.lanes(tx)

    assert store.read_now(lanes) == [outbox.posts("#sre-incidents")]
    assert len(told(store)) == 2


def test_what_nobody_owes_any_more_rests(store: Store) -> None:
    stocked(store)
    by = Actor(key="person:ada", name="Ada")

    def settle(tx: Transaction) -> None:
        postmortems.save(tx, rules.waived(postmortems.find(tx, "i"), by, "A drill"))
        postmortem_actions.save(tx, rules.ticked(postmortem_actions.find(tx, "a"), by, NOW))

    store.write_now(settle)
    assert store.read_now(postmortems.next_wake) is None
    assert store.read_now(postmortem_actions.next_wake) is None
    assert store.read_now(lambda tx: postmortems.owed(tx, "ada", ["team"], 9)) == []
    assert store.read_now(lambda tx: postmortem_actions.owed(tx, "ada", 9)) == []


def test_an_open_incident_owes_nothing_yet(store: Store) -> None:
    is_open = replace(INCIDENT, status=Status.ACKNOWLEDGED, severity=Severity.SEV1, resolved_at=None)

    def work(tx: Transaction) -> None:
        catalog.put_team(tx, TEAM)
        incidents.add(tx, [is_open])
        requirements.fired(tx, is_open, [STEP])

    store.write_now(work)
    assert store.read_now(lambda tx: postmortems.owed(tx, "ada", ["team"], 9)) == []
    assert store.read_now(postmortems.next_wake) is None


def test_versions_come_back_as_they_went(store: Store) -> None:
    stocked(store)
    texts = dict.fromkeys(Section, "") | {Section.LESSONS: "é ☎ *x*"}
    first = rules.Version(1, NOW, "Ada", texts)
    store.write_now(lambda tx: postmortems.add_version(tx, "i", first))
    store.write_now(lambda tx: postmortems.put_draft(tx, "person:ada", "i", texts, NOW))
    assert store.read_now(lambda tx: postmortems.version(tx, "i", 1)) == first
    assert store.read_now(lambda tx: postmortems.history(tx, "i", 9)) == [first]
    assert store.read_now(lambda tx: postmortems.draft(tx, "person:ada", "i")) == texts
    store.write_now(lambda tx: postmortems.drop_draft(tx, "person:ada", "i"))
    assert store.read_now(lambda tx: postmortems.draft(tx, "person:ada", "i")) is None


def test_one_that_is_due_is_due_once(store: Store) -> None:
    stocked(store)
    asked = Postmortem(incident="i", team="team", asked_by="Ada")
    store.write_now(lambda tx: postmortems.require(tx, asked))
    one = store.read_now(lambda tx: postmortems.look_up(tx, "i"))
    assert one is not None and (one.step, one.asked_by) == (4, "")
