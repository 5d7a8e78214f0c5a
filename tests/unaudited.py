"""The rule that every change of the configuration is in the audit log, watched at the database in every story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

CONFIGURATION = (
    *("people", "teams", "services", "runbooks", "runbook_versions", "policies", "policy_versions"),
    *("alert_rules", "alert_mappings", "overrides", "verified_contacts", "tokens", "feeds"),
)
"""What people set, as against what happens."""
_CHANGES = re.compile(rf'(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?({"|".join(CONFIGURATION)})"?\b')
_NO_CHANGE = re.compile(r"UPDATE tokens SET last_used_at=[^,]+ WHERE")
"""That a token was used is what happens."""
_RECORDS = re.compile(r'INSERT INTO "?audit"?\b')
_CHANGED, _RECORDED = "changed", "recorded"
_SEEN = "seen from its beginning"
"""One that began before is not judged: its line may have been written before anybody looked."""


@contextmanager
def unaudited() -> Iterator[list[str]]:
    """The tables that transactions changed meanwhile without a line in the audit log."""
    found: list[str] = []

    def begun(connection: Connection) -> None:
        connection.info[_SEEN] = True

    def note(connection: Connection, _: object, statement: str, *__: Any) -> None:
        if _RECORDS.match(statement):
            connection.info[_RECORDED] = True
        elif (changed := _CHANGES.match(statement)) and not _NO_CHANGE.match(statement):
            connection.info.setdefault(_CHANGED, set()).add(changed[1])

    def committed(connection: Connection) -> None:
        changed, is_recorded = connection.info.pop(_CHANGED, set()), connection.info.pop(_RECORDED, False)
        if connection.info.pop(_SEEN, False) and changed and not is_recorded:
            found.extend(sorted(changed))

    def undone(connection: Connection) -> None:
        # A connection that was lost has taken what it knew with it.
        if not connection.invalidated:
            connection.info.pop(_CHANGED, None)
            connection.info.pop(_RECORDED, None)

    listeners = (("begin", begun), ("before_cursor_execute", note), ("commit", committed), ("rollback", undone))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield found
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)
