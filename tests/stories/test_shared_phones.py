"""A phone that two people share, as the telephone of whoever is on call: it rings once. And a climb that the database
will not have, for whatever reason: it holds up no other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from storage.store import Transaction
from tests.world import read as payload
from tests.world import world_on

SHARED = "+33600000002"
TWO_ON_CALL = """
people:
  - {handle: john, name: John Doe, email: john.doe@example.com, phone: "+33600000002", slack: U02JOHN}
  - {handle: ada, name: Ada Admin, email: ada@example.com, phone: "+33600000002", slack: U01ADA, role: admin}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: lea
    members: [ada, john, lea]
    locale: en
    on_call:
      timezone: Europe/Paris
      rotations:
        - {name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}
        - {name: secondary, start: "2026-01-05T09:00", every: 1w, people: [ada]}
"""
CLIMB = """
Policy: Core
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "A new incident"}
  2: {delay: 30, type: SMS, target: USER (lea), message: "The lead"}
"""


@pytest.fixture
async def world(database_url: str) -> Any:
    async with world_on(database_url, catalog=[payload("organisation.yaml"), CLIMB]) as running:
        await running.load([TWO_ON_CALL])
        yield running


def texted(world: Any) -> list[str]:
    return [sms.to for sms in world.outside.ovh.inbox.messages]


async def test_given_to_two_who_share_a_phone_it_rings_once(world: Any) -> None:
    await world.alert()
    world.card()
    await world.command("/incident", "reassign SRE Core", as_="lea")
    assert texted(world) == [SHARED]
    assert world.direct("john").buttons
    assert world.direct("ada").buttons


async def test_in_the_place_of_a_channel_it_rings_once(world: Any) -> None:
    await world.slack_goes()
    await world.alert()
    assert texted(world) == [SHARED]


async def test_a_climb_that_the_database_refuses_holds_up_no_other(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[payload("organisation.yaml"), CLIMB]) as world:
        answer = await world.alert("Refused")
        refused = answer["incident"]["id"]

        def refuse(tx: Transaction) -> None:
            said = f"NEW.incident = '{refused}' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            tx.execute(text(f"CREATE TRIGGER no_page BEFORE INSERT ON notifications WHEN {said}"))

        await world.app.store.write(refuse)
        await world.alert("Another", group="g2", fingerprint="f2")
        await world.advance(minutes=30)
        assert texted(world) == ["+33600000003"]
        await world.app.auditor.look()
        assert any("climb_late" in worry for worry in world.app.auditor.worries())


@pytest.mark.parametrize("gone", ["", ", active: false"])
@pytest.mark.parametrize(("paged", "other"), [("john", "ada"), ("ada", "john")])
async def test_an_answer_by_sms_is_that_of_whoever_was_paged(
    sqlite_url: str, paged: str, other: str, gone: str
) -> None:
    """Of two who share a phone, by the page that is answered; somebody who has left answers nothing."""
    names = {"john": ("John Doe", "U02JOHN"), "ada": ("Ada Admin", "U01ADA")}
    texts = CLIMB.replace('SLACK, target: "CHANNEL (#sre-incidents)"', f"SMS, target: USER ({paged})")
    gone_is = {paged: "", other: gone}
    people = [
        f'{{handle: {one}, name: {names[one][0]}, slack: {names[one][1]}, phone: "{SHARED}"{gone_is[one]}}}'
        for one in (other, paged)
    ]
    catalog = [payload("organisation.yaml"), texts]
    async with world_on(sqlite_url, catalog=catalog, ovh_sms_sender="") as world:
        await world.load([f"people: [{', '.join(people)}]"])
        await world.alert()
        await world.phone(SHARED).answer("n")
        assert "+33600000003" in texted(world)
        world.card().reply(f"{names[paged][0]} can't take it")
        await world.phone(SHARED).answer("a")
        assert f"<@{names[paged][1]}> has it" in world.card().words
