"""The same turns through the use cases and the database, with an engine that sends some pages and fails others: no
page leaves once somebody has it, and none that was cancelled."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.engine import outcomes
from bot.engine.escalator import fire
from bot.engine.results import Outcome, Result
from domain.errors import Conflict
from domain.escalations import EscalationState
from domain.incidents import Status
from domain.people import Actor, Role
from handlers.catalog.service import CatalogService
from handlers.incidents.declaration import Declaration
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.service import IncidentService
from storage import catalog, claims, escalations, incidents, notifications, outbox, timeline
from storage.outbox import Kind
from storage.store import Store, Transaction
from tests.world import TESTER
from tests.world import read as payload

CLIMB = """
Policy: Core
Team: SRE Core
Default: true
ack_timeout: 20 minutes
Steps:
  1: {delay: 0, type: SLACK + SMS, target: ON_CALL}
  2: {delay: 5, type: SMS, target: TEAM}
  3: {delay: 10, type: EMAIL, target: USER (team_lead)}
"""
PEOPLE = ("ada", "john", "lea")


class Clock:
    """A clock that stands until it is pushed."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Night:
    """Services on a database, and an engine whose provider refuses every `refused`-th page."""

    def __init__(self, store: Store, refused: int) -> None:
        self.store, self.refused, self.sent = store, refused, 0
        self.clock = Clock()
        self.incidents = IncidentService(store, self.clock, lambda: None)  # type: ignore[arg-type]
        self.lifecycle = LifecycleService(store, self.clock, lambda: None)  # type: ignore[arg-type]
        self.name = ""
        self.tried = 0
        self.is_away = False

    async def open(self) -> None:
        files = [("o.yaml", payload("organisation.yaml")), ("p.yaml", CLIMB)]
        await CatalogService(self.store, self.clock).load(files, TESTER)  # type: ignore[arg-type]
        said = Declaration(title="Redis is down", severity="SEV1", service="redis-prod")
        self.name = (await self.incidents.declare(said, TESTER)).incident.id
        self.settle()

    def actor(self, handle: str) -> Actor:
        directory = self.store.read_now(catalog.directory)
        person = directory.person_by_handle(handle)
        assert person is not None
        return Actor(f"person:{person.id}", person.name, Role.ADMIN, person.slack, person.id)

    async def act(self, verb: str, handle: str) -> None:
        by = self.actor(handle)
        works = {
            "acknowledge": lambda: self.incidents.acknowledge(self.name, by),
            "resolve": lambda: self.incidents.resolve(self.name, by, "done"),
            "give back": lambda: self.lifecycle.give_back(self.name, by),
            "snooze": lambda: self.lifecycle.snooze(self.name, by, "15m"),
            "decline": lambda: self.lifecycle.decline(self.name, by),
            "mitigate": lambda: self.lifecycle.mitigate(self.name, by),
            "still": lambda: self.lifecycle.still_on_it(self.name, by),
            "reassign": lambda: self.lifecycle.reassign(self.name, self.actor("ada"), handle),
        }
        try:
            await works[verb]()
        except Conflict:
            return
        self.settle()

    def after(self, seconds: int) -> None:
        end = self.clock.moment + timedelta(seconds=seconds)
        while (wake := self.store.read_now(escalations.next_wake)) and wake <= end:
            self.clock.moment = max(wake, self.clock.moment)
            self.settle()
        self.clock.moment = end
        self.settle()

    def away(self, _: int) -> None:
        """The provider goes away, or comes back: what was to go waits meanwhile."""
        self.is_away = not self.is_away
        self.settle()

    def settle(self) -> None:
        for _ in range(30):
            now = self.clock.moment
            moved = self.store.write_now(partial(fire, now=now))
            if not self.store.write_now(self._send) and not moved:
                return
        raise AssertionError("the engine never comes to rest")

    def _send(self, tx: Transaction) -> int:
        """Hand the pages that are due to a provider, as the sender does."""
        if self.is_away:
            return 0
        due = [parcel for parcel in outbox.due(tx, self.clock.moment, 200) if parcel.kind is Kind.PAGE]
        wanted = notifications.wanted(tx, [parcel.subject for parcel in due])
        status = incidents.look_up(tx, self.name).status
        assert status is Status.TRIGGERED or not wanted
        assert len(due) == len(wanted), "what is cancelled is not in the outbox any more"
        found = notifications.by_ids(tx, sorted(wanted))
        for parcel in claims.claim(tx, due, "test", self.clock.moment):
            self.tried += 1
            is_refused = self.refused > 0 and self.tried % self.refused == 0
            result = Result.FAILED if is_refused else Result.SENT
            self.sent += not is_refused
            page, now = found[parcel.subject], self.clock.moment
            told = Outcome(
                parcel=parcel, result=result, page=page, started_at=now, finished_at=now, reason="OVH is away"
            )
            outcomes.record(tx, [told], OtherWays())
        return len(due)

    def check(self) -> None:
        """Whoever is wanted is waited for, or it was said aloud that nobody is left."""
        incident = self.store.read_now(lambda tx: incidents.look_up(tx, self.name))
        climb = self.store.read_now(lambda tx: escalations.by_incidents(tx, [incident.id]))[incident.id]
        if incident.status is Status.TRIGGERED and climb.wake_at is None:
            said = {
                entry.event.value for entry in self.store.read_now(lambda tx: timeline.of_incident(tx, incident.id))
            }
            assert climb.state is EscalationState.EXHAUSTED
            assert said & {"policy_exhausted", "nobody_left"}


MOVES = some.one_of(
    some.tuples(
        some.sampled_from(
            ["acknowledge", "give back", "snooze", "decline", "mitigate", "still", "reassign", "resolve"]
        ),
        some.sampled_from(PEOPLE),
    ),
    some.tuples(some.just("after"), some.integers(1, 2000)),
    some.tuples(some.just("away"), some.just(0)),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=some.lists(MOVES, max_size=10), refused=some.integers(0, 3), last=some.sampled_from(PEOPLE))
def test_no_page_leaves_once_somebody_has_it(
    migrated_file: Path, tmp_path: Path, moves: list[tuple[str, str | int]], refused: int, last: str
) -> None:
    store = Store(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'night.db')}")
    try:
        asyncio.run(play(Night(store, refused), moves, last))
    finally:
        store.close()
        for file in tmp_path.glob("night.db*"):
            file.unlink()


async def play(night: Night, moves: list[tuple[str, str | int]], last: str) -> None:
    await night.open()
    for verb, what in moves:
        if isinstance(what, int):
            (night.after if verb == "after" else night.away)(what)
        else:
            await night.act(verb, what)
        night.check()
    await night.act("give back", last)
    night.is_away = True
    night.after(700)
    await night.act("acknowledge", last)
    await night.act("resolve", last)
    before = night.sent
    night.is_away = False
    night.after(200_000)
    assert night.sent == before
