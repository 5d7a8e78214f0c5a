"""A database that takes half a second for each query: every modal opens in its trigger's three seconds, every click and
every submitted form is answered in Slack's three."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import event

from bot.demo.records import View
from bot.demo.visible import buttons, words
from bot.engine.holding import SEND_SECONDS
from tests.world import World, alert_body

QUERY_SECONDS = 0.5
SLACK_SECONDS = 3.0
PATIENCE = 40.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Slow:
    """Every query takes that long, between entering it and leaving it. It listens from when it is made, and for good:
    a list of listeners must not change while a query goes through it."""

    def __init__(self, world: World) -> None:
        self.is_slow = False
        world.outside.slack.sockets.ack_timeout = SLACK_SECONDS
        for engine in (world.app.store._engine, world.app.store._reading):
            event.listen(engine, "before_cursor_execute", self._wait)

    def __enter__(self) -> None:
        self.is_slow = True

    def __exit__(self, *_: object) -> None:
        self.is_slow = False

    def _wait(self, *_: Any) -> None:
        time.sleep(QUERY_SECONDS * self.is_slow)


class Hand:
    """Somebody who clicks while the database is slow."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.member = world.outside.slack.member(name)

    async def shown(self, wanted: str) -> View:
        """The modal in front of them, once it says `wanted`."""

        def found() -> View | None:
            view = self.member.view
            return view if view and wanted in [*buttons(view.blocks), *words(view.blocks).split("\n")] else None

        return await self.world.outside.workspace.wait_for(found, PATIENCE, wanted)

    async def before_them(self, below: int = 0) -> None:
        """A modal is open, whatever is in it yet, on top of so many others."""
        modals, user = self.world.outside.workspace.modals, self.member.user.id
        await self.world.outside.workspace.wait_for(lambda: len(modals.get(user, ())) > below, PATIENCE, "a modal")

    async def labelled(self, label: str) -> View:
        """The modal in front of them, once it has this input."""

        def found() -> View | None:
            view = self.member.view
            labels = [block.get("label", {}).get("text") for block in view.blocks] if view else []
            return view if label in labels else None

        return await self.world.outside.workspace.wait_for(found, PATIENCE, label)


async def opened(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)


