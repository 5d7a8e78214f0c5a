"""Pure: a page of a list that fits in memory, filtered, searched and ordered as a request asks; and what an address
says that it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from multidict import MultiMapping
from yarl import URL

from domain.errors import Fault, Invalid
from domain.incidents import Severity
from handlers import parameters
from handlers.parameters import Page
from handlers.schema import PAGE, PAGE_SIZE, Parameter

_ALWAYS = ("search", "ordering", "page", "page_size")


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that keeps what has one of its values, which stand with commas between. `field` is where a thing has
    it, the parameter's own name unless said; it may be a list there. What begins with `is_` is true or false."""

    name: str
    field: str = ""
    choices: type[StrEnum] | None = None

    @property
    def is_flag(self) -> bool:
        return self.name.startswith("is_")

    def of(self, thing: Mapping[str, Any]) -> Any:
        return thing.get(self.field or self.name)

    def parameter(self) -> Parameter:
        if self.is_flag:
            return Parameter(self.name, "`true` or `false`", bool)
        return Parameter(self.name, "One or more, with commas between")


SEVERITY = Filter("severity", choices=Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list may be asked. `orders` are the fields that it is ordered by, `words` those that are searched. `usual`
    is its order unless another is asked for, "" for that in which it comes. `is_whole` says that whoever asks for no
    page gets all of it."""

    orders: tuple[str, ...]
    words: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    usual: str = ""
    is_whole: bool = False

    def parameters(self) -> tuple[Parameter, ...]:
        """As the API's description has them."""
        choices = tuple(sign + name for name in self.orders for sign in ("", "-"))
        search = Parameter("search", f"Words of {', '.join(self.words)}")
        ordering = Parameter("ordering", "A field; a `-` before it for the last first", Literal[choices])
        return (*(one.parameter() for one in self.filters), search, ordering, PAGE, PAGE_SIZE)


def page_of(things: Sequence[Any], url: URL, listing: Listing, also: tuple[str, ...] = ()) -> dict[str, Any]:
    """`{count, next, previous, results}`. `also` are parameters that somebody else reads. Raises Invalid naming each
    parameter that is wrong."""
    given = url.query
    faults = parameters.unknown(given, (*(one.name for one in listing.filters), *_ALWAYS, *also))
    page = _page(given, listing, len(things), faults)
    order = parameters.ordering(given, listing.orders, listing.usual, faults)
    filters = [one for one in listing.filters if one.name in given and (one.is_flag or given[one.name])]
    wanted = [(one, _values(one, given, faults)) for one in filters]
    if faults:
        raise Invalid(faults)
    search = parameters.text(given, "search").casefold()
    found = [one for one in things if _fits(one, wanted) and search in _words(one, listing.words)]
    results = _ordered(found, listing, order)[page.offset : page.offset + page.size]
    return {"count": len(found), **page.links(url, len(found)), "results": results}


def _page(given: MultiMapping[str], listing: Listing, count: int, faults: list[Fault]) -> Page:
    if listing.is_whole and not {"page", "page_size"} & given.keys():
        return Page(1, max(count, 1))
    return parameters.page(given, faults)


def _ordered(found: Sequence[Any], listing: Listing, order: str) -> list[Any]:
    """Those that are alike stay in the usual order."""
    one_by_one = [name for name in (listing.usual, order) if name]
    ordered = list(found)
    for name in one_by_one:
        field = name.removeprefix("-")
        ordered.sort(key=lambda one, field=field: _rank(one[field]), reverse=name.startswith("-"))  # type: ignore[misc]
    return ordered


def _rank(value: Any) -> tuple[bool, Any]:
    """What has no value comes first; numbers as numbers, words without their case."""
    return (value is not None, value if isinstance(value, (int, float)) else str(value or "").casefold())


def _words(one: Mapping[str, Any], names: Sequence[str]) -> str:
    return " ".join(str(one.get(name) or "") for name in names).casefold()


def _fits(thing: Mapping[str, Any], wanted: Sequence[tuple[Filter, set[Any]]]) -> bool:
    for one, values in wanted:
        value = one.of(thing)
        if not values & {_folded(each) for each in (value if isinstance(value, list) else [value])}:
            return False
    return True


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value if isinstance(value, bool) else str(value)


def _values(one: Filter, given: MultiMapping[str], faults: list[Fault]) -> set[Any]:
    if one.is_flag:
        return {parameters.flag(given, one.name, faults)}
    parts = parameters.parts(given, one.name)
    if one.choices is None:
        return {part.casefold() for part in parts}
    return {parameters.choice(one.name, part, one.choices, faults).casefold() for part in parts}
