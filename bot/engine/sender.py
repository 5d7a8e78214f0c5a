"""Claim with a lease, ask whether it is still wanted, render from the state of now, send, write down: the one place
that sends, and the one that retries."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.engine.context import Context
from bot.engine.delivered import CardMissing, NoLongerWanted
from bot.engine.hangs import Hangs
from bot.engine.holding import SEND_SECONDS, Holding
from bot.engine.homes import HOMES_PATIENCE
from bot.engine.lanes import LONG_WAIT_SECONDS, Lanes, Rates
from bot.engine.ledger import Ledger
from bot.engine.patience import patiently
from bot.engine.personal import KINDS
from bot.engine.results import Outcome, Result, is_noted, went
from bot.engine.slack_watch import SlackWatch
from bot.engine.stage import Delivers
from bot.engine.taking import Taking
from domain.clock import Clock
from domain.errors import DeliveryError, OfANewerVersion, Unavailable
from domain.notifications import LETTERS_PATIENCE, PAGES_PATIENCE, SLACK_PATIENCE, GiveUp, next_attempt
from domain.outages import SLACK_IS_AWAY
from handlers import traces
from handlers.turns import Turns
from storage import claims, hurries, messages
from storage.foresight import together
from storage.outbox import Kind, Parcel
from storage.parcels import PERSONAL_LANES, is_personal, is_slack
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

SLACK_PAGE_SECONDS = 6.0
"""Slack answers in less than one: a page that it keeps for longer goes another way."""
DETOUR_SECONDS = 30.0
"""How long a page that found no other way rests before it is looked at again, unless Slack is back sooner."""
NEWER_SECONDS = 60.0
"""What a newer version beside this one has written is left to it, and looked at again in case it is gone."""
_PATIENCE = {
    Kind.PAGE: PAGES_PATIENCE,
    Kind.LETTER: LETTERS_PATIENCE,
    Kind.ROUND_UP: LETTERS_PATIENCE,
    Kind.HOME: HOMES_PATIENCE,
    Kind.GROUP: HOMES_PATIENCE,
} | dict.fromkeys(KINDS, HOMES_PATIENCE)
_LOOK_BACK = timedelta(minutes=30)
AT_A_TIME = 4
"""Sends begun before the loop looks around again: to write a mail takes milliseconds, and somebody may have clicked."""


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
        self._watch = watch
        self.taking = Taking(store, clock, Lanes(rates), watch)
        self._outcomes = outcomes
        outcomes.in_flight = lambda: len(self._sending)
        self._sending: set[asyncio.Future[None]] = set()
        self._hangs = Hangs(clock)
        self._turns = Turns()

    @property
    def in_flight(self) -> int:
        """How many sends are on their way."""
        return len(self._sending)

    async def send_due(self) -> tuple[int, bool]:
        """Claim what may leave now and start sending it; how much that is, and whether there may be more."""
        holding, is_full = await self.taking.take()
        for place, parcel in enumerate(holding.parcels):
            if place % AT_A_TIME == 0:
                await asyncio.sleep(0)
            with traces.about(parcel.incident):
                task = asyncio.create_task(self._send(parcel, holding))
            self._sending.add(task)
            task.add_done_callback(partial(self._ended, parcel=parcel, context=holding.context))
        return len(holding.parcels), is_full

    async def drain(self, seconds: float) -> None:
        """Wait for what is on its way."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)

    def next_due(self, tx: Transaction, now: datetime, seconds: float) -> datetime | None:
        """When something may leave that has room in its lane, or a lease runs out."""
        return self.taking.claims.next_due(tx, now, seconds)

    async def _send(self, parcel: Parcel, holding: Holding) -> None:
        if not claims.is_threaded(parcel):
            await self._outcomes.submit(await self._attempt(parcel, holding))
        else:
            # Written down before the next of its incident goes: that one may hang under it.
            async with self._turns.of(parcel.incident):
                now_is = await self._caught_up(parcel, holding.context)
                await self._outcomes.submit(await self._attempt(now_is, holding))
        self.taking.let_go(parcel)
        await self._hurry(parcel.lane)
        self._wake()

    async def _hurry(self, lane: str) -> None:
        """What waited for a provider that takes something again leaves now."""
        if self._hangs.is_back(lane):
            with suppress(Unavailable):
                await self._store.write(lambda tx: hurries.lane(tx, lane, self._clock.now()))

    async def _caught_up(self, parcel: Parcel, context: Context) -> Parcel:
        """`parcel` with where things are now, when the card was not there yet as this was claimed. When another may
        have posted it, of which the answer was lost, this one has to ask before it posts one."""
        if f"card:{parcel.incident}" in context.places:
            return parcel
        incident = parcel.incident
        places, is_in_doubt = await patiently(
            lambda: self._store.read(
                lambda tx: together(tx, lambda: (messages.of_incidents(tx, [incident]), claims.in_doubt(tx, incident)))
            )
        )
        context.places.update(places)
        return replace(parcel, is_ambiguous=parcel.is_ambiguous or is_in_doubt)

    async def _attempt(self, parcel: Parcel, holding: Holding) -> Outcome:
        context, started = holding.context, self._clock.now()
        tried = _begun(parcel, context, started)
        until = await holding.until(parcel)
        if until is None:
            return replace(tried, result=Result.DROPPED)
        if self._watch.is_away and _is_for_slack(tried):
            later = started + self._clock.span(DETOUR_SECONDS)
            return replace(tried, result=Result.DIVERTED, reason=SLACK_IS_AWAY, retry_at=later)
        if self._watch.is_silent and is_slack(parcel.lane):
            # Taken before that was known: waiting for an answer, one after the other, is no use to anybody.
            return replace(tried, result=Result.DIVERTED, reason=SLACK_IS_AWAY, retry_at=started)
        if hangs := self._hangs.before(parcel):
            return self._failed(tried, hangs)
        return await self._try(tried, holding, until)

    async def _try(self, tried: Outcome, holding: Holding, until: float) -> Outcome:
        parcel, context, started = tried.parcel, holding.context, tried.started_at
        begun = asyncio.get_running_loop().time()
        seconds = SLACK_PAGE_SECONDS if _is_for_slack(tried) else SEND_SECONDS
        since = self._clock.to_wall(self._watch.unasked_since(started)) - _LOOK_BACK
        try:
            async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + seconds, until)):
                delivered = await self._deliveries.deliver(parcel, context, since)
        except CardMissing:
            return replace(tried, result=Result.HELD)
        except NoLongerWanted:
            return replace(tried, result=Result.DROPPED)
        except OfANewerVersion as error:
            later = self._clock.now() + self._clock.span(NEWER_SECONDS)
            return replace(tried, result=Result.RETRY, reason=str(error), retry_at=later, is_throttled=True)
        except TimeoutError:
            late = DeliveryError(f"no answer within {seconds:.0f} s", permanent=False, ambiguous=True, is_outage=True)
            # A Home tab is read in that time, behind whatever else takes long: that says nothing of Slack.
            if is_slack(parcel.lane) and parcel.kind is not Kind.HOME:
                self._watch.told(late)
            self._hangs.failed(parcel.lane, late, seconds)
            return self._failed(tried, late)
        except Unavailable as error:
            # The database was away, not the provider: no reason to try another way.
            failed = self._failed(tried, DeliveryError(str(error), permanent=False, ambiguous=True))
            return replace(failed, is_throttled=failed.result is Result.RETRY)
        except DeliveryError as error:
            self._hangs.failed(parcel.lane, error, asyncio.get_running_loop().time() - begun)
            return self._failed(tried, error)
        self._hangs.took(parcel.lane)
        context.places.update({place.key: place for place in delivered.places})
        return went(tried, delivered, self._clock.now(), self._clock.span)

    def _failed(self, tried: Outcome, error: DeliveryError) -> Outcome:
        parcel, now = tried.parcel, self._clock.now()
        is_sms_or_mail = parcel.kind is Kind.BUNDLE and parcel.lane in PERSONAL_LANES
        patience = PAGES_PATIENCE if is_sms_or_mail else _PATIENCE.get(parcel.kind, SLACK_PATIENCE)
        then = next_attempt(parcel.attempts, error, random.random(), patience)
        why = f" ({error.__cause__})" if error.__cause__ else ""
        level = logging.WARNING if is_noted(parcel.attempts) else logging.DEBUG
        log.log(level, "%s of %s did not go out: %s%s", parcel.kind.value, _about(parcel), error.reason, why)
        if isinstance(then, GiveUp) and parcel.kind is Kind.HOME:
            return replace(tried, finished_at=now, result=Result.DROPPED)
        if isinstance(then, GiveUp):
            return replace(tried, finished_at=now, result=Result.FAILED, reason=then.reason, code=error.code)
        if error.retry_after is not None:
            self.taking.lanes.pause(parcel.lane, asyncio.get_running_loop().time(), error.retry_after, error.method)
        return replace(
            tried,
            finished_at=now,
            result=Result.RETRY,
            reason=error.reason,
            code=error.code,
            retry_at=now + self._clock.span(then.seconds),
            is_ambiguous=then.is_ambiguous or tried.is_ambiguous,
            is_throttled=error.retry_after is not None and not self._is_too_long(tried, error.retry_after),
        )

    def _is_too_long(self, tried: Outcome, wait: float) -> bool:
        """Whether a page that its provider wants to wait, again, had better go another way. What is in a message for
        many to somebody has waited already."""
        parcel = tried.parcel
        if wait > LONG_WAIT_SECONDS or parcel.attempts == 1:
            return wait > LONG_WAIT_SECONDS
        if tried.page is None:
            return parcel.kind is Kind.BUNDLE and is_personal(parcel.lane)
        longest = self._clock.span(LONG_WAIT_SECONDS)
        return self._clock.now() + self._clock.span(wait) - tried.page.decided_at > longest

    def _ended(self, task: asyncio.Task[None], parcel: Parcel, context: Context) -> None:
        """A fault of ours fails this parcel alone, and a page then goes another way like any that failed."""
        self._sending.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        log.error("%s of %s", parcel.kind.value, _about(parcel), exc_info=task.exception())
        now = self._clock.now()
        tried = _begun(parcel, context, now)
        reason = f"a fault in Vigie: {type(task.exception()).__name__}"
        failed = replace(tried, result=Result.FAILED, reason=reason)
        recording = asyncio.ensure_future(self._outcomes.submit(failed))
        self._sending.add(recording)
        recording.add_done_callback(partial(self._recorded, parcel=parcel))

    def _recorded(self, recording: asyncio.Future[None], parcel: Parcel) -> None:
        self._sending.discard(recording)
        self.taking.let_go(parcel)
        if not recording.cancelled() and recording.exception():
            log.error("an outcome could not be kept; its lease runs out", exc_info=recording.exception())
        self._wake()


def _about(parcel: Parcel) -> str:
    return f"incident {parcel.incident}" if parcel.incident else parcel.subject


def _begun(parcel: Parcel, context: Context, now: datetime) -> Outcome:
    page = context.notifications.get(parcel.subject) if parcel.kind is Kind.PAGE else None
    return Outcome(
        parcel=parcel,
        page=page,
        incident=context.incidents.get(parcel.incident),
        started_at=now,
        finished_at=now,
        is_ambiguous=parcel.is_ambiguous,
    )


def _is_for_slack(tried: Outcome) -> bool:
    """Whether it is a page, or a message for many, that Slack has to carry."""
    is_bundle = tried.parcel.kind is Kind.BUNDLE and is_slack(tried.parcel.lane)
    return is_bundle or (tried.page is not None and tried.page.is_through_slack)
