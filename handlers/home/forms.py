"""Pure: where in the Home tab a button leads, as the button says it. Nothing in it is taken on trust."""

from __future__ import annotations

import json

from domain.home import LONGEST_SEARCH, Place, Section

_MOST_PAGES = 100_000


def place_of(text: str) -> Place:
    """The place that a button or a view names; the start when it names none."""
    try:
        said = json.loads(text)
    except ValueError:
        return Place()
    if not isinstance(said, dict) or said.get("section") not in list(Section):
        return Place()
    page = said.get("page")
    return Place(
        Section(said["section"]),
        str(said.get("search") or "")[:LONGEST_SEARCH].replace("\0", ""),
        page if isinstance(page, int) and 1 <= page <= _MOST_PAGES else 1,
    )
