"""A message whose answer was lost: whether it went out all the same is asked before it is sent again."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from bot.engine.context import Context
from bot.engine.delivered import NoLongerWanted
from bot.notifiers.base import Chat, Posted, Receipt, SmsNotifier
from domain.errors import DeliveryError
from storage.outbox import Parcel

log = logging.getLogger(__name__)

LOOK_SECONDS = 8.0
"""A third of what a send may take: enough is left to send it."""
_PATIENT_ATTEMPTS = 2
"""At the second attempt a provider that does not say is asked again later; after that it is twice rather than never."""


async def sent_already(sms: SmsNotifier, parcel: Parcel, tag: str, seconds: float = LOOK_SECONDS) -> Receipt | None:
    """What the provider has under `tag`; None when it has nothing, and when it does not say. Raises DeliveryError when
    asking again may help."""
    try:
        async with asyncio.timeout(seconds):
            return await sms.lookup(tag)
    except TimeoutError:
        failed = DeliveryError("the provider did not say in time whether it has it", permanent=False)
    except DeliveryError as error:
        failed = error
    if not failed.permanent and parcel.attempts <= _PATIENT_ATTEMPTS:
        raise failed
    log.warning("%s is sent, though it may have gone out before: %s", tag, failed.reason)
    return None


async def posted_already(
    slack: Chat, parcel: Parcel, context: Context, channel: str, key: str, since: datetime, thread: str = ""
) -> Posted | None:
    """What Slack has under `key` of a parcel that may be there; None when it is to be posted. Slack may take its time:
    raises NoLongerWanted when another process has taken the parcel over meanwhile, or somebody a page's incident."""
    if not parcel.is_ambiguous:
        return None
    found = await slack.find(channel, key, since, thread)
    if found is None and not await context.is_still_due(parcel):
        raise NoLongerWanted
    return found
