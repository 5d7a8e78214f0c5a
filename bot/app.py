"""The composition root: builds every object from settings, starts and stops them in order."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import doors, logs
from bot.clock import SharedTime, wall_now
from bot.credentials import Tokens
from bot.engine.auditor import EVERY_SECONDS as AUDIT_SECONDS
from bot.engine.auditor import SET_BACK_SECONDS, Auditor
from bot.engine.calendars import EVERY_SECONDS as CALENDARS_SECONDS
from bot.engine.calendars import Calendars
from bot.engine.credit import EVERY_SECONDS as CREDIT_SECONDS
from bot.engine.distress import EVERY_SECONDS as DISTRESS_SECONDS
from bot.engine.escalator import Escalator
from bot.engine.lanes import Rates
from bot.engine.ledger import Ledger
from bot.engine.refused_cards import EVERY_SECONDS as REFUSED_SECONDS
from bot.engine.rehearsal import Rehearsal
from bot.engine.results import Outcome
from bot.engine.retention import EVERY_SECONDS as RETENTION_SECONDS
from bot.engine.retention import Retention
from bot.engine.sender import Sender
from bot.engine.slack_watch import EVERY_SECONDS as WATCH_SECONDS
from bot.engine.slack_watch import ORPHANS_SECONDS, SlackWatch
from bot.engine.worker import Worker
from bot.figures import Figures
from bot.heartbeat import EVERY_SECONDS, Heartbeat
from bot.installation import Installation
from bot.kept_clock import open_clock, world_of
from bot.listener import Listener
from bot.notifiers.calendars import CalendarSource
from bot.notifiers.slack import SlackMessages
from bot.notifiers.sms import OvhSms
from bot.opening import say_what_is_off, seal, store_to_run
from bot.readers import Readers
from bot.readiness import Readiness
from bot.routes import Gates, routes
from bot.sending import build_deliveries, build_distress
from bot.server_clock import EVERY_SECONDS as SERVER_CLOCK_SECONDS
from bot.server_clock import ServerClock
from bot.settings import Settings
from bot.sockets import Sockets
from bot.transports import ways_out
from bot.use_cases import UseCases
from domain.clock import Clock
from domain.errors import DeliveryError, Unavailable, VigieError
from handlers.alerts.http import Secrets
from handlers.auth import Auth
from handlers.incidents.other_ways import OtherWays
from handlers.readers.service import ReaderService
from handlers.slack import People
from handlers.storms.holding import Holding
from handlers.telephone.http import Gateway
from handlers.tokens.limits import allowances
from storage.store import promptly

log = logging.getLogger(__name__)

SLACK_SECONDS = 10
DRAIN_SECONDS = 20.0
ANSWER_SECONDS = 8.0
FORGET_SECONDS = 600
LINK_SECONDS = 60
USES_SECONDS = 60
RESERVE_SECONDS = 5
TAKE_OVER_SECONDS = 2
SEAL_SECONDS = 60


class App:
    """One running Vigie. `port` is the one it listens on, once started."""

    def __init__(self, settings: Settings, clock: Clock | None = None, rates: Rates | None = None) -> None:
        """`clock` and `rates` are the world's and Slack's own, unless a drill brings others."""
        self.settings = settings
        self._rates = rates or Rates()
        self.store, self._lock = store_to_run(settings)
        try:
            self._world = world_of(self.store)
            self.clock: Clock = clock or open_clock(self.store, settings.clock_speed, self._world)
        except VigieError:
            self.close()
            raise
        self.store.told = logs.say
        self.figures = Figures(self.store, self.clock)
        ways = OtherWays(settings.channels, Holding(settings.page_limits))
        escalator = Escalator(self.store, self.clock, self.figures.climbed, ways)
        self.worker = Worker(self.store, self.clock, escalator, wall_now)
        self.use_cases = UseCases(self.store, self.clock, settings, self.worker, self.figures)
        self.worker.is_intake_busy = lambda: self.use_cases.alerts.is_busy
        self.worker.timers += self.use_cases.timers()
        self.watch = SlackWatch(self.store, self.clock, self.worker.wake)
        self.auditor = Auditor(
            self.store, self.clock, lambda: self.watch.is_silent, self.worker.wake, self.figures.oversights
        )
        self.auditor.stuck, self.auditor.moved = escalator.stuck, self.use_cases.clock_moved
        self.figures.audited(self.auditor)
        self.figures.hold(self.use_cases.storms.counts)
        self.figures.cover(lambda: self.use_cases.coverage.latest.holes)
        self.figures.credit(lambda: self.use_cases.credit.left)
        source = CalendarSource(is_private_allowed=settings.ical_private_addresses)
        self.calendars = Calendars(self.store, self.clock, source, self.worker.wake)
        self._server_clock: ServerClock | None = None
        self.port = 0

    async def start(self) -> None:
        """Check the tokens, then begin to listen and to page. One that is refused, or cancelled while it waits for the
        database, has let go of it. Raises TokenRefused."""
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=64)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(SLACK_SECONDS), connector=connector)
        self._client = AsyncWebClient(
            token=self.settings.slack_bot_token,
            base_url=self.settings.slack_api_url,
            session=self._session,
            retry_handlers=[],
        )
        self._readers = Readers(
            ReaderService(self.store, self.clock, self.worker.look_soon), SlackMessages(self._client)
        )
        self._sockets = Sockets(self._slack_app(), self.settings.slack_app_token, self.settings.slack_sockets)
        seconds, told, connected = asyncio.get_running_loop().time, self.watch.told, self._sockets.connected
        self.tokens = Tokens(self.store, self.clock, self._client, self.settings, connected, self.worker.wake)
        self._readiness = Readiness(self.store, self._sockets, self.worker, self.watch, self.auditor.lateness)
        self.figures.watch(self.worker, connected, lambda: self.watch.is_away)
        self._transports = ways_out(self.settings, self.store, self._client, seconds, self.clock, told)
        async with AsyncExitStack() as unless_begun:
            unless_begun.push_async_callback(self._let_go)
            is_there = await self.tokens.admit()
            await self._listen()
            unless_begun.push_async_callback(self.listener.stop)
            await self.watch.begin(self._transports.slack.workspace_url, connected, is_there=is_there)
            # Before the first click: a form that opens while the database is slow is in its reader's language.
            await self._people.directory()
            unless_begun.pop_all()
        deliveries = build_deliveries(self.settings, self.store, self.clock, self.use_cases, self._transports)
        self.use_cases.reach(self._transports.sms)
        self.distress = build_distress(self.settings, self.store, self.clock, self._transports, self.worker)
        ledger = Ledger(self.store, self._told, self.use_cases.other_ways)
        sending = (deliveries, self.worker.look_soon, self._rates, ledger, self.watch)
        self.sender = Sender(self.store, self.clock, *sending)
        self.watch.holder = self.sender.taking.holder
        self.worker.told = self.sender.taking.presence.ring
        self.sender.taking.presence.rung = self.worker.look_soon
        self.auditor.in_hand = lambda: self.sender.taking.claims.in_hand
        self.auditor.per_second = self.sender.taking.lanes.per_second
        self._engine = asyncio.create_task(self.worker.run(self.sender), name="engine")
        await self._sockets.start()
        self._looking = asyncio.create_task(self._look_around(), name="channels and people")
        self._ring()
        say_what_is_off(self.settings)

    def _ring(self) -> None:
        """What is looked at every so many seconds."""
        if isinstance(self._world, SharedTime):
            self._server_clock = ServerClock(self.store, self._world, self.worker.clock_moved)
            self._server_clock.compare()
            self.worker.ticks.every(SERVER_CLOCK_SECONDS, self._follow_the_clock, "follow the database's clock")
        else:
            self.worker.ticks.set_back = self.auditor.set_back
        if not self.store.is_sqlite:
            self.worker.ticks.every(RESERVE_SECONDS, self.store.reserve, "hold connections")
            self.worker.ticks.every(TAKE_OVER_SECONDS, self._take_over, "take over")
            self.worker.ticks.every(ORPHANS_SECONDS, self.watch.take_over, "outages of processes that died")
            self.worker.ticks.every(SEAL_SECONDS, self._seal, "seal secrets")
        self.worker.ticks.every(WATCH_SECONDS, self.watch.look, "watch Slack")
        self.worker.ticks.every(CREDIT_SECONDS, self.use_cases.credit.look, "watch the SMS credit")
        self.worker.ticks.every(REFUSED_SECONDS, self.use_cases.refused_cards.look, "try channels that refused a card")
        self.worker.ticks.every(DISTRESS_SECONDS, self.distress.look, "say that the database is away")
        self.worker.ticks.every(DISTRESS_SECONDS, self.use_cases.heartbeats.live, "be there for sources")
        self.worker.ticks.every(AUDIT_SECONDS, self._audit, "look for what was overlooked")
        self.worker.ticks.every(LINK_SECONDS, self.look_again, "find people by e-mail")
        self.worker.ticks.every(LINK_SECONDS, self.tokens.look, "look at Slack's tokens")
        self.worker.ticks.every(USES_SECONDS, self.use_cases.tokens.note_uses, "note which tokens are used")
        self.worker.ticks.every(CALENDARS_SECONDS, self.calendars.refresh, "read calendars")
        cases = self.use_cases
        for forget in (cases.inbox.forget, cases.homes.forget, cases.repeats.forget, cases.storms.forget):
            self.worker.ticks.every(FORGET_SECONDS, forget, f"forget: {forget.__qualname__}")
        days = {"purge_days": self.settings.retention_days, "anonymise_days": self.settings.anonymise_days}
        self.worker.ticks.every(RETENTION_SECONDS, Retention(self.store, self.clock, **days).forget, "forget the old")
        if self.settings.heartbeat_url:
            heartbeat = Heartbeat(self.settings.heartbeat_url, self._readiness, self.auditor.worries)
            self.worker.ticks.every(EVERY_SECONDS, heartbeat.beat, "heartbeat")

    async def _follow_the_clock(self) -> None:
        """Where the server's goes back, what waits is brought forward before anything new is reckoned by it; where it
        goes on, a look of a minute ago is one of long ago."""
        if self._server_clock and abs(await self._server_clock.look()) > timedelta(seconds=SET_BACK_SECONDS):
            self.use_cases.clock_moved()
            await self.auditor.look()

    async def _audit(self) -> None:
        """By the time of now: a machine that was paused has an older one, by which others' looks are yet to come."""
        if self._server_clock:
            await self._server_clock.look()
        await self.auditor.look()

    async def _seal(self) -> None:
        """Once every process that lives has the key; the one pass is no database thread's."""
        if self.store.vault.sealing != self.store.vault.primary:
            await asyncio.to_thread(seal, self.store)

    async def _take_over(self) -> None:
        """What a process that died was sending is sent by this one."""
        with suppress(Unavailable):
            if await self.sender.taking.take_over():
                self.worker.look()

    def _told(self, outcome: Outcome) -> None:
        """What became of a parcel is on the disk."""
        self.figures.outcome(outcome)
        self.use_cases.reading.told(outcome)

    async def _look_around(self) -> None:
        """What the first page must not wait for: its SQL, OVH's clock, the channels' ids, the people's."""
        await self.distress.look()
        await Rehearsal(self.store, self.clock, self._rates, self.use_cases.other_ways).run()
        if isinstance(self._transports.sms, OvhSms):
            try:
                await self._transports.sms.warm_up()
            except DeliveryError as error:
                log.warning("OVH does not answer: %s", error.reason)
        await self._transports.addresses.prepare()
        await self.use_cases.credit.look()
        await self.look_again()
        await self.calendars.refresh()

    async def look_again(self) -> None:
        """What Slack may not have told yet: where links to it begin, and who people are."""
        if not self.use_cases.homes.workspace_url:
            try:
                self.use_cases.homes.workspace_url = await self._transports.slack.workspace_url()
            except DeliveryError as error:
                log.warning("Home tabs have no links yet: %s", error.reason)
        await self._installation.ask()
        await self._transports.addresses.link_people()
        self.worker.look()
        await self._readers.look_again()

    async def stop(self) -> None:
        """Take nothing more in, finish what is on its way, let go."""
        loop = asyncio.get_running_loop()
        begun, cutting = loop.time(), asyncio.create_task(self.store.cut_off(ANSWER_SECONDS))
        self._looking.cancel()
        await self.use_cases.stop()
        await self.listener.stop()
        await self.use_cases.tokens.note_uses()
        await self.watch.stop()
        await self._sockets.stop()
        self.worker.stop()
        await asyncio.gather(self._engine, self._looking, return_exceptions=True)
        await self.sender.drain(max(begun + DRAIN_SECONDS - loop.time(), 1.0))
        await self.sender.taking.presence.close()
        await self._let_go()
        cutting.cancel()

    async def _let_go(self) -> None:
        """Of what is outside, and of the database."""
        await self._transports.close()
        await self._session.close()
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()
        if self._lock:
            self._lock.close()

    def _slack_app(self) -> AsyncApp:
        self._installation = Installation(self._client)
        app = self._installation.app()
        self._people = People(
            self.use_cases.incidents, self.settings.admin_users, self.settings.locale, self._readers.locale
        )
        doors.register(app, self.use_cases, self._people)
        return app

    async def _listen(self) -> None:
        settings = self.settings
        gates = Gates(
            auth=Auth(self.use_cases.tokens, allowances(settings.api_rate)),
            secrets=Secrets(wall_now, settings.grafana_hmac_secret, settings.sentry_client_secret),
            gateway=Gateway(tuple(filter(None, [settings.phone_gateway_secret])), wall_now),
            figures=self.figures,
            readiness=self._readiness,
            locale=settings.locale,
        )
        await self.store.reserve()
        with suppress(Unavailable):
            await promptly(self.auditor.begin())
        self.listener = Listener(routes(self.use_cases, gates))
        self.port = await self.listener.start(settings.host, settings.port)
