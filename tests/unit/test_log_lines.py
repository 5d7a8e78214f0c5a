"""A log line is one line, whatever was said to Vigie."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.logs import ConsoleFormatter, JsonFormatter
from domain.timeline import Entry, Event

ANYTHING = st.text(st.characters(), max_size=40)
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)


def record(said: str) -> logging.LogRecord:
    return logging.LogRecord("vigie", logging.WARNING, "x.py", 1, "it said %s", (said,), None)


def plain(text: str) -> str:
    return text


@given(said=ANYTHING)
def test_it_is_one_line_for_people_and_for_programs(said: str) -> None:
    shown = ConsoleFormatter(plain).format(record(said))
    assert len(shown.splitlines()) == 1
    assert shown.encode("utf-8").isascii() or all(one.isprintable() or ord(one) > 0x9F for one in shown)
    written = JsonFormatter(plain).format(record(said))
    assert "\n" not in written
    assert json.loads(written.encode("utf-8"))["message"] == f"it said {said}"


@pytest.mark.parametrize("said", ["a\nERROR   all is lost", "\x1b[2J\x1b[1;1H", "\ud83d", "\u2028"])
def test_nobody_writes_a_line_of_their_own(said: str) -> None:
    shown = ConsoleFormatter(plain).format(record(said))
    assert said not in shown and "\\" in shown


def test_what_went_wrong_keeps_its_lines() -> None:
    try:
        raise ValueError("no\nsuch thing")
    except ValueError as error:
        failed = logging.LogRecord("vigie", logging.ERROR, "x.py", 1, "it failed", (), (ValueError, error, None))
    assert ConsoleFormatter(plain).format(failed).splitlines()[1].startswith("ValueError")


@pytest.mark.parametrize(("reached", "level"), [({}, "WARNING"), ({"reached": 1}, "INFO")])
def test_only_a_step_that_reaches_nobody_at_all_is_a_warning(
    caplog: pytest.LogCaptureFixture, reached: dict[str, str | int], level: str
) -> None:
    details: dict[str, str | int] = {"step": 1, "reason": "Ada has no e-mail address", **reached}
    with caplog.at_level("DEBUG"):
        logs.say([Entry(incident="i1", at=NOW, event=Event.NOBODY_REACHED, details=details)])
    assert [record.levelname for record in caplog.records] == [level]
