"""Our own words when they are more than one section takes: cut into several, so that the end is said too."""

from __future__ import annotations

from collections.abc import Iterator

from blocks import kit
from blocks.kit import Block


def sections(markdown: str) -> list[Block]:
    """`markdown` in as few sections as it takes, broken between lines, or between words where a line is too long."""
    made: list[str] = []
    for piece in _pieces(markdown.strip()):
        if made and len(made[-1]) + 1 + len(piece) <= kit.TEXT_LIMIT:
            made[-1] += f"\n{piece}"
        else:
            made.append(piece)
    return [kit.section(one) for one in made or [""]]


def _pieces(markdown: str) -> Iterator[str]:
    for line in markdown.split("\n"):
        rest = line
        while len(rest) > kit.TEXT_LIMIT and (cut := _cut(rest)) > 0:
            yield rest[:cut]
            rest = rest[cut:].lstrip()
        yield rest


def _cut(line: str) -> int:
    """The last space that a section may end at, outside a mention, a link and a date; 0 or less for none."""
    cut = line.rfind(" ", 0, kit.TEXT_LIMIT + 1)
    opened = line.rfind("<", 0, cut + 1)
    return opened if opened > line.rfind(">", 0, cut + 1) else cut
