"""The composition root: builds every object from settings, starts and stops them in order."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import logging
import signal
import sys
from pathlib import Path
from typing import IO

import aiohttp
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import doors
from bot.clock import Anchor, SystemClock, rebased, wall_now
from bot.engine.addresses import Addresses
from bot.engine.deliveries import Deliveries
from bot.engine.escalator import Escalator
from bot.engine.homes import Homes
from bot.engine.lanes import Rates
from bot.engine.rendering import Renderer
from bot.engine.sender import Sender
from bot.engine.worker import Worker
from bot.heartbeat import EVERY_SECONDS, Heartbeat
from bot.notifiers.slack import SlackMessages
from bot.notifiers.sms import OvhSms
from bot.readiness import Readiness
from bot.settings import Settings
from bot.sockets import Sockets, preflight
from bot.transports import transports
from domain.clock import Clock
from domain.errors import DeliveryError, VigieError
from handlers.alerts import http as alerts_http
from handlers.alerts.service import AlertService
from handlers.auth import Auth
from handlers.health import http as health_http
from handlers.home.service import HomeService
from handlers.inbox.service import InboxService
from handlers.incidents import http as incidents_http
from handlers.incidents.service import IncidentService
from handlers.links import http as links_http
from handlers.links.service import LinkService
from handlers.links.signing import Links
from handlers.policies.judgement import JudgementService
from handlers.policies.service import PolicyService
from handlers.runbooks.editor import RunbookEditor
from handlers.runbooks.service import RunbookService
from handlers.runbooks.transfer import RunbookTransfer
from handlers.slack import People
from handlers.tokens.service import TokenService
from handlers.web import application
from storage import clock as anchors
from storage import schema
from storage.store import Store

log = logging.getLogger(__name__)

SLACK_SECONDS = 10
DRAIN_SECONDS = 20.0
FORGET_SECONDS = 600
LINK_SECONDS = 60
TAKE_OVER_SECONDS = 2


class AlreadyRunning(VigieError):
    """SQLite has one writer: a second process would send everything twice."""


def open_store(settings: Settings) -> Store:
    """The database, with the schema that this Vigie works with.

    SQLite is upgraded on the spot; an old PostgreSQL is refused with the command that upgrades it (WrongSchema).
    """
    store = Store(settings.database_url)
    if store.is_sqlite:
        schema.upgrade(store)
    else:
        schema.require(store)
    return store


def open_clock(store: Store, speed: float) -> SystemClock:
    """The clock, going on from where the last process left it."""
    kept = store.read_now(anchors.read)
    before = (kept[0], Anchor(kept[1], kept[2])) if kept else None
    anchor = rebased(before, speed, wall_now())
    if anchor and (before is None or before != (speed, anchor)):
        store.write_now(lambda tx: anchors.keep(tx, speed, anchor.wall, anchor.product))
    return SystemClock(speed, anchor)


class App:
    """One running Vigie. `port` is the one it listens on, once started."""

    def __init__(self, settings: Settings, clock: Clock | None = None, rates: Rates | None = None) -> None:
        """`clock` and `rates` are the world's and Slack's own, unless a drill brings others."""
        self.settings = settings
        self._rates = rates or Rates()
        self._lock: IO[str] | None = None
        self.store = open_store(settings)
        try:
            self._lock = _only_one(self.store)
        except AlreadyRunning:
            self.store.close()
            raise
        self.clock: Clock = clock or open_clock(self.store, settings.clock_speed)
        self.worker = Worker(self.store, self.clock, Escalator(self.store, self.clock))
        self.alerts = AlertService(self.store, self.clock, self.worker.stir)
        self.worker.is_intake_busy = lambda: self.alerts.is_busy
        self.incidents = IncidentService(self.store, self.clock, self.worker.wake)
        self.homes = HomeService(self.store, self.clock, settings.admin_users, settings.locale)
        self.policies = PolicyService(self.store, self.clock, self.worker.wake, settings.channels)
        self.runbooks = RunbookService(self.store, self.clock, self.worker.wake)
        self.runbook_editor = RunbookEditor(self.store, self.clock, self.worker.wake)
        self.runbook_transfer = RunbookTransfer(self.store, self.clock, self.worker.wake)
        self.tokens = TokenService(self.store, self.clock)
        self.inbox = InboxService(self.store, self.clock)
        self.acknowledgements = LinkService(self.store, self.clock, self.worker.wake)
        self._links = Links(settings.public_url, settings.secret_key)
        self.port = 0

    async def start(self) -> None:
        """Check the tokens, then begin to listen and to page. Raises TokenRefused."""
        timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
        self._session = aiohttp.ClientSession(
            timeout=timeout, connector=aiohttp.TCPConnector(limit=0, limit_per_host=64)
        )
        self._client = AsyncWebClient(
            token=self.settings.slack_bot_token,
            base_url=self.settings.slack_api_url,
            session=self._session,
            retry_handlers=[],
        )
        self._sockets = Sockets(self._slack_app(), self.settings.slack_app_token)
        self._readiness = Readiness(self.store, self._sockets, self.worker)
        try:
            await preflight(self._client, self.settings.slack_app_token)
            await self._listen()
        except VigieError:
            await self._session.close()
            raise
        self.sender = self._build_sender()
        self._engine = asyncio.create_task(self.worker.run(self.sender), name="engine")
        await self._sockets.start()
        self._looking = asyncio.create_task(self._look_around(), name="channels and people")
        if not self.store.is_sqlite:
            self.worker.ticks.every(TAKE_OVER_SECONDS, self.sender.take_over, "take over")
        self.worker.ticks.every(LINK_SECONDS, self._look_again, "find people by e-mail")
        self.worker.ticks.every(FORGET_SECONDS, self.inbox.forget, "forget events")
        self.worker.ticks.every(FORGET_SECONDS, self.homes.forget, "forget homes")
        if self.settings.heartbeat_url:
            heartbeat = Heartbeat(self.settings.heartbeat_url, self._readiness, self._session)
            self.worker.ticks.every(EVERY_SECONDS, heartbeat.beat, "heartbeat")
        self._say_what_is_off()

    async def _look_around(self) -> None:
        """What the first page must not wait for: OVH's clock, the channels' ids, the people's."""
        if isinstance(self._transports.sms, OvhSms):
            try:
                await self._transports.sms.warm_up()
            except DeliveryError as error:
                log.warning("OVH does not answer: %s", error.reason)
        await self._addresses.prepare()
        await self._look_again()

    async def _look_again(self) -> None:
        """What Slack may not have told yet: where links to it begin, and who people are."""
        if not self.homes.workspace_url:
            try:
                self.homes.workspace_url = await self._transports.slack.workspace_url()
            except DeliveryError as error:
                log.warning("Home tabs have no links yet: %s", error.reason)
        await self._addresses.link_people()

    async def stop(self) -> None:
        """Take nothing more in, finish what is on its way, let go."""
        self._looking.cancel()
        await self._runner.cleanup()
        await self._sockets.stop()
        self.worker.stop()
        await asyncio.gather(self._engine, self._looking, return_exceptions=True)
        await self.sender.drain(DRAIN_SECONDS)
        self.sender.close()
        for transport in (self._transports.sms, self._transports.email, self._transports.discord):
            if transport is not None:
                await transport.close()
        await self._session.close()
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()
        if self._lock:
            self._lock.close()

    def _build_sender(self) -> Sender:
        settings = self.settings
        slack = SlackMessages(self._client)
        self._addresses = Addresses(self.store, slack, asyncio.get_running_loop().time)
        self._transports = transports(settings, slack, self._addresses, self._session)
        domain = settings.sender_address.rpartition("@")[2] or "vigie.invalid"
        renderer = Renderer(settings.locale, self._links)
        deliveries = Deliveries(self._transports, renderer, Homes(self.homes, slack), self.clock, domain)
        return Sender(self.store, self.clock, deliveries, self.worker.stir, self._rates)

    def _slack_app(self) -> AsyncApp:
        app = AsyncApp(client=self._client, logger=logging.getLogger("slack_bolt"))
        people = People(self.incidents, self.settings.admin_users, self.settings.locale)
        judgement = JudgementService(self.store, self.clock, self.settings.channels)
        services = doors.Services(
            self.inbox,
            self.incidents,
            self.runbooks,
            self.runbook_editor,
            self.runbook_transfer,
            self.policies,
            judgement,
            self.homes,
        )
        doors.register(app, services, people)
        return app

    async def _listen(self) -> None:
        auth = Auth(self.tokens)
        routes = [
            *alerts_http.routes(self.alerts, auth),
            *incidents_http.routes(self.incidents, auth),
            *health_http.routes(self._readiness),
            *links_http.routes(self.acknowledgements, self._links, self.settings.locale),
        ]
        self._runner = web.AppRunner(application(routes), access_log=None, shutdown_timeout=5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise VigieError(
                f"PORT: {self.settings.host}:{self.settings.port} can't be used ({error.strerror})"
            ) from None
        self.port = self._runner.addresses[0][1]
        log.info("Vigie listens on http://%s:%s", self.settings.host, self.port)

    def _say_what_is_off(self) -> None:
        off = {"SMS (OVH_…)": not self.settings.has_sms, "e-mail (SMTP_URL)": not self.settings.smtp_url}
        for name, is_off in off.items():
            if is_off:
                log.warning("%s is not set up: policy steps that need it go another way", name)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish what is held."""
    # A database thread may keep the interpreter this long from the loop, which has a click to answer; 5 ms is usual.
    sys.setswitchinterval(0.0002)
    app = App(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await app.start()
    except VigieError:
        app.close()
        raise
    # What the start made stays: looked through at every full collection, it holds up a click for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    await stopping.wait()
    log.info("stopping: finishing what is on its way")
    await app.stop()


def _only_one(store: Store) -> IO[str] | None:
    """A lock beside an SQLite file, held as long as the process lives, whatever ends it."""
    if not store.is_sqlite:
        return None
    path = Path(f"{store.url.database}.lock")
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(
            "DATABASE_URL: another Vigie runs on this SQLite file; several processes need PostgreSQL"
        ) from None
    return lock
