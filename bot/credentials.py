"""Slack's tokens at the start. One that never worked stops it; one that has worked with this database was revoked, and
Vigie pages without Slack, as it does when that happens while it runs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.patience import patiently
from bot.settings import Settings
from bot.sockets import APP_TOKEN, BOT_TOKEN, Preflight, TokenRefused, preflight
from domain.clock import Clock
from domain.troubles import SLACK, SLACK_SOCKETS, Known, Trouble
from handlers.troubles import telling
from storage import credentials, messages, troubles
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

_TROUBLES = {BOT_TOKEN: (SLACK, Trouble.UNAUTHORIZED), APP_TOKEN: (SLACK_SOCKETS, Trouble.NO_SOCKETS)}


async def admitted(store: Store, clock: Clock, client: AsyncWebClient, settings: Settings) -> bool:
    """Whether Slack is there and takes the tokens. Raises TokenRefused for one that it never took."""
    found = await preflight(client, settings.slack_app_token)
    digests = {BOT_TOKEN: _digest(settings.slack_bot_token), APP_TOKEN: _digest(settings.slack_app_token)}
    known, lasting = await patiently(lambda: store.read(lambda tx: (credentials.known(tx), troubles.listed(tx))))
    for one in found.refused:
        if known.get(one.name) != digests[one.name]:
            raise one
        log.error("%s and start Vigie anew. It took it before: until then pages go by SMS and e-mail, not Slack", one)
    worked = {name: digests[name] for name in found.taken}
    is_another = known.get(BOT_TOKEN) != digests[BOT_TOKEN]
    if found.refused or is_another or worked.items() - known.items() or _are_over(found, lasting):
        await patiently(lambda: store.write(lambda tx: _keep(tx, worked, found.refused, clock, is_another=is_another)))
    return found.is_there and not found.refused


def _are_over(found: Preflight, lasting: Sequence[Known]) -> bool:
    """Whether something is said to be wrong with a token that works."""
    return bool({one.name for one in lasting} & {_TROUBLES[name][0] for name in found.taken})


def _keep(
    tx: Transaction, worked: Mapping[str, str], refused: Sequence[TokenRefused], clock: Clock, *, is_another: bool
) -> None:
    """`is_another` when the bot token is not the one that worked last: it may be of an app that was made anew."""
    now = clock.now()
    if is_another:
        messages.forget_direct(tx)
    credentials.keep(tx, worked)
    telling.is_over(tx, [_TROUBLES[name][0] for name in worked])
    for one in refused:
        name, trouble = _TROUBLES[one.name]
        telling.begins(tx, Known(name=name, trouble=trouble, label="Slack", detail=str(one), since=now), now)


def _digest(token: str) -> str:
    """A token is long and drawn at random: nobody finds it by its digest."""
    return hashlib.sha256(b"vigie " + token.encode()).hexdigest()
