"""The connections to OVH: the `ovh` client writes and signs each request, aiohttp sends it.

The client sends by itself through `requests`, on a thread each. Measured here, CPU of a signed POST on loopback: 0.45
ms on threads, 0.12 ms on the event loop; a hundred pages at one moment are as late as that adds up to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from requests.utils import get_environ_proxies, select_proxy
from yarl import URL

from bot.notifiers.base import SMS_CONNECTIONS

_CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
"""Between two bytes of the answer; the client's own is 180, to connect too."""
_WHOLE = 2
"""So many times that, for an answer that comes byte by byte: whatever looks every few seconds waits for it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as `ovh.Client` wrote it."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


class Pen:
    """What `ovh.Client` takes for its session: what it asks to be sent is given back instead."""

    def request(self, method: str, url: str, headers: dict[str, str], data: str, timeout: object = None) -> Signed:
        """The request; its time-out is ours to choose."""
        return Signed(method, url, headers, data)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error_code(self) -> str:
        """OVH's name for what went wrong; empty when nothing did."""
        return str(self._error().get("errorCode", ""))

    @property
    def error_message(self) -> str:
        return " ".join(str(self._error().get("message", "no reason given")).split())[:300]

    def _error(self) -> dict[str, object]:
        if self.status_code < 300:
            return {}
        try:
            body = self.json()
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}


class OvhSession:
    """Sends to one endpoint, by the proxy of the environment if there is one. It connects at the first request."""

    def __init__(self, endpoint: str, read_seconds: float = READ_SECONDS) -> None:
        self._proxy = select_proxy(endpoint, get_environ_proxies(endpoint))
        whole = _CONNECT_SECONDS + _WHOLE * read_seconds
        self._timeout = aiohttp.ClientTimeout(total=whole, sock_connect=_CONNECT_SECONDS, sock_read=read_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, signed: Signed) -> Answer:
        """One request, never repeated nor redirected. Raises aiohttp.ClientError and TimeoutError."""
        async with self._opened().request(
            signed.method,
            # As it was signed: encoded anew, letters that stand for themselves would read differently.
            URL(signed.url, encoded=True),
            data=signed.body.encode() if signed.body else None,
            headers=signed.headers,
            proxy=self._proxy,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=SMS_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session
