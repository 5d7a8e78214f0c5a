"""An incident that goes from hand to hand: everybody is told of whoever has it now, and since when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_lifecycle import ADA, CLIMB, LEA, catalog, rung
from tests.stories.test_lifecycle_relations import WORSE
from tests.world import World, read, world_on


@pytest.fixture
async def world(sqlite_url: str) -> Any:
    async with world_on(sqlite_url, catalog=catalog()) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


async def test_the_card_says_since_when_whoever_has_it_has_it(world: World) -> None:
    answer = await world.alert()
    name = answer["incident"]["short_id"]
    await world.advance(minutes=2)
    await world.command("/incident", "ack", as_="john")
    card = world.card()
    assert "<@U02JOHN> has it, after 2 min" in card.words
    await world.advance(minutes=38)
    await world.command("/incident", f"reassign {name} ada", as_="john")
    await world.advance(minutes=3)
    await world.command("/incident", f"ack {name}", as_="ada")
    assert "<@U01ADA> has it, after 43 min" in card.words
    shown = await world.command("/incident", f"show {name}", as_="lea")
    assert shown is not None and "après 43\xa0min" in shown.words
    _, incident = await world.get(f"/api/v1/incidents/{name}/")
    assert incident["kpis"]["mtta_seconds"] < 180


async def test_a_post_mortem_names_who_took_it_first_beside_that_time(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", f"snooze {name} 30m", as_="john")
    await world.command("/incident", f"reassign {name} ada", as_="ada")
    await world.command("/incident", f"resolve {name}", as_="ada")
    await world.submit("ada", "Resolve", {"note": "Mended"})
    headers = {"Authorization": f"Token {world.token}", "Accept": "text/markdown"}
    async with world.http.get(f"/api/v1/incidents/{name}/postmortem/", headers=headers) as answer:
        lines = (await answer.text()).split("\n")
    (row,) = [line for line in lines if line.startswith("| Acknowledged")]
    assert "John Doe" in row and "Ada" not in row


@pytest.mark.parametrize("who", ["john", "stranger"])
async def test_whoever_is_asked_and_acknowledges_once_more_is_heard(sqlite_url: str, who: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(timeout="30 minutes")) as world:
        world.outside.workspace.add_user("stranger", user_id="U09OTHER")
        name = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"ack {name}", as_=who)
        await world.advance(minutes=30)
        told = await world.command("/incident", f"ack {name}", as_=who)
        assert told is not None and "is yours" in told.words
        world.card().reply("is still on it")
        await world.advance(minutes=6)
        assert "has it, after" in world.card().words
        assert rung(world) == []


@pytest.mark.parametrize("put_aside", ["snooze {} 8h", "mitigate {}"])
async def test_what_nobody_has_and_is_merged_into_what_was_put_aside_still_pages(
    sqlite_url: str, put_aside: str
) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=WORSE)) as world:
        main = (await world.alert(severity="info"))["incident"]["short_id"]
        await world.command("/incident", put_aside.format(main), as_="john")
        worse = (await world.alert("Redis gone", group="g2", fingerprint="f2"))["incident"]["short_id"]
        await world.command("/incident", f"merge {main} {worse}", as_="ada")
        assert rung(world) == ["ada", "john"], "whoever put it aside did not know"
        world.card("Cluster").reply("It got worse")
        await world.advance(minutes=5)
        assert rung(world) == ["ada", "john", "ada"]


async def test_of_two_whom_vigie_does_not_know_one_is_not_the_other(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=WORSE)) as world:
        main = (await world.alert(severity="info"))["incident"]["short_id"]
        await world.post({"duration": "8h"}, f"/api/v1/incidents/{main}/snooze/")
        worse = (await world.alert("Redis gone", group="g2", fingerprint="f2"))["incident"]["short_id"]
        await world.post({"into": main}, f"/api/v1/incidents/{worse}/merge/")
        await world.settle()
        world.card("Cluster").reply("It got worse")
        await world.advance(minutes=5)
        assert len(rung(world)) > 1, "its pages ended, and no others began"


async def test_who_merges_into_what_they_have_put_aside_knows(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=WORSE)) as world:
        main = (await world.alert(severity="info"))["incident"]["short_id"]
        await world.command("/incident", f"snooze {main} 1h", as_="ada")
        worse = (await world.alert("Redis gone", group="g2", fingerprint="f2"))["incident"]["short_id"]
        await world.command("/incident", f"merge {main} {worse}", as_="ada")
        assert "Snoozed by" in world.card("Cluster").words
        assert rung(world) == ["ada"], "for the one that is merged"


async def test_whoever_is_paged_after_it_was_given_back_reads_that_nobody_has_it_any_more(sqlite_url: str) -> None:
    silent = CLIMB.format(timeout="0 minutes").replace(', message: "The lead"', "").replace(', message: "Ada"', "")
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), silent]) as world:
        name = (await world.alert())["incident"]["short_id"]
        await world.advance(minutes=10)
        assert "Non acquitté depuis 10" in world.phone(LEA).texts[-1].text
        await world.command("/incident", f"ack {name}", as_="john")
        await world.advance(minutes=40)
        await world.command("/incident", f"unack {name}", as_="john")
        await world.advance(seconds=11)
        (sms,) = world.phone(ADA).texts
        assert "Nobody has it any more." in sms.text


@pytest.mark.parametrize("put_aside", ["snooze {} 8h", "mitigate {}"])
async def test_whoever_put_it_aside_is_told_who_takes_it(world: World, put_aside: str) -> None:
    name = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", put_aside.format(name), as_="john")
    await world.command("/incident", f"ack {name}", as_="ada")
    told = world.direct("john").words
    assert "Ada Admin has it" in told and "no longer yours" in told


async def test_whose_incident_another_mitigates_still_has_it(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", f"ack {name}", as_="john")
    await world.command("/incident", f"mitigate {name}", as_="ada")
    told = world.direct("john").words
    assert "Ada Admin mitigated it" in told and "no longer yours" not in told


async def test_nobody_is_said_to_be_paged_first_who_was_switched_off(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", f"snooze {name} 30m", as_="ada")
    await world.load([read("organisation.yaml").replace("handle: ada,", "handle: ada, active: false,")])
    await world.advance(minutes=31)
    assert "Ada Admin is paged first" not in world.card().reply("The snooze is over").words
    assert rung(world) == ["john"]


async def test_a_lead_who_is_left_a_second_time_is_said_to_have_been_paged(sqlite_url: str) -> None:
    both = """
Policy: Both
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SMS, target: USER (john)}
  2: {delay: 0, type: SMS, target: USER (ada)}
"""
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), both]) as world:
        name = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"decline {name}", as_="john")
        world.card().reply("Nobody else is left", "the lead, is paged")
        await world.command("/incident", f"decline {name}", as_="ada")
        world.card().reply("Nobody else is left", "the lead, was paged")
        assert rung(world) == ["john", "ada", "lea"]
