"""What nobody waits for goes to PostgreSQL with the next thing that somebody does: a statement that goes alone is a
journey there and back, and an alert writes a dozen (docs/decisions/0021).

What is postponed is sent before anything else is asked, and before the commit: a transaction sees its own writes, in
their order, and ends well only if each of them did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event


@dataclass(frozen=True, slots=True)
class Words:
    """A statement as the driver takes it, with one set of values or with many."""

    text: str
    values: Any
    is_many: bool

    def say(self, connection: Connection, cursor: Any) -> None:
        """Have `cursor` execute it, after those have heard of it who listen to statements."""
        for told in connection.dispatch.before_cursor_execute:
            told(connection, cursor, self.text, self.values, None, self.is_many)
        (cursor.executemany if self.is_many else cursor.execute)(self.text, self.values)


Answer = tuple[list[Any], int]
"""The rows of a statement as the driver gives them, and how many it counts."""

_POSTPONED: WeakKeyDictionary[Connection, list[Words]] = WeakKeyDictionary()
_ASKED: WeakKeyDictionary[Connection, list[Words]] = WeakKeyDictionary()
_FORESEEN: WeakKeyDictionary[Connection, list[tuple[Words, Answer]]] = WeakKeyDictionary()


def postpone(connection: Connection, words: Words) -> None:
    """Send it with what is sent next."""
    _POSTPONED.setdefault(connection, []).append(words)


def postponed(connection: Connection) -> list[Words]:
    """What waits, and does so no longer: whoever asks sends it."""
    return _POSTPONED.pop(connection, [])


def asked(connection: Connection, look: Callable[[], object]) -> list[Words]:
    """What `look` asks for. It is told of no rows, and asks for no more than it does without any."""
    _ASKED[connection] = []
    try:
        look()
    finally:
        words = _ASKED.pop(connection)
    return words


def is_noted(connection: Connection, words: Words) -> bool:
    """Whether somebody wants to know what is asked for, and has it asked later."""
    wanted = _ASKED.get(connection)
    if wanted is not None:
        wanted.append(words)
    return wanted is not None


def foresee(connection: Connection, answers: Iterable[tuple[Words, Answer]]) -> None:
    """Keep what was asked ahead."""
    _FORESEEN[connection] = list(answers)


def foreseen(connection: Connection, words: Words) -> Answer | None:
    """The answer to what was asked ahead, once; None for anything else."""
    known = _FORESEEN.get(connection, [])
    for place, (before, answer) in enumerate(known):
        if before == words:
            del known[place]
            return answer
    return None


def forget(connection: Connection) -> None:
    """What was asked ahead may not be so any more."""
    _FORESEEN.pop(connection, None)


def send(connection: Connection, driver: Any, all_words: Sequence[Words]) -> list[Any]:
    """Send these in one journey; their cursors, which have their answers. Raises what the driver raises."""
    cursors = []
    with driver.pipeline():
        for words in all_words:
            cursors.append(driver.cursor())
            words.say(connection, cursors[-1])
    return cursors


def follow(engine: Engine, flush: Any) -> None:
    """Have `flush(connection)` send what waits, before whatever SQLAlchemy itself sends and before each commit; what
    is undone is not sent at all."""

    def before_another(*told: Any) -> None:
        connection = told[-1].root_connection
        forget(connection)
        flush(connection)

    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        event.listen(engine, name, before_another)
    event.listen(engine, "commit", flush)
    for name in ("begin", "rollback"):
        event.listen(engine, name, postponed)
    for name in ("begin", "commit", "rollback"):
        event.listen(engine, name, forget)
