"""How accents are written, é being one character for one program and two for another
(https://unicode.org/reports/tr15/), in no more time than a text is long. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_MOST = 30
"""Marks on one letter: no language has as many (UAX #15 §13), and Python puts them in order in the square of their
number."""
_SHORT = 256
"""Characters of which that takes no time."""


def composed(text: str) -> str:
    """`text` with each letter and its accents as one character where there is one (NFC)."""
    return unicodedata.normalize("NFC", text if len(text) <= _SHORT or text.isascii() else "".join(_legible(text)))


def _legible(text: str) -> Iterator[str]:
    """Without the marks that nobody can tell from those below them."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= _MOST:
            yield character
