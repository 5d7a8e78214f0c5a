"""Our words in the reader's language. English is written where it is used; other languages are gettext catalogs
(`locales/<language>/LC_MESSAGES/vigie.po`), read once.

What is filled in is never read as a template: a title with braces in it stays a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

LANGUAGES = ("en", "fr")
LOCALES = Path(__file__).parent / "locales"
_NAMED = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Words:
    """One language. `say` and `count` are the names that the catalogs are extracted by."""

    language: str
    phrases: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def say(self, message: str, **values: object) -> str:
        """`message` in this language, its {names} filled in."""
        return _fill(self.phrases.get(message, message), values)

    def count(self, singular: str, plural: str, n: int, **values: object) -> str:
        """The form for `n` things; `{n}` is filled in."""
        forms = self.plurals.get((singular, plural), (singular, plural))
        is_one = n < 2 if self.language == "fr" else n == 1
        return _fill(forms[0 if is_one else -1], {"n": n, **values})

    def minutes(self, n: float) -> str:
        """A length in whole minutes, hours from sixty on: "8 min", "1 h 05"."""
        whole = max(int(n + 0.5), 0)
        if whole < 60:
            return self.say("{n} min", n=whole)
        return self.say("{h} h {m}", h=whole // 60, m=f"{whole % 60:02}")

    def span(self, length: timedelta) -> str:
        """How long something took: "40 s", "8 min", "1 h 05"."""
        seconds = length.total_seconds()
        return self.say("{n} s", n=max(int(seconds), 0)) if seconds < 60 else self.minutes(seconds / 60)

    def clock(self, at: datetime, zone: str) -> str:
        """The time of the day in an IANA zone: "03:12"."""
        return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"

    def date(self, at: datetime, zone: str) -> str:
        """A day and its time in an IANA zone: "2026-11-23 03:12"."""
        return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"

    def listed(self, names: tuple[str, ...]) -> str:
        """ "Ada, Bob and Carol" """
        if len(names) < 2:
            return "".join(names)
        return self.say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def _fill(template: str, values: Mapping[str, object]) -> str:
    return _NAMED.sub(lambda found: str(values.get(found[1], found[0])), template)


@dataclass(frozen=True)
class Phrasebook:
    """Sentences that the domain says in English, known by their shape: what has none stays English."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def of(cls, messages: Iterable[str]) -> Phrasebook:
        return cls(tuple((_shape(message), message) for message in messages))

    def translate(self, text: str, say: Words) -> str:
        """`text` in the language of `say`."""
        for pattern, message in self.patterns:
            found = pattern.fullmatch(text)
            if found:
                return say.say(message, **found.groupdict())
        return text


def _shape(message: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[a-z_]+\})", message)
    groups = (f"(?P<{part[1:-1]}>.+)" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile("".join(groups), re.DOTALL)


def words(locale: str) -> Words:
    """The language of a locale such as `fr`, `fr-FR` or `en_US`; English when there is no catalog for it."""
    language = re.split(r"[-_.]", locale, maxsplit=1)[0].lower()
    return _read(language if language in LANGUAGES else "en")


@cache
def _read(language: str) -> Words:
    if language == "en":
        return Words("en")
    with (LOCALES / language / "LC_MESSAGES" / "vigie.po").open("rb") as file:
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
