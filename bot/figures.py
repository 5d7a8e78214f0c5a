"""Vigie's figures, counted where things happen and read by Prometheus. An object, made in the composition root: two
Vigies in one process count apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from itertools import product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from bot.engine.auditor import Auditor
from bot.engine.results import Outcome, Result
from bot.engine.worker import Worker
from domain.clock import Clock
from domain.coverage import Cover, Hole
from domain.errors import Unavailable
from domain.oversights import Lapse, Oversight
from domain.policies import Channel
from domain.troubles import Trouble
from handlers.alerts.intake import Received
from storage import depths, troubles
from storage.store import Store

LATENESS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
"""Seconds: a page is milliseconds late when all is well, and minutes when a provider is away."""
_TOLD = {Result.SENT: "sent", Result.RETRY: "retried", Result.FAILED: "failed", Result.DROPPED: "no_longer_wanted"}
_TOLD |= {Result.DIVERTED: "slack_away"}


class Figures:
    """`alert` and `outcome` are told what happened; `text` adds how things stand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # When each series began is of no use here, and is as long as the rest.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._states: list[Callable[[], Awaitable[None]]] = [self._depths]
        self._series: dict[tuple[object, ...], Counter] = {}
        self._make_counters()
        self._make_gauges()

    def _make_counters(self) -> None:
        into = self._registry
        self._alerts = Counter(
            "vigie_alerts", "Alerts received, by what became of them.", ["source", "outcome"], registry=into
        )
        self._dropped = Counter("vigie_alerts_dropped", "Alerts that a rule dropped.", ["rule"], registry=into)
        self._requests = Counter(
            "vigie_intake_requests",
            "Requests to the webhooks, by the answer's status.",
            ["source", "status"],
            registry=into,
        )
        self._opened = Counter(
            "vigie_incidents_opened", "Incidents that alerts opened.", ["source", "severity"], registry=into
        )
        self._sent = Counter(
            "vigie_notifications", "Tries to send a page, by how they ended.", ["channel", "outcome"], registry=into
        )
        for channel, outcome in product(Channel, _TOLD.values()):
            # One that begins with its first failure has not increased by it: no rule would tell of that one.
            self._one(self._sent, channel.value, outcome)
        self._late = Histogram(
            "vigie_notification_lateness_seconds",
            "From when a page was decided on to when its provider took it.",
            ["channel"],
            buckets=LATENESS,
            registry=into,
        )

        self._climb_late = Histogram(
            "vigie_engine_lateness_seconds",
            "From when a step of a policy was due to when the engine decided on it.",
            buckets=LATENESS,
            registry=into,
        )

    def _make_gauges(self) -> None:
        into = self._registry
        self._depth = Gauge("vigie_outbox_depth", "What waits to leave, by lane.", ["lane"], registry=into)
        self._sockets = Gauge("vigie_socket_connections", "Open Socket Mode connections.", registry=into)
        self._held = Gauge(
            "vigie_pages_held", "Pages that wait in one message for many, of persons and channels.", registry=into
        )
        self._waiting = Gauge(
            "vigie_storm_held", "What else waits in a storm: mails to stakeholders, war rooms.", ["what"], registry=into
        )
        self._slack = Gauge(
            "vigie_slack_up", "Whether Slack is there; at 0 its pages go by SMS and e-mail.", registry=into
        )
        self._tick = Gauge(
            "vigie_engine_tick_lateness_seconds", "How long ago the engine last looked for what is due.", registry=into
        )
        self._faults = Gauge("vigie_engine_faults", "Passes of the engine that ended in an exception.", registry=into)
        self._holes = Gauge(
            "vigie_coverage_holes",
            "Intervals of the next 14 days in which a page reaches nobody, or one person by one channel.",
            ["cover"],
            registry=into,
        )
        self._credit = Gauge("vigie_sms_credits", "SMS that the operator's credit still pays for.", registry=into)
        self._credit.set(float("nan"))
        self._troubles = Gauge(
            "vigie_troubles", "What stands in the way of pages until somebody mends it.", ["trouble"], registry=into
        )
        self._overlooked = Counter(
            "vigie_oversights",
            "What should have happened and did not, and whether it was set right.",
            ["lapse", "mended"],
            registry=into,
        )
        self._standing = Gauge("vigie_oversights_standing", "Those of the last look.", ["lapse"], registry=into)
        self._audit_age = Gauge(
            "vigie_auditor_lateness_seconds", "How long ago it was looked for what was overlooked.", registry=into
        )
        self._up = Gauge("vigie_database_up", "Whether the database answered this scrape.", registry=into)
        self._writable = Gauge("vigie_database_writable", "Whether the last thing could be written.", registry=into)
        Info("vigie_build", "This Vigie.", registry=into).info({"version": version("vigie")})

    def _one(self, of: Counter, *labels: str) -> Counter:
        """One series of a counter, which the library looks up slowly, and alerts and pages count often."""
        found = self._series.get((id(of), *labels))
        if found is None:
            found = self._series[id(of), *labels] = of.labels(*labels)
        return found

    def request(self, source: str, status: int) -> None:
        """A webhook answered."""
        self._one(self._requests, source, str(status)).inc()

    def alert(self, source: str, received: Received) -> None:
        """A group of alerts is on the disk, or was dropped by a rule."""
        for outcome, count in received.outcomes.items():
            self._one(self._alerts, source, outcome).inc(count)
        for rule, count in received.dropped:
            self._dropped.labels(rule).inc(count)
        if received.opened and received.severity:
            self._one(self._opened, source, received.severity.value).inc()

    def outcome(self, outcome: Outcome) -> None:
        """A try to send something has ended, and that is on the disk."""
        page, told = outcome.page, _TOLD.get(outcome.result)
        if page is None or told is None or outcome.is_unfinished or outcome.is_known_detour:
            return
        self._one(self._sent, page.channel.value, told).inc()
        if outcome.result is Result.SENT:
            late = self._clock.to_wall(outcome.finished_at) - self._clock.to_wall(page.decided_at)
            self._late.labels(page.channel.value).observe(max(late.total_seconds(), 0))

    def climbed(self, late: timedelta) -> None:
        """A climb was looked at, this long after its time."""
        now = self._clock.now()
        self._climb_late.observe((self._clock.to_wall(now) - self._clock.to_wall(now - late)).total_seconds())

    def watch(self, worker: Worker, connected: Callable[[], Awaitable[int]], is_slack_away: Callable[[], bool]) -> None:
        """Show how the engine, the socket and Slack stand."""

        async def states() -> None:
            late = worker.lateness()
            self._tick.set(late.total_seconds() if late else 0)
            self._faults.set(worker.faults)
            self._sockets.set(await connected())
            self._slack.set(0 if is_slack_away() else 1)

        self._states.append(states)

    def oversights(self, found: Sequence[Oversight]) -> None:
        """The auditor has found something new."""
        for one in found:
            self._overlooked.labels(one.lapse.value, "yes" if one.is_mended else "no").inc()

    def audited(self, auditor: Auditor) -> None:
        """Show how long ago the auditor looked, and what stands."""

        async def states() -> None:
            self._audit_age.set(auditor.lateness().total_seconds())
            for lapse in Lapse:
                self._standing.labels(lapse.value).set(sum(one.lapse is lapse for one in auditor.standing))

        self._states.append(states)

    def cover(self, holes: Callable[[], Sequence[Hole]]) -> None:
        """Show where the next days have nobody."""

        async def states() -> None:
            found = holes()
            for cover in Cover:
                self._holes.labels(cover.value).set(sum(hole.cover is cover for hole in found))

        self._states.append(states)

    def credit(self, left: Callable[[], float | None]) -> None:
        """Show the operator's credit; NaN while nobody knows."""

        async def states() -> None:
            known = left()
            self._credit.set(float("nan") if known is None else known)

        self._states.append(states)

    def hold(self, counts: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
        """Show how many pages, letters and war rooms a storm holds back."""

        async def states() -> None:
            with suppress(Unavailable):
                found = await counts()
                self._held.set(found["pages"])
                for what in ("letters", "rooms"):
                    self._waiting.labels(what).set(found[what])

        self._states.append(states)

    async def text(self) -> bytes:
        """Every figure as of now, in Prometheus's text format."""
        for state in self._states:
            await state()
        return generate_latest(self._registry)

    async def _depths(self) -> None:
        try:
            found, lasting = await self._store.read(lambda tx: (depths.depths(tx), troubles.listed(tx)))
        except Unavailable:
            self._up.set(0)
            return
        self._up.set(1)
        self._writable.set(0 if self._store.write_fault else 1)
        for lane, count in found.items():
            self._depth.labels(lane).set(count)
        for trouble in Trouble:
            self._troubles.labels(trouble.value).set(sum(one.trouble is trouble for one in lasting))
