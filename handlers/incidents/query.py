"""Pure: what a list of incidents is asked for, by parameters or in words, and the links to the pages beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from multidict import MultiMapping

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.incidents import OPEN, Severity, Status
from domain.severities import severity_named
from handlers import parameters
from handlers.incidents.schema import ORDERS
from handlers.parameters import Page
from storage.incidents import Query

_KNOWN = ("is_drill", "status", "severity", "service", "team", "search", "ordering", "page", "page_size")


def query_of(given: MultiMapping[str], directory: Directory, *, is_drill: bool | None = None) -> tuple[Query, Page]:
    """What a request asks for, and which page of it. `is_drill` is not for the request to say where it is given. Raises
    Invalid naming each parameter that is wrong."""
    faults = parameters.unknown(given, _KNOWN if is_drill is None else _KNOWN[1:])
    page = parameters.page(given, faults)
    ordering = parameters.ordering(given, ORDERS, "-created_at", faults)
    query = Query(
        statuses=_each(given, "status", _status, faults),
        **named_values(given, directory, faults),
        search=parameters.text(given, "search"),
        is_drill=parameters.flag(given, "is_drill", faults) if "is_drill" in given else is_drill,
        ordering=ordering,
        offset=page.offset,
        limit=page.size,
    )
    if faults:
        raise Invalid(faults)
    return query, page


def _each(
    given: MultiMapping[str], name: str, find: Callable[[str], str | None], faults: list[Fault]
) -> tuple[str, ...]:
    """Every value of a parameter, repeated or with commas between."""
    found = []
    for part in parameters.parts(given, name):
        value = find(part)
        if value is None:
            faults.append(Fault(name, f"{part[:100]!r} is unknown{_ALLOWED.get(name, '')}"))
        else:
            found.append(value)
    return tuple(found)


_ALLOWED = {
    "status": f"; it is one of {', '.join(status.value for status in Status)}",
    "severity": f"; it is one of {', '.join(severity.value for severity in Severity)}",
}


def _status(text: str) -> str | None:
    return next((status.value for status in Status if status.value == text.upper()), None)


def _severity(text: str) -> str | None:
    found = severity_named(text)
    return found.value if found else None


def _service(name: str, directory: Directory) -> str | None:
    found = directory.services.get(name) or directory.service_by_name(name)
    return found.id if found else None


def _team(name: str, directory: Directory) -> str | None:
    found = directory.teams.get(name) or directory.team_by_name(name)
    return found.id if found else None


_WORDS_OF_A_NAME = 8
_EVERYTHING = ("all", "tout", "toutes", "tous")


def said_query(wanted: Sequence[str], offset: int, limit: int, directory: Directory) -> Query:
    """What the words after `/incident list` ask for: open incidents, unless a status or `all` is among them. A word
    that is no status, severity, service or team, nor a part of its name, is looked for in the titles."""
    found: dict[str, list[str]] = {"statuses": [], "severities": [], "services": [], "teams": [], "search": []}
    is_everything = False
    for word in _names(wanted, directory):
        if word.casefold() in _EVERYTHING:
            is_everything = True
        elif word.casefold() == "open":
            found["statuses"] += OPEN
        else:
            kind, value = _meaning(word, directory)
            found[kind].append(value)
    return Query(
        statuses=tuple(found["statuses"]) or (() if is_everything else OPEN),
        severities=tuple(found["severities"]),
        services=tuple(found["services"]),
        teams=tuple(found["teams"]),
        search=" ".join(found["search"])[:200],
        # Those that nobody has come first, then the oldest; among all there ever were, the latest.
        ordering="-created_at" if is_everything else "-status",
        offset=offset,
        limit=limit,
    )


def _names(wanted: Sequence[str], directory: Directory) -> Iterator[str]:
    """The words, those that are one name of a service or a team together: nobody types quotes around it."""
    left = [word for word in wanted if word]
    while left:
        ends = range(min(len(left), _WORDS_OF_A_NAME), 1, -1)
        long = next((end for end in ends if _is_name(" ".join(left[:end]), directory)), 1)
        yield " ".join(left[:long])
        del left[:long]


def _is_name(text: str, directory: Directory) -> bool:
    return bool(_service(text, directory) or _team(text, directory))


def _meaning(word: str, directory: Directory) -> tuple[str, str]:
    known = {
        "statuses": _status(word),
        "severities": _severity(word),
        "services": _service(word, directory),
        "teams": _team(word, directory),
    }
    return next(((kind, value) for kind, value in known.items() if value), ("search", word))


def named_values(given: MultiMapping[str], directory: Directory, faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    """The services, teams (ids) and severities that parameters name; what is unknown is added to `faults`."""
    return {
        "services": _each(given, "service", lambda name: _service(name, directory), faults),
        "teams": _each(given, "team", lambda name: _team(name, directory), faults),
        "severities": _each(given, "severity", _severity, faults),
    }
