"""Pure: a page of a list that fits in memory, filtered, searched and ordered as a request asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multidict import MultiMapping
from yarl import URL

from domain.errors import Fault, Invalid
from domain.incidents import Severity
from handlers import parameters

_KNOWN = ("search", "severity", "service", "team", "is_active", "ordering", "page", "page_size")
_FIELDS = {"severity": "severity_filter"}


def page_of(things: Sequence[dict[str, Any]], url: URL, label: str, orders: Sequence[str]) -> dict[str, Any]:
    """`{count, next, previous, results}`. Raises Invalid naming each parameter that is wrong."""
    given = url.query
    faults = parameters.unknown(given, _KNOWN)
    page = parameters.page(given, faults)
    ordering = given.get("ordering", label)
    if ordering.removeprefix("-") not in orders:
        faults.append(Fault("ordering", f"must be one of {', '.join(orders)}, with a - before it for the last first"))
    wanted = _wanted(given, faults)
    if faults:
        raise Invalid(faults)
    search = given.get("search", "").casefold()
    found = [one for one in things if _fits(one, wanted) and (not search or search in _words(one, label))]
    name = ordering.removeprefix("-")
    found.sort(key=lambda one: (str(one[label]).casefold(), one["id"]))
    found.sort(key=lambda one: _rank(one[name]), reverse=ordering.startswith("-"))
    results = found[page.offset : page.offset + page.size]
    return {"count": len(found), **page.links(url, len(found)), "results": results}


def _rank(value: Any) -> tuple[bool, Any]:
    """What has no value comes first; numbers as numbers, words without their case."""
    return (value is not None, value if isinstance(value, int) else str(value or "").casefold())


def _words(one: dict[str, Any], label: str) -> str:
    return " ".join(str(one.get(name) or "") for name in (label, "name", "description", "email", "aliases")).casefold()


def _fits(one: dict[str, Any], wanted: dict[str, set[Any]]) -> bool:
    return all(_folded(one.get(name)) in values for name, values in wanted.items())


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _wanted(given: MultiMapping[str], faults: list[Fault]) -> dict[str, set[Any]]:
    wanted: dict[str, set[Any]] = {}
    for name in ("severity", "service", "team"):
        parts = [part.strip() for text in given.getall(name, []) for part in text.split(",") if part.strip()]
        if name == "severity":
            parts = [_severity(part, faults) for part in parts]
        if parts:
            wanted[_FIELDS.get(name, name)] = {part.casefold() for part in parts}
    active = given.get("is_active")
    if active is not None:
        if active.lower() not in ("true", "false"):
            faults.append(Fault("is_active", "must be true or false"))
        wanted["is_active"] = {active.lower() == "true"}
    return wanted


def _severity(text: str, faults: list[Fault]) -> str:
    for one in Severity:
        if text.upper() in (one.value, one.value.partition("_")[0]):
            return one.value
    faults.append(Fault("severity", f"{text[:100]!r} is unknown; it is one of {', '.join(Severity)}"))
    return ""
