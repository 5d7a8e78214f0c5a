"""What an admin changes in Slack is seen by whoever keeps the files, before a load undoes it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from blocks.drifts import told
from domain.errors import Overwrites
from handlers.catalog.service import CatalogService
from tests.world import TESTER, World, read

FILES = [("0.yaml", read("organisation.yaml")), ("1.yaml", read("guide.yaml"))]


async def test_an_admin_sees_at_home_what_the_files_do_not_say(world: World) -> None:
    home = await world.home("ada")
    assert "not in the files" not in home.words
    token = await world.app.use_cases.tokens.create("ci", ["read", "admin"], TESTER)
    headers = {"Authorization": f"Token {token}"}
    async with world.http.patch("/api/v1/people/john/", json={"phone": "+33699999998"}, headers=headers) as answer:
        assert answer.status == 200
    await world.settle()
    assert "1 edit is not in the files" in home.words
    assert "the person john was edited by the token ci" in home.words
    assert "phone: +33600000002 → +33699999998" in home.words
    status, said = await world.get("/api/v1/drift/", token)
    assert (status, said["count"], said["results"][0]["edited_by"]) == (200, 1, "token:ci")
    john = await world.home("john")
    assert "not in the files" not in john.words
    with pytest.raises(Overwrites):
        await CatalogService(world.app.store, world.clock).load(FILES, TESTER)
    await world.load([read("organisation.yaml"), read("guide.yaml")])
    await world.settle()
    assert "not in the files" not in home.words


async def test_a_heartbeat_that_was_edited_is_named_at_home(world: World) -> None:
    await world.load(["heartbeats: [{name: backup, every: 24h}]"])
    home = await world.home("ada")
    token = await world.app.use_cases.tokens.create("ci", ["read", "admin"], TESTER)
    headers = {"Authorization": f"Token {token}"}
    async with world.http.patch("/api/v1/heartbeats/backup/", json={"every_minutes": 720}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    await world.settle()
    assert "the heartbeat backup was edited by the token ci" in home.words


@pytest.mark.parametrize("is_begun", [True, False])
async def test_whoever_was_relieved_by_hand_is_not_put_on_call_again_by_a_file(world: World, is_begun: bool) -> None:
    begins = world.clock.now().replace(microsecond=0) + timedelta(hours=-1 if is_begun else 1)
    times = f"start: '{begins.isoformat()}', end: '{(begins + timedelta(hours=9)).isoformat()}'"
    files = [("o.yaml", f"overrides: [{{team: SRE Core, person: ada, {times}}}]")]
    catalog = CatalogService(world.app.store, world.clock)
    assert len((await catalog.load(files, TESTER)).added) == 1
    directory, _ = await world.app.use_cases.oncall.look()
    [override] = directory.overrides
    await world.advance(minutes=1)
    await world.app.use_cases.oncall.end(override.id, TESTER)
    with pytest.raises(Overwrites) as refused:
        await catalog.load(files, TESTER)
    [said] = told(refused.value.edits, directory, "en")
    assert said.startswith("! the override SRE Core: ada from ") and " was taken away by test (" in said
    assert len((await catalog.load(files, TESTER, is_forced=True)).added) == 1
    assert (await catalog.load(files, TESTER)).added == ()
    await world.settle()
    world.expect_what_was_said()
