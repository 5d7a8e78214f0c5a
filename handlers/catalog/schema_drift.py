"""Edits that are in no file, as the API shows them. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.drift import Drift
from handlers.lists import Filter, Listing
from handlers.schema import Endpoint, Endpoints, Moment


class EditedField(TypedDict):
    """A field, by its path in the file: as the file says it, and as it is."""

    field: str
    before: str
    after: str


class Edit(TypedDict):
    """Something that is not as `file` says, who did so last (a key such as `person:…` or `token:ci`) and when."""

    kind: str
    name: str
    what: Drift
    edited_by: str
    edited_at: Moment | None
    file: str
    loaded_by: str
    loaded_at: Moment | None
    changes: list[EditedField]


class Edits(TypedDict):
    """All of them, unless a page is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[Edit]


LISTING = Listing(
    orders=("name", "kind", "edited_by", "edited_at", "loaded_at"),
    words=("name", "kind", "file", "edited_by"),
    filters=(Filter("kind"), Filter("what", choices=Drift), Filter("edited_by"), Filter("file")),
    is_whole=True,
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/drift/"): Endpoint(
        summary="What was edited by hand since files were loaded",
        tag="catalog",
        scope="read",
        parameters=LISTING.parameters(),
        answer=Edits,
    )
}
