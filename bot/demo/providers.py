"""OVH's API, small: the routes the bot calls, as strict as OVH, and the phones behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from itertools import count
from typing import Any

from aiohttp import web

from blocks.text import gsm7_length, is_gsm7
from bot.demo.local import LocalServer
from bot.demo.ovh_rules import E164, Credentials, Grant, OvhError, check_grant, check_job, check_signature
from bot.demo.ovh_telephony import Telephony
from bot.demo.phone_network import PTTS, SHORT_NUMBER, PhoneNetwork, ReceivedSms, incoming_record
from bot.demo.provider_faults import Fault, Faults

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OvhServer(LocalServer):
    """OVH on 127.0.0.1. `inbox` is what phones got; `faults` strike SMS sends, `outage` every request."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        credentials: Credentials | None = None,
        service: str = "sms-demo-1",
        senders: tuple[str, ...] = ("VIGIE",),
        wall: Callable[[], datetime] | None = None,
    ) -> None:
        """`now` is the clock that phones show; `wall`, where it is another, the one that OVH's own times are by."""
        super().__init__()
        self.credentials = credentials or Credentials()
        self.grant = Grant()
        self.service = service
        self.senders = senders
        self.sender_status: dict[str, str] = {}
        """`disable`, `refused` or `waitingValidation` for a sender that is not enabled."""
        self.credits_left = 1000.0
        self.telephony = Telephony()
        self.network = PhoneNetwork(now, wall or now)
        self.inbox = self.network.inbox
        self.faults = Faults()
        self.outage: Fault | None = None
        self.refused_numbers: set[str] = set()
        """Answered 200 with the number in invalidReceivers."""
        self.unreachable_numbers = self.network.unreachable
        """Taken and paid for, never delivered."""
        self.held_at_night = self.network.held_at_night
        self.hold = False
        """While true, accepted SMS wait in /jobs; `release` sends them."""
        self.requests: list[tuple[str, str]] = []
        """(method, path and query), in order."""
        self.clock_skew = 0
        """Seconds OVH's clock has jumped since it was last asked."""
        self._now = now
        self._started = (int(now().timestamp()), time.monotonic())
        self._numbers = count(1001)
        self._pending: dict[int, tuple[ReceivedSms, bool]] = {}

    @property
    def url(self) -> str:
        """What to give as `OVH_ENDPOINT`."""
        return f"{self.origin}/1.0"

    def release(self) -> None:
        """Send what `hold` kept, and hold no more."""
        self.hold = False
        for sms, at_any_hour in self._pending.values():
            self.network.deliver(sms, at_any_hour)
        self._pending.clear()

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        application.add_routes(self.telephony.routes())
        sms = f"/1.0/sms/{self.service}"
        application.add_routes(
            [
                web.get("/1.0/auth/time", self._time),
                web.get("/1.0/auth/currentCredential", self._credential),
                web.get("/1.0/sms/ptts", self._ptt),
                web.get(sms, self._account),
                web.get(sms + "/senders/{sender}", self._sender),
                web.post(sms + "/jobs", self._send),
                web.get(sms + "/jobs", self._jobs),
                web.get(sms + "/jobs/{id}", self._job),
                web.get(sms + "/outgoing", self._outgoing),
                web.get(sms + "/outgoing/{id}", self._outgoing_record),
                web.get(sms + "/incoming", self._incoming),
                web.get(sms + "/incoming/{id}", self._incoming_record),
            ]
        )
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.raw_path))
        if self.outage:
            return await self.misbehave(request, self.outage, _failure(self.outage))
        try:
            if request.path != "/1.0/auth/time":
                await self._check_signature(request)
            return await handler(request)
        except OvhError as error:
            return _error(error.status, error.code, error.message)
        except web.HTTPNotFound:
            return _error(404, "NOT_FOUND", f"Got an invalid (or empty) URL: {request.path}")

    async def _check_signature(self, request: web.Request) -> None:
        url = f"{self.origin}{request.raw_path}"
        body = await request.text()
        check_signature(self.credentials, request.headers, request.method, url, body, self._epoch())
        check_grant(self.grant, request.method, request.path.removeprefix("/1.0"))

    def _epoch(self) -> int:
        """OVH's own clock: it begins at the given one, then runs at the speed of the world, since the
        client's signatures do, even in a demo where a minute lasts a second."""
        epoch, monotonic = self._started
        return epoch + int(time.monotonic() - monotonic) + self.clock_skew

    async def _time(self, _: web.Request) -> web.Response:
        return web.json_response(self._epoch())

    async def _credential(self, _: web.Request) -> web.Response:
        return web.json_response(self.grant.to_json())

    async def _ptt(self, request: web.Request) -> web.Response:
        code = request.query.get("ptt", "")
        if not code.isdigit() or int(code) not in PTTS:
            raise OvhError(404, "NOT_FOUND", "The requested object (ptt) does not exist")
        return web.json_response({"ptt": int(code), **PTTS[int(code)]})

    async def _account(self, _: web.Request) -> web.Response:
        return web.json_response({"name": self.service, "creditsLeft": self.credits_left, "status": "enable"})

    async def _sender(self, request: web.Request) -> web.Response:
        if (sender := request.match_info["sender"]) not in self.senders:
            raise OvhError(404, "NOT_FOUND", f"The requested object (sender = {sender}) does not exist")
        status = self.sender_status.get(sender, "enable")
        return web.json_response({"sender": sender, "status": status, "type": "alpha"})

    async def _send(self, request: web.Request) -> web.Response:
        fault = self.faults.take()
        body = _json(await request.text())
        if fault is None:
            return self._accept(body)
        usual = self._accept(body) if fault.proceeds else web.Response()
        answer = _failure(fault) if fault.status or fault.raw is not None else usual
        return await self.misbehave(request, fault, answer)

    def _accept(self, body: Any) -> web.Response:
        job = check_job(body, tuple(sender for sender in self.senders if sender not in self.sender_status))
        valid = [to for to in job["receivers"] if E164.fullmatch(to) and to not in self.refused_numbers]
        sent = [self._queue(job, to) for to in valid]
        cost = float(sum(sms.parts for sms in sent))
        self.credits_left -= cost
        return web.json_response(
            {
                "ids": [sms.reference for sms in sent],
                "validReceivers": valid,
                "invalidReceivers": [to for to in job["receivers"] if to not in valid],
                "totalCreditsRemoved": cost,
                "tag": job.get("tag", ""),
            }
        )

    def _queue(self, job: dict[str, Any], to: str) -> ReceivedSms:
        sms = ReceivedSms(
            reference=next(self._numbers),
            to=to,
            text=job["message"],
            sender=job.get("sender", SHORT_NUMBER),
            tag=job.get("tag", ""),
            at=self._now(),
            monotonic=time.monotonic(),
            parts=_parts(job["message"]),
        )
        at_any_hour = bool(job.get("noStopClause")) or "sender" not in job
        if self.hold:
            self._pending[sms.reference] = (sms, at_any_hour)
        else:
            self.network.deliver(sms, at_any_hour)
        return sms

    async def _jobs(self, _: web.Request) -> web.Response:
        return web.json_response(list(self._pending))

    async def _job(self, request: web.Request) -> web.Response:
        sms, _ = self._pending[_known(request, self._pending)]
        return web.json_response(
            {"id": sms.reference, "receiver": sms.to, "tag": sms.tag, "creationDatetime": sms.at.isoformat()}
        )

    async def _outgoing(self, request: web.Request) -> web.Response:
        return web.json_response(self.network.find_outgoing(request.query))

    async def _outgoing_record(self, request: web.Request) -> web.Response:
        one = self.network.outgoing[_known(request, self.network.outgoing)]
        return web.json_response(None if one.sms.to in self.network.blank else self.network.outgoing_record(one))

    async def _incoming(self, request: web.Request) -> web.Response:
        return web.json_response(self.network.find_incoming(request.query))

    async def _incoming_record(self, request: web.Request) -> web.Response:
        one = self.network.incoming[_known(request, self.network.incoming)]
        if one.id in self.network.unreadable:
            raise OvhError(500, "INTERNAL_SERVER_ERROR", "Internal server error")
        return web.json_response(incoming_record(one))


