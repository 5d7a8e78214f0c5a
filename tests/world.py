"""The product's words for tests: people, phones, mailboxes, channels, and a clock that can be pushed.

Only the clock and the far side of the network are replaced, the latter by real servers on loopback that are as strict
as the real ones. A story ends by failing on any message that nobody expected, and on any that Slack refused.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.clock import wall_now
from bot.demo.blockkit import text_length
from bot.demo.discord import DiscordMessage
from bot.demo.faults import OutageMode
from bot.demo.mail import ReceivedMail
from bot.demo.outside import Outside
from bot.demo.phone_network import ReceivedSms
from bot.demo.rates import RateLimits
from bot.demo.records import Message, View
from bot.demo.stage import free_port
from bot.demo.visible import buttons, words
from bot.demo.voice import ReceivedCall
from bot.engine.duties import Duties
from bot.engine.lanes import Rate, Rates
from bot.settings import Settings
from domain.notifications import FIRST_RETRY
from domain.people import Actor, Role
from handlers.catalog.service import CatalogService
from storage import alerts, approvals, dues, escalations, outbox, receipts, rooms, runs, updates
from storage.store import Transaction
from tests.unaudited import unaudited

PAYLOADS = Path(__file__).parent / "payloads"
CHANNEL = "sre-incidents"
TESTER = Actor(key="test", name="test", role=Role.ADMIN)
FAST = Rate(per_second=10_000, burst=10_000)
UNLIMITED = Rates(post=FAST, posts=FAST, edit=FAST, home=FAST, room=FAST, letter=FAST, same_edit=0.0)
WAIT_SECONDS = 30.0
TO_THE_NIGHT = (27 - wall_now().hour) % 24 * timedelta(hours=1)
"""How far it is to three in the morning, UTC: some of what Vigie does by itself keeps office hours."""
ACK_SECONDS = 20.0
"""Stories ask whether a click is answered, not how fast this machine is; `test_slow_database` asks for Slack's 3 s."""


class PushedClock:
    """The world's time plus what it was pushed by; it begins `ahead`."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return wall_now() + self._ahead

    def from_wall(self, moment: datetime) -> datetime:
        return moment + self._ahead

    def to_wall(self, moment: datetime) -> datetime:
        return moment - self._ahead

    def span(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    def push(self, length: timedelta) -> None:
        self._ahead += length


@dataclass(slots=True)
class Phone:
    """Somebody's phone."""

    number: str
    world: World

    @property
    def texts(self) -> list[ReceivedSms]:
        return [sms for sms in self.world.outside.ovh.inbox.messages if sms.to == self.number]

    @property
    def calls(self) -> list[ReceivedCall]:
        return [call for call in self.world.outside.voice.inbox.messages if call.to == self.number]

    def expect_call(self, *words: str) -> ReceivedCall:
        """The next call that nothing has asked for yet says these words."""
        fresh = [call for call in self.calls if call.id not in self.world.expected]
        assert fresh, f"{self.number} got no further call"
        for word in words:
            assert word in fresh[0].text, f"{word!r} is not in {fresh[0].text!r}"
        self.world.expected.add(fresh[0].id)
        return fresh[0]

    async def press(self, call: ReceivedCall, key: str) -> str:
        """A key, and all that follows; what is said to whoever pressed it."""
        heard = await self.world.outside.voice.press(call, key)
        await self.world.settle()
        return heard

    async def report(self, call: ReceivedCall, state: str) -> None:
        """The gateway says what became of the call, and all that follows happens."""
        await self.world.outside.voice.report(call, state)
        await self.world.settle()

    async def answer(self, text: str) -> None:
        """Answer the last SMS, and wait until all that follows has happened."""
        self.world.outside.ovh.network.answer(self.number, text)
        await self.world.advance(seconds=11)

    def expect_sms(self, *words: str) -> ReceivedSms:
        """The next SMS that nothing has asked for yet has these words in it."""
        fresh = [sms for sms in self.texts if sms.tag not in self.world.expected]
        assert fresh, f"{self.number} got no further SMS"
        for word in words:
            assert word in fresh[0].text, f"{word!r} is not in {fresh[0].text!r}"
        self.world.expected.add(fresh[0].tag)
        return fresh[0]


@dataclass(slots=True)
class Mailbox:
    """Somebody's mailbox."""

    address: str
    world: World

    @property
    def mails(self) -> list[ReceivedMail]:
        return [mail for mail in self.world.outside.mail.inbox.messages if self.address in mail.to]

    def expect_mail(self, *words: str) -> ReceivedMail:
        """The next mail that nothing has asked for yet has these words in it."""
        fresh = [mail for mail in self.mails if id(mail) not in self.world.expected]
        assert fresh, f"{self.address} got no further mail"
        for word in words:
            assert word in fresh[0].subject + fresh[0].text, f"{word!r} is not in {fresh[0].text!r}"
        self.world.expected.add(id(fresh[0]))
        return fresh[0]


