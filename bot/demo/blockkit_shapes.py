"""The grammar the Block Kit rules are written in: a check takes a value and its pointer, and yields faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

JSON = dict[str, Any]
Check = Callable[[Any, str], Iterator[str]]
Rule = Callable[[JSON, str], Iterator[str]]


def fault(problem: str, pointer: str) -> str:
    """A fault in the words Slack puts in response_metadata.messages."""
    return f"[ERROR] {problem} [json-pointer:{pointer or '/'}]"


def string(maximum: int, minimum: int = 1, pattern: str | None = None) -> Check:
    """A string within a length, both ends allowed."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must be a string", pointer)
        elif len(value) > maximum:
            yield fault(f"must be less than {maximum + 1} characters", pointer)
        elif len(value) < minimum:
            yield fault(f"must be more than {minimum - 1} characters", pointer)
        elif pattern is not None and not re.fullmatch(pattern, value):
            yield fault(f"must match pattern {pattern}", pointer)

    return check


def integer(minimum: int, maximum: int) -> Check:
    """A whole number, both ends allowed."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield fault("must be an integer", pointer)
        elif not minimum <= value <= maximum:
            yield fault(f"must be between {minimum} and {maximum}", pointer)

    return check


def boolean(value: Any, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield fault("must be a boolean", pointer)


def one_of(*allowed: str) -> Check:
    """One word out of a closed list."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield fault(f"must be a valid enum value ({', '.join(allowed)})", pointer)

    return check


def many(item: Check, minimum: int, maximum: int) -> Check:
    """A list with so many items, each of one kind."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield fault("must be an array", pointer)
            return
        if len(value) > maximum:
            yield fault(f"no more than {maximum} items allowed", pointer)
        if len(value) < minimum:
            yield fault(f"must provide at least {minimum} items", pointer)
        for index, each in enumerate(value):
            yield from item(each, f"{pointer}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    """An object with these fields and no others; the rules see it once its fields are right."""
    fields = {"type": string(50), **required, **optional}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must be an object", pointer)
            return
        faults = list(_field_faults(value, pointer))
        yield from faults
        if not faults:
            for rule in rules:
                yield from rule(value, pointer)

    def _field_faults(value: JSON, pointer: str) -> Iterator[str]:
        for name in required:
            if value.get(name) is None:
                yield fault(f"missing required field: {name}", pointer)
        for name, content in value.items():
            if name not in fields:
                yield fault(f"invalid additional property: {name}", pointer)
            elif content is not None or name not in required:
                yield from fields[name](content, f"{pointer}/{name}")

    return check


def typed(kinds: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """An object told by its `type`; `allowed` narrows the kinds that fit in this place."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield fault(f"unsupported type: {kind}", f"{pointer}/type")
        elif allowed is not None and kind not in allowed:
            yield fault(f"{kind} is not allowed here", f"{pointer}/type")
        else:
            yield from kinds[kind](value, pointer)

    return check


def exactly_one(*names: str) -> Rule:
    """Just one of these fields."""

    def rule(value: JSON, pointer: str) -> Iterator[str]:
        if sum(value.get(name) is not None for name in names) != 1:
            yield fault(f"must have exactly one of: {', '.join(names)}", pointer)

    return rule


def at_least_one(*names: str) -> Rule:
    """One of these fields or more."""

    def rule(value: JSON, pointer: str) -> Iterator[str]:
        if all(value.get(name) is None for name in names):
            yield fault(f"must have at least one of: {', '.join(names)}", pointer)

    return rule


def unique(listed: str, key: str) -> Rule:
    """No two items of a list with the same key."""

    def rule(value: JSON, pointer: str) -> Iterator[str]:
        seen: set[str] = set()
        for index, item in enumerate(value.get(listed) or []):
            name = item.get(key) if isinstance(item, dict) else None
            if not isinstance(name, str):
                continue
            if name in seen:
                yield fault(f"`{key}` must be unique: {name}", f"{pointer}/{listed}/{index}/{key}")
            seen.add(name)

    return rule
