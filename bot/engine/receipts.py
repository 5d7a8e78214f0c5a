"""Pages that their provider took: asked about until they have arrived, and sent another way when they do not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.engine.patience import ended
from bot.notifiers.base import SmsNotifier
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.incidents import Status
from domain.notifications import Notification
from domain.policies import Channel
from domain.receipts import NOTHING, Word, judge
from handlers.incidents.other_ways import Manner, OtherWays
from storage import incidents, notifications, receipts, storms
from storage.faults import UNDECIDABLE, UNREADABLE
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

AT_ONCE = 8
LEASE_SECONDS = 60.0
"""Longer than asking about `AT_ONCE` pages may take: a process that died leaves them to another after this."""
REQUESTS_A_MINUTE = 30
"""OVH is content below 60 a minute for all that its keys ask (python-ovh#81); half of that is for pages to go out."""
_REQUESTS_EACH = 2
AFTER_A_FAULT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Message:
    """What the provider is asked about by its `tag`: the page `asked`, and what else went out in the same message."""

    tag: str
    asked: Notification
    pages: tuple[Notification, ...]


class Receipts:
    """Asks beside the engine, never in its way. `wake` is called when a page has to go another way."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], ways: OtherWays) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._ways = ways
        self._asking: asyncio.Task[None] | None = None
        self._rests_until = self._paid_until = clock.now()
        self.sms: SmsNotifier | None = None
        """The way to the provider, once there is one."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When a page is to be asked about; never while some are."""
        if self.is_asking:
            return None
        moment = receipts.next_look(tx)
        return max(moment, self._rests_until) if moment else None

    def clock_moved(self) -> None:
        """It was set back: what was to rest until a moment of the former one rests no longer."""
        self._rests_until = self._paid_until = self._clock.now()

    @property
    def is_asking(self) -> bool:
        return self._asking is not None and not self._asking.done()

    async def fire(self) -> None:
        """Begin to ask; the engine goes on meanwhile."""
        self._asking = asyncio.create_task(self.ask(), name="receipts")
        self._asking.add_done_callback(self._ended)

    def _ended(self, asking: asyncio.Task[None]) -> None:
        ended(asking, "receipts could not be asked for")
        self._wake()

    async def ask(self) -> None:
        """Ask about what is due, and write down what is learned."""
        now = self._clock.now()
        self._rests_until = now + self._clock.span(AFTER_A_FAULT_SECONDS)
        until = now + self._clock.span(LEASE_SECONDS)
        due = await self._store.write(lambda tx: _due(tx, now, until))
        words = await asyncio.gather(*(self._word_on(one) for one in due))
        await self._noted(due, words)
        self._rests_until = self._rest(len(due), now)

    def _rest(self, pages: int, now: datetime) -> datetime:
        """When there is room for more requests: a minute's worth may be asked at once."""
        minute = self._clock.span(60)
        spent = minute * pages * _REQUESTS_EACH / REQUESTS_A_MINUTE
        self._paid_until = max(self._paid_until, now - minute) + spent
        return max(now, self._paid_until)

    async def _word_on(self, message: _Message) -> Word:
        """What the provider says of a message: nothing, when it does not answer. Calls are told of, not asked about."""
        if self.sms is None or message.asked.channel is not Channel.SMS:
            return NOTHING
        try:
            fate = await self.sms.fate(message.tag)
        except DeliveryError as error:
            log.warning("no receipt of page %s: %s", message.tag, error.reason)
            return NOTHING
        except UNREADABLE:
            log.exception("the receipt of page %s can't be read", message.tag)
            return NOTHING
        return Word(self._clock.from_wall(fate.delivered_at) if fate.delivered_at else None, fate.failure)

    async def _noted(self, messages: Sequence[_Message], words: Sequence[Word]) -> None:
        """Together, or each by itself when one of them can't be: it is asked about again, and holds up no other."""
        if not messages:
            return
        try:
            await self._store.write(lambda tx: self._note(tx, messages, words))
        except UNDECIDABLE:
            if len(messages) > 1:
                for message, word in zip(messages, words, strict=True):
                    await self._noted([message], [word])
            else:
                log.exception("the receipt of page %s can't be written down", messages[0].tag)

    def _note(self, tx: Transaction, messages: Sequence[_Message], words: Sequence[Word]) -> None:
        """What is learned of a message is learned of each page in it."""
        now = self._clock.now()
        held = sorted({page.incident for message in messages for page in message.pages})
        incidents.hold(tx, held)
        found = incidents.by_ids(tx, held)
        known = notifications.by_ids(tx, [page.id for message in messages for page in message.pages])
        for message, word in zip(messages, words, strict=True):
            finding = judge(message.asked, word, now, self._clock.span)
            for page in message.pages:
                if page.id not in known or _is_settled(page, known[page.id]):
                    continue
                is_asked = page.id == message.asked.id
                receipts.note(tx, page, finding if is_asked else replace(finding, look_at=None))
                incident = found[page.incident]
                if finding.is_lost and incident.status is Status.TRIGGERED:
                    how = Manner(is_said_later=len(message.pages) > 1)
                    self._ways.take(tx, page, incident, finding.failure, now, how)

    async def stop(self) -> None:
        """Leave what is being asked: the lease gives it back."""
        if self._asking:
            self._asking.cancel()
            await asyncio.wait({self._asking})


def _is_settled(before: Notification, now_is: Notification) -> bool:
    """Whether somebody else has said meanwhile what became of a page: a voice gateway, say."""
    return (before.state, before.delivered_at, before.failure) != (now_is.state, now_is.delivered_at, now_is.failure)


def _due(tx: Transaction, now: datetime, until: datetime) -> list[_Message]:
    found = []
    for page in receipts.take_due(tx, now, AT_ONCE, until):
        try:
            bundle, pages = storms.sent_with(tx, page)
        except UNREADABLE:
            log.exception("what went out with page %s can't be read", page.id)
            continue
        found.append(_Message(bundle or page.id, page, tuple(pages)))
    return found
