"""What the API takes about an incident, by what is done to it. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class Nothing(TypedDict):
    """An object without fields; the body may be left out."""


class Declared(TypedDict, total=False):
    """A new incident. The severity is `SEV1_CRITICAL` or `SEV1`; the service a name, an alias or an id."""

    title: Annotated[str, Field(min_length=1)]
    description: str
    severity: str
    service: str
    url: str


class Resolved(TypedDict, total=False):
    """How it was mended, and why it broke."""

    note: str
    resolution_note: str
    root_cause: str


class Noted(TypedDict, total=False):
    """Words for the timeline."""

    text: str


class Snoozed(TypedDict, total=False):
    """For how long (`30m`, `2h`) or until when (a time, or `9:00`)."""

    duration: str
    until: str


class Reassigned(TypedDict, total=False):
    """Whom it goes to: a handle, an address or a Slack id."""

    to: str


class Somebody(TypedDict, total=False):
    """A handle, an address or a Slack id."""

    person: str


class Merged(TypedDict, total=False):
    """The incident that this one is a duplicate of."""

    into: str


Linked = TypedDict("Linked", {"with": str}, total=False)


class Graded(TypedDict, total=False):
    """The new severity."""

    severity: str


class Updated(TypedDict, total=False):
    """What is known, whom it hurts, what is done; and when the next update comes (`30m`, `09:00`)."""

    text: str
    impact: str
    doing: str
    next_update: str
