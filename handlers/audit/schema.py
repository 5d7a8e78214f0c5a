"""The audit log as the API shows it. Pure."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from handlers.schema import PAGE, PAGE_SIZE, Endpoint, Endpoints, Moment, Parameter


class AuditEntry(TypedDict):
    """One change: `actor` is a key such as `token:ci` or `slack:U01ADA`."""

    id: int
    at: Moment | None
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(TypedDict):
    """A page of changes, the latest first."""

    count: int
    next: str | None
    previous: str | None
    results: list[AuditEntry]


_PARAMETERS = (
    Parameter("actor", "Who, by their key"),
    Parameter("action", "What, such as `policy.save`"),
    Parameter("subject", "Of what, such as `policy SRE Core`"),
    Parameter("search", "Words of the subject"),
    Parameter("from", "Not before this day or time"),
    Parameter("to", "Before this day or time"),
    Parameter("ordering", "`-at`, or `at` for the oldest first", Literal["-at", "at"]),
    PAGE,
    PAGE_SIZE,
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/audit/"): Endpoint(
        summary="Who changed what", tag="audit", scope="admin", parameters=_PARAMETERS, answer=AuditPage
    )
}
