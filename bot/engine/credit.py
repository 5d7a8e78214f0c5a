"""The operator's credit, looked at every few minutes: an admin is told before pages stop going out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.notifiers.base import SmsNotifier
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.policies import Channel
from domain.troubles import LOW_CREDITS, NOT_GRANTED, SMS_CREDIT, SMS_KEYS, SMS_NO_CREDIT, Known, Trouble
from handlers.troubles import telling
from handlers.troubles.telling import Handed
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0


class Credit:
    """Looks at what is left. `wake` is called when somebody is to be told."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self.sms: SmsNotifier | None = None
        """The way to the operator, once there is one."""
        self.left: float | None = None
        """SMS that could still be sent when it was last looked; None while nobody knows."""

        self._is_first = True
        """Until OVH has answered: the keys may be new since the last process. Later on that an SMS goes out says more
        of them than an answer to a question."""

    async def look(self) -> None:
        """Ask how much is left, and tell the admins when that is little."""
        if self.sms is None:
            return
        try:
            self.left = await self.sms.credits()
        except DeliveryError as error:
            log.warning("the SMS credit could not be read: %s", error.reason)
            # Keys that may not look at the account may send all the same.
            if error.code and error.code != NOT_GRANTED:
                refused = Handed(Channel.SMS, error.code, error.reason)
                await self._store.write(lambda tx: telling.learn(tx, [], [refused], self._clock.now()))
                self._wake()
            return
        await self._store.write(self._note)
        self._is_first = False
        self._wake()

    def _note(self, tx: Transaction) -> None:
        left, now = self.left or 0.0, self._clock.now()
        if self._is_first:
            telling.is_over(tx, (SMS_KEYS,))
        if left >= LOW_CREDITS:
            telling.is_over(tx, (SMS_CREDIT, SMS_NO_CREDIT))
            return
        low = Known(name=SMS_CREDIT, trouble=Trouble.LOW_CREDIT, label=f"{left:g}", detail="", since=now)
        telling.begins(tx, low, now)
