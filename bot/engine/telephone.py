"""Pages and tests by telephone, as things are when they leave."""

from __future__ import annotations

from datetime import datetime

from blocks import telephone as looks
from blocks.words import words
from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.rendering import Renderer
from bot.notifiers.base import Call, CallNotifier
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.notifications import Notification
from domain.policies import Channel
from domain.reach import NOT_SET_UP
from domain.telephone import RINGS_WITHIN
from handlers.links.signing import Links


class Telephone:
    """Rings people. `links` are the installation's: without an address of its own no key can be answered."""

    def __init__(self, calls: CallNotifier | None, links: Links) -> None:
        self._calls = calls
        self._links = links

    async def page(
        self, renderer: Renderer, context: Context, incident: Incident, page: Notification, now: datetime
    ) -> Delivered:
        """Call whoever `page` is for. Raises DeliveryError."""
        said = renderer.page(context, incident, page, now)
        answers_to = self._answers_to(self._links.of_calls, page.id)
        text = looks.spoken(said, hears_keys=bool(answers_to))
        reference = await self._ring(page.id, page.recipient.address, text, said.locale, answers_to, now)
        return Delivered(reference, said=text, rendered_at=now, is_followed=bool(answers_to))

    async def test(self, trial: str, number: str, name: str, locale: str, now: datetime) -> str:
        """Call somebody who tries it out; the provider's reference. Raises DeliveryError."""
        answers_to = self._answers_to(self._links.of_call_trials, trial)
        text = looks.test_spoken(name, locale, hears_keys=bool(answers_to))
        return await self._ring(trial, number, text, locale, answers_to, now)

    def _answers_to(self, links: Links, identity: str) -> str:
        return "" if self._calls is None or self._calls.rings_only else links.to(identity)

    async def _ring(self, identity: str, number: str, text: str, locale: str, answers_to: str, now: datetime) -> str:
        if self._calls is None:
            raise DeliveryError(NOT_SET_UP[Channel.PHONE], permanent=True)
        call = Call(
            id=identity,
            to=number,
            text=text,
            # A voice is chosen by it: the language that the words are in, whatever the reader's region.
            locale=words(locale).language,
            answers_to=answers_to,
            expires_at=now + RINGS_WITHIN,
        )
        return (await self._calls.send(call)).reference
