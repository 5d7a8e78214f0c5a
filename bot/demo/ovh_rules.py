"""What OVH accepts: signatures and SMS bodies.

Sources: ovh 1.2.0 `client.py`; OpenAPI of eu.api.ovh.com/1.0/sms.json. `QUERY_TIME_OUT` is from memory.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

CLOCK_SKEW_SECONDS = 30
E164 = re.compile(r"\+[1-9]\d{6,14}")
_PARIS = ZoneInfo("Europe/Paris")
_FIELD_TYPES: dict[str, type] = {
    "message": str,
    "receivers": list,
    "sender": str,
    "senderForResponse": bool,
    "noStopClause": bool,
    "priority": str,
    "validityPeriod": int,
    "differedPeriod": int,
    "tag": str,
    "charset": str,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The three keys of one application of one account."""

    application_key: str = "demo-application-key"
    application_secret: str = "demo-application-secret"
    consumer_key: str = "demo-consumer-key"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the consumer key may do, and until when (ISO 8601; "" for ever)."""

    rules: tuple[tuple[str, str], ...] = (("GET", "/sms/*"), ("POST", "/sms/*"))
    status: str = "validated"
    expiration: str = ""

    def to_json(self) -> dict[str, Any]:
        """The answer of GET /auth/currentCredential (OpenAPI of eu.api.ovh.com/1.0/auth.json)."""
        return {
            "credentialId": 1,
            "applicationId": 1,
            "status": self.status,
            "rules": [{"method": method, "path": path} for method, path in self.rules],
            "expiration": self.expiration or None,
            "creation": "2026-01-05T09:00:00+01:00",
            "lastUse": None,
            "ovhSupport": False,
            "allowedIPs": None,
        }


class OvhError(Exception):
    """An answer that is not a 200."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def check_signature(
    credentials: Credentials, headers: Mapping[str, str], method: str, url: str, body: str, now: int
) -> None:
    """Refuse a request that is not signed as OVH wants; `now` is OVH's clock, in epoch seconds."""
    if headers.get("X-Ovh-Application") != credentials.application_key:
        raise OvhError(403, "INVALID_KEY", "This application key is invalid")
    if headers.get("X-Ovh-Consumer") != credentials.consumer_key:
        raise OvhError(403, "INVALID_CREDENTIAL", "This credential is not valid")
    timestamp = headers.get("X-Ovh-Timestamp", "")
    if not timestamp.isdigit() or abs(int(timestamp) - now) > CLOCK_SKEW_SECONDS:
        raise OvhError(400, "QUERY_TIME_OUT", "Query out of time")
    signed = (credentials.application_secret, credentials.consumer_key, method, url, body, timestamp)
    expected = "$1$" + hashlib.sha1("+".join(signed).encode()).hexdigest()
    if not hmac.compare_digest(expected, headers.get("X-Ovh-Signature", "")):
        raise OvhError(400, "INVALID_SIGNATURE", "Invalid signature")


def check_grant(grant: Grant, method: str, path: str) -> None:
    """Refuse a call that the consumer key may not make; `path` is without /1.0. A key may ask about itself."""
    if path == "/auth/currentCredential":
        return
    if grant.status != "validated":
        raise OvhError(403, "NOT_CREDENTIAL", "This credential is not valid")
    if not any(verb == method and _matches(pattern, path) for verb, pattern in grant.rules):
        raise OvhError(403, "NOT_GRANTED_CALL", "This call has not been granted")


def _matches(pattern: str, path: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), path) is not None


def check_job(body: Any, senders: tuple[str, ...]) -> dict[str, Any]:
    """The body of POST /sms/{serviceName}/jobs, refused when a field is unknown, wrong or missing."""
    if not isinstance(body, dict):
        raise _bad("the body must be an object")
    for name, value in body.items():
        _check_field(name, value)
    if not body.get("message"):
        raise _bad("[message] is required")
    receivers = body.get("receivers")
    if not receivers or not all(isinstance(number, str) for number in receivers):
        raise _bad("[receivers] must be phone numbers")
    _check_sender(body, senders)
    return body


def _check_field(name: str, value: Any) -> None:
    if name not in _FIELD_TYPES:
        raise _bad(f"[{name}] is not a known field")
    if type(value) is not _FIELD_TYPES[name]:
        raise _bad(f"[{name}] has the wrong type")
    if name == "priority" and value not in {"high", "medium", "low", "veryLow"}:
        raise _bad(f"[priority] {value} is not one of high, medium, low, veryLow")


def _check_sender(body: dict[str, Any], senders: tuple[str, ...]) -> None:
    if body.get("senderForResponse") and "sender" not in body:
        return
    if body.get("sender") not in senders:
        raise _bad(f"[sender] {body.get('sender')} is not a validated sender of this service")


def _bad(message: str) -> OvhError:
    return OvhError(400, "INVALID_ARGUMENT", message)


def is_quiet(moment: datetime) -> bool:
    """Whether OVH holds commercial SMS back: 22:00 to 8:00 and at weekends, in Paris."""
    there = moment.astimezone(_PARIS)
    return there.weekday() >= 5 or not 8 <= there.hour < 22
