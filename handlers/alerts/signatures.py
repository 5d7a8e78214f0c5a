"""Signed webhooks: whether a body comes from who shares the secret. Compared in constant time. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Unauthorized
from domain.signatures import SIGNATURE, STAMP, signature

OLDEST = timedelta(minutes=5)
"""A signed request that is older than this may be one that somebody recorded and sends again."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How one source signs: HMAC-SHA256, hexadecimal, in `header`; `stamp` is the header with the time of signing that
    may be part of it. Any of `secrets` will do, so that one can be replaced without a gap."""

    header: str
    secrets: Sequence[str]
    stamp: str = ""
    needs_stamp: bool = False


def grafana(secrets: Sequence[str]) -> Signing:
    """Grafana's contact point, with its default header; the header of the time has no default there."""
    return Signing("X-Grafana-Alerting-Signature", secrets, "X-Grafana-Alerting-Timestamp")


def sentry(secrets: Sequence[str]) -> Signing:
    """Sentry's integrations, which sign with their client secret."""
    return Signing("Sentry-Hook-Signature", secrets)


def voice(secrets: Sequence[str]) -> Signing:
    """A voice gateway, which signs as Vigie does, the time of signing always with it."""
    return Signing(SIGNATURE, secrets, STAMP, needs_stamp=True)


def check(signing: Signing, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises Unauthorized unless `body` is signed with one of the secrets, not long ago."""
    given = headers.get(signing.header, "").strip().lower()
    if not given:
        raise Unauthorized(f"this source signs its requests, and this one has no {signing.header}")
    stamp = headers.get(signing.stamp, "").strip() if signing.stamp else ""
    if signing.needs_stamp and not stamp:
        raise Unauthorized(f"this source says when it signed, and this request has no {signing.stamp}")
    fits = [
        hmac.compare_digest(signature(secret, stamp, body).encode(), given.encode("utf-8", "replace"))
        for secret in signing.secrets
    ]
    if not any(fits):
        raise Unauthorized(f"{signing.header} does not fit the body: both sides must have the same secret")
    if stamp and not _is_recent(stamp, now):
        raise Unauthorized(f"{signing.stamp} is more than {OLDEST.seconds // 60} minutes off: set the sender's clock")


def _is_recent(stamp: str, now: datetime) -> bool:
    seconds = float(stamp) if stamp.isdecimal() and len(stamp) < 14 else 0.0
    return abs(now.timestamp() - seconds) <= OLDEST.total_seconds()
