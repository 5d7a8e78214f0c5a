"""Pages to Discord channels: posted once, edited in place as the incident changes."""

from __future__ import annotations

from datetime import datetime

from blocks import discord as looks
from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.rendering import Renderer
from bot.notifiers.base import DiscordPost, Notifier
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.notifications import Notification


class Discord:
    """Writes in channels behind webhooks. After an answer that is lost a page is posted anew: none can be looked up."""

    def __init__(self, to: Notifier[DiscordPost] | None, renderer: Renderer) -> None:
        self._to = to
        self._renderer = renderer

    async def post(self, context: Context, incident: Incident, page: Notification, now: datetime) -> Delivered:
        """The page in its channel. Raises DeliveryError."""
        text = self._said(context, incident, page, now)
        receipt = await self._way().send(DiscordPost(page.recipient.address, text))
        return Delivered(receipt.reference, said=text, rendered_at=now)

    async def edit(self, context: Context, incident: Incident, page: Notification, now: datetime) -> Delivered:
        """The page as the incident is now; nothing when somebody deleted it. Raises DeliveryError."""
        if not page.reference:
            return Delivered()
        post = DiscordPost(page.recipient.address, self._said(context, incident, page, now), page.reference)
        try:
            return Delivered((await self._way().send(post)).reference)
        except DeliveryError as error:
            if error.permanent:
                return Delivered()
            raise

    def _said(self, context: Context, incident: Incident, page: Notification, now: datetime) -> str:
        said = self._renderer.page(context, incident, page, now)
        card = self._renderer.card(context, incident, now, said.locale)
        return looks.message(said, card, self._renderer.thread(context, incident))

    def _way(self) -> Notifier[DiscordPost]:
        if self._to is None:
            raise DeliveryError("Discord is not set up", permanent=True)
        return self._to
