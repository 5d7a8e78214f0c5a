"""Fetching a calendar: from the web, never from an address inside the network, or from a file of this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urljoin

import aiohttp

from bot.notifiers.destinations import Destinations, is_inside
from domain.errors import DeliveryError
from domain.webhooks import LOST_KEY, is_redacted

MOST_BYTES = 2 * 1024 * 1024
SECONDS = 15.0
_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS)
REDIRECTS = 3
_REDIRECTED = (301, 302, 303, 307, 308)


class CalendarSource:
    """Reads what an address or a path leads to. `is_private_allowed`: also addresses inside the network."""

    def __init__(self, *, is_private_allowed: bool = False) -> None:
        self._destinations = Destinations(is_private_allowed=is_private_allowed, schemes=("http", "https"))

    async def fetch(self, source: str) -> str:
        """The text there. Raises DeliveryError with why not."""
        if is_redacted(source):
            raise DeliveryError(LOST_KEY, permanent=True)
        try:
            async with asyncio.timeout(SECONDS):
                if source.startswith("/"):
                    return await asyncio.to_thread(_file, source)
                return await self._web(source)
        except TimeoutError:
            raise DeliveryError(f"no answer within {SECONDS:.0f} s", permanent=False) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryError(_reason(error), permanent=False) from error

    async def _web(self, source: str) -> str:
        async with self._destinations.session(_TIMEOUT, is_kept_open=False) as session:
            for _ in range(REDIRECTS + 1):
                async with session.get(source, allow_redirects=False, headers=_HEADERS) as answer:
                    if answer.status not in _REDIRECTED:
                        return await _text(answer)
                    source = urljoin(source, answer.headers.get("Location", ""))
        raise DeliveryError(f"it redirects more than {REDIRECTS} times", permanent=True)


_HEADERS = {"Accept": "text/calendar, text/plain;q=0.5", "User-Agent": "Vigie"}


async def _text(answer: aiohttp.ClientResponse) -> str:
    if answer.status != 200:
        raise DeliveryError(f"it answers with status {answer.status}", permanent=False)
    body = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MOST_BYTES:
            raise DeliveryError(_TOO_LARGE, permanent=True)
    return _decoded(bytes(body))


_TOO_LARGE = f"it is larger than {MOST_BYTES // 1024 // 1024} MiB"


def _file(path: str) -> str:
    place = Path(path)
    if not place.is_file():
        raise DeliveryError("there is no such file", permanent=False)
    if place.stat().st_size > MOST_BYTES:
        raise DeliveryError(_TOO_LARGE, permanent=True)
    return _decoded(place.read_bytes())


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError:
        raise DeliveryError("it is not text in UTF-8", permanent=True) from None


def _reason(error: Exception) -> str:
    if is_inside(error):
        return "its address is inside the network, which is not read"
    if isinstance(error, aiohttp.InvalidURL):
        return "only http and https addresses are read"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host} can't be reached"
    return f"it can't be fetched ({type(error).__name__})"
