"""Who calls the API: `Authorization: Token <token>` (the guide's form) or `Bearer <token>`."""

from __future__ import annotations

import base64
import time

from aiohttp import web

from domain.errors import Forbidden, Unauthorized
from domain.people import Actor, Role
from handlers.tokens.limits import Allowances, Limits
from handlers.tokens.service import Token, TokenService, digest

_SCHEMES = ("token", "bearer")
_BASIC = "basic"
"""For tools that can be given an address alone, with a name and a password in it: alerts only. What a browser keeps and
sends along by itself must open nothing else."""
_IMPLIED = {
    "ingest": {"ingest", "admin"},
    "read": {"read", "write", "admin"},
    "write": {"write", "admin"},
    "admin": {"admin"},
}
"""The scopes that allow what each scope allows."""
_COUNTED = web.RequestKey("counted", bool)


class Auth:
    """Lets a request pass, or raises. `allowances` say how often a token may ask."""

    def __init__(self, tokens: TokenService, allowances: Allowances | None = None) -> None:
        self._tokens = tokens
        self._limits = Limits(allowances or Allowances(), time.monotonic)

    async def require(self, request: web.Request, scope: str) -> Actor:
        """Whoever calls, when their token has `scope`. Raises Unauthorized, Forbidden naming the scope, or TooMany:
        whatever asks it of one request, that counts once."""
        token = await self._allowed(_given(request, scope), scope)
        if _COUNTED not in request:
            self.limit(f"token {token.name}", scope)
            request[_COUNTED] = True
        return _actor(token)

    async def bearer(self, secret: str, scope: str) -> Actor:
        """Whoever has this token, wherever it stood in the request. Raises the same."""
        token = await self._allowed(secret, scope)
        self.limit(f"token {token.name}", scope)
        return _actor(token)

    async def _allowed(self, secret: str, scope: str) -> Token:
        token = await self._tokens.check(secret)
        if not token.scopes & _IMPLIED[scope]:
            raise Forbidden(
                f"this takes the scope {scope}; the token {token.name} has {', '.join(sorted(token.scopes))}"
            )
        return token

    async def caller(self, request: web.Request, scope: str) -> str:
        """A digest of the token that calls. Raises as `require`."""
        await self.require(request, scope)
        return digest(_given(request, scope))

    def limit(self, name: str, scope: str) -> None:
        """Count a request of `name`. Raises TooMany."""
        self._limits.take(name, scope)


def _given(request: web.Request, scope: str) -> str:
    return _password(request) if scope == "ingest" else _secret(request)


def _password(request: web.Request) -> str:
    """The token, also where it is the password of `Authorization: Basic`, whatever the name beside it."""
    scheme, _, written = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != _BASIC:
        return _secret(request)
    try:
        name, _, password = base64.b64decode(written, validate=True).decode().partition(":")
    except ValueError:
        name, password = "", ""
    if not (password or name).strip():
        raise Unauthorized("the password of Authorization: Basic must be a token")
    return (password or name).strip()


def _secret(request: web.Request) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in _SCHEMES or not secret.strip():
        raise Unauthorized("send the header Authorization: Token <token>; vigie token create makes one")
    return secret.strip()


def _actor(token: Token) -> Actor:
    role = Role.ADMIN if "admin" in token.scopes else Role.OPERATOR if "write" in token.scopes else Role.VIEWER
    return Actor(key=f"token:{token.name}", name=token.name, role=role)
