"""Who calls the API: `Authorization: Token <token>` (the guide's form) or `Bearer <token>`."""

from __future__ import annotations

from aiohttp import web

from domain.errors import Forbidden, Unauthorized
from domain.people import Actor, Role
from handlers.tokens.service import Token, TokenService

_SCHEMES = ("token", "bearer")
_IMPLIED = {
    "ingest": {"ingest", "admin"},
    "read": {"read", "write", "admin"},
    "write": {"write", "admin"},
    "admin": {"admin"},
}
"""The scopes that allow what each scope allows."""


class Auth:
    """Lets a request pass, or raises."""

    def __init__(self, tokens: TokenService) -> None:
        self._tokens = tokens

    async def require(self, request: web.Request, scope: str) -> Actor:
        """Whoever calls, when their token has `scope`. Raises Unauthorized, or Forbidden naming the scope."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in _SCHEMES or not secret.strip():
            raise Unauthorized("send the header Authorization: Token <token>; vigie token create makes one")
        token = await self._tokens.check(secret.strip())
        if not token.scopes & _IMPLIED[scope]:
            raise Forbidden(
                f"this takes the scope {scope}; the token {token.name} has {', '.join(sorted(token.scopes))}"
            )
        return _actor(token)


def _actor(token: Token) -> Actor:
    role = Role.ADMIN if "admin" in token.scopes else Role.OPERATOR if "write" in token.scopes else Role.VIEWER
    return Actor(key=f"token:{token.name}", name=token.name, role=role)
