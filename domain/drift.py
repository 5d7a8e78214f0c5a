"""What was edited by hand since a file was loaded: the catalog of now beside what the files said then. Pure.

Two forms of a thing are compared. Its `content` has ids and decides; its `document` is what stands in a file, and says
the difference in the words that people write there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Document = Mapping[str, Any]


class Drift(StrEnum):
    """What became of something since it was loaded."""

    EDITED = "edited"
    REMOVED = "removed"
    MADE = "made"
    """It is in no file that was loaded: somebody wrote it by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a file said of a thing (an id) when it was last loaded, by whom and when."""

    thing: str
    kind: str
    name: str
    file: str
    content: Document
    document: Document
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a document, as it was and as it is; "" where there is none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """Something that no longer is as a file says. `name` is that of now; `by` (a key) and `at` tell who did so last, ""
    and None when nobody knows. `origin` is None for what no file ever said, and for whoever stands in for somebody."""

    what: Drift
    kind: str
    name: str
    changes: tuple[Change, ...] = ()
    origin: Origin | None = None
    by: str = ""
    at: datetime | None = None

    @property
    def subject(self) -> str:
        """What the audit log calls it."""
        return f"{self.kind} {self.name}"


def is_edited(origin: Origin, content: Document, document: Document) -> bool:
    """Whether a thing says something else than when it was loaded. A Slack id that was found for somebody's address is
    no edit, and neither is another name of something that it only refers to."""
    return not _same(_comparable(origin), _comparable(origin, content)) and bool(edits(origin, document))


def edits(origin: Origin, document: Document) -> tuple[Change, ...]:
    """What `document` says that the file did not."""
    found = changes(origin.document, document)
    return tuple(one for one in found if not (one.field == "slack" and _is_slack_found(origin)))


def changes(before: Document, after: Document) -> tuple[Change, ...]:
    """Field by field, in the order of the file."""
    old, new = dict(_flat(before)), dict(_flat(after))
    fields = dict.fromkeys((*new, *old))
    return tuple(
        Change(field, old.get(field, ""), new.get(field, ""))
        for field in fields
        if old.get(field, "") != new.get(field, "")
    )


def lost(edited: Sequence[Change], loading: Sequence[Change]) -> tuple[Change, ...]:
    """Those edits that loading undoes: what a file says as it was edited is not lost."""
    touched = {one.field for one in loading}
    return tuple(one for one in edited if one.field in touched)


def changed_back(loading: Sequence[Change]) -> tuple[Change, ...]:
    """What a load changes, said from the side of what it changes: from the file's words to those of now."""
    return tuple(Change(one.field, one.after, one.before) for one in loading)


def _is_slack_found(origin: Origin) -> bool:
    return origin.kind == "person" and not origin.content.get("slack")


def _comparable(origin: Origin, content: Document | None = None) -> dict[str, Any]:
    """Without what is not a file's to say."""
    passed_over = {"position", *(("slack",) if _is_slack_found(origin) else ())}
    said = origin.content if content is None else content
    return {name: value for name, value in said.items() if name not in passed_over}


def _same(before: Any, after: Any) -> bool:
    """Whether `after` says what `before` did. What an older Vigie did not write down yet is not held against it."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() <= after.keys() and all(_same(value, after[name]) for name, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(before) == len(after) and all(_same(*pair) for pair in zip(before, after, strict=True))
    return bool(before == after)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its path: `on_call.rotations[1].people`, `Steps[2].title`."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            numbered = isinstance(name, int) or str(name).isdigit()
            yield from _flat(inner, f"{path}[{name}]" if numbered else f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)) and any(isinstance(one, (Mapping, list)) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{path}[{number}]")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(one) for one in value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
