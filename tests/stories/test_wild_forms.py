"""Every form that Slack shows, filled to each field's limit and beyond it, in both languages: Slack refuses nothing of
ours, each is answered, and no fault is logged."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import Conflict
from tests.monkey import Monkey
from tests.stories.test_monkeys import CLOSED_MEANWHILE, NOWHERE
from tests.world import TESTER, AtHome, Shown, World, world_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TIMES = 2
"""How often one form is sent before the next is opened."""
COMMANDS = (
    "/incident declare",
    "/incident drill",
    "/oncall override",
    "/oncall swap @john",
)
MENU = ("Reassign…", "Severity and roles…", "It is a duplicate…")
AT_HOME = (
    ("policies", ("policy.new.v1",), "policy.add.v1"),
    ("runbooks", ("runbook.new.v1",), "runbook.add.v1"),
    ("runbooks", ("runbook.import.v1",), ""),
    ("services", ("service.new.v1",), ""),
    ("teams", ("team.new.v1",), ""),
    ("people", ("person.new.v1",), ""),
)
"""The section, what opens a form there, and what opens another on top of it."""
Open = Callable[[], Awaitable[object]]


class Wild:
    """Somebody who fills in whatever is before them."""

    def __init__(self, world: World, chance: Random, locale: str) -> None:
        self.world = world
        self.monkey = Monkey(world, "ada", chance)
        self.member = self.monkey.member
        self.is_french = locale.startswith("fr")
        world.outside.workspace.users["U01ADA"].locale = locale

    async def fill(self, act: Open, further: str = "") -> None:
        """Open a form, and send it until it is gone or often enough; with `further`, the form on top of it first."""
        await act()
        await self.world.settle()
        view = self.member.view
        assert view is not None, "nothing opened"
        if further:
            await self.member.click(view, further)
            await self.world.settle()
            await self._send()
        await self._send()
        if self.member.view is not None:
            await self.member.close(everything=True)
        await self.world.settle()

    async def _send(self) -> None:
        for _ in range(TIMES):
            view = self.member.view
            if view is not None and "submit" in view.body:
                await self.monkey._submit(view)
                await self.world.settle()

    async def of_an_incident(self, card: Shown) -> None:
        member, message = self.member, card.message
        for command in COMMANDS:
            name, _, said = command.partition(" ")
            await self.fill(lambda: member.command(name, said, "sre-incidents"))  # noqa: B023
        for shortcut in ("incident.from_message", "incident.note_message"):
            await self.fill(lambda: member.message_shortcut(shortcut, message))  # noqa: B023
        if not self.is_french and "Snooze" in card.words:
            for verb in MENU:
                await self.fill(lambda: member.select(message, "incident.more.v1", verb))  # noqa: B023
        steps = [one for one in card.thread() if "step.skip.v1" in str(one.blocks)]
        for action in ("step.problem.v1", "step.skip.v1") if steps else ():
            await self.fill(lambda: member.click(steps[-1], action))  # noqa: B023

    async def at_home(self, home: AtHome) -> None:
        for section, (opener,), further in AT_HOME:
            await home.click(f"home.go.v1.{section}")
            await self.fill(lambda: self.member.click(home.view, opener), further)  # noqa: B023
        await self.fill(lambda: self.member.click(home.view, "home.search.v1"))

    async def of_a_schedule(self) -> None:
        shown = await self.world.command("/oncall", "schedule SRE Core", as_="ada")
        assert shown is not None
        await self.fill(lambda: self.member.click(shown, "oncall.schedule.v1"), "schedule.add.v1")

    async def of_a_post_mortem(self, incident: str) -> None:
        async def opened() -> None:
            await self.member.command("/incident", f"postmortem {incident}", "sre-incidents")

        for action in ("postmortem.edit.v1", "postmortem.action.new.v1", "postmortem.waive.v1"):
            await self.fill(opened, action)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 1_000_000), st.sampled_from(["en-US", "fr-FR"]))
async def test_wild_forms(
    migrated_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    seed: int,
    locale: str,
) -> None:
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("wild") / "vigie.db")
    caplog.clear()
    async with world_on(f"sqlite:///{file}") as world:
        wild = Wild(world, Random(seed), locale)
        answer = await world.alert()
        card_name = answer["incident"]["short_id"]
        await wild.at_home(await world.home("ada"))
        await wild.of_a_schedule()
        card = world.card(card_name)
        await wild.fill(lambda: wild.member.command("/incident", f"reassign {card_name}", "sre-incidents"))
        await wild.of_an_incident(card)
        # A duplicate of something by now, it is over already.
        with suppress(Conflict):
            await world.app.use_cases.incidents.resolve(answer["incident"]["id"], TESTER, "Done")
        await world.settle()
        await wild.of_a_post_mortem(card_name)
        refused = {(call.method, call.error) for call in world.outside.workspace.refused}
    faults = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert refused <= {CLOSED_MEANWHILE, NOWHERE}
    assert not faults
