"""Telephone calls through a voice gateway: one signed webhook, which docs/phone.md describes for whoever runs one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.notifiers.base import Call, Receipt
from bot.notifiers.destinations import Destinations, is_inside
from domain.errors import DeliveryError
from domain.signatures import signed
from domain.troubles import GATEWAY_REFUSES

_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3.05)
_PASSING = {408, 409, 425, 429}
_OF_THE_ACCOUNT = {401, 402, 403, 404}
"""The key, the credit, the rights or the address: no other call will fare better until somebody mends that."""
_MOST_BYTES = 64 * 1024
PRIVATE = "the voice gateway is inside the network, which takes PHONE_PRIVATE_ADDRESSES"


class VoiceGateway:
    """A `CallNotifier` that speaks, and hears keys. A call is known by its id: asked for twice, it rings once.

    `now` is the world's time, which requests are signed with.
    """

    rings_only = False

    def __init__(self, url: str, secret: str, now: Callable[[], datetime], *, is_private_allowed: bool = False) -> None:
        """Raises RuntimeError outside a running loop."""
        schemes = ("http", "https") if is_private_allowed else ("https",)
        self._session = Destinations(is_private_allowed=is_private_allowed, schemes=schemes).session(_TIMEOUT)
        self._url = url
        self._secret = secret
        self._now = now

    async def send(self, message: Call) -> Receipt:
        status, headers, answer = await self._ask("POST", _body(message), message.id)
        if status >= 300:
            raise _refused(status, headers, answer)
        return Receipt(str(answer.get("id") or message.id)[:200])

    async def check(self) -> int:
        """The status that the gateway answers a signed GET with. Raises DeliveryError."""
        status, _, _ = await self._ask("GET", b"", "")
        return status

    async def close(self) -> None:
        await self._session.close()

    async def _ask(self, method: str, body: bytes, call: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        headers = {"User-Agent": "Vigie", **signed(self._secret, self._now().timestamp(), body)}
        if call:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": call}
        try:
            async with self._session.request(
                method, self._url, data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, dict(answer.headers), _object(await _beginning(answer.content))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _not_answered(error) from error


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """An answer, in however many pieces it comes, as far as one is read."""
    try:
        return await content.readexactly(_MOST_BYTES)
    except asyncio.IncompleteReadError as all_of_it:
        return all_of_it.partial


def _body(call: Call) -> bytes:
    said = {
        "call": call.id,
        "number": call.to,
        "text": call.text,
        "locale": call.locale,
        "callback_url": call.answers_to,
        "keys": {"1": "acknowledge", "2": "escalate"} if call.answers_to else {},
        "expires_at": call.expires_at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _refused(status: int, headers: dict[str, str], answer: dict[str, Any]) -> DeliveryError:
    """It answered, and no. Nothing is ambiguous: the same call asked for again rings once."""
    why = " ".join(str(answer.get("error") or "no reason given").split())[:200]
    return DeliveryError(
        f"the voice gateway answers {status}: {why}",
        permanent=status < 500 and status not in _PASSING,
        is_mendable=status in _OF_THE_ACCOUNT,
        code=GATEWAY_REFUSES if status in _OF_THE_ACCOUNT else "",
        retry_after=_seconds(headers.get("Retry-After", "")),
    )


def _seconds(value: str) -> float | None:
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _not_answered(error: BaseException) -> DeliveryError:
    if is_inside(error):
        return DeliveryError(PRIVATE, permanent=True)
    is_certificate = isinstance(error, aiohttp.ClientConnectorCertificateError)
    return DeliveryError(
        f"the voice gateway can't be reached: {type(error).__name__}",
        permanent=is_certificate or isinstance(error, aiohttp.InvalidURL),
        is_mendable=is_certificate,
        code=GATEWAY_REFUSES if is_certificate else "",
    )
