"""Claim with a lease, ask whether it is still wanted, render from the state of now, send, write down: the one place
that sends, and the one that retries."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.engine.claims import Claims, Wanted
from bot.engine.context import Context
from bot.engine.delivered import CardMissing
from bot.engine.homes import HOMES_PATIENCE
from bot.engine.lanes import Lanes, Rates
from bot.engine.ledger import Ledger
from bot.engine.outcomes import Outcome, Result, went
from bot.engine.personal import KINDS
from bot.engine.slack_watch import SlackWatch
from bot.engine.stage import Delivers
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.notifications import PAGES_PATIENCE, SLACK_PATIENCE, GiveUp, Notification, next_attempt
from domain.outages import SLACK_IS_AWAY
from handlers import traces
from handlers.turns import Turns
from storage import messages, notifications, outbox
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.presence import Presence, gone
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

SEND_SECONDS = 25.0
FRESH_SECONDS = 0.02
"""Whether a page is still wanted is asked again, just before it leaves, when the last answer is older than this."""
SLACK_PAGE_SECONDS = 6.0
"""Slack answers in less than one: a page that it keeps for longer goes another way."""
DETOUR_SECONDS = 30.0
"""How long a page that found no other way rests before it is looked at again, unless Slack is back sooner."""
LONG_WAIT_SECONDS = 10.0
"""A provider that wants a page to wait for longer is as good as one that refuses it."""
_PATIENCE = {Kind.PAGE: PAGES_PATIENCE, Kind.HOME: HOMES_PATIENCE} | dict.fromkeys(KINDS, HOMES_PATIENCE)
_LOOK_BACK = timedelta(minutes=30)


class Sender:
    """`send_due` starts what may leave and comes back at once; `wake` is called when something has come back."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        deliveries: Delivers,
        wake: Callable[[], None],
        rates: Rates,
        outcomes: Ledger,
        watch: SlackWatch,
    ) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._wake = wake
        self._holder = new_id()
        self._presence = Presence(store, self._holder)
        self._lanes = Lanes(rates)
        self._watch = watch
        self._claims = Claims(self._lanes, clock, self._holder, lambda: watch.is_silent)
        self._outcomes = outcomes
        outcomes.in_flight = lambda: len(self._sending)
        self._sending: set[asyncio.Future[None]] = set()
        self._turns = Turns()

    @property
    def in_flight(self) -> int:
        """How many sends are on their way."""
        return len(self._sending)

    async def take_over(self) -> None:
        """Send again what a process that died was sending: SQLite has no other process, PostgreSQL knows who lives."""
        if self._store.is_sqlite:
            await self._store.write(lambda tx: outbox.reclaim(tx, self._clock.now(), self._holder))
            return
        await self._store.write(self._inherit)
        self._wake()

    def _inherit(self, tx: Transaction) -> None:
        self._presence.announce()
        dead = gone(tx, self._holder)
        if dead:
            outbox.inherit(tx, self._clock.now(), dead)

    def close(self) -> None:
        """Nothing more is sent by this process."""
        self._presence.close()

    async def send_due(self) -> bool:
        """Claim what may leave now and start sending it; whether there may be more."""
        loop = asyncio.get_running_loop()
        seconds = loop.time()
        claim = await self._store.write(lambda tx: self._claims.take(tx, seconds))
        pages = {parcel.subject for parcel in claim.parcels if parcel.kind is Kind.PAGE}
        # SQLite has one writer: until the claim was on the disk nobody could acknowledge anything.
        wanted = Wanted(pages, loop.time() if self._store.is_sqlite else seconds)
        for parcel in claim.parcels:
            with traces.about(parcel.incident):
                task = asyncio.create_task(self._send(parcel, claim.context, wanted))
            self._sending.add(task)
            task.add_done_callback(partial(self._ended, parcel=parcel, context=claim.context))
        return claim.is_full

    async def drain(self, seconds: float) -> None:
        """Wait for what is on its way."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)

    def next_due(self, tx: Transaction, now: datetime, seconds: float) -> datetime | None:
        """When something may leave that has room in its lane, or a lease runs out."""
        return self._claims.next_due(tx, now, seconds)

    async def _send(self, parcel: Parcel, context: Context, wanted: Wanted) -> None:
        if self._is_alone(parcel, context):
            await self._outcomes.submit(await self._attempt(parcel, context, wanted))
        else:
            # Written down before the next of its incident goes: that one may hang under it.
            async with self._turns.of(parcel.incident):
                await self._catch_up(parcel, context)
                await self._outcomes.submit(await self._attempt(parcel, context, wanted))
        self._wake()

    async def _catch_up(self, parcel: Parcel, context: Context) -> None:
        """Where things are now, when the card was not there yet as this was claimed."""
        if f"card:{parcel.incident}" not in context.places:
            context.places.update(await self._store.read(lambda tx: messages.of_incidents(tx, [parcel.incident])))

    def _is_alone(self, parcel: Parcel, context: Context) -> bool:
        """Whether a parcel need not wait its turn behind others of its incident: what is not in the channel."""
        return parcel.kind in (Kind.COPY, Kind.HOME, Kind.NOTICE, Kind.ROOM, *KINDS) or (
            parcel.kind is Kind.PAGE and not context.notifications[parcel.subject].is_to_a_channel
        )

    async def _attempt(self, parcel: Parcel, context: Context, wanted: Wanted) -> Outcome:
        started = self._clock.now()
        tried = Outcome(parcel=parcel, page=_page_of(parcel, context), started_at=started, finished_at=started)
        if not await self._is_wanted_now(parcel, wanted):
            return replace(tried, result=Result.DROPPED)
        if _is_slack_page(tried) and self._watch.is_away:
            later = started + self._clock.span(DETOUR_SECONDS)
            return replace(tried, result=Result.DIVERTED, reason=SLACK_IS_AWAY, retry_at=later)
        seconds = SLACK_PAGE_SECONDS if _is_slack_page(tried) else SEND_SECONDS
        try:
            async with asyncio.timeout(seconds):
                delivered = await self._deliveries.deliver(parcel, context, self._clock.to_wall(started) - _LOOK_BACK)
        except CardMissing:
            return replace(tried, result=Result.HELD)
        except TimeoutError:
            late = DeliveryError(f"no answer within {seconds:.0f} s", permanent=False, ambiguous=True)
            return self._failed(tried, late)
        except DeliveryError as error:
            return self._failed(tried, error)
        context.places.update({place.key: place for place in delivered.places})
        return went(tried, delivered, self._clock.now(), self._clock.span)

    async def _is_wanted_now(self, parcel: Parcel, wanted: Wanted) -> bool:
        """Asked for a whole claim at once, and again when the answer has grown old."""
        if parcel.kind is not Kind.PAGE:
            return True
        loop = asyncio.get_running_loop()
        async with wanted.asking:
            if loop.time() - wanted.asked_at > FRESH_SECONDS:
                asked_at, ids = loop.time(), list(wanted.pages)
                wanted.pages = set(await self._store.read(lambda tx: notifications.wanted(tx, ids)))
                wanted.asked_at = asked_at
        return wanted.take(parcel.subject)

    def _failed(self, tried: Outcome, error: DeliveryError) -> Outcome:
        parcel, now = tried.parcel, self._clock.now()
        patience = _PATIENCE.get(parcel.kind, SLACK_PATIENCE)
        then = next_attempt(parcel.attempts, error, random.random(), patience)
        why = f" ({error.__cause__})" if error.__cause__ else ""
        log.warning("%s of %s did not go out: %s%s", parcel.kind.value, _about(parcel), error.reason, why)
        if isinstance(then, GiveUp) and parcel.kind is Kind.HOME:
            return replace(tried, finished_at=now, result=Result.DROPPED)
        if isinstance(then, GiveUp):
            return replace(tried, finished_at=now, result=Result.FAILED, reason=then.reason)
        if error.retry_after is not None:
            self._lanes.pause(parcel.lane, asyncio.get_running_loop().time(), error.retry_after, error.method)
        return replace(
            tried,
            finished_at=now,
            result=Result.RETRY,
            reason=error.reason,
            retry_at=now + self._clock.span(then.seconds),
            is_ambiguous=then.is_ambiguous,
            is_throttled=error.retry_after is not None and error.retry_after <= LONG_WAIT_SECONDS,
        )

    def _ended(self, task: asyncio.Task[None], parcel: Parcel, context: Context) -> None:
        """A fault of ours fails this parcel alone, and a page then goes another way like any that failed."""
        self._sending.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        log.error("%s of %s", parcel.kind.value, _about(parcel), exc_info=task.exception())
        now = self._clock.now()
        tried = Outcome(parcel=parcel, page=_page_of(parcel, context), started_at=now, finished_at=now)
        reason = f"a fault in Vigie: {type(task.exception()).__name__}"
        failed = replace(tried, result=Result.FAILED, reason=reason)
        recording = asyncio.ensure_future(self._outcomes.submit(failed))
        self._sending.add(recording)
        recording.add_done_callback(self._recorded)

    def _recorded(self, recording: asyncio.Future[None]) -> None:
        self._sending.discard(recording)
        if not recording.cancelled() and recording.exception():
            log.error("an outcome could not be kept; its lease runs out", exc_info=recording.exception())
        self._wake()


def _about(parcel: Parcel) -> str:
    return f"incident {parcel.incident}" if parcel.incident else parcel.subject


def _page_of(parcel: Parcel, context: Context) -> Notification | None:
    return context.notifications.get(parcel.subject) if parcel.kind is Kind.PAGE else None


def _is_slack_page(tried: Outcome) -> bool:
    return tried.page is not None and tried.page.is_through_slack
