"""Log lines: for people on a terminal, or one JSON object each for a collector."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_CHATTY = ("apscheduler", "slack_sdk", "aiohttp.access", "alembic", "mail.log")


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and whatever else was given."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in record.__dict__.items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(level: str, style: str) -> None:
    """Send every logger's lines to standard error; libraries speak from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    console = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if style == "json" else console)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # Bolt reads SLACK_BOT_TOKEN by itself and warns that it has a client already.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
