"""Requests that are signed with a secret both sides have: HMAC-SHA256 over the time of signing and the body. Pure."""

from __future__ import annotations

import hashlib
import hmac

STAMP, SIGNATURE = "X-Vigie-Timestamp", "X-Vigie-Signature"
"""The headers of what Vigie signs, and of what is to be signed for Vigie."""


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Hexadecimal, over `stamp` (seconds since 1970 as text), a colon and `body`; without a stamp over `body` alone."""
    signed = stamp.encode("utf-8", "replace") + b":" + body if stamp else body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed(secret: str, seconds: float, body: bytes) -> dict[str, str]:
    """The headers of a request that is signed at `seconds` since 1970."""
    stamp = str(int(seconds))
    return {STAMP: stamp, SIGNATURE: signature(secret, stamp, body)}
