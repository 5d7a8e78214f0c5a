"""Slack's tokens. One that never worked stops the start; one that has worked with this database was revoked, before the
start or since, and Vigie pages without Slack."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.patience import patiently
from bot.settings import Settings
from bot.sockets import APP_TOKEN, BOT_TOKEN, Preflight, preflight
from domain.clock import Clock
from domain.troubles import SLACK, SLACK_SOCKETS, Known, Trouble
from handlers.troubles import telling
from storage import credentials, messages, troubles
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

_TROUBLES = {BOT_TOKEN: (SLACK, Trouble.UNAUTHORIZED), APP_TOKEN: (SLACK_SOCKETS, Trouble.NO_SOCKETS)}


class Tokens:
    """Those of the settings, and what Slack says of them. `connected` counts open sockets; `wake` is called when
    somebody is to be told."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        client: AsyncWebClient,
        settings: Settings,
        connected: Callable[[], Awaitable[int]],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._client = client
        self._app_token = settings.slack_app_token
        self._digests = {BOT_TOKEN: _digest(settings.slack_bot_token), APP_TOKEN: _digest(settings.slack_app_token)}
        self._connected = connected
        self._wake = wake

    async def admit(self) -> bool:
        """Whether Slack is there and takes the tokens. Raises TokenRefused for one that it never took. A Slack that is
        away stops no start: alerts are taken, pages go by other channels, and the cards catch up."""
        found = await preflight(self._client, self._app_token)
        if found.silence:
            log.warning("Slack does not answer (%s); starting all the same, cards follow when it does", found.silence)
        known, lasting = await patiently(lambda: self._store.read(_kept))
        for one in found.refused:
            if known.get(one.name) != self._digests[one.name]:
                raise one
            log.error("%s and start Vigie anew. It took it before: until then pages go by SMS and e-mail", one)
        is_another = known.get(BOT_TOKEN) != self._digests[BOT_TOKEN]
        if is_another or self._is_news(found, known, lasting):
            await patiently(lambda: self._store.write(lambda tx: self._keep(tx, found, is_another=is_another)))
        return found.is_there and not found.refused

    async def look(self) -> None:
        """Whether Slack still takes them: one that is revoked says nothing by itself, and there may be nothing to post
        for days. The app-level token is tried when no socket is open: one that is was let in. A refused one is no
        trouble when another process has worked with a newer one since: the two would tell in turn of it, and of its
        end."""
        is_deaf = await self._connected() == 0
        found = await preflight(self._client, self._app_token if is_deaf else "")
        found.taken += [] if is_deaf else [APP_TOKEN]
        known, lasting = await self._store.read(_kept)
        found.refused = [one for one in found.refused if known.get(one.name) in (None, self._digests[one.name])]
        if self._is_news(found, known, lasting):
            await self._store.write(lambda tx: self._keep(tx, found))
            self._wake()

    def _worked(self, found: Preflight) -> Mapping[str, str]:
        return {name: self._digests[name] for name in found.taken}

    def _is_news(self, found: Preflight, known: Mapping[str, str], lasting: Sequence[Known]) -> bool:
        is_over = {one.name for one in lasting} & {_TROUBLES[name][0] for name in found.taken}
        return bool(found.refused or self._worked(found).items() - known.items() or is_over)

    def _keep(self, tx: Transaction, found: Preflight, *, is_another: bool = False) -> None:
        """`is_another` when the bot token is not the one that worked last: it may be of an app that was made anew."""
        now = self._clock.now()
        if is_another:
            messages.forget_direct(tx)
        credentials.keep(tx, self._worked(found))
        telling.is_over(tx, [_TROUBLES[name][0] for name in found.taken])
        for one in found.refused:
            name, trouble = _TROUBLES[one.name]
            telling.begins(tx, Known(name=name, trouble=trouble, label="Slack", detail=str(one), since=now), now)


def _kept(tx: Transaction) -> tuple[Mapping[str, str], Sequence[Known]]:
    """What worked last, and the troubles that last."""
    return credentials.known(tx), troubles.listed(tx)


def _digest(token: str) -> str:
    """A token is long and drawn at random: nobody finds it by its digest."""
    return hashlib.sha256(b"vigie " + token.encode()).hexdigest()