async def gone(world: World, hand: Hand) -> None:
    """Whatever is in front of them is answered and closed."""
    await world.outside.workspace.wait_for(
        lambda: hand.member.view is None or "loading" not in hand.member.view.callback_id, PATIENCE, "an answer"
    )
    if hand.member.view is not None:
        await hand.member.close(everything=True)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: what is measured is the doors."""
    return sqlite_url


async def test_a_step_is_skipped(world: World) -> None:
    await opened(world)
    john = Hand(world, "john")
    card = world.card()
    with Slow(world):
        await john.member.click(card.step(1).message, "Skip")
        form = await john.labelled("Why skip it?")
        await john.member.submit(form, {"reason": "Known"})
        await gone(world, john)
    await world.settle()
    world.expect_what_was_said()


async def test_an_incident_is_resolved(world: World) -> None:
    await opened(world)
    john = Hand(world, "john")
    card = world.card()
    with Slow(world):
        await john.member.click(card.message, "Resolve")
        form = await john.labelled("What mended it?")
        await john.member.submit(form, {"note": "Failover"})
        await gone(world, john)
        await world.outside.workspace.wait_for(lambda: not card.buttons, PATIENCE, "resolved")
    await world.settle()
    world.expect_what_was_said()


async def test_an_incident_is_declared(world: World) -> None:
    ada = Hand(world, "ada")
    with Slow(world):
        await ada.member.command("/incident", "declare", "sre-incidents")
        form = await ada.labelled("What is wrong?")
        answer = await ada.member.submit(form, {"title": "Shop is slow", "severity": "🟡 SEV3, medium"})
        assert not answer.errors
        await gone(world, ada)
    await world.settle()
    world.expect_what_was_said()


async def test_a_policy_is_edited(world: World) -> None:
    home = await world.home("ada")
    ada = Hand(world, "ada")
    await home.click("Policies")
    with Slow(world):
        await ada.member.click(home.view, "Open")
        await ada.member.click(await ada.shown("Edit"), "Edit")
        await ada.member.click(await ada.shown("➕ Add a step"), "➕ Add a step")
        form = await ada.labelled("Whom does it reach?")
        await ada.member.close(form)
        await ada.member.submit(await ada.labelled("Name"), {})
        await gone(world, ada)
    await world.settle()


async def test_a_policy_is_asked_whom_it_pages(world: World) -> None:
    home = await world.home("john")
    john = Hand(world, "john")
    await home.click("Policies")
    with Slow(world):
        await john.member.click(home.view, "Open")
        await john.member.click(await john.shown("🔮 Who is paged?"), "🔮 Who is paged?")
        await john.member.submit(await john.labelled("When?"), {})
        await gone(world, john)
    await world.settle()
    world.expect_what_was_said()


async def test_a_runbook_is_edited(world: World) -> None:
    home = await world.home("ada")
    ada = Hand(world, "ada")
    await home.click("Runbooks")
    await home.click("➕ New runbook")
    view = await ada.labelled("Title")
    with Slow(world):
        await ada.member.click(view, "➕ Add a step")
        await ada.member.submit(await ada.labelled("What to do"), {"title": "Restart it"})
        await ada.shown("Done.")
        await ada.member.close()
        await ada.shown("*Steps*")
    await world.settle()


async def test_somebody_is_added(world: World) -> None:
    home = await world.home("ada")
    ada = Hand(world, "ada")
    await home.click("People")
    with Slow(world):
        await ada.member.click(home.view, "➕ New person")
        form = await ada.labelled("Name")
        await ada.member.submit(form, {"name": "Nina", "handle": "nina"})
        await gone(world, ada)
    await world.settle()


async def test_a_schedule_is_edited(world: World) -> None:
    slow, ada = Slow(world), Hand(world, "ada")
    shown = await world.command("/oncall", "schedule SRE Core", as_="ada")
    assert shown is not None
    with slow:
        await ada.member.click(shown, "Edit the schedule")
        await ada.before_them()
    editor = await ada.shown("➕ Add a rotation")
    with slow:
        await ada.member.click(editor, "➕ Add a rotation")
        await ada.before_them(1)
    form = await ada.labelled("The first turn begins on")
    with slow:
        answer = await ada.member.submit(form, {"name": "second", "people": ["U01ADA"], "day": "2026-01-05"})
    await world.settle()
    assert answer.outcome == "updated"
    await ada.member.close()
    editor = await ada.labelled("Time zone")
    assert "second" in words(editor.blocks)
    with slow:
        await ada.member.submit(editor, {})
    await ada.shown("✅ The schedule of *SRE Core* is saved and counts from now on.")
    await world.settle()
    world.direct("ada")


async def test_somebody_stands_in(world: World) -> None:
    slow, ada = Slow(world), Hand(world, "ada")
    with slow:
        await ada.member.command("/oncall", "override")
        await ada.before_them()
    form = await ada.labelled("Who is on call")
    with slow:
        answer = await ada.member.submit(form, {"team": "SRE Core"})
    assert not answer.errors
    await world.settle()
    world.direct("john")
    world.direct("ada")


async def test_a_swap_is_asked(world: World) -> None:
    slow, john = Slow(world), Hand(world, "john")
    with slow:
        await john.member.command("/oncall", "swap @ada")
        await john.before_them()
    form = await john.labelled("Your shift")
    with slow:
        answer = await john.member.submit(form, {})
    assert not answer.errors
    await world.settle()
    world.direct("ada")


async def test_home_tabs_that_wait_for_the_database_are_no_outage_of_slacks(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has a report made that takes longer than any send may."""
    for name in ("ada", "john", "lea"):
        await world.home(name)
    await world.settle()
    reading = asyncio.create_task(world.app.store.browse(lambda tx: time.sleep(SEND_SECONDS + 4)))
    assert (await world.post(alert_body()))[0] == 202
    await asyncio.sleep(SEND_SECONDS + 2)
    assert "Slack is away" not in caplog.text
    await reading
    await world.settle()
    world.expect_what_was_said()
