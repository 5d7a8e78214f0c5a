"""Whoever reads the log may stop: nothing waits for it, and what was left out is said."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bot.log_writer import LogWriter

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reads, writes = os.pipe()
    yield reads, writes
    for end in (reads, writes):
        with suppress(OSError):
            os.close(end)


def record(number: int) -> logging.LogRecord:
    return logging.LogRecord("vigie", logging.INFO, "x.py", 1, "line %s", (number,), None)


def fill(writes: int) -> int:
    """Have a pipe take no byte more; how many it took."""
    os.set_blocking(writes, False)
    count = 0
    with suppress(BlockingIOError):
        while True:
            count += os.write(writes, b"x" * 512)
    os.set_blocking(writes, True)
    return count


def read(reads: int, count: int) -> str:
    found = b""
    while found.count(b"\n") < count:
        found += os.read(reads, 65536)
    return found.decode()


def test_lines_are_written_in_their_order(pipe: Pipe) -> None:
    writer = LogWriter(pipe[1])
    for number in range(100):
        writer.handle(record(number))
    assert read(pipe[0], 100).splitlines() == [f"line {number}" for number in range(100)]


def test_nobody_waits_for_a_reader_who_has_stopped(pipe: Pipe) -> None:
    reads, writes = pipe
    filled = fill(writes)
    writer = LogWriter(writes, most=5)

    def say() -> None:
        for number in range(1000):
            writer.handle(record(number))

    saying = threading.Thread(target=say, daemon=True)
    saying.start()
    saying.join(10)
    assert not saying.is_alive()
    while filled:
        filled -= len(os.read(reads, filled))
    said = read(reads, 6).splitlines()
    assert said[0] == "line 0"
    assert [one for one in said if "missing here" in one]


@pytest.mark.parametrize("is_patient", [True, False])
def test_the_end_waits_for_what_is_being_written_and_not_for_ever(pipe: Pipe, is_patient: bool) -> None:
    reads, writes = pipe
    writer = LogWriter(writes)
    if not is_patient:
        fill(writes)
    writer.handle(record(1))
    writer.close()
    if is_patient:
        os.set_blocking(reads, False)
        assert os.read(reads, 100) == b"line 1\n"


def test_a_reader_who_is_gone_is_no_fault(pipe: Pipe) -> None:
    reads, writes = pipe
    os.close(reads)
    writer = LogWriter(writes)
    writer.handle(record(1))
    writer.stream.finish()
    writer.handle(record(2))
    writer.stream.finish()
