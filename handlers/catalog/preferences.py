"""How people want to be reached, as files and the API say it. Pure."""

from __future__ import annotations

from typing import Any

from domain.channels import Channel
from domain.preferences import NEVER_QUIET, Preferences, Quiet
from domain.severities import Severity
from domain.wall_clock import is_zone
from handlers.catalog.source import Fields

_KEYS = {name: one for one in Severity for name in (one.value, one.name)}


def read(fields: Fields) -> dict[str, Any]:
    """What a person's fields say of it; what they do not name stays as it is, as somebody may have set it in Slack."""
    said: dict[str, Any] = {}
    if fields.has("channels"):
        said["channels"] = _channels(fields, "channels")
    if fields.has("quiet"):
        said["quiet"] = _quiet(fields.mapping("quiet"))
    if fields.has("timezone"):
        said["timezone"] = _zone(fields)
    if fields.has("test_pages"):
        said["test_pages"] = fields.flag("test_pages", default=True)
    return said


def _channels(fields: Fields, name: str) -> tuple[Channel, ...]:
    written = [one.strip().upper() for text in fields.texts(name) for one in text.replace("+", ",").split(",")]
    if any(one not in list(Channel) for one in written):
        fields.fault(name, f"write one or more of {', '.join(Channel)}, the first to be tried first")
    return tuple(dict.fromkeys(Channel(one) for one in written if one in list(Channel)))


def _quiet(fields: Fields | None) -> tuple[Quiet, ...]:
    found = []
    for name in fields.names() if fields else ():
        assert fields is not None
        severity = _KEYS.get(name.upper())
        channels = _channels(fields, name)
        if severity is None:
            fields.fault(name, f"must be one of {', '.join(Severity)}")
        elif severity is NEVER_QUIET:
            fields.fault(name, "SEV1 is never quiet")
        elif not channels:
            fields.fault(name, "name the channels that may be used")
        else:
            found.append(Quiet(severity, channels))
    return tuple(sorted(found, key=lambda one: one.severity.value))


def _zone(fields: Fields) -> str:
    written = fields.text("timezone", limit=60)
    if written and not is_zone(written):
        fields.fault("timezone", "must be a time zone such as Europe/Paris")
        return ""
    return written


def quiet(said: Preferences) -> dict[str, list[str]]:
    """By severity, the channels that may be used."""
    return {one.severity.value: [channel.value for channel in one.channels] for one in said.quiet}


def told(said: Preferences) -> dict[str, Any]:
    """The same, out again."""
    return {
        "channels": [one.value for one in said.channels],
        "quiet": quiet(said),
        "timezone": said.timezone,
        "test_pages": said.test_pages,
    }
