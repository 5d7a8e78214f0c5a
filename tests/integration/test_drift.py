"""What was edited by hand is seen before a file undoes it: `vigie drift`, `load`, the API and the Home tab."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner, Result

from bot.cli import cli
from domain.drift import Change, Drift
from domain.errors import InUse, Overwrites
from domain.people import Actor, Person, Role
from domain.policies import Channel
from handlers.catalog import dump
from handlers.catalog.drift import DriftService
from handlers.catalog.fields import PEOPLE, POLICIES, RUNBOOKS, SERVICES, Kind
from handlers.catalog.intake_kinds import ALERT_MAPPINGS, ALERT_RULES, HEARTBEATS
from handlers.catalog.rest import CatalogRecords
from handlers.catalog.service import CatalogService
from handlers.incidents.opening import with_triage
from handlers.services.service import ServiceService
from storage import catalog
from storage.origin_tables import OriginRow
from storage.store import Store
from tests.world import PushedClock, read

OPERATOR = Actor(key="command line", name="command line", role=Role.ADMIN)
ADA = Actor(key="token:ci", name="ci", role=Role.ADMIN)
FILES = [(name, read(name)) for name in ("organisation.yaml", "guide.yaml")]


class House:
    """A catalog with its doors."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, PushedClock()
        self.catalog = CatalogService(store, self.clock)
        self.drift = DriftService(store)
        self.records = CatalogRecords(store, self.clock, lambda: None, frozenset(Channel))
        self.services = ServiceService(store, self.clock, lambda: None)

    async def edit(self, kind: Kind, key: str, **fields: object) -> None:
        await self.records.change(kind, key, ADA, "", lambda now: now | fields)

    async def refused(self, files: list[tuple[str, str]] = FILES) -> list[str]:
        with pytest.raises(Overwrites) as refusal:
            await self.catalog.load(files, OPERATOR)
        return [one.subject for one in refusal.value.edits]


@pytest.fixture
async def house(store: Store) -> House:
    made = House(store)
    await made.catalog.load(FILES, OPERATOR)
    return made


def person(store: Store, handle: str) -> Person:
    found = store.read_now(catalog.directory).person_by_handle(handle)
    assert found is not None
    return found


async def test_what_nobody_edited_has_not_drifted(house: House) -> None:
    assert (await house.drift.edited()).is_same
    assert (await house.drift.against(FILES)).is_same
    again = await house.catalog.load(FILES, OPERATOR)
    assert not (again.added or again.changed or again.lost or again.left)


