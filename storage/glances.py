"""Single values that the engine looks at again and again: asked one by one, or all of them in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Select, select

from storage.prepared import Prepared, prepared
from storage.store import Transaction

Value = TypeVar("Value")


class Glance(Generic[Value]):
    """One value, such as the moment when the next thing of its kind is due."""

    def __init__(self, asked: Select[Value]) -> None:
        self.asked = asked
        self._alone = prepared(asked)
        _ALL.append(self)

    def seen(self, tx: Transaction) -> Value | None:
        """What it is now, None when there is nothing."""
        together = _SEEN.get(tx)
        found: Value | None = tx.execute(self._alone).scalar() if together is None else together[self]
        return found


_ALL: list[Glance[Any]] = []
_SEEN: WeakKeyDictionary[Transaction, dict[Glance[Any], Any]] = WeakKeyDictionary()


@contextmanager
def at_once(tx: Transaction) -> Iterator[None]:
    """Within, all of them are as they were at its beginning: one journey to the database instead of a score. Nothing
    is to be changed within."""
    _SEEN[tx] = dict(zip(_ALL, tx.execute(_together()).first() or repeat(None), strict=False))
    try:
        yield
    finally:
        del _SEEN[tx]


def _together() -> Prepared:
    count = len(_ALL)
    if count not in _TOGETHER:
        _TOGETHER[count] = prepared(select(*(one.asked.scalar_subquery() for one in _ALL)))
    return _TOGETHER[count]


_TOGETHER: dict[int, Prepared] = {}
"""By how many there are: a module that is loaded later brings its own."""
