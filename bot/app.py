"""The composition root: builds every object from settings, starts and stops them in order."""

from __future__ import annotations

import asyncio
import logging
from typing import IO

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import doors
from bot.clock import wall_now
from bot.engine.calendars import EVERY_SECONDS as CALENDARS_SECONDS
from bot.engine.calendars import Calendars
from bot.engine.deliveries import Deliveries
from bot.engine.digests import Digests
from bot.engine.duties import Duties
from bot.engine.escalator import Escalator
from bot.engine.homes import Homes
from bot.engine.lanes import Rates
from bot.engine.notices import Notices
from bot.engine.personal import Personal
from bot.engine.postmortems import PostmortemFiles, Reminders
from bot.engine.rendering import Renderer
from bot.engine.sender import Sender
from bot.engine.worker import Worker
from bot.figures import Figures
from bot.heartbeat import EVERY_SECONDS, Heartbeat
from bot.listener import Listener
from bot.notifiers.calendars import CalendarSource
from bot.notifiers.slack import SlackMessages
from bot.notifiers.sms import OvhSms
from bot.opening import AlreadyRunning, only_one, open_clock, open_store, say_what_is_off
from bot.readers import Readers
from bot.readiness import Readiness
from bot.routes import Gates, routes
from bot.run_services import RunServices
from bot.settings import Settings
from bot.sockets import Sockets, preflight
from bot.transports import ways_out
from domain.clock import Clock
from domain.errors import DeliveryError, VigieError
from handlers.alerts.http import Secrets
from handlers.alerts.service import AlertService
from handlers.audit.service import AuditService
from handlers.auth import Auth
from handlers.catalog.rest import CatalogRecords
from handlers.contacts.service import ContactService
from handlers.coverage.service import CoverageService
from handlers.home.service import HomeService
from handlers.inbox.service import InboxService
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.pins import PinService
from handlers.incidents.relations import RelationService
from handlers.incidents.service import IncidentService
from handlers.links.service import LinkService
from handlers.links.signing import Links
from handlers.oncall.editor import ScheduleService
from handlers.oncall.feeds import FeedService
from handlers.oncall.service import OnCallService
from handlers.oncall.swaps import SwapService
from handlers.people.service import PeopleService
from handlers.policies.judgement import JudgementService
from handlers.policies.service import PolicyService
from handlers.postmortems.actions import ActionService
from handlers.postmortems.service import PostmortemService
from handlers.readers.service import ReaderService
from handlers.repeats.service import RepeatService
from handlers.reports.service import ReportService
from handlers.reports.slack import Drawing
from handlers.runbooks.editor import RunbookEditor
from handlers.runbooks.evidence import EvidenceService
from handlers.runbooks.service import RunbookService
from handlers.runbooks.transfer import RunbookTransfer
from handlers.services.service import ServiceService
from handlers.slack import People
from handlers.teams.service import TeamService
from handlers.tokens.limits import allowances
from handlers.tokens.service import TokenService
from handlers.trials.service import TrialService

log = logging.getLogger(__name__)

SLACK_SECONDS = 10
DRAIN_SECONDS = 20.0
FORGET_SECONDS = 600
LINK_SECONDS = 60
USES_SECONDS = 60
TAKE_OVER_SECONDS = 2