async def test_an_edit_is_told_with_who_and_how_and_is_not_undone(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    (found,) = (await house.drift.edited()).edited
    assert (found.what, found.subject, found.by) == (Drift.EDITED, "person ada", "token:ci")
    assert found.changes == (Change("phone", "+33600000001", "+33699999999"),)
    assert found.origin is not None
    assert (found.origin.file, found.origin.by) == ("organisation.yaml", "command line")
    assert await house.refused() == ["person ada"]
    assert person(house.store, "ada").phone == "+33699999999"
    told = await house.catalog.load(FILES, OPERATOR, dry_run=True)
    assert [one.subject for one in told.lost] == ["person ada"]


async def test_force_undoes_it_and_says_so(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    report = await house.catalog.load(FILES, OPERATOR, is_forced=True)
    assert report.changed == ("person ada",)
    assert [one.changes for one in report.lost] == [(Change("phone", "+33600000001", "+33699999999"),)]
    assert person(house.store, "ada").phone == "+33600000001"
    assert (await house.drift.edited()).is_same


async def test_what_a_file_took_over_is_no_drift(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    taken = [(name, text.replace("+33600000001", "+33699999999")) for name, text in FILES]
    await house.catalog.load(taken, OPERATOR)
    assert (await house.drift.edited()).is_same


async def test_a_file_that_says_the_edit_and_more_loses_nothing(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    text = FILES[0][1].replace("+33600000001", "+33699999999").replace("name: Ada Admin", "name: Ada Lovelace")
    report = await house.catalog.load([(FILES[0][0], text), FILES[1]], OPERATOR)
    assert report.changed == ("person ada",)
    assert person(house.store, "ada").name == "Ada Lovelace"
    assert person(house.store, "ada").phone == "+33699999999"


async def test_an_edit_elsewhere_does_not_hold_a_load_up(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    report = await house.catalog.load([FILES[1]], OPERATOR)
    assert not report.changed
    text = FILES[1][1].replace("Évaluer l'état du cluster", "Regarder")
    assert (await house.catalog.load([(FILES[1][0], text)], OPERATOR)).changed == ("runbook Redis Cluster Recovery",)


async def test_a_step_is_told_by_its_place_in_the_file(house: House) -> None:
    await house.edit(RUNBOOKS, "Redis Cluster Recovery", description="Another\ntext")
    steps = (await house.records.show(POLICIES, "SRE Core - SEV1")).fields["steps"]
    await house.edit(POLICIES, "SRE Core - SEV1", steps=[steps[0] | {"delay_minutes": 7}, *steps[1:]])
    found = {one.subject: one for one in (await house.drift.edited()).edited}
    assert [one.field for one in found["runbook Redis Cluster Recovery"].changes] == ["Description"]
    assert found["policy SRE Core - SEV1"].changes == (Change("Steps[1].delay", "0 minutes", "7 minutes"),)


async def test_another_name_is_no_other_thing(house: House) -> None:
    await house.edit(SERVICES, "api-gateway", name="gateway")
    (found,) = (await house.drift.edited()).edited
    assert (found.subject, found.changes[0]) == ("service gateway", Change("name", "api-gateway", "gateway"))
    assert await house.refused([FILES[0]]) == ["service gateway"]
    report = await house.catalog.load([FILES[0]], OPERATOR, is_forced=True)
    assert (report.added, report.changed) == ((), ("service api-gateway",))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (HEARTBEATS, "heartbeats: [{name: backup, every: 24h}]"),
        (ALERT_RULES, "alert_rules: [{name: Tests, match: {env: test}, drop: true}]"),
        (ALERT_MAPPINGS, "alert_mappings: [{name: zabbix, title: event.name}]"),
    ],
    ids=lambda one: one.plural if isinstance(one, Kind) else "",
)
async def test_another_name_of_what_intake_asks_makes_no_second_one(house: House, kind: Kind, text: str) -> None:
    files = [("alerts.yaml", text)]
    await house.catalog.load(files, OPERATOR)
    [before] = await house.records.all(kind)
    await house.edit(kind, before["name"], name="another")
    assert await house.refused(files) == [f"{kind.name} another"]
    await house.catalog.load(files, OPERATOR, is_forced=True)
    assert [(one["id"], one["name"]) for one in await house.records.all(kind)] == [(before["id"], before["name"])]


async def test_what_was_taken_away_does_not_come_back_by_itself(house: House) -> None:
    service = house.store.read_now(catalog.directory).service_by_name("api-gateway")
    assert service is not None
    with pytest.raises(InUse):
        await house.services.remove(service.id, ADA)
    await house.records.remove(RUNBOOKS, "API Gateway High Latency Investigation", ADA, "")
    (found,) = (await house.drift.edited()).edited
    assert (found.what, found.name, found.by) == (Drift.REMOVED, "API Gateway High Latency Investigation", "token:ci")
    assert await house.refused() == ["runbook API Gateway High Latency Investigation"]
    compared = await house.drift.against(FILES)
    assert compared.missing == ("runbook API Gateway High Latency Investigation",)
    assert [one.what for one in compared.edited] == [Drift.REMOVED]
    report = await house.catalog.load(FILES, OPERATOR, is_forced=True)
    assert report.added == ("runbook API Gateway High Latency Investigation",)
    assert (await house.drift.edited()).is_same


async def test_what_both_dropped_is_forgotten(house: House) -> None:
    await house.records.remove(RUNBOOKS, "API Gateway High Latency Investigation", ADA, "")
    kept = "---\n".join(text for text in FILES[1][1].split("---\n") if "API Gateway High Latency" not in text)
    assert kept != FILES[1][1]
    await house.catalog.load([(FILES[1][0], kept)], OPERATOR)
    assert (await house.drift.edited()).is_same


async def test_what_a_file_says_no_more_stays_and_is_told(house: House) -> None:
    kept = "---\n".join(text for text in FILES[1][1].split("---\n") if "API Gateway High Latency" not in text)
    report = await house.catalog.load([(FILES[1][0], kept)], OPERATOR)
    assert report.left == ("runbook API Gateway High Latency Investigation",)
    assert report.unchanged


async def test_what_was_written_by_hand_is_not_overwritten(house: House) -> None:
    given = {"title": "By hand", "steps": [{"title": "Look"}]}
    await house.records.create(RUNBOOKS, given, ADA)
    assert (await house.drift.edited()).is_same
    assert "runbook By hand" in (await house.drift.against(FILES)).unwritten
    file = ("hand.yaml", "Title: By hand\nSteps: [{title: Look}]")
    other = ("hand.yaml", "Title: By hand\nSteps: [{title: Look twice}]")
    assert await house.refused([other]) == ["runbook By hand"]
    assert not (await house.catalog.load([file], OPERATOR)).changed
    assert (await house.catalog.load([other], OPERATOR)).changed == ("runbook By hand",)


async def test_the_service_that_vigie_makes_by_itself_is_no_drift(house: House) -> None:
    house.store.write_now(lambda tx: with_triage(tx, house.clock.now()))
    assert (await house.drift.against(FILES)).is_same


async def test_a_slack_id_that_was_found_is_no_edit(house: House) -> None:
    technical = person(house.store, "cto")
    house.store.write_now(lambda tx: catalog.link_slack(tx, technical, "U05CTO"))
    assert (await house.drift.edited()).is_same
    assert not (await house.catalog.load(FILES, OPERATOR)).lost


async def test_what_an_older_vigie_loaded_is_no_edit(house: House) -> None:
    house.store.write_now(lambda tx: tx.execute(delete(catalog.table(OriginRow))))
    text = FILES[0][1].replace("name: Ada Admin", "name: Ada Lovelace")
    assert (await house.catalog.load([(FILES[0][0], text)], OPERATOR)).changed == ("person ada",)
    await house.edit(PEOPLE, "john", phone="+33699999998")
    house.store.write_now(lambda tx: tx.execute(delete(catalog.table(OriginRow))))
    assert await house.refused([FILES[0]]) == ["person john"]


async def test_a_dump_loaded_is_what_is_there(house: House) -> None:
    await house.edit(PEOPLE, "ada", phone="+33699999999")
    files = dump.files(house.store.read_now(catalog.directory), house.clock.now())
    report = await house.catalog.load(list(files.items()), OPERATOR)
    assert not (report.added or report.changed or report.lost)
    assert (await house.drift.edited()).is_same


async def test_what_stands_in_is_loaded_once_and_dumped_until_it_is_over(house: House) -> None:
    start = house.clock.now()
    times = f"start: '{start.isoformat()}', end: '{(start + timedelta(days=9)).isoformat()}'"
    text = f"overrides: [{{team: SRE Core, person: john, instead_of: ada, {times}, reason: Dentist}}]"
    report = await house.catalog.load([("o.yaml", text)], OPERATOR)
    assert len(report.added) == 1
    assert report.added[0].startswith("override SRE Core: john from ")
    assert not (await house.catalog.load([("o.yaml", text)], OPERATOR)).added
    directory = house.store.read_now(catalog.directory)
    (made,) = directory.overrides
    assert (made.by, made.reason) == ("command line", "Dentist")
    assert "Dentist" in dump.organisation(directory, house.clock.now())
    assert "Dentist" not in dump.organisation(directory, made.end)


@pytest.fixture
def vigie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Commands on a database of their own, in a folder with the guide's files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///vigie.db")
    for name, text in FILES:
        (tmp_path / name).write_text(text, "utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments)

    return run


def test_the_commands_tell_by_their_exit_codes(vigie: Callable[..., Result], tmp_path: Path) -> None:
    names = [name for name, _ in FILES]
    assert vigie("db", "upgrade").exit_code == 0
    assert vigie("load", *names).exit_code == 0
    assert (vigie("drift").exit_code, vigie("drift", *names).exit_code) == (0, 0)
    store = Store(f"sqlite:///{tmp_path}/vigie.db")
    records = CatalogRecords(store, PushedClock(), lambda: None, frozenset(Channel))

    async def edit() -> None:
        await records.change(PEOPLE, "ada", ADA, "", lambda now: now | {"phone": "+33699999999"})

    asyncio.run(edit())
    store.close()
    for command in (["load", *names], ["load", "--dry-run", *names], ["drift"], ["drift", *names]):
        answer = vigie(*command)
        assert answer.exit_code == 3, (command, answer.output)
        assert "! the person ada was edited by the token ci" in answer.output
        assert "    phone: +33600000001 → +33699999999" in answer.output
    said = json.loads(vigie("drift", "--json").output)
    assert said["edited"][0]["changes"] == [{"field": "phone", "before": "+33600000001", "after": "+33699999999"}]
    assert vigie("load", "--dry-run", "--force", *names).exit_code == 0
    assert vigie("load", "--force", *names).exit_code == 0
    assert vigie("drift").output == "Everything is as the files say.\n"
    assert vigie("load", "nowhere.yaml").exit_code == 1
