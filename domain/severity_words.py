"""What tools call how bad it is, in English and in French."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from domain.severities import Severity

_WORDS = {
    Severity.SEV1: "critical page fatal emergency emerg panic alert crit disaster urgent blocker highest catastrophic "
    "catastrophe p0 sev0 availability critique urgente urgence catastrophique bloquant bloquante",
    Severity.SEV2: "high error err major severe serious warning warn "
    "majeur majeure grave eleve elevee haut haute erreur avertissement",
    Severity.SEV3: "info information informational none average medium minor moderate notice "
    "mineur mineure moyen moyenne modere moderee",
    Severity.SEV4: "low lowest debug trivial p5 sev5 faible bas basse",
}
_CALLED = {
    **{word: severity for severity, words in _WORDS.items() for word in words.split()},
    **{severity.level.lower(): severity for severity in Severity},
    **{f"p{number}": severity for number, severity in enumerate(Severity, 1)},
    **{f"s{number}": severity for number, severity in enumerate(Severity, 1)},
    "s0": Severity.SEV1,
}
_ORDER = list(Severity)
_CALLED["custom_alert"] = Severity.SEV3
"""Dynatrace's word for what somebody wrote themselves, whatever it is."""
_DENIED = {"no", "non", "not", "pas", "peu"}
_WHAT_IT_IS = {"alert", "page"}
"""Beside another word they say what it is that has a severity: `Warning alert`."""
_LETTERS = re.compile(r"[a-z0-9]+")
_NUMBERED = re.compile(r"\b(?:severity|severite|sev|priority|priorite|prio|p)[\s_:=#-]*([0-5])\b")
_LONGEST = 200


def severity_called(word: str) -> Severity | None:
    """The severity that a source's word, or its few words, mean: `P1 - Critical`, `Sev 1`, `very high`. The worst of
    several; None for what nobody knows, a number alone among it: for some tools 1 is the worst, for others 5."""
    return _called(word[:_LONGEST])


@lru_cache(maxsize=1024)
def _called(word: str) -> Severity | None:
    """A source has few words, and says one of them with every alert."""
    said = without_accents(word)
    if said in _CALLED:
        return _CALLED[said]
    parts = _LETTERS.findall(_NUMBERED.sub(r" p\1 ", said))
    if _DENIED.intersection(parts):
        return None
    known = [part for part in parts if part in _CALLED]
    said_of_it = [part for part in known if part not in _WHAT_IT_IS]
    return min((_CALLED[part] for part in said_of_it or known), key=_ORDER.index, default=None)


def clearest(words: Iterable[str]) -> str:
    """The first of several words for one severity that somebody knows; else the first that says something."""
    said = [word for word in words if word.strip()]
    return next((word for word in said if severity_called(word)), next(iter(said), ""))


def without_accents(word: str) -> str:
    """As it is read: in lower case, letters of another width as their own, without accents and what is not seen."""
    shown = (one for one in unicodedata.normalize("NFKD", word) if unicodedata.category(one) not in ("Cf", "Mn"))
    return "".join(shown).strip().lower()
