"""Text to nodes of YAML: what is none says its line, and how to mend it. Pure."""

from __future__ import annotations

import re
from typing import Any

import yaml

DEEPEST = 20
"""Mappings and lists inside each other; a rotation is eight down."""
_BEYOND_UNICODE = re.compile(r"\\U(?!000|0010)")
_FENCE = re.compile(r"^```\w*[ \t]*\r?$", re.MULTILINE)
_NOT_CLOSED = ("found unexpected end of stream", "found unexpected document separator")
_TAGGED = "put a text that begins with ! between quotes"
_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq"))
"""What may be written before a value, such as !!str: anything else is the first word of a text."""
_HINTS = {
    "mapping values are not allowed here": (
        "put a text with a colon in it between quotes, or indent the line as its neighbours"
    ),
    r"found character '\t'": "indent with spaces, not with tabs",
    "found character": "put a text that begins with a sign between quotes",
    "expected alphabetic or numeric character": "put a text that begins with a sign between quotes",
    "found unknown escape character": "put a text with a backslash in it between single quotes",
    "found undefined tag handle": _TAGGED,
    **dict.fromkeys(_NOT_CLOSED, "a quotation mark is not closed"),
}
"""How what people write by mistake is mended, by how the parser's word for it begins."""


class Refused(Exception):
    """A file that can't be taken as YAML, and the line where that shows."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def composed(text: str) -> list[yaml.Node]:
    """The documents that say something. Raises Refused."""
    # Copied from Markdown with the marks around it: without them, each line keeps its number.
    bare = _FENCE.sub("", text) if text.lstrip().startswith("```") else text
    try:
        return [node for node in yaml.compose_all(bare, Loader=_Loader) if not is_null(node)]
    except yaml.MarkedYAMLError as error:
        raise _refused(error) from None
    except yaml.reader.ReaderError as error:
        raise Refused("has a control character in it", text.count("\n", 0, error.position) + 1) from None
    except (ValueError, OverflowError):
        wrong = _BEYOND_UNICODE.search(text)
        line = text.count("\n", 0, wrong.start() if wrong else 0) + 1
        raise Refused("has an escape that is no character", line) from None


def _refused(error: yaml.MarkedYAMLError) -> Refused:
    problem = str(error.problem)
    # A quotation mark that is not closed shows at the end of the document, and is mended where it stands.
    mark = error.context_mark if problem in _NOT_CLOSED and error.context_mark else error.problem_mark
    if error.context in ("while scanning a tag", "while parsing a tag"):
        return Refused(_TAGGED, int(mark.line) + 1 if mark else 1)
    hint = next((f"; {said}" for found, said in _HINTS.items() if problem.startswith(found)), "")
    return Refused(f"is not YAML: {problem}{hint}", int(mark.line) + 1 if mark else 1)


class _Loader(yaml.SafeLoader):
    """Refuses what makes a small file large (a few lines of aliases unfold into gigabytes), and what is taken for a
    tag: a text that begins with ! would come without its first word."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise Refused("aliases (*name) are not used here: write it out", line)
        if event.tag and event.tag not in _TAGS:
            raise Refused(_TAGGED, line)
        if self._depth == DEEPEST:
            raise Refused("is nested too deeply", line)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
