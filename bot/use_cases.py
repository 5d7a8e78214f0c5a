"""Every use case, built once: what Slack's doors, HTTP's routes and the engine's loop lead to."""

from __future__ import annotations

from bot.clock import uptime
from bot.engine.calm import Calm
from bot.engine.checkups import Checkups
from bot.engine.credit import Credit
from bot.engine.digests import Digests
from bot.engine.duties import Duties
from bot.engine.postmortems import Reminders
from bot.engine.receipts import Receipts
from bot.engine.refused_cards import RefusedCards
from bot.engine.replies import Replies
from bot.engine.room_times import RoomTimes
from bot.engine.update_reminders import UpdateReminders
from bot.engine.worker import Timer, Worker
from bot.figures import Figures
from bot.notifiers.base import SmsNotifier
from bot.run_services import RunServices
from bot.settings import Settings
from domain.clock import Clock
from handlers.alerts.service import AlertService
from handlers.audit.service import AuditService
from handlers.catalog.drift import DriftService
from handlers.catalog.rest import CatalogRecords
from handlers.contacts.service import ContactService
from handlers.coverage.service import CoverageService
from handlers.drills.service import DrillService
from handlers.heartbeats.service import HeartbeatService
from handlers.home.service import HomeService
from handlers.inbox.service import InboxService
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.other_ways import OtherWays
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
from handlers.repeats.service import RepeatService
from handlers.replies.service import ReplyService
from handlers.reports.service import ReportService
from handlers.reports.slack import Drawing
from handlers.rooms.service import RoomService
from handlers.runbooks.editor import RunbookEditor
from handlers.runbooks.evidence import EvidenceService
from handlers.runbooks.service import RunbookService
from handlers.runbooks.transfer import RunbookTransfer
from handlers.services.service import ServiceService
from handlers.storms.holding import Holding
from handlers.storms.service import StormService
from handlers.teams.service import TeamService
from handlers.telephone.service import TelephoneService
from handlers.tokens.service import TokenService
from handlers.trials.service import TrialService
from handlers.updates.service import UpdateService
from storage.store import Store


class UseCases:
    """One object a feature. What changes something and wants the engine to look is given `worker.wake`."""

    def __init__(self, store: Store, clock: Clock, settings: Settings, worker: Worker, figures: Figures) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._wakes, self._stirs = (store, clock, worker.wake), (store, clock, worker.stir)
        self.links = Links(settings.public_url, settings.secret_key, settings.secret_key_fallbacks)
        self.other_ways = OtherWays(settings.channels, Holding(settings.page_limits))
        self.alerts = AlertService(*self._stirs, figures.alert, self.other_ways)
        self.heartbeats = HeartbeatService(*self._wakes, uptime)
        self._incidents()
        self._runbooks()
        self._catalog()
        self._on_call()
        self._people()
        self._records()

    def reach(self, sms: SmsNotifier | None) -> None:
        """The way to phones is there: receipts are asked for, and answers read where there can be any."""
        self.receipts.sms = sms
        self.credit.sms = sms
        self.reading.sms = sms if sms and sms.can_be_answered else None

    async def stop(self) -> None:
        """Leave what is looked at beside the engine."""
        for one in (self.coverage, self.receipts, self.reading):
            await one.stop()

    def clock_moved(self) -> None:
        """It was set back."""
        self.receipts.clock_moved()
        self.reading.clock_moved()

    def timers(self) -> list[Timer]:
        """What the engine's loop has to look at beside the climbs."""
        return [
            self.alerts,
            self.heartbeats,
            self.coverage,
            Duties(*self._stirs),
            Reminders(*self._stirs),
            Digests(*self._stirs),
            Calm(*self._stirs),
            Checkups(*self._wakes, self.trials),
            RoomTimes(*self._stirs),
            UpdateReminders(*self._stirs),
            self.receipts,
            self.reading,
            *self.runs.timers,
        ]

    def _incidents(self) -> None:
        self.incidents = IncidentService(*self._wakes)
        self.lifecycle = LifecycleService(*self._wakes)
        self.relations = RelationService(*self._wakes, self.other_ways)
        self.pins = PinService(*self._wakes)
        self.rooms = RoomService(*self._wakes)
        self.updates = UpdateService(*self._wakes)
        self.drills = DrillService(*self._wakes)
        self.acknowledgements = LinkService(*self._wakes)
        self.storms = StormService(*self._wakes)
        self.replies = ReplyService(*self._wakes, self._settings.locale)
        self.reading = Replies(self.replies, self._clock)
        self.credit = Credit(*self._wakes)
        self.refused_cards = RefusedCards(*self._wakes, self._settings.channels)
        self.telephone = TelephoneService(*self._wakes, self.other_ways)
        self.receipts = Receipts(*self._wakes, self.other_ways)
        self.postmortems = PostmortemService(*self._wakes)
        self.actions = ActionService(*self._wakes)

    def _runbooks(self) -> None:
        self.runbooks = RunbookService(*self._wakes)
        self.runs = RunServices(*self._wakes)
        self.runbook_editor = RunbookEditor(*self._wakes)
        self.runbook_transfer = RunbookTransfer(*self._wakes)
        self.evidence = EvidenceService(self._store)

    def _catalog(self) -> None:
        channels = self._settings.channels
        self.policies = PolicyService(*self._wakes, channels)
        self.judgement = JudgementService(self._store, self._clock, channels)
        self.teams = TeamService(*self._wakes)
        self.services = ServiceService(*self._wakes)
        self.records = CatalogRecords(*self._wakes, channels, self._settings.admin_users)
        self.drift = DriftService(self._store)

    def _on_call(self) -> None:
        self.oncall = OnCallService(*self._wakes)
        self.swaps = SwapService(*self._wakes)
        self.schedules = ScheduleService(*self._wakes)
        self.feeds = FeedService(self._store, self._clock)
        self.coverage = CoverageService(self._store, self._clock, self._settings.channels, self._stirs[2])

    def _people(self) -> None:
        admins, locale, channels = self._settings.admin_users, self._settings.locale, self._settings.channels
        self.people = PeopleService(*self._wakes, admins, locale)
        self.contacts = ContactService(*self._wakes, channels, locale)
        self.trials = TrialService(*self._wakes, channels)
        self.homes = HomeService(self._store, self._clock, admins, locale)
        self.homes.holes = lambda: self.coverage.latest.holes

    def _records(self) -> None:
        self.reports, self.drawing = ReportService(self._store, self._clock), Drawing()
        self.tokens = TokenService(self._store, self._clock)
        self.audit = AuditService(self._store)
        self.inbox = InboxService(self._store, self._clock)
        self.repeats = RepeatService(self._store, self._clock)
