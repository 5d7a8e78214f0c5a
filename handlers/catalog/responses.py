"""What a team has done about its grave incidents, in files: read and written out again. Pure."""

from __future__ import annotations

from typing import Any

from domain.organisation import LONGEST_EMAIL, is_email
from domain.responses import LONGEST_ARCHIVE_DELAY, MOST_STAKEHOLDERS, Response
from domain.severities import Severity
from handlers.catalog.source import Fields

_LEVELS = {name: one for one in Severity for name in (one.value, one.level)}
_KNOWN = f"must be among {', '.join(Severity)}"


def read(fields: Fields) -> Response:
    """What a team's fields say of it."""
    return Response(
        war_room=_severities(fields),
        archive_delay=fields.minutes("war_room_archive", "war_room_archive_minutes", most=LONGEST_ARCHIVE_DELAY),
        updates=_updates(fields),
        stakeholders=stakeholders(fields),
    )


def _severities(fields: Fields) -> tuple[Severity, ...]:
    written = [one.upper() for one in fields.texts("war_room")]
    if any(one not in _LEVELS for one in written):
        fields.fault("war_room", _KNOWN)
    return tuple(sorted({_LEVELS[one] for one in written if one in _LEVELS}))


def _updates(fields: Fields) -> tuple[tuple[Severity, int], ...] | None:
    """Minutes by severity; a severity that is not there, or has none, is never reminded of."""
    written = fields.mapping("updates")
    if written is None:
        return None
    found = {}
    for name in written.names():
        minutes = written.minutes(name)
        if name.upper() not in _LEVELS:
            written.fault(name, _KNOWN)
        elif minutes:
            found[_LEVELS[name.upper()]] = minutes
    return tuple(sorted(found.items()))


def stakeholders(fields: Fields) -> tuple[str, ...]:
    """E-mail addresses, each once."""
    written = fields.texts("stakeholders", limit=LONGEST_EMAIL)
    if any(not is_email(one) for one in written):
        fields.fault("stakeholders", "must be e-mail addresses such as ada@example.com")
    if len(written) > MOST_STAKEHOLDERS:
        fields.fault("stakeholders", f"are at most {MOST_STAKEHOLDERS} addresses: write to a list instead")
    return tuple(dict.fromkeys(one for one in written if is_email(one)))


def dumped(one: Response) -> dict[str, Any]:
    """The same as it is written; what goes without saying is empty."""
    said: dict[str, Any] = {"war_room": [str(severity) for severity in one.war_room]}
    said["war_room_archive"] = f"{one.archive_delay} minutes" if one.archive_delay else ""
    if one.updates is not None:
        lengths = {str(severity): f"{minutes} minutes" for severity, minutes in one.updates}
        said["updates"] = lengths or {str(Severity.SEV1): 0}
    return said | {"stakeholders": list(one.stakeholders)}
