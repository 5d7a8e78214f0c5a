"""Discord channels through incoming webhooks (Discord's documentation: Resources, Webhook)."""

from __future__ import annotations

import json
import re
from typing import Any

import aiohttp

from bot.notifiers.base import DiscordPost, Receipt
from bot.notifiers.destinations import Destinations, is_inside
from domain.errors import DeliveryError
from domain.webhooks import DISCORD, LOST_KEY, is_redacted, without_secrets

_NO_PREVIEWS = 1 << 2
"""SUPPRESS_EMBEDS: an address in an alert brings no picture along."""
_VERSION = re.compile(r"(?:v\d+/)?(?=webhooks/)")
"""Without one in the address that Discord hands out it means 6, which says in milliseconds how long to wait
(discord-api-docs#2360)."""
_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3.05)
_PASSING = {408, 409, 425, 429}
_NEVER_RIGHT = (aiohttp.ClientConnectorCertificateError, aiohttp.InvalidURL)


class DiscordWebhook:
    """A `Notifier[DiscordPost]`. Mentions in the text reach nobody: it may quote an alert."""

    def __init__(self, destinations: Destinations, prefixes: tuple[str, ...] = DISCORD, api: str = "") -> None:
        """`prefixes` are the addresses a webhook may have: a policy names it, and must not make us call
        something else. `api` is called in their place: a proxy, a test. Raises RuntimeError outside a running loop."""
        self._session = destinations.session(_TIMEOUT)
        self._prefixes = prefixes
        self._api = api

    async def send(self, message: DiscordPost) -> Receipt:
        if is_redacted(message.webhook):
            raise DeliveryError(LOST_KEY, permanent=True)
        if not message.webhook.startswith(self._prefixes):
            raise DeliveryError("not a Discord webhook address", permanent=True)
        edits = bool(message.message_id)
        try:
            status, headers, body = await self._request(message)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _not_answered(error, edits) from error
        if status >= 300:
            raise _refused(status, headers, body, edits)
        if not body.get("id"):
            # With `wait` Discord answers with the message: this is something between, which may have passed it on.
            raise DeliveryError(f"no readable answer of Discord's ({status})", permanent=False, ambiguous=not edits)
        return Receipt(str(body["id"]))

    async def close(self) -> None:
        await self._session.close()

    def _called(self, webhook: str) -> str:
        prefix = next(one for one in self._prefixes if webhook.startswith(one))
        path = webhook.removeprefix(prefix)
        # What is called in Discord's place has the paths that it has.
        return f"{self._api}{path}" if self._api else f"{prefix}{_VERSION.sub('v10/', path, count=1)}"

    async def _request(self, message: DiscordPost) -> tuple[int, str, dict[str, Any]]:
        """Status, Retry-After and decoded body of the answer."""
        method = "PATCH" if message.message_id else "POST"
        url, mark, thread = self._called(message.webhook).partition("?")
        url = url.rstrip("/") + (f"/messages/{message.message_id}" if message.message_id else "") + mark + thread
        content = {"content": message.text, "allowed_mentions": {"parse": []}, "flags": _NO_PREVIEWS}
        async with self._session.request(
            method, url, params={"wait": "true"}, json=content, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Retry-After", ""), _object(await response.read())


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _refused(status: int, retry_after: str, body: dict[str, Any], edits: bool) -> DeliveryError:
    return DeliveryError(
        f"Discord {status}: {body.get('message', 'no reason given')}"[:300],
        code=str(body.get("code", "")),
        permanent=status < 500 and status not in _PASSING,
        retry_after=_seconds(body.get("retry_after", retry_after)),
        # An edit done twice is the same edit.
        ambiguous=status >= 500 and not edits,
    )


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86400 else None


def _not_answered(error: Exception, edits: bool) -> DeliveryError:
    never_written = isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    return DeliveryError(
        f"Discord unreachable: {type(error).__name__}: {_words(error)}"[:300],
        permanent=is_inside(error) or isinstance(error, _NEVER_RIGHT),
        ambiguous=not (never_written or edits),
    )


def _words(error: Exception) -> str:
    """What went wrong, without the address that it went wrong at."""
    return without_secrets(error.message if isinstance(error, aiohttp.ClientResponseError) else str(error))
