"""Pages to Discord channels: posted once, edited in place as the incident changes."""

from __future__ import annotations

from datetime import datetime

from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.rendering import Renderer
from bot.notifiers.base import DiscordPost, Notifier
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.notifications import Notification


async def post(
    to: Notifier[DiscordPost] | None,
    renderer: Renderer,
    context: Context,
    incident: Incident,
    page: Notification,
    now: datetime,
) -> Delivered:
    """The page in its channel. Raises DeliveryError."""
    if to is None:
        raise DeliveryError("Discord is not set up", permanent=True)
    said = renderer.announcement(context, incident, page, now)
    receipt = await to.send(DiscordPost(page.recipient.address, said.text))
    return Delivered(receipt.reference, said=said.text, rendered_at=now)
