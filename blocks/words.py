"""Our words in the reader's language. English is written where it is used; other languages are gettext catalogs
(`locales/<language>/LC_MESSAGES/vigie.po`), read once.

What is filled in is never read as a template: a title with braces in it stays a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date as calendar_day
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

LANGUAGES = ("en", "fr")
_LOCALES = {"en": Locale("en", "GB"), "fr": Locale("fr")}
"""Whose conventions each language follows: at 3 a.m. a clock has 24 hours, and a day stands before its month."""
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
        return _fill(forms[0 if self._locale.plural_form(n) == "one" else -1], {"n": n, **values})

    def minutes(self, n: float) -> str:
        """A length in whole minutes, hours from sixty on: "8 min", "1 hr 5 min"."""
        hours, minutes = divmod(max(int(n + 0.5), 0), 60)
        if not hours:
            return _unit(minutes, "minute", self.language)
        parts = (_unit(hours, "hour", self.language), _unit(minutes, "minute", self.language) if minutes else "")
        return " ".join(part for part in parts if part)

    def decimal(self, n: float) -> str:
        """A number to the tenth."""
        return format_decimal(round(n, 1), locale=self._locale)

    def span(self, length: timedelta) -> str:
        """How long something took: "40 sec", "8 min", "1 hr 5 min"."""
        seconds = length.total_seconds()
        if seconds < 60:
            return _unit(max(int(seconds), 0), "second", self.language)
        return self.minutes(seconds / 60)

    def clock(self, at: datetime, zone: str) -> str:
        """The time of the day in an IANA zone: "03:12"."""
        return format_time(at, "short", tzinfo=ZoneInfo(zone), locale=self._locale)

    def date(self, at: datetime, zone: str) -> str:
        """A day and its time in an IANA zone: "23 Nov 2026, 03:12"."""
        there = at.astimezone(ZoneInfo(zone))
        day = format_date(there, "medium", locale=self._locale)
        return str(self._locale.datetime_formats["medium"]).format(self.clock(at, zone), day)

    def day(self, on: calendar_day) -> str:
        """A day: "23 Nov 2026"."""
        return format_date(on, "medium", locale=self._locale)

    def short_day(self, on: calendar_day) -> str:
        """A day without its year: "23 Nov"."""
        return format_skeleton("MMMd", on, locale=self._locale)

    def listed(self, names: tuple[str, ...]) -> str:
        """ "Ada, Bob and Carol" """
        return format_list(names, locale=self._locale)

    @property
    def _locale(self) -> Locale:
        return _LOCALES[self.language]


@lru_cache(maxsize=4096)
def _unit(n: int, unit: str, language: str) -> str:
    return format_unit(n, f"duration-{unit}", "short", locale=language)


def _fill(template: str, values: Mapping[str, object]) -> str:
    """`template` with its {names} filled in; French contracts what comes together: "à" and "le responsable",
    "de" and "Europe/Paris", "que" and "Ada"."""
    if not any(word in template for word in ("à {", "de {", "que {")):
        return _NAMED.sub(lambda found: str(values.get(found[1], found[0])), template)

    def filled(found: re.Match[str]) -> str:
        before, name = found[1] or "", found[2]
        value = str(values.get(name, f"{{{name}}}"))
        if before in ("de ", "que ") and _VOWEL.match(value):
            return f"{before[:-2]}'{value}"
        article = next((one for one in ("le ", "les ") if value.startswith(one)), "")
        contracted = _CONTRACTED.get(before + article)
        return f"{contracted}{value.removeprefix(article)}" if contracted else f"{before}{value}"

    return _FILLED.sub(filled, template)


_FILLED = re.compile(r"(\bà |\bde |\bque )?\{([a-z_]+)\}")
_VOWEL = re.compile(r"[*_`«\s]*[aàâeéèêëiîïoôuùûœæ]", re.IGNORECASE)
"""How a name begins that takes the e of "de" and "que", whatever marks stand before it."""
_CONTRACTED = {"à le ": "au ", "à les ": "aux ", "de le ": "du ", "de les ": "des "}


_SAID_IN_ENGLISH = ("fault", "needed", "role")
"""What of a sentence of the domain's is English itself."""


@dataclass(frozen=True)
class Phrasebook:
    """Sentences that the domain says in English, known by their shape: what has none stays English."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def of(cls, messages: Iterable[str]) -> Phrasebook:
        """The sentence that says most is tried first: a shorter one with a gap at its end would take it all."""
        ordered = sorted(messages, key=lambda message: -len(_NAMED.sub("", message)))
        return cls(tuple((_shape(message), message) for message in ordered))

    def translate(self, text: str, say: Words) -> str:
        """`text` in the language of `say`, and a {fault} or the name of a role within it as well."""
        for pattern, message in self.patterns:
            found = pattern.fullmatch(text)
            if found:
                said = found.groupdict()
                inner = {name: self.translate(said[name], say) for name in _SAID_IN_ENGLISH if name in said}
                return say.say(message, **said | inner)
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