class App:
    """One running Vigie. `port` is the one it listens on, once started."""

    def __init__(self, settings: Settings, clock: Clock | None = None, rates: Rates | None = None) -> None:
        """`clock` and `rates` are the world's and Slack's own, unless a drill brings others."""
        self.settings = settings
        self._rates = rates or Rates()
        self._lock: IO[str] | None = None
        self.store = open_store(settings)
        try:
            self._lock = only_one(self.store)
        except AlreadyRunning:
            self.store.close()
            raise
        self.clock: Clock = clock or open_clock(self.store, settings.clock_speed)
        self.figures = Figures(self.store, self.clock)
        self.worker = Worker(self.store, self.clock, Escalator(self.store, self.clock, self.figures.climbed))
        self.alerts = AlertService(self.store, self.clock, self.worker.stir, self.figures.alert)
        self.worker.is_intake_busy = lambda: self.alerts.is_busy
        self.coverage = CoverageService(self.store, self.clock, settings.channels, self.worker.stir)
        self.figures.cover(lambda: self.coverage.latest.holes)
        self.worker.timers += [self.alerts, self.coverage]
        stirs = (self.store, self.clock, self.worker.stir)
        self.worker.timers += [Duties(*stirs), Reminders(*stirs), Digests(*stirs)]
        wakes = (self.store, self.clock, self.worker.wake)
        self.incidents, self.pins = IncidentService(*wakes), PinService(*wakes)
        self.lifecycle, self.relations = LifecycleService(*wakes), RelationService(*wakes)
        self.homes = HomeService(self.store, self.clock, settings.admin_users, settings.locale)
        self.homes.holes = lambda: self.coverage.latest.holes
        self.policies = PolicyService(self.store, self.clock, self.worker.wake, settings.channels)
        self.people = PeopleService(self.store, self.clock, self.worker.wake, settings.admin_users, settings.locale)
        self.teams, self.services = TeamService(*wakes), ServiceService(*wakes)
        self.contacts = ContactService(self.store, self.clock, self.worker.wake, settings.channels, settings.locale)
        self.trials = TrialService(self.store, self.clock, self.worker.wake, settings.channels)
        self.oncall, self.swaps = OnCallService(*wakes), SwapService(*wakes)
        self.feeds = FeedService(self.store, self.clock)
        source = CalendarSource(is_private_allowed=settings.ical_private_addresses)
        self.calendars = Calendars(self.store, self.clock, source, self.worker.wake)
        self.runbooks, self.runs = RunbookService(*wakes), RunServices(*wakes)
        self.worker.timers += self.runs.timers
        self.runbook_editor, self.runbook_transfer = RunbookEditor(*wakes), RunbookTransfer(*wakes)
        self.postmortems, self.actions = PostmortemService(*wakes), ActionService(*wakes)
        self.reports, self.drawing = ReportService(self.store, self.clock), Drawing()
        self.tokens, self.inbox = TokenService(self.store, self.clock), InboxService(self.store, self.clock)
        self.repeats = RepeatService(self.store, self.clock)
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
        self._readers = Readers(ReaderService(self.store, self.clock), SlackMessages(self._client))
        self._sockets = Sockets(self._slack_app(), self.settings.slack_app_token)
        self._readiness = Readiness(self.store, self._sockets, self.worker)
        self.figures.watch(self.worker, self._sockets.connected)
        try:
            await preflight(self._client, self.settings.slack_app_token)
            await self._listen()
        except VigieError:
            await self._session.close()
            raise
        self.sender = self._build_sender()
        self._engine = asyncio.create_task(self.worker.run(self.sender), name="engine")
        # Before the first click: a form that opens while the database is slow is in its reader's language all the same.
        await self._people.directory()
        await self._sockets.start()
        self._looking = asyncio.create_task(self._look_around(), name="channels and people")
        if not self.store.is_sqlite:
            self.worker.ticks.every(TAKE_OVER_SECONDS, self._take_over, "take over")
        self.worker.ticks.every(LINK_SECONDS, self.look_again, "find people by e-mail")
        self.worker.ticks.every(USES_SECONDS, self.tokens.note_uses, "note which tokens are used")
        self.worker.ticks.every(CALENDARS_SECONDS, self.calendars.refresh, "read calendars")
        for forget in (self.inbox.forget, self.homes.forget, self.repeats.forget):
            self.worker.ticks.every(FORGET_SECONDS, forget, f"forget: {forget.__qualname__}")
        if self.settings.heartbeat_url:
            heartbeat = Heartbeat(self.settings.heartbeat_url, self._readiness, self._session)
            self.worker.ticks.every(EVERY_SECONDS, heartbeat.beat, "heartbeat")
        say_what_is_off(self.settings)

    async def _take_over(self) -> None:
        """What a process that died was sending is sent by this one."""
        if await self.sender.taking.take_over():
            self.worker.look()

    async def _look_around(self) -> None:
        """What the first page must not wait for: OVH's clock, the channels' ids, the people's."""
        if isinstance(self._transports.sms, OvhSms):
            try:
                await self._transports.sms.warm_up()
            except DeliveryError as error:
                log.warning("OVH does not answer: %s", error.reason)
        await self._transports.addresses.prepare()
        await self.look_again()
        await self.calendars.refresh()

    async def look_again(self) -> None:
        """What Slack may not have told yet: where links to it begin, and who people are."""
        if not self.homes.workspace_url:
            try:
                self.homes.workspace_url = await self._transports.slack.workspace_url()
            except DeliveryError as error:
                log.warning("Home tabs have no links yet: %s", error.reason)
        await self._transports.addresses.link_people()
        await self._readers.look_again()

    async def stop(self) -> None:
        """Take nothing more in, finish what is on its way, let go."""
        self._looking.cancel()
        await self.coverage.stop()
        await self.listener.stop()
        await self.tokens.note_uses()
        await self._sockets.stop()
        self.worker.stop()
        await asyncio.gather(self._engine, self._looking, return_exceptions=True)
        await self.sender.drain(DRAIN_SECONDS)
        await self.sender.taking.presence.close()
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
        self._transports = ways_out(settings, self.store, self._client, self._session, asyncio.get_running_loop().time)
        domain = settings.sender_address.rpartition("@")[2] or "vigie.invalid"
        renderer = Renderer(settings.locale, self._links)
        slack, locale = self._transports.slack, settings.locale
        homes = Homes(self.homes, slack)
        notices = Notices(self.store, slack, self._transports.addresses, self.clock, locale)
        links = self._links.of_trials
        personal = Personal(self.contacts, self.trials, self._transports, self.clock, links, locale, domain)
        files = PostmortemFiles(self.store, slack, self.clock, locale)
        deliveries = Deliveries(self._transports, renderer, homes, notices, personal, files, self.clock, domain)
        sender = Sender(self.store, self.clock, deliveries, self.worker.look_soon, self._rates, self.figures.outcome)
        self.worker.told = sender.taking.presence.ring
        sender.taking.presence.rung = self.worker.look_soon
        return sender

    def _slack_app(self) -> AsyncApp:
        app = AsyncApp(name="vigie", client=self._client, logger=logging.getLogger("slack_bolt"))
        self._people = People(self.incidents, self.settings.admin_users, self.settings.locale, self._readers.locale)
        judgement = JudgementService(self.store, self.clock, self.settings.channels)
        self._services = doors.Services(
            inbox=self.inbox,
            incidents=self.incidents,
            lifecycle=self.lifecycle,
            relations=self.relations,
            runbooks=self.runbooks,
            runs=self.runs,
            oncall=self.oncall,
            swaps=self.swaps,
            schedules=ScheduleService(self.store, self.clock, self.worker.wake),
            feeds=self.feeds,
            links=self._links.of_calendars,
            runbook_editor=self.runbook_editor,
            runbook_transfer=self.runbook_transfer,
            evidence=EvidenceService(self.store),
            policies=self.policies,
            judgement=judgement,
            reports=self.reports,
            drawing=self.drawing,
            homes=self.homes,
            people=self.people,
            teams=self.teams,
            services=self.services,
            contacts=self.contacts,
            trials=self.trials,
            pins=self.pins,
            postmortems=self.postmortems,
            actions=self.actions,
        )
        doors.register(app, self._services, self._people)
        return app

    async def _listen(self) -> None:
        settings = self.settings
        auth = Auth(self.tokens, allowances(settings.api_rate))
        gates = Gates(
            auth=auth,
            alerts=self.alerts,
            secrets=Secrets(wall_now, settings.grafana_hmac_secret, settings.sentry_client_secret),
            records=CatalogRecords(self.store, self.clock, self.worker.wake, settings.channels),
            tokens=self.tokens,
            audit=AuditService(self.store),
            repeats=self.repeats,
            coverage=self.coverage,
            figures=self.figures,
            readiness=self._readiness,
            acknowledgements=self.acknowledgements,
            links=self._links,
            locale=settings.locale,
        )
        self.listener = Listener(routes(self._services, gates))
        self.port = await self.listener.start(settings.host, settings.port)
