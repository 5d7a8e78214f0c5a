"""OVH's signed HTTP API, called from asyncio: requests by the `ovh` client, errors named.

Sources: ovh 1.2.0 `client.py` and `exceptions.py`; error bodies {errorCode, httpCode, message} as in the
threads of ovh/php-ovh (#97) and ovh/python-ovh (#103).
"""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import ovh  # type: ignore[import-untyped]
from ovh.client import ENDPOINTS  # type: ignore[import-untyped]

from bot.notifiers.ovh_session import READ_SECONDS, Answer, OvhSession, Pen, Signed
from domain.errors import DeliveryError
from domain.troubles import NO_CREDIT_LEFT, OVH_KEYS, OVH_REFUSES

_CLOCK_ERRORS = {"QUERY_TIME_OUT", "INVALID_SIGNATURE"}
_PASSING = {408, 409, 425, 429}
_OF_THE_MESSAGE = {400, 413, 422}
"""Answers that may be about a number or a text. Others are about keys, rights or the service: OVH says 404 to an SMS
service that is not there, 460 to one that is expired."""
_MAY_HAVE_ACTED = {500, 502, 504}
"""Answers that may come from a gateway after the API behind it did what was asked."""
_NEVER_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


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
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """`endpoint` is a region the client knows, such as ovh-eu, or a URL with or without /1.0."""
        keys = (application_key, application_secret, consumer_key)
        if not all(keys):
            raise ValueError("OVH needs an application key, an application secret and a consumer key")
        address = endpoint_url(endpoint)
        self._session = OvhSession(address, read_seconds)
        self._client = _Client(address, *keys)
        self._synchronising = asyncio.Lock()

    async def get(self, path: str, **query: str) -> Any:
        """The decoded answer to GET `path`?`query`."""
        return await self._call("GET", f"{path}?{urlencode(query)}" if query else path, None)

    async def post(self, path: str, body: dict[str, object]) -> Any:
        """The decoded answer to POST `path`; an error is marked ambiguous when OVH may have acted."""
        return await self._call("POST", path, body)

    async def warm_up(self) -> None:
        """Ask OVH its time and leave a connection open, so that the first page need not."""
        if self._client.knows_time:
            return
        async with self._synchronising:
            if not self._client.knows_time:
                self._client.learn_time(await self._time())

    async def clock_delta(self) -> int:
        """How many seconds OVH's clock is ahead of ours."""
        await self.warm_up()
        return int(self._client.time_delta)

    async def close(self) -> None:
        await self._session.close()

    async def _call(self, method: str, path: str, body: dict[str, object] | None) -> Any:
        await self.warm_up()
        acts = body is not None
        try:
            answer = await self._session.send(self._client.signed(method, path, body))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _not_answered(error, acts) from error
        if answer.error_code in _CLOCK_ERRORS:
            self._client.forget_time()
        return _decode(answer, acts)

    async def _time(self) -> int:
        """OVH's clock, in epoch seconds: asked for once, until a signature is refused."""
        try:
            answer = await self._session.send(self._client.unsigned("GET", "/auth/time"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _not_answered(error, acts=False) from error
        try:
            return int(_decode(answer, acts=False))
        except (TypeError, ValueError):
            raise DeliveryError("OVH did not tell its time", permanent=False) from None


class _Client(ovh.Client):  # type: ignore[misc]
    """`ovh.Client` made of its arguments alone, that writes and signs requests and sends none.

    The parent's constructor fills what it is not given from OVH_* variables and ovh.conf, and a stray
    OVH_CLIENT_ID makes it raise: there is no argument that says "none", so it is not called.
    """

    def __init__(self, endpoint: str, application_key: str, application_secret: str, consumer_key: str) -> None:
        self._endpoint = endpoint
        self._application_key = application_key
        self._application_secret = application_secret
        self._consumer_key = consumer_key
        self._client_id = self._client_secret = self._oauth2 = None
        self._timeout = None
        self._time_delta: int | None = None
        self._session = Pen()
        self._told = 0

    def signed(self, method: str, path: str, body: dict[str, object] | None) -> Signed:
        """A request with the keys; OVH's time must be known."""
        request: Signed = self.raw_call(method, path, body)
        return request

    def unsigned(self, method: str, path: str) -> Signed:
        """A request that needs no keys."""
        request: Signed = self.raw_call(method, path, None, need_auth=False)
        return request

    @property
    def knows_time(self) -> bool:
        return self._time_delta is not None

    def learn_time(self, now: int) -> None:
        """Have the parent work out the difference to OVH's clock, which it keeps."""
        self._told = now
        _ = self.time_delta

    def get(self, *_: object, **__: object) -> int:
        """What the parent asks OVH for by itself: its time, and nothing else."""
        return self._told

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
    refusal.code = _code(answer, acts)
    refusal.is_mendable = refusal.permanent and refusal.code in OVH_KEYS | {NO_CREDIT_LEFT}
    return refusal


def _code(answer: Answer, acts: bool) -> str:
    """OVH's name for the reason; of what it holds against the account, one that is known here."""
    if answer.status_code == 402 or (answer.status_code < 500 and _CREDITS.search(answer.error_message)):
        return NO_CREDIT_LEFT
    is_of_the_account = answer.status_code < 500 and answer.status_code not in _PASSING | _OF_THE_MESSAGE
    if acts and is_of_the_account and answer.error_code not in OVH_KEYS | _CLOCK_ERRORS:
        return OVH_REFUSES
    return answer.error_code


_CREDITS = re.compile(r"\bcredits?\b", re.IGNORECASE)


def _retry_after(answer: Answer) -> float | None:
    """Seconds to wait, when said as a number; the form with a date would need the time of day."""
    value = answer.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _not_answered(error: Exception, acts: bool) -> DeliveryError:
    """No answer: if the request may have been written, OVH may have acted."""
    is_certificate = isinstance(error, aiohttp.ClientConnectorCertificateError)
    never_written = isinstance(error, (*_NEVER_WRITTEN, aiohttp.ClientConnectorCertificateError))
    return DeliveryError(
        f"OVH unreachable: {type(error).__name__}: {error}"[:300],
        permanent=is_certificate,
        is_mendable=is_certificate,
        ambiguous=acts and not never_written,
        code=OVH_REFUSES if is_certificate else "",
    )
