"""Pages by SMS and e-mail. What comes before the message itself may take a while, a question to the provider or a mail
server's greeting: whether it is still wanted is asked once more, as late as can be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.engine.context import Context
from bot.engine.delivered import Delivered, NoLongerWanted
from bot.engine.holding import FRESH_SECONDS
from bot.engine.letters import letter
from bot.engine.lost_answers import sent_already
from bot.engine.rendering import Renderer
from bot.engine.transports import Transports
from bot.notifiers.base import Sms
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.notifications import Notification
from storage.outbox import Parcel


class PrivatePages:
    """Sends them. `mail_domain` is what Message-IDs end with."""

    def __init__(self, transports: Transports, renderer: Renderer, clock: Clock, mail_domain: str) -> None:
        self._to = transports
        self._words = renderer
        self._clock = clock
        self._domain = mail_domain

    async def sms(self, parcel: Parcel, context: Context, incident: Incident, page: Notification) -> Delivered:
        """Raises DeliveryError, NoLongerWanted."""
        if self._to.sms is None:
            raise DeliveryError("SMS is not set up", permanent=True)
        if parcel.is_ambiguous:
            if sent := await sent_already(self._to.sms, parcel, page.id):
                return Delivered(sent.reference)
            await require_wanted(context, page)
        text = self._words.sms(context, incident, page, now := self._clock.now())
        message = Sms(page.recipient.address, text, page.id)
        receipt = await self._to.sms.send(message, lambda: require_wanted(context, page))
        return Delivered(receipt.reference, said=self._words.kept(page, text), rendered_at=now)

    async def mail(self, context: Context, incident: Incident, page: Notification) -> Delivered:
        """Raises DeliveryError, NoLongerWanted."""
        if self._to.email is None:
            raise DeliveryError("e-mail is not set up", permanent=True)
        now = self._clock.now()
        earlier = context.earlier_mails.get((incident.id, page.recipient.address), [])
        message = letter(page, self._words.mail(context, incident, page, now), earlier, self._domain, now)
        receipt = await self._to.email.send(message, lambda: require_wanted(context, page))
        return Delivered(receipt.reference, said=self._words.kept(page, message.text), rendered_at=now)


async def require_wanted(context: Context, page: Notification) -> None:
    """Raises NoLongerWanted."""
    if not await context.is_wanted(page.id):
        raise NoLongerWanted


async def found_in_time(finding: Awaitable[str], still_wanted: Callable[[], Awaitable[None]]) -> str:
    """Where a page goes in Slack; when Slack had to be asked for it, somebody may have the incident by now. Raises as
    `still_wanted` does."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    place = await finding
    if loop.time() - begun > FRESH_SECONDS:
        await still_wanted()
    return place
