"""Log lines: for people on a terminal, or one JSON object each for a collector. Secrets stand in neither."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from bot.log_writer import LogWriter
from domain.redaction import redactor
from domain.timeline import Entry, Event
from domain.webhooks import without_secrets
from handlers import traces

log = logging.getLogger("vigie.events")

Redact = Callable[[str], str]
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "incident", "event"}
_CHATTY = ("slack_sdk", "aiohttp.access", "alembic", "mail.log")
_WARN_OF_NOTHING = ("slack_bolt", "apscheduler", "psycopg")
"""Bolt reads SLACK_BOT_TOKEN by itself and warns that it has a client already; APScheduler warns at every look that it
leaves out since the one before still waits for the database, which the engine says once; psycopg warns of what it
ignores as a connection breaks, which is said by itself."""
_LEVELS = {
    Event.NOBODY_REACHED: logging.WARNING,
    Event.NOTIFICATION_FAILED: logging.WARNING,
    Event.POLICY_EXHAUSTED: logging.WARNING,
    Event.POLICY_MISSING: logging.WARNING,
    **dict.fromkeys(
        (
            Event.CREATED,
            Event.ESCALATED,
            Event.NOTIFICATION_SENT,
            Event.ACKNOWLEDGED,
            Event.UNACKNOWLEDGED,
            Event.TRIGGERED_AGAIN,
            Event.SNOOZED,
            Event.MITIGATED,
            Event.RESOLVED,
        ),
        logging.INFO,
    ),
}
"""What happened to incidents that an operator follows; the rest is at DEBUG. The timeline has all of it."""
_SHOWN = ("channel", "channels", "step", "name", "names", "reason")


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, event, incident where there is one, message, and what else was given."""

    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        about = str(getattr(record, "incident", ""))
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", "log"),
            **({"incident": about} if about else {}),
            "message": self._redact(record.getMessage()),
            **{name: self._clean(value) for name, value in record.__dict__.items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self._redact(self.formatException(record.exc_info))
        said = json.dumps(line, default=str, ensure_ascii=False)
        return _ALONE.sub(_spelt, said)

    def _clean(self, value: object) -> object:
        return value if isinstance(value, int | float | bool | None) else self._redact(str(value))


class ConsoleFormatter(logging.Formatter):
    """A line for a person. What providers and senders say in it neither begins another line nor moves the cursor."""

    def __init__(self, redact: Redact) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.message = _CONTROLS.sub(_spelt, record.message)
        return super().formatMessage(record)


_ALONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no encoding takes: a line with one is lost. JSON spells them as Python does."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _spelt(found: re.Match[str]) -> str:
    """A character that a terminal would obey, or that can't be written, as it is written in Python."""
    # No codec: one that is first needed when no file can be opened any more can't be loaded.
    return repr(found[0])[1:-1]


def _about(record: logging.LogRecord) -> bool:
    """Give a record the incident that was being worked on."""
    if not hasattr(record, "incident"):
        record.incident = traces.incident()
    return True


def _without_secrets(record: logging.LogRecord) -> bool:
    """A webhook's address is its key, and a library may name it in what it says."""
    said = record.getMessage()
    shown = without_secrets(said)
    if shown != said:
        record.msg, record.args = shown, ()
    return True


def configure(level: str, style: str, secrets: Iterable[str] = (), *, without: str = "") -> None:
    """Send every logger's lines to standard error, but for the logger `without`; libraries speak from warnings on.

    `secrets` are hidden wherever they stand, beside what has the form of one.
    """
    handler, redact = _to_standard_error(), redactor(secrets)
    handler.addFilter(_without_secrets)
    handler.setFormatter(JsonFormatter(redact) if style == "json" else ConsoleFormatter(redact))
    handler.addFilter(_about)
    handler.addFilter(lambda record: record.name != without)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
    for name in _WARN_OF_NOTHING:
        logging.getLogger(name).setLevel(logging.ERROR)


def _to_standard_error() -> logging.Handler:
    try:
        return LogWriter(sys.stderr.fileno())
    except (AttributeError, io.UnsupportedOperation):
        # What stands in for it is no open file, and keeps nobody waiting.
        return logging.StreamHandler(sys.stderr)


def say(what: Iterable[object]) -> None:
    """A line for each thing that happened to an incident, once that is on the disk."""
    for entry in what:
        if isinstance(entry, Entry):
            _say(entry)


def _say(entry: Entry) -> None:
    level = _LEVELS.get(entry.event, logging.DEBUG)
    if entry.details.get("reached"):
        # One channel of a step does not find somebody whom another does.
        level = logging.INFO
    if not log.isEnabledFor(level):
        return
    details = {name: entry.details[name] for name in _SHOWN if entry.details.get(name)}
    said = ", ".join(f"{name} {value}" for name, value in details.items())
    by = f" by {entry.by}" if entry.by else ""
    message = f"incident {entry.incident}: {entry.event.value}{by}{f' ({said})' if said else ''}"
    log.log(level, "%s", message, extra={"incident": entry.incident, "event": entry.event.value, "by": entry.by})
