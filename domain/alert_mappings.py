"""Where a tool that Vigie does not know puts things in its JSON: paths, as the catalog's `alert_mappings` has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Paths = tuple[str, ...]
"""Tried in turn: the first that leads to something."""
FIELDS = ("title", "key", "severity", "service", "team", "status", "description", "url", "started", "labels")
"""The fields of a mapping that are paths."""
OVER = (
    "resolved resolve ok okay recovered recovery closed close up clear cleared inactive normal success succeeded ended "
    "healthy done"
)
"""What a status says when an alert is over, unless the mapping says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMapping:
    """One tool's shape. `resolved` are the words of `status`, in lower case, that mean that an alert is over."""

    id: str = ""
    name: str
    title: Paths = ()
    key: Paths = ()
    severity: Paths = ()
    service: Paths = ()
    team: Paths = ()
    status: Paths = ()
    description: Paths = ()
    url: Paths = ()
    started: Paths = ()
    labels: Paths = ()
    resolved: tuple[str, ...] = tuple(OVER.split())


_WITHIN = ("event", "alert", "incident", "issue", "alert_group", "data", "check", "monitor")
"""Where many tools put what an alert is about."""


def _also(*names: str) -> Paths:
    """`names`, and then the same within what tools put around them."""
    return (*names, *(f"{outer}.{name}" for outer in _WITHIN for name in names))


USUAL = AlertMapping(
    name="",
    title=(
        *("title", "name", "alertname", "alert", "summary", "subject", "message", "text", "msg"),
        *("annotations.summary", "labels.alertname"),
        *(f"{outer}.{name}" for outer in _WITHIN for name in ("title", "name", "summary", "message")),
        *("check", "monitor", "event", "content", "Name", "Subject", "MONITORNAME"),
    ),
    key=(*_also("key", "dedup_key", "fingerprint", "alert_id", "incident_id", "id"), "MONITORNAME"),
    severity=(*_also("severity", "priority", "level"), "labels.severity"),
    service=("service", "labels.service", *(f"{outer}.service" for outer in _WITHIN)),
    team=("team", "labels.team"),
    status=(*_also("status", "state"), "event_action", "action", "Status", "STATUS"),
    description=("description", "details", "body", "message", "text", "annotations.description", "event.description"),
    url=(*_also("url", "link"), "MONITORURL", "URL"),
    started=("started_at", "started", "startsAt", "timestamp", "time", "date"),
    labels=("labels", "tags"),
)
"""For a body whose tool has no mapping: the names that most use."""
DEEPEST = 20


def steps(path: str) -> tuple[str, ...]:
    """A path's steps: dotted (`event.host.0`), or a JSON pointer (RFC 6901: `/event/host~1name/0`)."""
    if path.startswith("/"):
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/"))
    return tuple(path.split("."))


def at(body: Any, path: str) -> Any:
    """What is at `path`, None when nothing is."""
    found = body
    for step in steps(path):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def first(body: Any, paths: Iterable[str]) -> tuple[str, Any]:
    """The first of `paths` that leads to something, with what is there; ("", None) when none does."""
    found = ((path, at(body, path)) for path in paths)
    return next(((path, value) for path, value in found if value not in (None, "", [], {})), ("", None))
