"""YAML read with its lines: every fault says its file, its line and its field. Pure.

Values are taken as they are written and not as YAML guesses them: a phone number stays a text, and 010 is ten.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

import yaml

from domain.errors import Fault
from handlers.catalog.composing import Refused, composed, is_null, line_of

LARGEST = 1024 * 1024
"""Bytes of one file."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_NO_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a terminal would obey, or take for the next line, where a fault says which field is meant."""
_TRUE, _FALSE = ("true", "yes", "on", "oui", "✅"), ("false", "no", "off", "non", "❌")
_LENGTH = re.compile(r"(\d{1,6})\s*(minutes?|min|mn|m|hours?|h|heures?)?", re.IGNORECASE)
_STEP_NUMBER = re.compile(r"\s*+(?:step|étape)?\s*+([1-9][0-9]{0,3})\s*+", re.IGNORECASE)


class Faults:
    """What is wrong in one file, gathered."""

    def __init__(self, file: str, found: list[Fault]) -> None:
        self.file = file
        self._found = found

    def add(self, line: int, field: str, message: str) -> None:
        self._found.append(Fault(field, message, self.file, line))


class Fields:
    """One mapping. Names are compared without case, spaces and underscores; each is asked for once, and `close`
    reports those that nobody asked for."""

    def __init__(self, node: yaml.MappingNode, path: str, faults: Faults) -> None:
        self.line = line_of(node)
        self.path = path
        self.faults = faults
        self._nodes: dict[str, tuple[str, yaml.Node]] = {}
        self._asked: dict[str, str] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or _NO_NAME.search(name):
                faults.add(line_of(key), path, "a name must be plain text")
            elif _plain(name) in self._nodes:
                faults.add(line_of(key), self._field(name), "is written twice")
            else:
                self._nodes[_plain(name)] = (name, value)

    def has(self, *names: str) -> bool:
        return any(_plain(name) in self._nodes for name in names)

    def names(self) -> list[str]:
        """Every name, as it is written."""
        return [name for name, _ in self._nodes.values()]

    def line_of(self, *names: str) -> int:
        """Where the first of these fields stands; the mapping's own line when it has none of them."""
        _, node = self._find(names)
        return line_of(node) if node else self.line

    def fault(self, name: str, message: str) -> None:
        """Something is wrong with the field `name`."""
        _, node = self._nodes.get(_plain(name), ("", None))
        self.faults.add(line_of(node) if node else self.line, self._field(name), message)

    def text(self, *names: str, required: bool = False, limit: int = 3000, lines: bool = False) -> str:
        """A text, "" when there is none; with `lines` it may have several."""
        name, node = self._take(names)
        if node is None or is_null(node):
            if required:
                self.faults.add(self.line, self._field(names[0]), "is missing")
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(name, "must be text")
            return ""
        value = self._checked(name, node, limit, lines=lines)
        if required and not value.strip():
            self.fault(name, "is empty")
        return value

    def _checked(self, name: str, node: yaml.ScalarNode, limit: int, *, lines: bool = False) -> str:
        value = node.value.strip("\n") if lines else " ".join(node.value.split())
        if _UNPRINTABLE.search(value):
            self.faults.add(line_of(node), self._field(name), "has a control character in it")
        if len(value) > limit:
            message = f"is {len(value)} characters long; at most {limit} can be shown"
            self.faults.add(line_of(node), self._field(name), message)
        # What is judged further is never longer than it may be, and can be shown.
        return _UNPRINTABLE.sub("", value)[:limit]

    def flag(self, *names: str, default: bool) -> bool:
        """A yes or no."""
        name, _ = self._find(names)
        value = self.text(*names).lower()
        if value and value not in (*_TRUE, *_FALSE):
            self.fault(name, "must be true or false")
        return value in _TRUE if value else default

    def minutes(self, *names: str, default: int = 0, most: int = 10_080) -> int:
        """A length in minutes: `5`, `5 minutes`, `1 hour`."""
        name, _ = self._find(names)
        value = self.text(*names)
        if not value:
            return default
        found = _LENGTH.fullmatch(value)
        number = int(found[1]) * (60 if (found[2] or "m").lower().startswith("h") else 1) if found else -1
        if not 0 <= number <= most:
            self.fault(name, f"must be a length from 0 to {most} minutes, such as 5 minutes")
            return default
        return number

    def texts(self, *names: str, limit: int = 100) -> list[str]:
        """A list of texts; one text is a list of one."""
        name, node = self._take(names)
        if node is None or is_null(node):
            return []
        items: list[Any] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if any(not isinstance(item, yaml.ScalarNode) or is_null(item) for item in items):
            self.fault(name, "must be a list of texts")
            return []
        found = [self._checked(name, item, limit) for item in items]
        if "" in found:
            self.fault(name, "has an empty text in it")
        return [text for text in found if text]

    def mapping(self, *names: str) -> Fields | None:
        """A mapping inside this one."""
        name, node = self._take(names)
        if node is None or is_null(node):
            return None
        if not isinstance(node, yaml.MappingNode):
            self.fault(name, "must be a mapping of fields")
            return None
        return Fields(node, self._field(name), self.faults)

    def mappings(self, *names: str) -> list[Fields]:
        """A list of mappings."""
        name, node = self._take(names)
        if node is None or is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(name, "must be a list")
            return []
        return [fields for _, fields in self._each(name, [(str(n), n, item) for n, item in enumerate(node.value, 1)])]

    def steps(self, most: int, *, may_be_empty: bool = False) -> list[tuple[int, Fields]]:
        """`Steps`, a map (`1:`, `Step 1:`) or a list, with each step's number, in the order of the numbers."""
        name, node = self._take(("steps",))
        if node is None or is_null(node):
            self.faults.add(self.line, self._field("Steps"), "is missing: write at least one step")
            return []
        if not node.value:
            if not may_be_empty:
                self.fault(name, "is empty: write at least one step")
            return []
        if not isinstance(node, yaml.ScalarNode) and len(node.value) > most:
            self.fault(name, f"has {len(node.value)} steps; it takes at most {most}")
            return []
        if isinstance(node, yaml.SequenceNode):
            return self._numbered(self._each(name, [(str(n), n, item) for n, item in enumerate(node.value, 1)]))
        if not isinstance(node, yaml.MappingNode):
            self.fault(name, "must be a map (1:, 2:, …) or a list of steps")
            return []
        items = []
        for key, item in node.value:
            written = _NO_NAME.sub(" ", key.value) if isinstance(key, yaml.ScalarNode) else ""
            if number := _STEP_NUMBER.fullmatch(written):
                items.append((number[1], int(number[1]), item))
            else:
                self.faults.add(line_of(key), f"{self._field(name)}[{written}]", "must be the step's number, such as 1")
        return self._numbered(self._each(name, items))

    def close(self) -> None:
        """Report every field that nobody asked for, with the one that was probably meant."""
        for plain, (name, node) in self._nodes.items():
            if plain in self._asked:
                continue
            near = difflib.get_close_matches(plain[:60], list(self._asked), n=1, cutoff=0.6)
            hint = f"; did you mean {self._asked[near[0]]}?" if near else ""
            self.faults.add(line_of(node), self._field(name), f"is not known here{hint}")

    def _numbered(self, steps: list[tuple[int, Fields]]) -> list[tuple[int, Fields]]:
        numbered: dict[int, Fields] = {}
        for place, fields in steps:
            given = fields.text("order", "step_order")
            number = _STEP_NUMBER.fullmatch(given)
            if given and not number:
                fields.fault("order" if fields.has("order") else "step_order", "must be a whole number from 1")
            order = int(number[1]) if number else place
            if order in numbered:
                fields.faults.add(fields.line, fields.path, f"there are two steps {order}")
            numbered.setdefault(order, fields)
        return sorted(numbered.items())

    def _each(self, name: str, items: list[tuple[str, int, yaml.Node]]) -> list[tuple[int, Fields]]:
        found = []
        for key, number, item in items:
            path = f"{self._field(name)}[{key}]"
            if isinstance(item, yaml.MappingNode):
                found.append((number, Fields(item, path, self.faults)))
            else:
                self.faults.add(line_of(item), path, "must be a mapping of fields")
        return found

    def _take(self, names: tuple[str, ...]) -> tuple[str, yaml.Node | None]:
        for name in names:
            self._asked.setdefault(_plain(name), name)
        written, node = self._find(names)
        doubles = [self._nodes[_plain(name)] for name in names if _plain(name) in self._nodes]
        for other, where in doubles[1:]:
            self.faults.add(line_of(where), self._field(other), f"says the same as {written}: write one of them")
        return written, node

    def _find(self, names: tuple[str, ...]) -> tuple[str, yaml.Node | None]:
        found = (self._nodes[_plain(name)] for name in names if _plain(name) in self._nodes)
        return next(found, (names[0], None))

    def _field(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def documents(file: str, text: str, found: list[Fault]) -> list[Fields]:
    """The documents of a file, each a mapping. What is not, is a fault."""
    faults = Faults(file, found)
    if len(text.encode("utf-8", "replace")) > LARGEST:
        faults.add(1, "", "the file is larger than 1 MiB")
        return []
    try:
        nodes = composed(text)
    except Refused as refused:
        faults.add(refused.line, "", str(refused))
        return []
    if not nodes:
        faults.add(1, "", "is empty")
    for node in nodes:
        if not isinstance(node, yaml.MappingNode):
            faults.add(line_of(node), "", "must be a mapping, such as Title: … or people: …")
    return [Fields(node, "", faults) for node in nodes if isinstance(node, yaml.MappingNode)]


def _plain(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")
