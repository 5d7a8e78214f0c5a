"""Exports of other tools, read without trust: records of known kinds out of JSON of many shapes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from domain.errors import Fault, Invalid
from handlers.bodies import BadBody, parse_object
from handlers.forms import storable

Said = Mapping[str, Any]
Shapes = Sequence[tuple[str, Callable[[Said], bool]]]
_LISTS = ("results", "data")
"""Under which names the listings of an API have their things."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing of an export: what it is, what it says, and the file that says so."""

    kind: str
    said: Said
    file: str


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that was read; `halves` are files whose listing goes on at another page."""

    records: tuple[Record, ...]
    unknown: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()

    def of(self, kind: str) -> list[Said]:
        """Each thing of a kind once, by its id: the last that was read."""
        found: dict[str, Said] = {}
        for number, record in enumerate(self.records):
            if record.kind == kind:
                found[text(record.said, "id") or f"#{number}"] = record.said
        return list(found.values())


def read(files: Sequence[tuple[str, bytes]], kinds: Mapping[str, str], shapes: Shapes) -> Export:
    """Everything in `files` (name, JSON). `kinds` tell a kind by what a file, its folder or a list is called, `shapes`
    by what a thing looks like. Raises Invalid with every file that is no JSON."""
    faults: list[Fault] = []
    records: list[Record] = []
    unknown: list[str] = []
    halves: list[str] = []
    for name, body in files:
        try:
            value = parse_object(body)
        except BadBody as error:
            faults += [Fault(fault.field, fault.message, name, 1) for fault in error.faults]
            continue
        if isinstance(value, dict) and value.get("next"):
            halves.append(name)
        for hint, said in _things(value, _hint(name, kinds), kinds):
            kind = hint or next((kind for kind, fits in shapes if fits(said)), "")
            if kind:
                records.append(Record(kind, said, name))
            elif name not in unknown:
                unknown.append(name)
    if faults:
        raise Invalid(faults)
    return Export(tuple(records), tuple(unknown), tuple(halves))


def _hint(name: str, kinds: Mapping[str, str]) -> str:
    path = PurePath(name)
    named = (path.stem, *reversed(path.parent.parts))
    return next((kinds[plain] for one in named if (plain := _plain(one)) in kinds), "")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalpha())


def _things(value: Any, hint: str, kinds: Mapping[str, str]) -> Iterator[tuple[str, Said]]:
    """Each object in a listing, in several by name, or alone."""
    if isinstance(value, list):
        yield from ((hint, one) for one in value if isinstance(one, dict))
    elif isinstance(value, dict):
        listed = next((value[name] for name in _LISTS if isinstance(value.get(name), (list, dict))), None)
        named = {kinds[_plain(name)]: one for name, one in value.items() if _plain(name) in kinds and _is_list(one)}
        if listed is not None:
            yield from _things(listed, hint, kinds)
        elif named and "id" not in value:
            for kind, several in named.items():
                yield from _things(several, kind, kinds)
        else:
            yield hint, value


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def text(said: Said, *names: str) -> str:
    """The first of these fields that is a text or a number, on one line; "" without one."""
    found = (said.get(name) for name in names)
    kept = (one for one in found if isinstance(one, (str, int)) and not isinstance(one, bool) and one != "")
    return " ".join(storable(str(next(kept, ""))).split())


def number(said: Said, name: str, default: float = 0) -> float:
    """A number that is not negative, also when it is written as a text."""
    value = said.get(name)
    if isinstance(value, str) and value.strip().isdigit() and len(value) < 12:
        value = int(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**9
    return value if is_number and value is not None else default


def inside(said: Said, name: str) -> Said:
    """An object in this one; an empty one when there is none."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def items(said: Said, name: str) -> list[Said]:
    """The objects of a list."""
    value = said.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(said: Said, name: str) -> list[str]:
    """The texts of a list."""
    value = said.get(name)
    found = value if isinstance(value, list) else []
    return [one for part in found if (one := text({"one": part}, "one"))]
