"""No text makes a regular expression of ours work for longer than its length says: one process answers everybody, and
`re` lets nobody else run meanwhile."""

from __future__ import annotations

import ast
import importlib
import re
import signal
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import pytest

from tests.unit.nearly import nearly

ROOT = Path(__file__).parents[2]
LEFT_OUT = {"migrations", "__main__.py", "apart_child.py"}
"""What begins a process of its own, and what is history."""
ROOMS = ("bot", "blocks", "domain", "handlers", "storage")
METHODS = {"match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn"}
LENGTH = 40_000
"""Characters. What is linear takes about a millisecond, what is quadratic seconds, what is cubic days."""
LIMIT_SECONDS = 1.0
"""Of this process's own time, so that a busy machine changes nothing."""


def _uses(path: Path) -> Iterator[tuple[str, str]]:
    """Name and method of each call such as `_NAME.fullmatch(…)`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], str]]:
    """Those that a module names, with the methods that are called on them; one that is not called by its name is
    searched with."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if not LEFT_OUT & set(path.parts)]
    for path in sorted(paths):
        used = set(_uses(path))
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, pattern in vars(module).items():
            if isinstance(pattern, re.Pattern):
                for method in sorted({how for called, how in used if called == name}) or ["search"]:
                    yield f"{module.__name__}.{name}", pattern, method


def _hostile(pattern: str, flags: int) -> Iterator[str]:
    """Long texts of what the pattern itself looks for, which nearly fit."""
    own = {letter for letter in pattern if letter.isprintable() and letter not in "()?+*|"} | set(" \na1.")
    beginnings = {"", "a@", "1d", "«", *(letter for letter in own if not letter.isalnum())}
    texts = {
        (beginning, unit)
        for unit in own | {f"{one} " for one in own} | {f"{one}a" for one in own}
        for beginning in beginnings
    }
    texts |= {(before, often) for before, often in nearly(pattern, flags) if often}
    for beginning, unit in sorted(texts):
        yield f"{beginning}{unit * (LENGTH // len(unit))}\0"


def _call(pattern: re.Pattern[str] | re.Pattern[bytes], method: str, text: str) -> Callable[[], object]:
    subject = text if isinstance(pattern.pattern, str) else text.encode()
    called = getattr(pattern, method)
    if method in {"sub", "subn"}:
        return partial(called, subject[:0], subject)
    # What is found is let go at once, as whoever looks for it does: to keep it all is the garbage collector's work.
    return (lambda: deque(called(subject), maxlen=0)) if method == "finditer" else partial(called, subject)


class TooLong(Exception):
    """A pattern had its time."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLong


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "method"), [pytest.param(one, how, id=f"{name}.{how}") for name, one, how in _patterns()]
)
def test_no_text_keeps_a_pattern_busy(pattern: re.Pattern[str] | re.Pattern[bytes], method: str) -> None:
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        for text in _hostile(source, pattern.flags):
            signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_SECONDS)
            try:
                _call(pattern, method, text)()
            except TooLong:
                pytest.fail(f"{source!r} works for over {LIMIT_SECONDS} s on {text[:6]!r}… of {len(text)} characters")
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
