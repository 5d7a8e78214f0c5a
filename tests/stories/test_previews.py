"""Whom a policy pages, asked of the policy itself: for any incident, at any time, saved or not."""

from __future__ import annotations

from datetime import datetime

from tests.stories.modals import Modal
from tests.world import World

MONDAY_NIGHT = int(datetime.fromisoformat("2027-03-01T03:00:00+01:00").timestamp())


async def opened(world: World, name: str) -> Modal:
    home = await world.home(name)
    await home.click("home.go.v1.policies")
    await home.click("policy.show.v1")
    return Modal(world, name)


async def test_a_saved_policy_is_asked_by_anybody(world: World) -> None:
    john = await opened(world, "john")
    assert "Edit" not in john.buttons
    await john.click("🔮 Who is paged?")
    await john.submit({"service": "redis-prod", "severity": "SEV1", "at": MONDAY_NIGHT})
    assert "SEV1 of redis-prod, 1 Mar 2027, 03:00 (Europe/Paris), if nobody acknowledges" in john.words
    assert "T+5 · 03:05 · step 2" in john.words
    assert "What changes" not in john.words


async def test_another_severity_says_which_policy_it_gets(world: World) -> None:
    john = await opened(world, "john")
    await john.click("🔮 Who is paged?")
    await john.submit({"service": "redis-prod", "severity": "SEV4", "at": MONDAY_NIGHT})
    assert "SEV4 of redis-prod" in john.words
    assert "SRE Core - SEV1" not in john.words


async def test_a_draft_is_asked_before_it_is_saved(world: World) -> None:
    ada = await opened(world, "ada")
    await ada.click("Edit")
    await ada.member.select(ada.view, "policy.step.v1", "Remove", block_id="step:2")
    await world.settle()
    await ada.click("🔮 At another time…")
    await ada.submit({"at": MONDAY_NIGHT})
    assert "1 Mar 2027, 03:00" in ada.words
    assert "T+5" not in ada.words
    assert "What changes against today" in ada.words
    await ada.member.close()
    assert ada.view.callback_id == "policy.edit.v1"
    again = await opened(world, "john")
    await again.click("🔮 Who is paged?")
    await again.submit({"at": MONDAY_NIGHT})
    assert "T+5 · 03:05 · step 2" in again.words


async def test_a_guest_who_reads_french(world: World) -> None:
    world.outside.workspace.add_user("gaston", locale="fr-FR")
    gaston = await opened(world, "gaston")
    await gaston.click("🔮 Qui est alerté ?")
    await gaston.submit({"at": MONDAY_NIGHT})
    assert "1 mars 2027" in gaston.words
    assert "Qui est alerté" in gaston.view.body["title"]["text"]
