"""Killed at every await of the engine: no due page is lost, at most one comes twice, none after an acknowledgement."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from domain.people import Actor, Role
from handlers.alerts.parsers import alertmanager
from handlers.catalog.service import CatalogService
from storage import messages
from storage.incidents import Query
from storage.store import Store
from tests.integration.mortal import LONGER_THAN_A_LEASE, Engine, Span, World
from tests.postgresql import PostgreSQL
from tests.world import TESTER, PushedClock, alert_body, read

POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: CHANNEL (#sre-incidents), message: "{incident.title}"}
  2: {delay: 5 minutes, type: SLACK + SMS, target: ON_CALL, message: "{incident.title}"}
  3: {delay: 10 minutes, type: EMAIL, target: USER (lea), message: "{incident.title}"}
"""
MINUTES = (0, 5, 10)
PAGES = 4
ADA = Actor(key="person:ada", name="Ada", role=Role.ADMIN, slack="U01ADA")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(params=("sqlite", "postgresql"))
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes databases at the current schema with the catalog in them, one for each life."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    made: list[str] = []
    if request.param == "sqlite":
        original = Path(make_url(url).database or "")

        def copy() -> str:
            made.append("")
            return f"sqlite:///{shutil.copy(original, tmp_path / f'{len(made)}.db')}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")

        def copy() -> str:
            made.append(server.create(make_url(url).database or ""))
            return server.address(made[-1])

    _load(url)
    yield copy
    for name in made if request.param == "postgresql" else ():
        server.drop(name)


def _load(url: str) -> None:
    store = Store(url)
    texts = [("organisation.yaml", read("organisation.yaml")), ("policy.yaml", POLICY)]
    asyncio.run(CatalogService(store, PushedClock()).load(texts, TESTER))
    store.write_now(lambda tx: messages.put_channel(tx, "sre-incidents", "C1SRE"))
    store.close()


async def _life(url: str, kill_at: int, *, acknowledged: bool = False) -> tuple[World, int, Counter[str]]:
    """An incident climbs to its end; the engine is killed at its `kill_at`-th await and another goes on. What arrived,
    how many awaits there were, and what arrived after an acknowledgement by somebody else."""
    world, clock, span = World(), PushedClock(), Span(kill_at)
    engine = Engine(url, world, clock, span)
    before: Counter[str] = Counter()
    opening = Engine(url, world, clock)
    await opening.use_cases.alerts.receive(alertmanager.parse({}, alert_body()))
    begun, is_taken = clock.now(), False
    for minutes in MINUTES:
        clock.push(begun + timedelta(minutes=minutes, seconds=1) - clock.now())
        while not await engine.run():
            await engine.close()
            if acknowledged:
                _, [found] = await opening.use_cases.incidents.listed(Query())
                await opening.use_cases.incidents.acknowledge(found.incident.id, ADA)
                before, is_taken = Counter(world.pages), True
            clock.push(LONGER_THAN_A_LEASE)
            engine = Engine(url, world, clock)
    await engine.close()
    await opening.close()
    return world, span.steps, world.pages - before if is_taken else Counter()


async def test_killed_at_every_await(database: Callable[[], str]) -> None:
    unharmed, steps, _ = await _life(database(), 0)
    assert set(unharmed.pages.values()) == {1} and len(unharmed.pages) == PAGES
    assert steps > 40
    for step in range(1, steps + 1):
        world, _, _ = await _life(database(), step)
        assert len(world.pages) == PAGES, f"killed at {step}, lost a page: {world.pages}"
        doubled = [what for what, times in (world.pages + world.posts).items() if times > 1]
        assert len(doubled) <= 1, f"killed at {step}: {doubled}"
        assert all(what.startswith("mail:") for what in doubled), f"killed at {step}, and not asked: {doubled}"
        assert world.pages.total() <= PAGES + 1


@pytest.fixture
def half(request: pytest.FixtureRequest) -> int:
    """Every other await on one kind of database, the rest on the other."""
    return 1 if "postgresql" in request.node.name else 2


async def test_killed_at_every_await_and_acknowledged_before_another_goes_on(
    database: Callable[[], str], half: int
) -> None:
    _, steps, _ = await _life(database(), 0)
    for step in range(half, steps + 1, 2):
        _, _, after = await _life(database(), step, acknowledged=True)
        assert not after, f"killed at {step}, then acknowledged, then paged: {after}"


async def _frozen(url: str, freeze_at: int) -> World:
    """One of two processes is frozen at its `freeze_at`-th await, the other takes over, and the first wakes up."""
    world, clock, span = World(), PushedClock(), Span(freeze_at)
    frozen, other = Engine(url, world, clock, span), Engine(url, world, clock)
    await other.use_cases.alerts.receive(alertmanager.parse({}, alert_body()))
    begun = clock.now()
    for minutes in MINUTES:
        clock.push(begun + timedelta(minutes=minutes, seconds=1) - clock.now())
        if not span.ended.is_set() and not await frozen.run():
            clock.push(LONGER_THAN_A_LEASE)
            loop = asyncio.get_running_loop()
            assert isinstance(loop, SleptLoop)
            loop.slept += LONGER_THAN_A_LEASE.total_seconds()
        # What the frozen one has locked it holds until the server has had enough of it.
        await other.run()
    span.thawed.set()
    if span.ended.is_set():
        await frozen.thaw()
    await frozen.close()
    await other.close()
    return world


class SleptLoop(asyncio.SelectorEventLoop):
    """A loop whose clock goes on while a process sleeps, as the world's does."""

    slept = 0.0
    """Seconds."""

    def time(self) -> float:
        return super().time() + self.slept


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_frozen_at_every_other_await_while_another_takes_over(database: Callable[[], str]) -> None:
    with asyncio.Runner(loop_factory=SleptLoop) as runner:
        _, steps, _ = runner.run(_life(database(), 0))
        worlds = [(step, runner.run(_frozen(database(), step))) for step in range(1, steps + 1, 2)]
    for step, world in worlds:
        assert len(world.pages) == PAGES, f"frozen at {step}, lost a page: {world.pages}"
        doubled = [what for what, times in (world.pages + world.posts).items() if times > 1]
        assert all(what.startswith("mail:") for what in doubled), f"frozen at {step}: {doubled}"
