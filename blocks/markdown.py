"""Documents in Markdown. What is foreign in them stays text: no link, no heading and no table that nobody wrote."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from blocks.text import clean, one_line

_BOLD = re.compile(r"\*([^*\n]+)\*")
_MOMENT = re.compile(r"<!date\^\d+\^[^|<>]*\|([^<>]*)>")
_MARKS = re.compile(r"([\\`*_\[\]<>|])")


def name(text: str) -> str:
    """A title or a name of somebody else's, on one line."""
    return _MARKS.sub(r"\\\1", one_line(text))


def drafted(text: str) -> str:
    """Foreign words as text in what `typed` shows once somebody goes on writing it, also where they begin a line."""
    return _BEGINNING.sub(r"\1\\\2", _LEFT_TO_TYPED.sub(r"\\\1", one_line(text)))


_LEFT_TO_TYPED = re.compile(r"([\\`*_\[\]>|])")
_BEGINNING = re.compile(r"^(\d*)([#+~.)-])")


def as_read(text: str) -> str:
    """What was drafted, as people read it."""
    return _ESCAPED.sub(r"\1", text)


_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def typed(text: str) -> str:
    """What a colleague wrote: their Markdown, line by line, without HTML."""
    return "  \n".join(clean(text).replace("<", "&lt;").strip().split("\n"))


def of_slack(markup: str, indent: str = "") -> str:
    """A line of ours that is written for Slack: its bold is Markdown's, its moments are words, its foreign words are
    escaped already."""
    bracketed = re.sub(r"([\\\[\]|])", r"\\\1", _MOMENT.sub(r"\1", markup))
    return _BOLD.sub(r"**\1**", bracketed).replace("\n", f"\n{indent}")


def plain_of_slack(markup: str) -> str:
    """The same line as people read it."""
    return html.unescape(_BOLD.sub(r"\1", _MOMENT.sub(r"\1", markup)))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are escaped already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace(chr(10), ' ') for cell in cells)} |" for cells in lines)
