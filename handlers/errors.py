"""Domain errors as application/problem+json (RFC 9457), with every field that is wrong. Never a traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web

from domain.errors import (
    Conflict,
    Fault,
    Forbidden,
    InUse,
    Invalid,
    NotFound,
    Outdated,
    Unauthorized,
    Unavailable,
    VigieError,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUSES: dict[type[VigieError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Outdated: HTTPStatus.CONFLICT,
    InUse: HTTPStatus.CONFLICT,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""What only an escape can bring into JSON: NUL and surrogates."""
MOST_FAULTS = 100
LONGEST_DETAIL = 1000
"""Five thousand wrong alerts in a body of 1 MiB have a hundred thousand faults; nobody reads them."""


class BadBody(Invalid):
    """The body is not JSON at all."""


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals in one form."""
    try:
        return await handler(request)
    except BadBody as error:
        return problem(HTTPStatus.BAD_REQUEST, str(error), error.faults)
    except Invalid as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), error.faults)
    except VigieError as error:
        return problem(_STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR), str(error))
    except web.RequestPayloadError:
        return problem(HTTPStatus.BAD_REQUEST, "the body does not arrive whole, or is not compressed as it says")
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return problem(HTTPStatus(error.status), _DETAILS.get(error.status, error.reason), headers=_kept(error))


_DETAILS = {
    404: "nothing is at this address",
    405: "this address does not take that method",
    413: "the body is larger than 1 MiB",
}


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


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
        "errors": [{"field": fault.field, "message": fault.message} for fault in faults[:MOST_FAULTS]],
    }
    return json.dumps(body).encode()


PROBLEM = "application/problem+json"


def parse_object(body: bytes) -> object:
    """The JSON value in `body`, which is UTF-8. Raises BadBody."""
    try:
        # Given bytes, json takes UTF-16 too, and halves of surrogate pairs, which no database does.
        text = body.decode("utf-8-sig")
        value = json.loads(text)
        return _storable(value) if _ESCAPED.search(text) else value
    except RecursionError:
        raise BadBody([Fault("", "the JSON is nested too deeply")]) from None
    except ValueError as error:
        raise BadBody([Fault("", f"the body is not JSON: {error}")]) from None


def members(body: bytes, allowed: Sequence[str]) -> dict[str, str]:
    """The texts of a small JSON object; an empty body has none. Raises Invalid for what is not text or not known."""
    if not body.strip():
        return {}
    value = parse_object(body)
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    faults = [Fault(name, f"is not known here; {_known(allowed)}") for name in value if name not in allowed]
    faults += [Fault(name, "must be text") for name, given in value.items() if not isinstance(given, str)]
    if faults:
        raise Invalid(faults)
    return dict(value)


def _storable(value: Any) -> Any:
    """Without NUL and halves of surrogate pairs, which no database takes."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def _known(allowed: Sequence[str]) -> str:
    return f"this takes {', '.join(allowed)}" if allowed else "this takes no fields"
