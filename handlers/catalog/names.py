"""Names that files use for each other, looked up in any case. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from handlers.catalog.source import Fields


class Names:
    """The ids behind the names of one kind of thing; `complaint` is said of a name that nothing has."""

    def __init__(self, complaint: str, named: Iterable[tuple[str, str]]) -> None:
        self._complaint = complaint
        self._known = {name.casefold(): (name, identity) for name, identity in named if name}

    def one(self, name: str, field: str, fields: Fields) -> str:
        """The id behind `name`, "" for no name; a fault of `field` with the nearest name when nothing has it."""
        if not name:
            return ""
        _, identity = self._known.get(name.casefold(), ("", ""))
        if not identity:
            near = difflib.get_close_matches(name.casefold(), list(self._known), n=1, cutoff=0.6)
            hint = f"; did you mean {self._known[near[0]][0]}?" if near else ""
            fields.fault(field, f"{self._complaint} {name}{hint}")
        return identity

    def all(self, names: Sequence[str], field: str, fields: Fields) -> tuple[str, ...]:
        """The ids behind `names`, in their order."""
        return tuple(found for name in names if (found := self.one(name, field, fields)))
