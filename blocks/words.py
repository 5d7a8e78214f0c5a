"""Our words in the reader's language. English is written where it is used; other languages are gettext catalogs
(`locales/<language>/LC_MESSAGES/vigie.po`), read once.

What is filled in is never read as a template: a title with braces in it stays a title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.messages.pofile import read_po

LANGUAGES = ("en", "fr")
_LOCALES = Path(__file__).parent / "locales"
_NAMED = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Words:
    """One language. `say` and `count` are the names that the catalogs are extracted by."""

    language: str
    phrases: dict[str, str] = field(default_factory=dict)
    plurals: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def say(self, message: str, **values: object) -> str:
        """`message` in this language, its {names} filled in."""
        return _fill(self.phrases.get(message, message), values)

    def count(self, singular: str, plural: str, n: int, **values: object) -> str:
        """The form for `n` things; `{n}` is filled in."""
        forms = self.plurals.get((singular, plural), (singular, plural))
        is_one = n < 2 if self.language == "fr" else n == 1
        return _fill(forms[0 if is_one else -1], {"n": n, **values})

    def minutes(self, n: float) -> str:
        """A length in whole minutes, hours above ninety of them: "8 min", "2 h 05"."""
        whole = max(round(n), 0)
        return (
            self.say("{n} min", n=whole) if whole < 90 else self.say("{h} h {m}", h=whole // 60, m=f"{whole % 60:02}")
        )

    def span(self, length: timedelta) -> str:
        """How long something took."""
        seconds = length.total_seconds()
        return self.say("{n} s", n=max(round(seconds), 0)) if seconds < 60 else self.minutes(seconds / 60)

    def clock(self, at: datetime, zone: str) -> str:
        """The time of the day in a zone: "03:12"."""
        local = at.astimezone(ZoneInfo(zone))
        return str(format_time(local.time(), "HH:mm", locale=self.language))

    def listed(self, names: tuple[str, ...]) -> str:
        """ "Ada, Bob and Carol" """
        if len(names) < 2:
            return "".join(names)
        return self.say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def _fill(template: str, values: dict[str, object]) -> str:
    return _NAMED.sub(lambda found: str(values.get(found[1], found[0])), template)


def words(locale: str) -> Words:
    """The language of a locale such as `fr`, `fr-FR` or `en_US`; English when there is no catalog for it."""
    language = locale[:2].lower()
    return _read(language if language in LANGUAGES else "en")


@cache
def _read(language: str) -> Words:
    if language == "en":
        return Words("en")
    with (_LOCALES / language / "LC_MESSAGES" / "vigie.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    phrases: dict[str, str] = {}
    plurals: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalog:
        said = message.string
        if isinstance(message.id, str) and isinstance(said, str) and said:
            phrases[message.id] = said
        elif isinstance(message.id, (list, tuple)) and isinstance(said, (list, tuple)) and all(said):
            plurals[message.id[0], message.id[1]] = tuple(said)
    return Words(language, phrases, plurals)