def _known(request: web.Request, records: Mapping[int, object]) -> int:
    number = request.match_info["id"]
    if not number.isdigit() or int(number) not in records:
        raise OvhError(404, "NOT_FOUND", f"The requested object (id = {number}) does not exist")
    return int(number)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise OvhError(400, "INVALID_ARGUMENT", "the body is not JSON") from None


def _failure(fault: Fault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    if fault.raw is not None:
        return web.Response(status=fault.status or 200, body=fault.raw, headers=headers)
    return _error(fault.status or 500, fault.code, fault.message, headers)


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    answer = {
        "errorCode": code,
        "httpCode": f"{status} {_phrase(status)}",
        "message": message,
        "class": "Server::Error" if status >= 500 else "Client::Error",
    }
    query_id = {"X-OVH-QUERYID": "EU.ext-demo"}
    return web.json_response(answer, status=status, headers={**query_id, **(headers or {})})


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


def _parts(text: str) -> int:
    """SMS parts a phone joins (OVH's guide: 160 then 153 a part; 70 then 67 in Unicode)."""
    septets = is_gsm7(text)
    length = gsm7_length(text) if septets else len(text.encode("utf-16-le")) // 2
    alone, joined = (160, 153) if septets else (70, 67)
    return 1 if length <= alone else -(-length // joined)
