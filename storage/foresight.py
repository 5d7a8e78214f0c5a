"""What a transaction is sure to ask is asked together: on PostgreSQL that is one journey to the server instead of one a
question (docs/decisions/0021)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from storage import pipelines
from storage.prepared import sent
from storage.store import Transaction

Found = TypeVar("Found")


def together(tx: Transaction, look: Callable[[], Found]) -> Found:
    """What `look` finds, whose questions don't hang on each other's answers."""
    foresee(tx, look)
    return look()


def foresee(tx: Transaction, look: Callable[[], object]) -> None:
    """Have the answers to whatever `look` asks for, which is asked again: then each is told once as it was now, unless
    something was changed or held meanwhile. `look` finds nothing, and must change nothing for that. It asks in the
    order in which it is asked again: what it holds is held before what it asks after that. Raises DBAPIError."""
    if tx.dialect.name != "postgresql":
        return
    asked = pipelines.asked(tx, look)
    waiting = pipelines.postponed(tx)
    if len(asked) + len(waiting) < 2:
        # Nothing is gained. What waits goes with the next, as it did.
        for words in waiting:
            pipelines.postpone(tx, words)
        return
    cursors = sent(tx, [*waiting, *asked])[len(waiting) :]
    answers = [(cursor.fetchall() if cursor.description else [], cursor.rowcount) for cursor in cursors]
    pipelines.foresee(tx, zip(asked, answers, strict=True))
