"""How a shell reads a command, as far as it matters for what is put into one: where quotes hold, and where they are
read a second time. When in doubt, they do not hold."""

from __future__ import annotations

import re
from enum import StrEnum

_TWICE = re.compile(
    r"(?<![\w.-])(?:ssh|eval|su|watch|xargs|parallel|env\s+-S|(?:ba|z|k|da|a|fi|c|tc)?sh|cmd|powershell|pwsh|python\d?|perl"
    r"|ruby|node|awk|sed|psql|mysql|mongo(?:sh)?)(?![\w.-])|<<|\$'|`",
    re.IGNORECASE,
)


class Place(StrEnum):
    """Where a character of a command stands."""

    PLAIN = "plain"
    QUOTED = "quoted"
    COMMENT = "comment"


def reads_twice(command: str) -> bool:
    """Whether something in `command` may be read by another shell or interpreter after the first took the quotes
    away: `ssh host …`, `sh -c`, a here-document."""
    return _TWICE.search(command) is not None


def places(command: str) -> list[Place]:
    """For each character of `command`, and its end, where a shell is when it comes there."""
    found, quote, is_comment, is_escaped = [], "", False, False
    before = ""
    for character in command:
        if is_comment and character == "\n":
            is_comment = False
        elif not (quote or is_comment or is_escaped) and character == "#" and before in ("", *" \t\n;&|("):
            is_comment = True
        found.append(Place.COMMENT if is_comment else Place.QUOTED if quote or is_escaped else Place.PLAIN)
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'" and not is_comment:
            is_escaped = True
        elif not is_comment and character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        before = character
    last = Place.QUOTED if quote or is_escaped else Place.PLAIN
    return [*found, Place.COMMENT if is_comment else last]
