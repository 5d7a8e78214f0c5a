"""Domain errors as application/problem+json (RFC 9457), with every field that is wrong. Never a traceback."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web

from domain.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthorized,
    Unavailable,
    VigieError,
)
from handlers.bodies import BadBody
from handlers.bodies import members as members
from handlers.bodies import parse_object as parse_object

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUSES: dict[type[VigieError], HTTPStatus] = {
    BadBody: HTTPStatus.BAD_REQUEST,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}

MOST_FAULTS = 100
LONGEST_DETAIL = 1000
"""Five thousand wrong alerts in a body of 1 MiB have a hundred thousand faults; nobody reads them."""


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals in one form."""
    try:
        return await handler(request)
    except BadBody as error:
        return problem(HTTPStatus.BAD_REQUEST, str(error), error.faults)
    except Invalid as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), error.faults)
    except TooMany as error:
        return problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers=wait(error))
    except VigieError as error:
        return problem(status_of(error), str(error))
    except (web.RequestPayloadError, ConnectionResetError):
        # Whoever sent it may have hung up meanwhile: that is no fault of ours either.
        return problem(HTTPStatus.BAD_REQUEST, "the body does not arrive whole")
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return problem(HTTPStatus(error.status), _DETAILS.get(error.status, error.reason), headers=_kept(error))


_DETAILS = {
    404: "nothing is at this address",
    405: "this address does not take that method",
    408: "the body did not arrive in time",
    413: "the body is larger than 1 MiB",
    415: "the body is compressed in a way that is not read here: send gzip, deflate, or all of it as it is",
}


def status_of(error: VigieError) -> HTTPStatus:
    """The status that a refusal is answered with."""
    known = (_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    return next(known, HTTPStatus.INTERNAL_SERVER_ERROR)


def wait(error: TooMany) -> dict[str, str]:
    """When to ask again, in whole seconds."""
    return {"Retry-After": str(max(math.ceil(error.retry_after), 1))}


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow", "Accept-Encoding") if name in error.headers}


def problem(
    status: HTTPStatus, detail: str, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None
) -> web.Response:
    """One refusal: `errors` lists the fields, `detail` is for a person."""
    sent = dict(headers or {})
    if status is HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = "Token"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        sent["Retry-After"] = "5"
    body = problem_body(status, detail, faults)
    return web.Response(status=status.value, body=body, content_type=PROBLEM, headers=sent)


def problem_body(status: HTTPStatus, detail: str, faults: Sequence[Fault] = ()) -> bytes:
    """A refusal as it is sent."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail if len(detail) <= LONGEST_DETAIL else detail[: LONGEST_DETAIL - 1] + "…",
        "errors": listed(faults),
    }
    return json.dumps(body).encode()


def listed(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Faults as they are sent."""
    return [{"field": fault.field, "message": fault.message} for fault in faults[:MOST_FAULTS]]


PROBLEM = "application/problem+json"
