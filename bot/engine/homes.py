"""Home tabs that follow what changes: read at the last moment, and never in the stead of a newer one."""

from __future__ import annotations

from blocks import home as looks
from bot.notifiers.base import Chat
from domain.notifications import Patience
from handlers.home.service import HomeService, shown
from storage.messages import Place

HOMES_PATIENCE = Patience(attempts=6, longest=30.0)
"""The next change, or opening it again, draws a Home tab anew; nobody is woken by one."""
_WITH_A_HASH = 3


class Homes:
    """Publishes one person's Home tab."""

    def __init__(self, service: HomeService, slack: Chat) -> None:
        self._service = service
        self._slack = slack

    async def publish(self, user: str, attempts: int) -> Place:
        """Show `user` how things are; where it is now. Raises DeliveryError.

        Their own click may have drawn it meanwhile: the hash then is another, and the next attempt reads anew. A hash
        that stays wrong was lost, and is left out at last.
        """
        seen = await self._service.look(user)
        hash_ = seen.hash if attempts <= _WITH_A_HASH else ""
        return shown(user, await self._slack.publish(user, looks.home(seen.home), hash_))
