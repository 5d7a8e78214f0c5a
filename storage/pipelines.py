"""What nobody waits for goes to PostgreSQL with the next thing that somebody does: a statement that goes alone is a
journey there and back, and an alert writes a dozen (docs/decisions/0021).

What is postponed is sent before anything else is asked, and before the commit: a transaction sees its own writes, in
their order, and ends well only if each of them did.
"""

from __future__ import annotations

from collections.abc import Sequence
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


_POSTPONED: WeakKeyDictionary[Connection, list[Words]] = WeakKeyDictionary()


def postpone(connection: Connection, words: Words) -> None:
    """Send it with what is sent next."""
    _POSTPONED.setdefault(connection, []).append(words)


def postponed(connection: Connection) -> list[Words]:
    """What waits, and does so no longer: whoever asks sends it."""
    return _POSTPONED.pop(connection, [])


def send(connection: Connection, driver: Any, all_words: Sequence[Words]) -> Any:
    """Send these in one journey; the cursor of the last, which has its answer. Raises what the driver raises."""
    with driver.pipeline():
        for words in all_words:
            cursor = driver.cursor()
            words.say(connection, cursor)
    return cursor


def follow(engine: Engine, flush: Any) -> None:
    """Have `flush(connection)` send what waits, before whatever SQLAlchemy itself sends and before each commit; what
    is undone is not sent at all."""

    def before_another(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        flush(context.root_connection)

    for name in ("do_execute", "do_executemany"):
        event.listen(engine, name, before_another)
    event.listen(engine, "do_execute_no_params", lambda cursor, statement, context: flush(context.root_connection))
    event.listen(engine, "commit", flush)
    for name in ("begin", "rollback"):
        event.listen(engine, name, postponed)