@dataclass(slots=True)
class Shown:
    """A message of Vigie's that somebody looks at: the same one however often it is edited."""

    message: Message
    world: World

    @property
    def words(self) -> str:
        return self.message.words

    @property
    def buttons(self) -> list[str]:
        return self.message.buttons

    async def click(self, button: str, as_: str, *, confirm: bool | None = None) -> None:
        """Click, and wait until all that follows has happened."""
        await self.world.outside.slack.member(as_).click(self.message, button, confirm=confirm)
        await self.world.settle()

    def thread(self) -> list[Message]:
        """The thread below it, oldest first."""
        return self.world.outside.workspace.thread(self.message)

    def reply(self, *words: str) -> Shown:
        """The reply that has these words; it counts as expected."""
        found = [message for message in self.thread() if all(word in message.words for word in words)]
        told = "\n---\n".join(message.words for message in self.thread())
        assert found, f"no reply has {words}:\n{told}"
        self.world.expected.add((found[0].channel, found[0].ts))
        return Shown(found[0], self.world)

    def step(self, number: int) -> Shown:
        """The runbook's step, as its own message in the thread."""
        found = [message for message in self.thread() if f"Step {number}/" in message.words.split("\n")[0]]
        assert found, f"step {number} is not shown"
        assert len(found) == 1
        self.world.expected.add((found[0].channel, found[0].ts))
        return Shown(found[0], self.world)


@dataclass(slots=True)
class AtHome:
    """Somebody with the app's Home tab before them."""

    name: str
    world: World

    @property
    def view(self) -> View:
        view = self.world.outside.slack.member(self.name).home
        assert view is not None, f"{self.name} was shown no Home tab"
        return view

    @property
    def words(self) -> str:
        return words(self.view.blocks)

    @property
    def buttons(self) -> list[str]:
        return buttons(self.view.blocks)

    async def click(self, button: str, *, value: str | None = None, block_id: str | None = None) -> None:
        """Click, and wait until all that follows has happened."""
        await self.world.outside.slack.member(self.name).click(self.view, button, value=value, block_id=block_id)
        await self.world.settle()

    async def search(self, text: str) -> None:
        """Search in the section that is shown."""
        await self.click("🔍 Search") if "🔍 Search" in self.buttons else await self.click("🔍 Rechercher")
        outcome = await self.world.submit(self.name, "Search", {"search": text})
        assert outcome.closed


