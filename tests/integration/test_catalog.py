"""`vigie load`: all of it or nothing, and the second time nothing at all."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select
from sqlmodel import SQLModel

from domain.directory import Directory
from domain.errors import Invalid, Overwrites
from domain.people import Actor, Role
from domain.runbooks import Runbook
from handlers.catalog.service import CatalogService, LoadReport
from storage import catalog
from storage.audit_tables import AuditRow
from storage.policy_tables import PolicyVersionRow
from storage.runbook_tables import RunbookVersionRow
from storage.store import Store, Transaction, serialise
from tests.world import PushedClock

PAYLOADS = Path(__file__).parents[1] / "payloads"
FILES = [(name, (PAYLOADS / name).read_text("utf-8")) for name in ("guide.yaml", "organisation.yaml")]
OPERATOR = Actor(key="cli", name="the command line", role=Role.ADMIN)
NAMES = {
    *("person ada", "person john", "person lea", "person cto", "team SRE Core", "team Platform"),
    *("service redis-prod", "service api-gateway", "policy SRE Core - SEV1"),
    *("runbook Redis Cluster Recovery", "runbook API Gateway High Latency Investigation"),
}


@pytest.fixture
def service(store: Store) -> CatalogService:
    return CatalogService(store, PushedClock())


def directory(store: Store) -> Directory:
    return store.read_now(catalog.directory)


def redis(store: Store) -> Runbook:
    return next(one for one in directory(store).runbooks.values() if one.title == "Redis Cluster Recovery")


def kept(store: Store) -> list[int]:
    """How much there is of what only ever grows."""
    models = (AuditRow, RunbookVersionRow, PolicyVersionRow)
    tables = [catalog.table(model) for model in models]
    return store.read_now(lambda tx: [tx.execute(select(func.count()).select_from(one)).scalar_one() for one in tables])


def audited(store: Store) -> list[Any]:
    rows = catalog.table(AuditRow)
    return store.read_now(lambda tx: list(tx.execute(select(rows).order_by(rows.c.id))))


async def test_the_guide_is_loaded_once(store: Store, service: CatalogService) -> None:
    first = await service.load(FILES, OPERATOR)
    assert (set(first.added), first.changed, first.unchanged) == (NAMES, (), ())
    before, grown = directory(store), kept(store)
    second = await service.load(FILES, OPERATOR)
    assert (second.added, second.changed, set(second.unchanged)) == ((), (), NAMES)
    assert directory(store) == before
    assert kept(store) == grown == [len(NAMES), 2, 1]


async def test_what_is_as_the_files_say_waits_for_nobody_who_writes(store: Store, service: CatalogService) -> None:
    await service.load(FILES, OPERATOR)
    is_over, has_begun = Event(), Event()

    def hold(tx: Transaction) -> None:
        serialise(tx, "catalog")
        catalog.revision(tx)
        has_begun.set()
        assert is_over.wait(timeout=30)

    holding = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(has_begun.wait, 10)
    try:
        async with asyncio.timeout(10):
            report = await service.load(FILES, OPERATOR)
    finally:
        is_over.set()
        await holding
    assert set(report.unchanged) == NAMES


async def test_what_somebody_writes_while_a_load_is_worked_out_is_not_undone(
    store: Store, service: CatalogService
) -> None:
    await service.load(FILES, OPERATOR)
    is_over, has_begun = Event(), Event()
    [file] = [text for name, text in FILES if name == "organisation.yaml"]

    def rename(tx: Transaction) -> None:
        serialise(tx, "catalog")
        ada = next(one for one in catalog.directory(tx).people.values() if one.handle == "ada")
        has_begun.set()
        assert is_over.wait(timeout=30)
        catalog.put_person(tx, replace(ada, phone="+33611111111"))
        catalog.touch(tx)

    renaming = asyncio.create_task(store.write(rename))
    await asyncio.to_thread(has_begun.wait, 10)
    loading = asyncio.create_task(service.load([("o.yaml", file.replace("Ada Admin", "Ada Again"))], OPERATOR))
    await asyncio.sleep(0.5)
    is_over.set()
    await renaming
    with pytest.raises(Overwrites):
        await loading
    ada = next(one for one in directory(store).people.values() if one.handle == "ada")
    assert (ada.name, ada.phone) == ("Ada Admin", "+33611111111")


async def test_a_change_is_a_new_version_and_one_line_of_the_audit(store: Store, service: CatalogService) -> None:
    await service.load(FILES, OPERATOR)
    before, revision = redis(store), directory(store).revision
    changed = [(name, text.replace("Évaluer l'état du cluster", "Regarder")) for name, text in FILES]
    report = await service.load(changed, OPERATOR)
    assert report.changed == ("runbook Redis Cluster Recovery",)
    assert set(report.unchanged) == NAMES - set(report.changed)
    after = redis(store)
    assert (after.id, after.version, after.steps[0].title) == (before.id, 2, "Regarder")
    assert after.version_id != before.version_id
    assert directory(store).revision != revision
    *_, line = audited(store)
    assert (line.actor, line.action, line.subject) == ("cli", "runbook.load", "runbook Redis Cluster Recovery")
    assert (line.before["steps"][0]["title"], line.after["steps"][0]["title"]) == (before.steps[0].title, "Regarder")
    assert datetime.now(UTC).year == line.at.year
    assert len(audited(store)) == len(NAMES) + 1


async def test_the_audit_log_has_no_webhooks_token(store: Store, service: CatalogService) -> None:
    policy = """
