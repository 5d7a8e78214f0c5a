"""A form that is refused once it is sent: what somebody typed is not gone with it."""

from __future__ import annotations

import asyncio

from tests.stories.modals import Modal
from tests.stories.test_full_disk import may_write
from tests.world import TESTER, World, world_on

TOLD = {"note": "Failed over by hand", "root_cause": "A disk that nobody watched"}


async def test_what_was_typed_stands_below_why_not(world: World) -> None:
    await world.alert()
    await world.card().click("Resolve", as_="ada")
    view = await world.form("ada", "Resolve the incident")
    (incident,) = (await world.get("/api/v1/incidents/"))[1]["results"]
    assert (await world.post({"note": "Quick"}, f"/api/v1/incidents/{incident['id']}/resolve/"))[0] == 200
    await world.outside.slack.member("ada").submit(view, TOLD)
    await world.settle()
    told = Modal(world, "ada").words
    assert "already resolved by story" in told and all(text in told for text in TOLD.values())
    world.expect_what_was_said()


async def test_what_was_typed_is_there_when_somebody_was_faster(world: World) -> None:
    home, ada = await world.home("ada"), Modal(world, "ada")
    (team,) = [
        one.id for one in (await world.app.use_cases.incidents.directory()).teams.values() if one.name == "Platform"
    ]
    await home.click("Teams")
    await home.click("Open", value=team)
    await ada.click("Edit")
    await world.load(["teams: [{name: Platform, user_group: '@platform-oncall'}]"])
    await ada.submit({"name": "Platform and everything under it"})
    assert "changed this meanwhile" in ada.words and "Platform and everything under it" in ada.words
    await ada.click("Reload")
    assert "@platform-oncall" in str(ada.view.values)
    world.expect_what_was_said()


async def test_a_form_stays_while_the_database_takes_nothing(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        home = await world.home("ada")
        await home.click("Services")
        await home.click("➕ New service")
        ada = Modal(world, "ada")
        form, said = ada.view, {"name": "shop", "aliases": "store\nbasket"}
        await world.app.store.write(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
        assert "may only be read" in (await ada.member.submit(form, said)).errors["name"]
        assert ada.view is form
        await asyncio.to_thread(may_write, world)
        await ada.submit()
        assert "shop is saved" in ada.words.replace("*", "")
        assert (await world.get("/api/v1/services/shop/"))[1]["aliases"] == ["store", "basket"]


async def test_a_form_without_fields_is_refused_in_words(world: World) -> None:
    """The service that a runbook to be imported is for was taken away while somebody looked at it."""
    await world.load(["services: [{name: soon-gone, team: SRE Core}]"])
    home = await world.home("ada")
    await home.click("Runbooks")
    await home.click("Import YAML")
    ada = Modal(world, "ada")
    await ada.submit({"text": "Title: New\nService: soon-gone\nSteps:\n  - {title: Restart it, command: restart}\n"})
    assert "1 runbook is new" in ada.words
    found = (await world.get("/api/v1/services/"))[1]["results"]
    (service,) = [one["id"] for one in found if one["name"] == "soon-gone"]
    await world.app.use_cases.services.remove(service, TESTER)
    await ada.submit()
    assert "here is no service soon-gone" in ada.words