@dataclass(slots=True)
class World:
    """One Vigie and everything outside it."""

    app: App
    clock: PushedClock
    outside: Outside
    http: aiohttp.ClientSession
    token: str
    expected: set[Any] = field(default_factory=set)
    refusals: set[str] = field(default_factory=set)
    """Slack's errors that the story is about; any other is a fault."""

    async def alert(self, name: str = "Redis Cluster Down", **said: Any) -> dict[str, Any]:
        """An Alertmanager group of one alert comes in, and all that follows happens."""
        answer = await self.post(alert_body(name, **said))
        assert answer[0] == 202, answer
        await self.settle()
        return answer[1]

    async def load(self, texts: Iterable[str]) -> None:
        """Put YAML in the catalog while everything runs, whatever was edited by hand. Who does so by the command line
        on SQLite waits for the next look; a story doesn't."""
        files = [(f"{number}.yaml", text) for number, text in enumerate(texts)]
        await CatalogService(self.app.store, self.clock).load(files, TESTER, is_forced=True)
        self.app.worker.wake()

    async def post(
        self, body: Any, path: str = "/api/v1/webhooks/alertmanager/", token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """A request with a token: its status and its JSON."""
        headers = {"Authorization": f"Token {token or self.token}"}
        how: dict[str, Any] = {"data": io.BytesIO(body)} if isinstance(body, bytes) else {"json": body}
        async with self.http.post(path, headers=headers, **how) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Token {token or self.token}"}
        async with self.http.get(path, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def advance(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """That much time goes by."""
        self.clock.push(timedelta(minutes=minutes, seconds=seconds))
        self.app.worker.wake()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is due and nothing is on its way."""
        async with asyncio.timeout(WAIT_SECONDS):
            quiet = 0
            while quiet < 4:
                await asyncio.sleep(0.005)
                quiet = quiet + 1 if await self._is_quiet() else 0

    async def _is_quiet(self) -> bool:
        seconds = asyncio.get_running_loop().time()

        def leaves(tx: Transaction) -> datetime | None:
            # Without Slack, what waits for it stays.
            is_silent = self.app.watch.is_silent
            if is_silent:
                return self.app.sender.next_due(tx, self.clock.now(), seconds)
            moments = (dues.next_due(tx), redrawn(tx))
            return min((moment for moment in moments if moment), default=None)

        def redrawn(tx: Transaction) -> datetime | None:
            # A Home tab whose reader has drawn it by a click meanwhile is tried again within a second.
            homes = dues.next_dues(tx).get(outbox.HOMES)
            return homes.first - timedelta(seconds=FIRST_RETRY) if homes and homes.first else None

        def look(tx: Transaction) -> tuple[datetime | None, ...]:
            others = (
                alerts.next_wake(tx),
                approvals.next_wake(tx),
                runs.next_wake(tx),
                receipts.next_look(tx),
                rooms.next_wake(tx),
                self.app.use_cases.reading.next_wake(tx),
                updates.next_wake(tx),
                *(timer.next_wake(tx) for timer in self.app.worker.timers if isinstance(timer, Duties)),
            )
            return escalations.next_wake(tx), leaves(tx), *others

        app, cases = self.app, self.app.use_cases
        if app.store.under_way or cases.coverage.is_sweeping or cases.receipts.is_asking or cases.drawing.is_busy:
            return False
        if cases.reading.is_reading:
            return False
        moments = await self.app.store.read(look)
        now = self.clock.now()
        is_due = any(moment is not None and moment <= now for moment in moments)
        return not is_due and not self.app.sender.in_flight and not self.outside.slack.sockets.unacked

    def discord(self, *words: str) -> DiscordMessage:
        """The message in Discord that has these words, as it is now; it counts as expected."""
        posts = self.outside.discord.inbox.messages
        found = [post for post in posts if all(word in post.text for word in words)]
        assert len(found) == 1, f"{words} in {[post.text for post in posts]}"
        self.expected.add(f"discord {found[0].reference}")
        return found[0]

    def card(self, *words: str, channel: str = CHANNEL) -> Shown:
        """The one card in a channel (with these words in it)."""
        messages = [one for one in self.outside.workspace.messages_in(channel) if not one.is_reply]
        found = [one for one in messages if all(word in one.words for word in words)]
        assert len(found) == 1, f"{len(found)} cards: {[one.words for one in messages]}"
        self.expected.add((found[0].channel, found[0].ts))
        return Shown(found[0], self)

    def phone(self, number: str) -> Phone:
        return Phone(number, self)

    def mailbox(self, address: str) -> Mailbox:
        return Mailbox(address, self)

    def direct(self, name: str) -> Shown:
        """The direct message that somebody has got last; it counts as expected."""
        messages = self.outside.slack.member(name).direct_messages
        assert messages, f"{name} got no direct message"
        self.expected.add((messages[-1].channel, messages[-1].ts))
        return Shown(messages[-1], self)

    async def home(self, name: str) -> AtHome:
        """Somebody opens the app's Home tab."""
        await self.outside.slack.member(name).open_home()
        await self.settle()
        return AtHome(name, self)

    def whispers(self, name: str) -> list[str]:
        """What only somebody saw."""
        return [message.words for message in self.outside.slack.member(name).ephemerals]

    async def command(self, name: str, text: str, *, as_: str, channel: str = CHANNEL) -> Message | None:
        """Somebody types a slash command: what they were answered, when they were."""
        member = self.outside.slack.member(as_)
        before = len(member.ephemerals)
        await member.command(name, text, channel)
        await self.settle()
        return member.ephemerals[-1] if len(member.ephemerals) > before else None

    async def form(self, name: str, title: str) -> View:
        """The modal in front of somebody, once it has its fields."""
        member = self.outside.slack.member(name)
        return await self.outside.workspace.wait_for(
            lambda: member.view if member.view and "input" in str(member.view.body["blocks"]) else None,
            what=f"the form {title}",
        )

    async def submit(self, name: str, title: str, values: dict[str, str]) -> Any:
        """Fill the modal in front of somebody and send it."""
        outcome = await self.outside.slack.member(name).submit(await self.form(name, title), values)
        await self.settle()
        return outcome

    def expect_thread(self, card: Shown, *lines: str) -> None:
        """Every one of `lines` is said under the card; they count as expected."""
        for line in lines:
            card.reply(line)

    async def slack_goes(self, mode: OutageMode = "http500", *, sockets: bool = True) -> None:
        """Slack is away from now on, and everything that follows by itself has happened."""
        await self.outside.slack.go_down(mode, sockets=sockets)
        await self.settle()

    async def slack_returns(self) -> None:
        """Slack is back, Vigie has noticed, and everything that follows has happened."""
        await self.outside.slack.come_back()
        await self.outside.slack.sockets.wait_connected(1, timeout=30)
        async with asyncio.timeout(30):
            while self.app.watch.is_away:
                await self.app.watch.look()
                await asyncio.sleep(0.02)
        await self.advance(seconds=30)

    def expect_what_was_said(self) -> None:
        """Everything posted so far is expected: the story is about something else."""
        self.expected |= {(message.channel, message.ts) for message in self._posted()}

    def finish(self) -> None:
        """Fail on what nobody expected, and on what Slack refused."""
        known = self.refusals
        refused = [call for call in self.outside.workspace.refused if call.error not in known]
        assert not refused, refused
        unexpected = [sms.text for sms in self.outside.ovh.inbox.messages if sms.tag not in self.expected]
        unexpected += [call.text for call in self.outside.voice.inbox.messages if call.id not in self.expected]
        unexpected += [
            post.text
            for post in self.outside.discord.inbox.messages
            if f"discord {post.reference}" not in self.expected
        ]
        unexpected += [mail.subject for mail in self.outside.mail.inbox.messages if id(mail) not in self.expected]
        unexpected += [
            message.words for message in self._posted() if (message.channel, message.ts) not in self.expected
        ]
        assert not unexpected, "nobody expected:\n" + "\n---\n".join(unexpected)

    def _posted(self) -> Iterable[Message]:
        workspace = self.outside.workspace
        for channel in workspace.channels.values():
            for message in workspace.messages_in(channel.id):
                if message.user == workspace.bot.id and not message.deleted:
                    assert text_length(message.blocks) <= 10_000
                    yield message


def alert_body(
    name: str = "Redis Cluster Down",
    *,
    service: str = "redis-prod",
    severity: str = "critical",
    status: str = "firing",
    group: str = "g1",
    fingerprint: str = "f1",
    started: str = "2026-11-23T04:01:55Z",
    ended: str = "2026-11-23T05:00:00Z",
    description: str = "3 of 6 masters are down",
    **labels: str,
) -> dict[str, Any]:
    """What Alertmanager sends for a group of one alert."""
    said = {"alertname": name, "service": service, "severity": severity, **labels}
    said = {label: value for label, value in said.items() if value}
    alert = {
        "status": status,
        "labels": said,
        "annotations": {"summary": name, "description": description},
        "startsAt": started,
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else ended,
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": fingerprint,
    }
    return {
        "version": "4",
        "groupKey": group,
        "status": status,
        "receiver": "vigie",
        "truncatedAlerts": 0,
        "groupLabels": {},
        "commonLabels": said,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": [alert],
    }


@asynccontextmanager
async def world_on(
    database_url: str,
    *,
    catalog: Iterable[str] | None = None,
    is_limited: bool = False,
    token: str = "story",
    rings: bool = False,
    is_night: bool = False,
    **settings: Any,
) -> AsyncIterator[World]:
    """A running Vigie with the guide's catalog, or with the YAML given; `is_limited` by Slack's real rates. It `rings`
    telephones, or begins when `is_night`, where a story asks for it."""
    clock = PushedClock(TO_THE_NIGHT if is_night else timedelta(0))
    outside = Outside(clock.now, RateLimits(enabled=is_limited))
    await outside.start()
    outside.slack.sockets.ack_timeout = ACK_SECONDS
    environment: dict[str, Any] = {name.lower(): value for name, value in outside.environment().items()}
    environment["port"] = 0
    if rings:
        port = free_port()
        environment |= {name.lower(): value for name, value in outside.voice_environment().items()}
        environment |= {"port": port, "public_url": f"http://127.0.0.1:{port}", "secret_key": "a-secret-of-the-tests"}
    configured = Settings(database_url=database_url, **environment | settings)
    app = App(configured, clock, Rates() if is_limited else UNLIMITED)
    texts = catalog if catalog is not None else [read("organisation.yaml"), read("guide.yaml")]
    files = [(f"{number}.yaml", text) for number, text in enumerate(texts)]
    await CatalogService(app.store, clock).load(files, TESTER)
    secret = await app.use_cases.tokens.create(token, ["ingest", "read", "write"], TESTER)
    await app.start()
    await outside.slack.sockets.wait_connected(2)
    world = World(app, clock, outside, client(app.port), secret)
    while app.use_cases.coverage.latest.looked_at is None:
        await asyncio.sleep(0.005)
    try:
        with unaudited() as changed:
            yield world
        assert changed == [], f"changed and not in the audit log: {changed}"
    finally:
        await world.http.close()
        await world.app.stop()
        await outside.stop()


def client(port: int) -> aiohttp.ClientSession:
    """What talks to the Vigie that listens there."""
    return aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}")


def read(name: str) -> str:
    """A file of payloads."""
    return (PAYLOADS / name).read_text("utf-8")


__all__ = ["World", "alert_body", "client", "read", "world_on"]
