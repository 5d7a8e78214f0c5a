"""Many rows at once: an alert is half a dozen of them, and they come in thousands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, insert

from storage.prepared import prepared
from storage.store import Transaction


def insert_many(tx: Transaction, into: Table, values: Sequence[dict[str, Any]]) -> None:
    """Keep rows that all have the same columns."""
    if values:
        tx.execute(_insertion(into, tuple(values[0])), values)


@cache
def _insertion(into: Table, columns: tuple[str, ...]) -> Any:
    return prepared(insert(into), columns)
