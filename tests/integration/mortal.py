"""An engine that can be ended at any await: what it had in memory is gone, what was committed and sent stays."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import wall_now
from bot.engine.addresses import Addresses
from bot.engine.escalator import Escalator
from bot.engine.lanes import Rates
from bot.engine.ledger import Ledger
from bot.engine.sender import Sender
from bot.engine.slack_watch import SlackWatch
from bot.engine.transports import Transports
from bot.engine.worker import Worker
from bot.figures import Figures
from bot.notifiers.base import Email, Fate, Incoming, Posted, Receipt, Sms, at_once
from bot.notifiers.slack_rooms import SlackRooms
from bot.sending import build_deliveries
from bot.settings import Settings
from bot.use_cases import UseCases
from storage import dues, escalations
from storage.store import Result, Store, Transaction, Work
from tests.world import FAST, PushedClock

LONGER_THAN_A_LEASE = timedelta(seconds=36)


class Span:
    """Lets an engine live until its `ends_at`-th await, and not come back from that one before it is `thawed`; 0 is for
    ever. Who is never thawed was killed."""

    def __init__(self, ends_at: int = 0) -> None:
        self.ends_at = ends_at
        self.steps = 0
        self.ended = asyncio.Event()
        self.thawed = asyncio.Event()

    async def step(self) -> None:
        """One await."""
        self.steps += 1
        if self.steps == self.ends_at:
            self.ended.set()
        if self.ended.is_set():
            await self.thawed.wait()


class MortalStore(Store):
    """A process may die before a transaction begins, and after it is on the disk."""

    def __init__(self, url: str, span: Span) -> None:
        super().__init__(url)
        self._fate = span

    async def write(self, work: Work[Result]) -> Result:
        await self._fate.step()
        result = await super().write(work)
        await self._fate.step()
        return result

    async def read(self, work: Work[Result]) -> Result:
        await self._fate.step()
        result = await super().read(work)
        await self._fate.step()
        return result


@dataclass
class World:
    """What has arrived outside, which no crash undoes: (what it was, when), and how often each thing came."""

    pages: Counter[str] = field(default_factory=Counter)
    posts: Counter[str] = field(default_factory=Counter)
    places: dict[str, Posted] = field(default_factory=dict)
    numbers: int = 0

    def post(self, channel: str, key: str) -> Posted:
        self.numbers += 1
        (self.pages if key.startswith("page:") else self.posts)[key] += 1
        return self.places.setdefault(key, Posted(channel, f"{1_700_000_000 + self.numbers}.000100"))


class Slack:
    """A `Chat` that keeps what was posted; a process may die before a call, and before its answer is read."""

    def __init__(self, world: World, span: Span) -> None:
        self._world = world
        self._fate = span

    async def post(self, channel: str, text: str, blocks: Any, *, key: str, thread: str = "", **_: Any) -> Posted:
        await self._fate.step()
        posted = self._world.post(channel, key)
        await self._fate.step()
        return posted

    async def update(self, place: Posted, text: str, blocks: Any, *, key: str) -> None:
        await self._fate.step()

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        await self._fate.step()
        return self._world.places.get(key)

    async def direct(self, user: str) -> str:
        await self._fate.step()
        return f"D{user}"

    async def upload(self, *_: Any, **__: Any) -> str:
        raise AssertionError

    async def publish(self, *_: Any) -> str:
        raise AssertionError

    async def user_by_email(self, email: str) -> str:
        raise AssertionError

    async def workspace_url(self) -> str:
        raise AssertionError

    async def join(self, channel: str) -> None:
        raise AssertionError

    async def channels(self) -> AsyncIterator[tuple[str, str]]:
        await self._fate.step()
        yield "sre-incidents", "C1SRE"


class Phones:
    """An `SmsNotifier` that can be asked."""

    def __init__(self, world: World, span: Span) -> None:
        self._world = world
        self._fate = span

    async def send(self, message: Sms, ready: object = None) -> Receipt:
        await self._fate.step()
        self._world.pages[f"sms:{message.tag}"] += 1
        await self._fate.step()
        return Receipt(message.tag)

    async def lookup(self, tag: str) -> Receipt | None:
        await self._fate.step()
        return Receipt(tag) if self._world.pages[f"sms:{tag}"] else None

    async def fate(self, tag: str) -> Fate:
        raise AssertionError

    @property
    def can_be_answered(self) -> bool:
        return False

    async def credits(self) -> float:
        raise AssertionError

    async def incoming(self, since: datetime) -> list[str]:
        raise AssertionError

    async def read(self, identity: str) -> Incoming | None:
        raise AssertionError

    async def close(self) -> None: ...


class Mail:
    """A mail server: it can't be asked what it took."""

    def __init__(self, world: World, span: Span) -> None:
        self._world = world
        self._fate = span

    async def send(self, message: Email, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        await self._fate.step()
        await ready()
        self._world.pages[f"mail:{message.message_id}"] += 1
        await self._fate.step()
        return Receipt(message.message_id)

    async def close(self) -> None: ...


class Engine:
    """One process: it looks, climbs and sends until nothing is due, or until its end."""

    def __init__(self, url: str, world: World, clock: PushedClock, span: Span | None = None) -> None:
        self.span = span or Span()
        self._others = asyncio.all_tasks()
        self.store = MortalStore(url, self.span)
        self._clock = clock
        figures = Figures(self.store, clock)
        self._escalator = Escalator(self.store, clock)
        worker = Worker(self.store, clock, self._escalator, wall_now)
        settings = Settings(database_url=url, slack_bot_token="xoxb-1", smtp_url="smtp://mail.example.com")
        self.use_cases = UseCases(self.store, clock, settings, worker, figures)
        slack = Slack(world, self.span)
        transports = Transports(
            slack=slack,
            rooms=SlackRooms(AsyncWebClient(base_url="http://127.0.0.1:9/")),
            addresses=Addresses(self.store, slack, asyncio.get_running_loop().time, clock.now),
            sms=Phones(world, self.span),
            email=Mail(world, self.span),
        )
        deliveries = build_deliveries(settings, self.store, clock, self.use_cases, transports)
        ledger = Ledger(self.store, lambda outcome: None, self.use_cases.other_ways)
        watch = SlackWatch(self.store, clock, lambda: None)
        rates = Rates(post=FAST, edit=FAST, home=FAST)
        self.sender = Sender(self.store, clock, deliveries, lambda: None, rates, ledger, watch)

    async def run(self) -> bool:
        """Do what is due; whether it lived to the end of it."""
        self.living = asyncio.create_task(self._live())
        ending = asyncio.create_task(self.span.ended.wait())
        await asyncio.wait({self.living, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not self.living.done():
            return False
        await self.living
        return True

    async def _live(self) -> None:
        await self.sender.taking.take_over()
        while self._is_due(await self.store.read(self._next)):
            await self._escalator.tick()
            await self.sender.send_due()
            await self.sender.drain(60)

    def _next(self, tx: Transaction) -> Sequence[datetime | None]:
        return escalations.next_wake(tx), dues.next_due(tx)

    async def thaw(self) -> None:
        """Go on from where it was frozen, to the end of what is due."""
        self.span.thawed.set()
        await self.living

    def _is_due(self, moments: Sequence[datetime | None]) -> bool:
        return any(moment is not None and moment <= self._clock.now() for moment in moments)

    async def close(self) -> None:
        """Gone, with all that it knew."""
        await self.sender.taking.presence.close()
        tasks = asyncio.all_tasks() - self._others - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.store.close()
