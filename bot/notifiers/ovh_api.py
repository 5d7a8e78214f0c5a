"""OVH's signed HTTP API, called from asyncio: the `ovh` client in its own few threads, errors named.

Sources: ovh 1.2.0 `client.py` and `exceptions.py`; error bodies {errorCode, httpCode, message} as in the
threads of ovh/php-ovh (#97) and ovh/python-ovh (#103).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import ovh  # type: ignore[import-untyped]
from ovh.client import ENDPOINTS  # type: ignore[import-untyped]
from urllib3 import exceptions as http

from bot.notifiers.ovh_session import READ_SECONDS, Answer, OvhSession
from domain.errors import DeliveryError

_THREADS = 8
_CLOCK_ERRORS = {"QUERY_TIME_OUT", "INVALID_SIGNATURE"}
_PASSING = {408, 409, 425, 429}
_MAY_HAVE_ACTED = {500, 502, 504}
"""Answers that may come from a gateway after the API behind it did what was asked."""
_NEVER_WRITTEN = (http.NewConnectionError, http.ConnectTimeoutError, http.ProxyError)


class OvhRefused(DeliveryError):
    """OVH answered, and said no. `code` is its name for the reason, such as INVALID_KEY; "" when it gave none."""

    code: str = ""


class OvhNotFound(OvhRefused):
    """OVH knows no such record."""


class OvhApi:
    """GET and POST on one OVH endpoint. What goes wrong is a `DeliveryError`."""

    def __init__(
        self,
        endpoint: str,
        application_key: str,
        application_secret: str,
        consumer_key: str,
        threads: int = _THREADS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """`endpoint` is a region the client knows, such as ovh-eu, or a URL with or without /1.0."""
        keys = (application_key, application_secret, consumer_key)
        if not all(keys):
            raise ValueError("OVH needs an application key, an application secret and a consumer key")
        address = endpoint_url(endpoint)
        self._session = OvhSession(address, threads, read_seconds)
        self._client = _Client(address, *keys, session=self._session)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ovh")
        self._clock_lock = threading.Lock()

    async def get(self, path: str, **query: str) -> Any:
        """The decoded answer to GET `path`?`query`."""
        return await self._in_thread(self._call, "GET", f"{path}?{urlencode(query)}" if query else path, None)

    async def post(self, path: str, body: dict[str, object]) -> Any:
        """The decoded answer to POST `path`; an error is marked ambiguous when OVH may have acted."""
        return await self._in_thread(self._call, "POST", path, body)

    async def warm_up(self) -> None:
        """Ask OVH its time and leave a connection open, so that the first page need not."""
        await self._in_thread(self._synchronise)

    async def clock_delta(self) -> int:
        """How many seconds OVH's clock is ahead of ours."""
        await self.warm_up()
        return int(self._client.time_delta)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    async def _in_thread(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def _call(self, method: str, path: str, body: dict[str, object] | None) -> Any:
        self._synchronise()
        acts = body is not None
        try:
            answer: Answer = self._client.raw_call(method, path, body)
        except http.HTTPError as error:
            raise _not_answered(error, acts) from error
        if answer.error_code in _CLOCK_ERRORS:
            self._client.forget_time()
        return _decode(answer, acts)

    def _synchronise(self) -> None:
        """Learn how far OVH's clock is from ours: once for all threads, until a signature is refused."""
        if self._client.knows_time:
            return
        with self._clock_lock:
            try:
                self._client.learn_time()
            except http.HTTPError as error:
                raise _not_answered(error, acts=False) from error
            except (ovh.APIError, AttributeError, TypeError) as error:
                raise DeliveryError(f"OVH did not tell its time: {error}", permanent=False) from error


class _Client(ovh.Client):  # type: ignore[misc]
    """`ovh.Client` made of its arguments alone, on connections its threads may share.

    The parent's constructor fills what it is not given from OVH_* variables and ovh.conf, and a stray
    OVH_CLIENT_ID makes it raise: there is no argument that says "none", so it is not called.
    """

    def __init__(
        self,
        endpoint: str,
        application_key: str,
        application_secret: str,
        consumer_key: str,
        session: OvhSession,
    ) -> None:
        self._endpoint = endpoint
        self._application_key = application_key
        self._application_secret = application_secret
        self._consumer_key = consumer_key
        self._client_id = self._client_secret = self._oauth2 = None
        self._timeout = None
        self._time_delta: int | None = None
        self._session = session

    @property
    def knows_time(self) -> bool:
        return self._time_delta is not None

    def learn_time(self) -> None:
        """Fetch the difference to OVH's clock, which the parent keeps, unless it is known."""
        _ = self.time_delta

    def forget_time(self) -> None:
        self._time_delta = None


def endpoint_url(endpoint: str) -> str:
    """The base address, ending in /1.0, of a region's name or of a URL."""
    if endpoint in ENDPOINTS:
        return str(ENDPOINTS[endpoint])
    address = urlsplit(endpoint)
    if address.scheme not in {"http", "https"} or not address.hostname:
        regions = ", ".join(ENDPOINTS)
        raise ValueError(f"unknown OVH endpoint {endpoint!r}: expected a URL or one of {regions}")
    base = f"{address.scheme}://{address.netloc}{address.path}".rstrip("/")
    return base if base.endswith("/1.0") else f"{base}/1.0"


def _decode(answer: Answer, acts: bool) -> Any:
    if not 200 <= answer.status_code < 300:
        raise _refused(answer, acts)
    try:
        return answer.json() if answer.content else None
    except ValueError as error:
        reason = f"OVH answered {answer.status_code} without JSON"
        raise DeliveryError(reason, permanent=False, ambiguous=acts) from error


def _refused(answer: Answer, acts: bool) -> DeliveryError:
    """Keys, rights, an unknown service or a wrong field stay wrong; limits and breakdowns pass."""
    status = answer.status_code
    kind = OvhNotFound if status == 404 else OvhRefused
    passing = status in _PASSING or status >= 500 or answer.error_code == "QUERY_TIME_OUT"
    refusal = kind(
        f"OVH {status}: {answer.error_message}",
        permanent=not passing,
        retry_after=_retry_after(answer),
        ambiguous=acts and status in _MAY_HAVE_ACTED,
    )
    refusal.code = answer.error_code
    return refusal


def _retry_after(answer: Answer) -> float | None:
    """Seconds to wait, when said as a number; the form with a date would need the time of day."""
    value = answer.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _not_answered(error: http.HTTPError, acts: bool) -> DeliveryError:
    """No answer: if the request may have been written, OVH may have acted."""
    certificate = "CERTIFICATE_VERIFY_FAILED" in str(error)
    never_written = certificate or isinstance(error, _NEVER_WRITTEN)
    return DeliveryError(
        f"OVH unreachable: {type(error).__name__}: {error}"[:300],
        permanent=certificate,
        ambiguous=acts and not never_written,
    )
