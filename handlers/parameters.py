"""Pure: what the parameters of a request say, a page of a list above all. Faults are gathered: all are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from multidict import MultiMapping
from typing_extensions import TypedDict
from yarl import URL

from domain import wall_clock
from domain.errors import Fault
from domain.incidents import Severity

MOST_A_PAGE = 100
USUAL_PAGE = 50
LAST_PAGE = 1_000_000


class Links(TypedDict):
    """The addresses of the pages beside one; null where there is none."""

    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: pages are counted from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def links(self, url: URL, count: int) -> Links:
        """`next` and `previous`, None where there is none."""
        after = str(url.update_query(page=self.number + 1)) if self.offset + self.size < count else None
        before = str(url.update_query(page=self.number - 1)) if self.number > 1 else None
        return {"next": after, "previous": before}


def unknown(given: MultiMapping[str], known: Sequence[str]) -> list[Fault]:
    """A fault for each parameter that is not known."""
    return [Fault(name, f"is not known; this takes {', '.join(known)}") for name in given if name not in known]


def page(given: MultiMapping[str], faults: list[Fault]) -> Page:
    """`page` and `page_size`."""
    size = whole(given, "page_size", USUAL_PAGE, MOST_A_PAGE, faults)
    return Page(whole(given, "page", 1, LAST_PAGE, faults), size)


def whole(given: MultiMapping[str], name: str, usual: int, most: int, faults: list[Fault]) -> int:
    """A number from 1."""
    text = given.get(name) or str(usual)
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    faults.append(Fault(name, f"must be a number from 1 to {most}"))
    return usual


def moment(given: MultiMapping[str], name: str, faults: list[Fault]) -> datetime | None:
    """A day, or a time; without a zone it is in UTC. None when it is not given."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        found = wall_clock.written(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        faults.append(Fault(name, "must be a day or a time, such as 2026-11-01 or 2026-11-01T08:00:00Z"))
        return None


def text(given: MultiMapping[str], name: str) -> str:
    """Words to look for. PostgreSQL refuses to look for a NUL."""
    return given.get(name, "").replace("\0", "").strip()[:200]


def ordering(given: MultiMapping[str], orders: Sequence[str], usual: str, faults: list[Fault]) -> str:
    """One of `orders`, a `-` before it for the last first."""
    found = given.get("ordering") or usual
    if found != usual and found.removeprefix("-") not in orders:
        faults.append(Fault("ordering", f"must be one of {', '.join(orders)}, with a - before it for the last first"))
    return found


def parts(given: MultiMapping[str], name: str) -> list[str]:
    """Every value of a parameter, repeated or with commas between."""
    return [part.strip() for text in given.getall(name, []) for part in text.split(",") if part.strip()]


def choice(name: str, text: str, choices: type[StrEnum], faults: list[Fault]) -> str:
    """The value that is meant, in any case; a severity by its beginning too."""
    for one in choices:
        short = one.level if isinstance(one, Severity) else one.value
        if text.casefold() in (one.value.casefold(), short.casefold()):
            return one.value
    faults.append(Fault(name, f"{text[:100]!r} is unknown; it is one of {', '.join(choices)}"))
    return ""


def flag(given: MultiMapping[str], name: str, faults: list[Fault]) -> bool:
    """True or false, whichever is said."""
    said = given.get(name, "").lower()
    if said not in ("true", "false"):
        faults.append(Fault(name, "must be true or false"))
    return said == "true"