Policy: Out loud
Team: SRE Core
Steps:
  1:
    delay: 0 minutes
    type: SLACK
    target: CHANNEL (https://discord.com/api/webhooks/12345/s3cr3t-of-discord)
    message: everybody
"""
    await service.load([*FILES, ("loud.yaml", policy)], OPERATOR)
    said = str(store.read_now(lambda tx: tx.execute(select(catalog.table(AuditRow).c.after)).scalars().all()))
    assert "discord.com/api/webhooks/12345/***" in said
    assert "s3cr3t-of-discord" not in said
    kept = next(one for one in directory(store).policies.values() if one.name == "Out loud")
    assert kept.steps[0].target.value.endswith("s3cr3t-of-discord")


async def test_a_fault_in_one_file_changes_nothing_of_the_others(store: Store, service: CatalogService) -> None:
    bad = ("bad.yaml", "Title: T\nService: redis-prd\nSteps: [{titel: x}]\n")
    with pytest.raises(Invalid) as refused:
        await service.load([*FILES, bad], OPERATOR)
    assert [str(fault) for fault in refused.value.faults] == [
        "bad.yaml:2: service: there is no service redis-prd; did you mean redis-prod?",
        "bad.yaml:3: Steps[1].title: is missing",
        "bad.yaml:3: Steps[1].titel: is not known here; did you mean title?",
    ]
    assert directory(store) == Directory(verified=frozenset())
    assert kept(store) == [0, 0, 0]


async def test_a_dry_run_tells_and_changes_nothing(store: Store, service: CatalogService) -> None:
    told = await service.load(FILES, OPERATOR, dry_run=True)
    assert directory(store) == Directory(verified=frozenset())
    assert kept(store) == [0, 0, 0]
    assert await service.load(FILES, OPERATOR) == told
    with pytest.raises(Invalid):
        await service.load([("a.yaml", "Title: T")], OPERATOR, dry_run=True)


async def test_two_loads_at_once_add_everything_once(store: Store, service: CatalogService) -> None:
    reports = await asyncio.gather(*(service.load(FILES, OPERATOR) for _ in range(4)))
    assert sorted(len(report.added) for report in reports) == [0, 0, 0, len(NAMES)]
    assert kept(store) == [len(NAMES), 2, 1]


async def test_files_that_come_later_find_what_is_there(store: Store, service: CatalogService) -> None:
    await service.load([FILES[1]], OPERATOR)
    report = await service.load([FILES[0]], OPERATOR)
    assert len(report.added) == 3
    assert directory(store).service_name(redis(store).service) == "redis-prod"


async def test_a_slack_id_that_was_found_outlives_the_next_load(store: Store, service: CatalogService) -> None:
    await service.load(FILES, OPERATOR)
    technical = directory(store).person_by_handle("cto")
    assert technical is not None
    store.write_now(lambda tx: catalog.link_slack(tx, technical, "U05CTO"))
    report = await service.load(FILES, OPERATOR)
    assert not report.changed
    found = directory(store).person_by_slack("U05CTO")
    assert found is not None
    assert found.handle == "cto"


HANDLES = some.lists(some.from_regex(r"[a-z][a-z0-9.-]{0,9}", fullmatch=True), min_size=1, max_size=4, unique=True)
LETTERS = some.characters(exclude_categories=("C", "Z"))
LABELS = some.text(LETTERS, min_size=1, max_size=20)
PROSE = some.text(some.characters(exclude_categories=("C", "Zl", "Zp")) | some.just("\n"), max_size=60)
MINUTES = some.integers(0, 10_080)
LENGTHS = MINUTES | MINUTES.map("{} minutes".format) | some.integers(1, 24).map("{} hours".format)
SEVERITIES = some.sampled_from(["SEV1_CRITICAL", "SEV2_HIGH", "SEV3_MEDIUM", "SEV4_LOW", "sev1", None])
STEP = some.fixed_dictionaries(
    {"title": LABELS},
    optional={
        "description": PROSE,
        "command": PROSE,
        "rollback": PROSE,
        "duration": LENGTHS,
        "critical": some.booleans(),
        "requires_confirmation": some.booleans(),
    },
)
RUNG = some.fixed_dictionaries(
    {
        "delay": LENGTHS,
        "type": some.sampled_from(["SLACK", "SLACK + SMS", "email, phone"]),
        "target": some.sampled_from(
            ["ON_CALL", "TEAM", "CHANNEL (#ops)", "EMAIL (cto@company.com)", "USER (team_lead)"]
        ),
    },
    optional={"message": PROSE, "postmortem": some.booleans(), "active": some.booleans()},
)


@some.composite
def catalogs(draw: some.DrawFn) -> dict[str, Any]:
    """A valid catalog of one team, in one document."""
    handles = draw(HANDLES)
    names = some.lists(LABELS, min_size=1, max_size=3, unique_by=str.casefold)
    services = draw(names)
    rotation = {"start": "2026-01-05T09:00", "every": draw(some.sampled_from(["1w", "2d"])), "people": handles}
    zone = draw(some.sampled_from(["Europe/Paris", "UTC", "America/New_York"]))
    on_call = {"timezone": zone, "rotations": [rotation]}
    people = [{"handle": one, "name": draw(LABELS), "email": f"p{n}@a.com"} for n, one in enumerate(handles)]
    shared = {"Severity": draw(SEVERITIES), "Description": draw(PROSE)}
    runbook = {"Service": services[0], "Steps": draw(some.lists(STEP, min_size=1, max_size=4)), **shared}
    rungs = draw(some.lists(RUNG, min_size=1, max_size=4))
    policy = {"Team": "Core", "Steps": dict(enumerate(rungs, 1)), "ack_timeout": draw(LENGTHS), **shared}
    return {
        "people": people,
        "teams": [{"name": "Core", "lead": handles[0], "members": handles, "on_call": on_call}],
        "services": [{"name": one, "team": "Core"} for one in services],
        "runbooks": [{"Title": one, **runbook} for one in draw(names)],
        "policies": [{"Policy": one, **policy} for one in draw(names)],
    }


class _WrittenOut(yaml.SafeDumper):
    """Without aliases for what is said twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/vigie.db")
        SQLModel.metadata.create_all(store.engine)
        yield store
        store.close()


@given(catalogs())
@settings(max_examples=40)
def test_every_valid_catalog_loads_and_the_second_time_changes_nothing(written: dict[str, Any]) -> None:
    text = yaml.dump(written, Dumper=_WrittenOut, allow_unicode=True)
    with fresh_store() as store:
        first, second = asyncio.run(_twice(store, text))
        assert second == LoadReport(unchanged=first.added)
        assert len(first.added) == sum(len(several) for several in written.values())
        assert kept(store) == [len(first.added), len(written["runbooks"]), len(written["policies"])]


async def _twice(store: Store, text: str) -> tuple[LoadReport, LoadReport]:
    service = CatalogService(store, PushedClock())
    return await service.load([("a.yaml", text)], OPERATOR), await service.load([("a.yaml", text)], OPERATOR)
