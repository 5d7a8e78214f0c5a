"""`simulate` against the engine: for organisations of any shape, what was foretold is what the engine then does, to
the second, through its own tables, its outbox and its fallbacks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete
from sqlmodel import SQLModel

from bot.engine import outcomes
from bot.engine.escalator import fire
from bot.engine.results import Outcome, Result
from domain.directory import Directory
from domain.incidents import Severity
from domain.notifications import NotificationState
from domain.policies import Channel
from domain.reach import NOT_SET_UP, Reach
from domain.simulation import simulate, supposed
from domain.troubles import SLACK, Known, classify
from handlers.incidents.opening import Draft, keep, opening
from handlers.incidents.other_ways import OtherWays
from storage import catalog, claims, dues, escalations, notifications, outbox, schema
from storage.catalog_tables import CatalogRevision
from storage.outbox import Kind
from storage.store import Store, Transaction
from tests.unit.test_simulation import NEAR_A_HAND_OFF, organisations

Told = tuple[datetime, str, str, str, str, tuple[int, ...]]
CODES = {"channel:#team": "is_archived", "channel:#other": "channel_not_found", SLACK: "token_revoked"} | {
    f"person:{address}": "user_disabled" for address in ("U0ADA", "U0BOB", "eve@example.com", "x@y.org")
}
"""What Slack says of targets that are broken."""


def known(name: str) -> Known:
    """A target that is known to be broken."""
    trouble = classify(CODES[name], is_to_a_person=name.startswith("person:"))
    assert trouble
    return Known(name=name, trouble=trouble, label=name, detail=CODES[name], since=datetime(2026, 1, 1, tzinfo=UTC))


REACHES = some.builds(
    lambda channels, broken: Reach(frozenset(channels), broken={name: known(name) for name in broken}),
    some.sets(some.sampled_from(list(Channel))),
    some.sets(some.sampled_from(sorted(CODES))),
)
SEVERITIES = some.sampled_from(list(Severity))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One database for every organisation: each replaces the one before it."""
    found = Store(f"sqlite:///{tmp_path_factory.mktemp('forecasts')}/vigie.db")
    schema.upgrade(found)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(directory=organisations(), at=NEAR_A_HAND_OFF, reach=REACHES, severity=SEVERITIES)
def test_the_engine_does_what_was_foretold(
    store: Store, directory: Directory, at: datetime, reach: Reach, severity: Severity
) -> None:
    agree(store, directory, at, reach, severity)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(directory=organisations(), at=NEAR_A_HAND_OFF, reach=REACHES, severity=SEVERITIES)
def test_for_five_hundred_organisations(
    store: Store, directory: Directory, at: datetime, reach: Reach, severity: Severity
) -> None:
    agree(store, directory, at, reach, severity)


def agree(store: Store, said: Directory, at: datetime, reach: Reach, severity: Severity) -> None:
    """Both tell the same story of one night."""
    directory = store.write_now(lambda tx: put(tx, said))
    service = directory.services["service"]
    policy = directory.policy_for(service.team, severity)
    foretold = simulate(policy, supposed(service, severity, at, directory), directory, reach)
    expected = sorted(
        (step.at, page.channel.value, page.person, page.name, page.address, page.covers)
        for step in foretold.steps
        for page in step.pages
    )
    assert done(store, directory, at, reach, severity) == expected


def put(tx: Transaction, said: Directory) -> Directory:
    """An organisation in the database in the stead of the one before it, and of its night: many nights at once would be
    a storm."""
    for one in reversed(SQLModel.metadata.sorted_tables):
        if one.name != CatalogRevision.__tablename__:
            tx.execute(delete(one))
    for person in said.people.values():
        catalog.put_person(tx, person)
    for team in said.teams.values():
        catalog.put_team(tx, team)
    for service in said.services.values():
        catalog.put_service(tx, service)
    for policy in said.policies.values():
        catalog.put_policy(tx, policy)
    catalog.touch(tx)
    return catalog.directory(tx)


def done(store: Store, directory: Directory, at: datetime, reach: Reach, severity: Severity) -> list[Told]:
    """What the engine sends when an incident opens at `at` and nobody acknowledges."""
    service = directory.services["service"]
    draft = Draft(
        title="Redis is down",
        description="",
        severity=severity,
        service=service,
        source="test",
        by="test",
        detected_at=at,
    )
    opened = opening(draft, directory, at, {})
    store.write_now(lambda tx: keep(tx, [opened]))
    now = at
    while True:
        store.write_now(partial(fire, now=now))
        while store.write_now(lambda tx, now=now: send(tx, reach, now)):  # type: ignore[misc]
            pass
        wake = store.read_now(escalations.next_wake)
        if wake is None:
            break
        now = max(wake, now)
    made = store.read_now(lambda tx: notifications.of_incident(tx, opened.incident.id))
    assert all(page.state in (NotificationState.SENT, NotificationState.FAILED) for page in made)
    return sorted(
        (
            page.decided_at,
            page.channel.value,
            page.recipient.person,
            page.recipient.name,
            page.recipient.address,
            page.is_bundle_of,
        )
        for page in made
        if page.state is NotificationState.SENT
    )


def send(tx: Transaction, reach: Reach, now: datetime) -> int:
    """Hand every page that is due to its provider, which takes what it is set up for and where it can."""
    due = [parcel for lane in dues.lanes(tx) for parcel in outbox.due(tx, now, 200, lane)]
    pages = [parcel for parcel in due if parcel.kind is Kind.PAGE]
    found = notifications.by_ids(tx, [parcel.subject for parcel in pages])
    for parcel in claims.claim(tx, pages, "test", now):
        page = found[parcel.subject]
        is_off = reach.is_off(page.channel, page.recipient.address)
        wrong = reach.trouble(page.channel, page.recipient.address, is_a_place=page.is_to_a_channel)
        code = CODES[wrong.name] if wrong and not is_off else ""
        told = Outcome(
            parcel=parcel,
            result=Result.FAILED if is_off or code else Result.SENT,
            page=page,
            started_at=now,
            finished_at=now,
            reason=NOT_SET_UP[page.channel] if is_off else code,
            code=code,
        )
        outcomes.record(tx, [told], OtherWays(reach.channels))
    return len(pages)
