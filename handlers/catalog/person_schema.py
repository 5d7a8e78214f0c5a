"""Somebody as the API tells them. Pure."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from domain.people import Role
from handlers.catalog.finding_schema import Finding


class Person(TypedDict):
    """Somebody: `phone` in E.164, `slack` their id there."""

    id: str
    handle: str
    name: str
    email: str
    phone: str
    slack: str
    locale: str
    is_active: bool
    role: Role
    channels: list[str]
    """In the order in which they are tried."""
    quiet: dict[str, list[str]]
    """By severity: the channels that may be used for it, and for those below."""
    timezone: str
    test_pages: bool
    findings: NotRequired[list[Finding]]


class PersonListed(Person):
    """Somebody in a list, with the names of their teams."""

    teams: list[str]
