"""Tokens as the API shows them. Pure."""

from __future__ import annotations

from typing import Literal, NotRequired, Required

from typing_extensions import TypedDict

from handlers.lists import Filter, Listing
from handlers.schema import Endpoint, Endpoints, Moment

BASE = "/api/v1/tokens/"
Scope = Literal["ingest", "read", "write", "admin"]


class Token(TypedDict):
    """A token. The secret, `token`, is in the answer to its making and nowhere else."""

    name: str
    scopes: list[str]
    created_at: Moment | None
    last_used_at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None
    token: NotRequired[str]


class TokenPage(TypedDict):
    """A page of tokens, revoked ones too."""

    count: int
    next: str | None
    previous: str | None
    results: list[Token]


class TokenGiven(TypedDict, total=False):
    """A new token; `expires` is a length such as `90d` or `12h`, or nothing for never."""

    name: Required[str]
    scopes: list[Scope]
    expires: str


LISTING = Listing(
    orders=("name", "created_at", "last_used_at", "expires_at"),
    words=("name", "scopes"),
    filters=(Filter("scope", "scopes"),),
)
ENDPOINTS: Endpoints = {
    ("GET", BASE): Endpoint(
        summary="Tokens", tag="tokens", scope="admin", parameters=LISTING.parameters(), answer=TokenPage
    ),
    ("POST", BASE): Endpoint(
        summary="A new token, shown once", tag="tokens", scope="admin", body=TokenGiven, answer=Token, status=201
    ),
    ("GET", BASE + "{name}/"): Endpoint(summary="One token", tag="tokens", scope="admin", answer=Token),
    ("DELETE", BASE + "{name}/"): Endpoint(summary="Revoke it, at once", tag="tokens", scope="admin", status=204),
}
