"""On call, whole: who it is, who stands in, who is asked to, who writes the rotations, and who is paged by all that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.demo.member import Member
from bot.demo.records import View
from bot.demo.visible import buttons, words
from domain.oncall import Hours, Rotation
from domain.people import Actor, Role, Team
from handlers.oncall.service import Wanted
from storage import catalog
from storage.audit_tables import AuditRow
from tests.world import World, read, world_on

PRIMARY = '{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}'
RESPONDER = read("organisation.yaml").replace("slack: U02JOHN", "slack: U02JOHN, role: responder")


def organisation(rotation: str, more: str = "") -> str:
    """The guide's, with another rotation for SRE Core."""
    written = read("organisation.yaml")
    assert PRIMARY in written
    return written.replace(PRIMARY, rotation).replace("Europe/Paris", f"Europe/Paris{more}")


def turns(at: datetime) -> str:
    """John's day began an hour before `at`; Ada's follows."""
    start = (at - timedelta(hours=1)).astimezone(ZoneInfo("Europe/Paris"))
    return f'{{name: primary, start: "{start:%Y-%m-%dT%H:%M}", every: 1d, people: [john, ada]}}'


class Hand:
    """Somebody with a modal before them."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.member: Member = world.outside.slack.member(name)

    @property
    def view(self) -> View:
        assert self.member.view is not None
        return self.member.view

    @property
    def words(self) -> str:
        return words(self.view.blocks).replace("*", "")

    @property
    def buttons(self) -> list[str]:
        return buttons(self.view.blocks)

    async def click(self, button: str) -> None:
        await self.member.click(self.view, button)
        await self.world.settle()

    async def choose(self, number: int, what: str) -> None:
        """From the menu beside a rotation."""
        await self.member.select(self.view, "schedule.rotation.v1", what, block_id=f"rotation:{number}")
        await self.world.settle()

    async def submit(self, values: dict[str, Any] | None = None) -> Any:
        blocks = [block["block_id"] for block in self.view.blocks if block["type"] == "input"]
        full = {block.partition(":")[0]: block for block in blocks}
        outcome = await self.member.submit(
            self.view, {full.get(name, name): value for name, value in (values or {}).items()}
        )
        await self.world.settle()
        return outcome


async def said(world: World, text: str, as_: str) -> str:
    answer = await world.command("/oncall", text, as_=as_)
    assert answer is not None
    return answer.words.replace("*", "")


async def team(world: World, name: str = "SRE Core") -> Team:
    directory = await world.app.store.read(catalog.directory)
    found = directory.team_by_name(name)
    assert found is not None
    return found


async def audited(world: World) -> list[str]:
    rows = catalog.table(AuditRow)
    found = await world.app.store.read(lambda tx: tx.execute(rows.select().order_by(rows.c.id)).all())
    return [row.action for row in found]


async def test_an_override_in_an_incident_changes_who_is_paged_next(world: World) -> None:
    await world.alert()
    card = world.card()
    assert "John Doe" in card.words
    home = await world.home("ada")
    answer = await said(world, "override @ada 2h SRE", as_="ada")
    assert "Ada Admin is on call for SRE Core" in answer
    assert "In the place of John Doe" in answer
    assert "is on call now" in world.direct("john").words
    assert "Redis Cluster Down" in world.direct("ada").words
    assert "John Doe" not in card.words and "SMS to Ada Admin" in card.words
    assert "*You are on call* for SRE Core" in home.words
    await world.advance(minutes=5)
    world.phone("+33600000001").expect_sms("Redis Cluster Down")
    assert "Redis Cluster Down" in world.direct("ada").words
    assert world.phone("+33600000002").texts == []
    assert "U01ADA" in await said(world, "who SRE Core", as_="john")
    assert "override.add" in await audited(world)
    world.expect_what_was_said()


async def test_giving_it_back(world: World) -> None:
    await said(world, "override me 2h SRE Core", as_="ada")
    world.direct("ada")
    world.direct("john")
    shown = await world.command("/oncall", "schedule SRE Core", as_="ada")
    assert shown is not None and "🔁 Ada Admin stands in" in shown.words
    await world.outside.slack.member("ada").click(shown, "End it", confirm=True)
    await world.settle()
    assert "does not stand in any more" in world.whispers("ada")[-1]
    assert "You are no longer on call" in world.direct("ada").words
    assert "You are on call now" in world.direct("john").words
    assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")
    assert (await audited(world))[-1] == "override.end"


async def test_an_override_of_later_is_told_at_once_and_by_a_form(world: World) -> None:
    hand = Hand(world, "ada")
    await world.command("/oncall", "override", as_="ada")
    await world.form("ada", "Stand in")
    start = world.clock.now() + timedelta(days=1)
    values: dict[str, Any] = {
        "team": "SRE Core",
        "person": "U03LEA",
        "start": int(start.timestamp()),
        "end": int((start - timedelta(hours=1)).timestamp()),
        "reason": "John is at the dentist",
    }
    refused = await hand.submit(values)
    assert "after the beginning" in refused.errors["end"]
    refused = await hand.submit(values | {"person": world.outside.workspace.bot.id})
    assert "Vigie does not know this person" in refused.errors["person"]
    end = int((start + timedelta(hours=3)).timestamp())
    kept = await hand.submit(values | {"end": end, "instead_of": "U02JOHN"})
    assert kept.outcome == "updated", kept
    assert "Léa Lead is on call for SRE Core" in hand.words
    assert "vous a mis d'astreinte" in world.direct("lea").words
    assert "John is at the dentist" in world.direct("lea").words
    assert "Léa Lead is on call for SRE Core in your place" in world.direct("john").words
    at = f"{(start + timedelta(hours=1)):%Y-%m-%dT%H:%M}+00:00"
    assert "U03LEA" in await said(world, f"who SRE Core at {at}", as_="ada")
    assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")


@pytest.mark.parametrize("at", ["9999-12-31 23:59", "0001-01-01 00:00", "9999-12-31T23:59-14:00"])
async def test_a_time_beyond_all_reckoning_is_answered(world: World, at: str) -> None:
    assert "write the time as" in (await said(world, f"who SRE Core at {at}", as_="ada")).lower()
    told = await world.command("/policy", f"simulate redis SEV1 {at}", as_="ada")
    assert told and "write the time as" in told.words.lower()


async def test_who_may_put_whom_on_call(database_url: str) -> None:
    async with world_on(database_url, catalog=[RESPONDER, read("guide.yaml")]) as world:
        assert "ask a colleague with /oncall swap" in await said(world, "override @ada 2h SRE Core", as_="john")
        assert "you are not in Platform" in (await said(world, "override me 2h Platform", as_="john")).replace("Y", "y")
        assert "is on call for SRE Core" in await said(world, "override me 2h", as_="john")
        assert "say which" in (await said(world, "override @ada 2h", as_="ada")).lower()
        assert "for how long" in await said(world, "override @ada", as_="ada")
        world.finish()


async def test_a_swap_is_asked_and_accepted(database_url: str) -> None:
    async with world_on(database_url, catalog=[RESPONDER, read("guide.yaml")]) as world:
        john = Hand(world, "john")
        await world.command("/oncall", "swap @ada", as_="john")
        await world.form("john", "Swap")
        await john.submit({"reason": "concert"})
        assert "Ada Admin is asked" in john.words
        asked = world.direct("ada")
        assert "John Doe asks you to take their on-call for SRE Core" in asked.words
        assert "concert" in asked.words
        await asked.click("Accept", as_="ada")
        assert "You accepted" in asked.words
        assert asked.buttons == []
        told = [world.direct("john").words, world.outside.slack.member("john").direct_messages[0].words]
        assert any("Ada Admin takes your on-call" in one for one in told)
        assert any("You are no longer on call for SRE Core" in one for one in told)
        assert "U01ADA" in await said(world, "who SRE Core", as_="john")
        world.expect_what_was_said()
        world.finish()


async def test_a_swap_is_refused_or_expires(world: World) -> None:
    john = Hand(world, "john")
    tomorrow = world.clock.now() + timedelta(days=1)
    for answer in ("Refuse", ""):
        await world.command("/oncall", "swap @ada", as_="john")
        await world.form("john", "Swap")
        await john.submit({"start": int(tomorrow.timestamp())})
        await john.member.close()
        asked = world.direct("ada")
        if answer:
            await asked.click(answer, as_="ada")
            assert "can't take your on-call" in world.direct("john").words
        else:
            await world.advance(minutes=24 * 60 + 1)
            assert "It is too late to answer" in asked.words
            assert "did not answer in time" in world.direct("john").words
        assert asked.buttons == []
    assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")


async def test_whoever_was_switched_off_meanwhile_takes_no_shift(world: World) -> None:
    john = Hand(world, "john")
    await world.command("/oncall", "swap @lea", as_="john")
    await world.form("john", "Swap")
    await john.submit()
    asked = world.direct("lea")
    await world.load([read("organisation.yaml").replace("handle: lea,", "handle: lea, active: false,")])
    await asked.click("swap.accept.v1", as_="lea")
    assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")
    assert not [one for one in world.outside.slack.member("john").direct_messages if "takes your on-call" in one.words]
    world.expect_what_was_said()


async def test_nobody_answers_for_somebody_else(world: World) -> None:
    john = Hand(world, "john")
    await world.command("/oncall", "swap", as_="john")
    await world.form("john", "Swap")
    refused = await john.submit({"asked": "U02JOHN"})
    assert "somebody else" in refused.errors["asked"]


async def test_a_hand_off_is_told_once_with_what_is_open(database_url: str) -> None:
    at = datetime.now(UTC)
    async with world_on(database_url, catalog=[organisation(turns(at)), read("guide.yaml")]) as world:
        await world.settle()
        await world.alert()
        world.expect_what_was_said()
        await world.card().click("Acknowledge", as_="john")
        await world.advance(minutes=23 * 60 + 1)
        came = world.direct("ada")
        assert "You are on call now for SRE Core" in came.words
        assert "1 open incident" in came.words
        assert "Redis Cluster Down" in came.words
        gone = world.direct("john")
        assert "You are no longer on call for SRE Core" in gone.words
        assert "SRE Core: Ada Admin is on call now" in gone.words
        await world.advance(minutes=5)
        world.expect_what_was_said()
        world.finish()


async def test_nobody_is_told_late_of_a_turn_that_is_over(world: World) -> None:
    await world.slack_goes()
    directory, now = await world.app.use_cases.oncall.look()
    people = {person.handle: person for person in directory.people.values()}
    vigie = Actor(key="vigie", name="Vigie", role=Role.ADMIN)
    wanted = Wanted(team=(await team(world)).id, end=now + timedelta(minutes=30), person=people["lea"].id)
    await world.app.use_cases.oncall.override(wanted, vigie)
    await world.advance(minutes=20)
    await world.advance(minutes=20)
    await world.slack_returns()
    lea, john = (world.outside.slack.member(name).direct_messages for name in ("lea", "john"))
    assert not [one.words for one in lea if "📟" in one.words]
    assert not [one.words for one in john if "👋" in one.words]
    assert len([one for one in lea if "👋" in one.words]) == len([one for one in john if "📟" in one.words]) == 1
    world.expect_what_was_said()


async def test_a_team_may_want_no_hand_off(database_url: str) -> None:
    quiet = organisation(turns(datetime.now(UTC)), "\n      hand_off: false")
    async with world_on(database_url, catalog=[quiet, read("guide.yaml")]) as world:
        await world.settle()
        await world.advance(minutes=23 * 60 + 1)
        assert "U01ADA" in await said(world, "who SRE Core", as_="john")
        world.finish()


async def test_the_coming_weeks_say_their_holes(database_url: str) -> None:
    office = organisation(PRIMARY.replace("every: 1w", "every: 1w, hours: mon-fri 09:00-18:00"))
    async with world_on(database_url, catalog=[office, read("guide.yaml")]) as world:
        shown = await said(world, "schedule SRE Core", as_="ada")
        assert "🚨 Nobody is on call:" in shown
        assert "Europe/Paris" in shown
        assert "John Doe" in shown
        assert "Ada Admin" in await said(world, "next SRE Core", as_="ada") or "John Doe" in shown
        assert "there is no team Nowhere" in (await said(world, "next Nowhere", as_="ada")).replace("There", "there")
        world.expect_what_was_said()
        world.finish()


async def test_rotations_are_written_in_a_form(world: World) -> None:
    ada = Hand(world, "ada")
    shown = await world.command("/oncall", "schedule SRE Core", as_="ada")
    assert shown is not None
    await ada.member.click(shown, "Edit the schedule")
    await world.settle()
    assert "every 1 week" in ada.words
    await ada.click("➕ Add a rotation")
    refused = await ada.submit({"name": "office", "people": ["U01ADA"], "day": "2026-01-05", "hours": "at noon"})
    assert "mon-fri 09:00-18:00" in refused.errors["hours"]
    kept = await ada.submit(
        {
            "name": "office",
            "people": ["U01ADA", "U03LEA"],
            "day": "2026-01-05",
            "time": "09:00",
            "every": "2",
            "unit": "days",
            "hours": "mon-fri 09:00-18:00",
            "layer": "1",
        }
    )
    assert kept.closed
    assert "office" in ada.words
    assert "layer 1" in ada.words
    refused = await ada.submit({"zone": "Europe/Pari"})
    assert "Europe/Paris" in refused.errors[next(iter(refused.errors))]
    await ada.submit({"zone": "Europe/Paris"})
    assert "is saved" in ada.words
    people = {one.handle: one.id for one in (await world.app.store.read(catalog.directory)).people.values()}
    office = (await team(world)).on_call.rotations[1]
    assert office == Rotation(
        "office",
        datetime.fromisoformat("2026-01-05T09:00"),
        2,
        (people["ada"], people["lea"]),
        hours=(
            Hours((0, 1, 2, 3, 4), *(datetime.fromisoformat(f"2026-01-05T{h}").time() for h in ("09:00", "18:00"))),
        ),
        layer=1,
    )
    assert (await audited(world))[-1] == "schedule.save"
    world.expect_what_was_said()


async def test_two_people_edit_a_schedule(world: World) -> None:
    ada, lea = Hand(world, "ada"), Hand(world, "lea")
    for hand in (ada, lea):
        await opened(world, hand)
    await ada.choose(1, "Remove")
    assert "nobody" in ada.words
    assert "Saving changes who is on call now" in ada.words
    await ada.submit()
    assert "You are no longer on call for SRE Core" in world.direct("john").words
    assert (await lea.submit({"zone": "UTC"})).outcome == "updated"
    assert "entre-temps" in lea.words
    assert (await team(world)).on_call.rotations == ()
    await lea.member.close()
    await opened(world, lea)
    assert "entre-temps" in lea.words
    await lea.click("schedule.mine.v1")
    await lea.submit()
    kept = (await team(world)).on_call
    assert (len(kept.rotations), kept.timezone) == (1, "UTC")
    for hand in (ada, lea):
        await opened(world, hand)
    await ada.choose(1, "Remove")
    await ada.submit()
    await lea.submit({"zone": "Europe/Paris"})
    await lea.click("schedule.restart.v1")
    await lea.submit()
    assert (await team(world)).on_call == replace(kept, rotations=())
    world.expect_what_was_said()


async def opened(world: World, hand: Hand) -> None:
    """The form of the schedule before somebody."""
    shown = await world.command("/oncall", "schedule SRE Core", as_=hand.member.user.name)
    assert shown is not None
    await hand.member.click(shown, "oncall.schedule.v1")
    await world.settle()
