"""Texts that a regular expression nearly takes: what comes before each of its repetitions, and what repeats there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from re import _parser as grammar
from typing import Any

_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_LETTERS = "aA0 -_.:/@=,;#x\"'\n\t|<>(){}[]%+*&$!?é«»"
_CLASSES = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}
_CLASSES |= {name.replace("Y_", "Y_NOT_"): written.upper() for name, written in _CLASSES.items()}


def nearly(pattern: str, flags: int) -> Iterator[tuple[str, str]]:
    """Pairs of texts: a beginning, and one that the pattern takes again and again after it."""
    yield from _within(grammar.parse(pattern, flags), "")


def _within(nodes: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    for operation, argument in nodes:
        name = str(operation)
        if name in _REPEATS:
            for body in _samples(argument[2]):
                yield before, body
            yield from _within(argument[2], before)
        elif name == "SUBPATTERN":
            yield from _within(argument[-1], before)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _within(branch, before)
        elif name == "ATOMIC_GROUP":
            yield from _within(argument, before)
        before += _samples([(operation, argument)])[0]


def _samples(nodes: Sequence[Any]) -> list[str]:
    """The shortest text that these take, and some that are longer."""
    found = [""]
    for operation, argument in nodes:
        found = [text + more for text, more in product(found, _of(str(operation), argument))][:8]
    return list(dict.fromkeys(found))


def _of(name: str, argument: Any) -> list[str]:
    if name == "LITERAL":
        return [chr(argument)]
    if name in {"NOT_LITERAL", "ANY", "IN"}:
        return _letters(name, argument)
    if name == "BRANCH":
        return [text for branch in argument[1] for text in _samples(branch)[:2]]
    if name == "SUBPATTERN":
        return _samples(argument[-1])
    if name == "ATOMIC_GROUP":
        return _samples(argument)
    if name in _REPEATS:
        least, most, body = argument
        once = _samples(body)
        longer = [once[0] * (least + 1)] if least + 1 <= most else []
        return [once[0] * least, *longer, *(one * max(least, 1) for one in once[1:])]
    return [""]


def _letters(name: str, argument: Any) -> list[str]:
    if name == "ANY":
        return ["a"]
    if name == "NOT_LITERAL":
        return [letter for letter in _LETTERS if ord(letter) != argument][:1]
    is_negated = str(argument[0][0]) == "NEGATE"
    own = [chr(value) for operation, value in argument if str(operation) == "LITERAL"]
    own += [chr(value[0]) for operation, value in argument if str(operation) == "RANGE"]
    fitting = [letter for letter in [*own, *_LETTERS] if _is_in(letter, argument) is not is_negated]
    return fitting[:1] + [letter for letter in fitting if letter in "-a "][:2]


def _is_in(letter: str, items: Sequence[Any]) -> bool:
    return any(_fits(letter, str(operation), value) for operation, value in items)


def _fits(letter: str, name: str, value: Any) -> bool:
    if name == "LITERAL":
        return bool(ord(letter) == value)
    if name == "RANGE":
        return bool(value[0] <= ord(letter) <= value[1])
    return name == "CATEGORY" and bool(re.match(_CLASSES[str(value)], letter))
