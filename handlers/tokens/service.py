"""API tokens: made, shown once, revoked, and recognised by their hash."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache

from domain.clock import Clock
from domain.errors import Fault, Invalid, Unauthorized, Unavailable
from domain.people import Actor
from storage import audit, tokens
from storage.store import Store, Transaction, promptly
from storage.tokens import Token

SCOPES = ("ingest", "read", "write", "admin")
PREFIX = "vigie_"
CACHED_SECONDS = 1.0
"""A revoked token works at most this long."""
_NAME = re.compile(r"[\w.:@-]{1,100}")


class TokenService:
    """Knows the tokens of the last second; one that it does not know it looks up at once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._good: dict[str, Token] = {}
        self._read_at = float("-inf")
        self._looking = asyncio.Lock()
        self._used: set[str] = set()
        """The tokens that were used since that was last written down."""

    async def create(self, name: str, scopes: Sequence[str], actor: Actor, expires: timedelta | None = None) -> str:
        """A new token's secret, which nobody can read again. Raises Invalid, or Conflict when the name is taken."""
        _validate(name, scopes)
        secret = PREFIX + secrets.token_urlsafe(32)

        def work(tx: Transaction) -> None:
            now = self._clock.now()
            until = now + expires if expires else None
            tokens.add(tx, name, digest(secret), scopes, now, until)
            said = {"scopes": sorted(scopes), "expires_at": until.isoformat() if until else None}
            audit.record(tx, actor, "token.create", name, None, said, now)

        await self._store.write(work)
        return secret

    async def list(self) -> list[Token]:
        """All tokens, revoked ones too."""
        return await self._store.read(tokens.every)

    async def show(self, name: str) -> Token:
        """One token, a revoked one too. Raises NotFound."""
        return await self._store.read(lambda tx: tokens.find(tx, name))

    async def revoke(self, name: str, actor: Actor) -> None:
        """Make a token good for nothing. Raises NotFound."""

        def work(tx: Transaction) -> None:
            now = self._clock.now()
            tokens.revoke(tx, name, now)
            audit.record(tx, actor, "token.revoke", name, None, None, now)

        await self._store.write(work)
        self._read_at = float("-inf")

    async def check(self, secret: str) -> Token:
        """The token that has this secret. Raises Unauthorized."""
        wanted, now = digest(secret), asyncio.get_running_loop().time()
        if now - self._read_at > CACHED_SECONDS or wanted not in self._good:
            await promptly(self._look(now))
        # Looked up by a hash: how long that takes tells nothing of the secret.
        found = self._good.get(wanted)
        if found is None:
            raise Unauthorized("this token is unknown or revoked; make one with: vigie token create NAME")
        if found.expires_at and found.expires_at <= self._clock.now():
            raise Unauthorized(
                f"this token expired on {found.expires_at:%Y-%m-%d}; make one with: vigie token create NAME"
            )
        self._used.add(found.name)
        return found

    async def note_uses(self) -> None:
        """Write down which tokens were used since the last time: once a minute, and never in a request's own time."""
        used, self._used = sorted(self._used), set()
        if used:
            # What is not written down while the database is away is nothing to stop for.
            with suppress(Unavailable):
                await self._store.write(lambda tx: tokens.used(tx, used, self._clock.now()))

    async def _look(self, asked_at: float) -> None:
        """Read the tokens as they are at `asked_at` or later; requests that wait together share one reading."""
        async with self._looking:
            if self._read_at <= asked_at:
                now = asyncio.get_running_loop().time()
                self._good, self._read_at = await self._store.read(tokens.good), now


@lru_cache(maxsize=256)
def digest(secret: str) -> str:
    """A token's hash. The secret has 256 random bits, so that a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def lifetime(written: str) -> timedelta | None:
    """How long a token lives: `90d`, `12h`, `4w`, `1y`; "" is for ever. Raises Invalid."""
    if not written:
        return None
    found = _LIFETIME.fullmatch(written.strip().lower())
    hours = int(found[1]) * _HOURS[found[2]] if found else 0
    if not 0 < hours <= _MOST_YEARS * _HOURS["y"]:
        raise Invalid(
            [Fault("expires", f"must be a length such as 90d, 12h, 4w or 1y, of at most {_MOST_YEARS} years")]
        )
    return timedelta(hours=hours)


_MOST_YEARS = 100
"""Years have four digits: what ends later has no date."""


_LIFETIME = re.compile(r"(\d{1,4})\s*([hdwy])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "y": 24 * 365}


def _validate(name: str, scopes: Sequence[str]) -> None:
    faults = []
    if not _NAME.fullmatch(name):
        faults.append(Fault("name", "must be 1 to 100 letters, digits, or . _ : @ -"))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        faults.append(Fault("scope", f"must be one or more of {', '.join(SCOPES)}"))
    if faults:
        raise Invalid(faults)


__all__ = ["SCOPES", "Token", "TokenService", "digest", "lifetime"]
