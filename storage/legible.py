"""What of the catalog can be read: a row that is damaged, or of a version that this one does not know, is left out by
itself, so that it takes nobody else's page with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.sql.elements import ColumnElement

from storage.faults import UNREADABLE
from storage.store import Transaction

log = logging.getLogger(__name__)

Value = TypeVar("Value")


class Legible:
    """One reading of the catalog."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.lost: list[str] = []
        """What could not be read, each by its kind and name."""

    def each(
        self, kind: str, query: Select[Any], name: ColumnElement[str], build: Callable[[Any], Value]
    ) -> list[Value]:
        """What `build` makes of each row of `query` that can be read; `name` is what tells rows apart."""
        try:
            return [build(row) for row in self._tx.execute(query)]
        except UNREADABLE:
            return self._one_by_one(kind, query, name, build)

    def _one_by_one(
        self, kind: str, query: Select[Any], name: ColumnElement[str], build: Callable[[Any], Value]
    ) -> list[Value]:
        made = []
        for (called,) in list(self._tx.execute(query.with_only_columns(name))):
            try:
                made += [build(row) for row in self._tx.execute(query.where(name == called))]
            except UNREADABLE as error:
                log.error("the %s %s can't be read, and is left out until it is mended", kind, called, exc_info=error)
                self.lost.append(f"{kind} {called}")
        return made
