"""The rules of the house that a machine can hold: who imports whom, how long things are, what is read where."""

from __future__ import annotations

import ast
import fnmatch
import graphlib
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "storage", "blocks", "handlers", "bot")
LONGEST_FILE = 300
LONGEST_FUNCTION = 45
LISTS_OF_COLUMNS = ("storage/migrations/versions/*",)
"""As long as there are columns."""
CLOCK = "bot/clock.py"
ENVIRONMENT = "bot/settings.py"
CATCHES_ALL = "bot/engine/worker.py"
IMPORTS_LATE = {"storage/schema.py", "bot/cli.py"}
"""Alembic and the demo, for the start's sake: nothing is loaded that is not needed, nor needed that is an extra."""

MAY_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    ("domain/*", ("domain",)),
    ("storage/*", ("storage", "domain")),
    ("blocks/*", ("blocks", "domain")),
    ("handlers/alerts/parsers/*", ("handlers.alerts.parsers", "domain")),
    ("handlers/*/http*.py", ("handlers", "blocks", "domain")),
    ("handlers/*/slack*.py", ("handlers", "blocks", "domain")),
    ("handlers/*.py", ("handlers", "blocks", "domain")),
    ("handlers/*", ("handlers", "storage", "domain")),
    ("bot/notifiers/*", ("bot.notifiers", "domain")),
    ("bot/engine/*", ("bot.engine", "bot.notifiers.base", "handlers", "storage", "blocks", "domain")),
    ("bot/clock.py", ("domain",)),
    ("bot/setting*.py", ("bot.setting_values", "bot.notifiers", "domain")),
    ("bot/*", ROOMS),
]
"""The first pattern that fits a file says what of ours it may import."""
ONLY_FROM: dict[str, tuple[str, ...]] = {
    "bot.demo": ("bot/demo/*", "bot/cli.py"),
    "bot.app": ("bot/demo/*", "bot/process.py"),
    "bot.cli": ("bot/__main__.py",),
    "storage.rows": ("storage/*",),
    "sqlmodel": ("storage/*",),
    "slack_bolt": ("bot/*", "handlers/*/slack*.py", "handlers/*.py"),
    "slack_sdk": ("bot/*", "handlers/*/slack*.py", "handlers/*.py"),
    "aiohttp": ("bot/*", "handlers/*/http*.py", "handlers/*.py"),
    "apscheduler": ("bot/engine/ticks.py",),
    "alembic": ("storage/migrate.py", "storage/migrations/*"),
    **{f"storage.{path.stem}": ("storage/*",) for path in (ROOT / "storage").glob("*_tables.py")},
}
"""Modules that few may see."""
DOORS = ("handlers/*/http*.py", "handlers/*/slack*.py")


def files(*rooms: str) -> list[str]:
    """The Python files of these rooms, as paths from the root."""
    return sorted(str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*.py"))


PRODUCT = files(*ROOMS)
EVERYTHING = files(*ROOMS, "tests", "bench")


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(), name)


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules imported: `from storage import rows` is storage.rows, `from storage.rows import policy` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{'.' * node.level}{node.module or ''}.{alias.name}"
                yield inner if is_module(inner) or not is_module(inner.partition(".")[0]) else inner.rpartition(".")[0]


def is_module(dotted: str) -> bool:
    path = ROOT / dotted.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def inside(module: str, *places: str) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def fits(name: str, *patterns: str) -> bool:
    """Whether a path is one of `patterns`: a star at the end stands for all that is below, any other for one name."""
    return any(
        name.startswith(pattern[:-1])
        if pattern.endswith("/*")
        else fnmatch.fnmatchcase(name, pattern) and name.count("/") == pattern.count("/")
        for pattern in patterns
    )


def uphill(name: str, tree: ast.Module) -> Iterator[str]:
    """Imports of ours that a file may not have."""
    allowed = next(places for pattern, places in MAY_IMPORT if fits(name, pattern))
    for module in imports(tree):
        if inside(module, *ROOMS, "tests", "bench") and not inside(module, *allowed):
            yield module
        if any(inside(module, kept) and not fits(name, *places) for kept, places in ONLY_FROM.items()):
            yield module
        if module.startswith("."):
            yield f"{module} by half its name"


def through_a_door(name: str, tree: ast.Module) -> Iterator[str]:
    """Imports of a feature's door by anything but a door: a use case does not know who calls it."""
    if fits(name, "handlers/*") and not fits(name, "handlers/*.py", *DOORS):
        yield from (module for module in imports(tree) if re.match(r"handlers\.\w+\.(http|slack)", module))


def late(name: str, tree: ast.Module) -> Iterator[str]:
    """Imports inside functions; matplotlib apart, whose charts few ask for."""
    for function in functions(tree):
        for module in imports(function):
            if not inside(module, "matplotlib"):
                yield f"{function.name} imports {module}"
    if name not in IMPORTS_LATE:
        yield from (called for called in calls(tree) if called.endswith(("import_module", "__import__")))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def too_long(name: str, tree: ast.Module) -> Iterator[str]:
    """Functions of more lines than a screen holds."""
    for function in functions(tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield f"{function.name} has {lines} lines"


def clock_readings(name: str, tree: ast.Module) -> Iterator[str]:
    """Readings of the time of day, anywhere but in the clock; the demo's outside world has its own."""
    if name != CLOCK and not name.startswith("bot/demo/"):
        endings = ("datetime.now", "utcnow", "date.today", "datetime.today", "time.time", "time.time_ns")
        yield from (called for called in calls(tree) if called.endswith(endings))


def environment_readings(name: str, tree: ast.Module) -> Iterator[str]:
    """Uses of the environment, anywhere but in the settings."""
    if name != ENVIRONMENT:
        written = (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        yield from (text for text in written if text in ("os.environ", "os.getenv", "os.environb"))
        yield from (module for module in imports(tree) if module in ("os.environ", "os.getenv"))


def catches_all(name: str, tree: ast.Module) -> Iterator[str]:
    """Handlers of everything, but for the one of the worker's loop."""
    found = []
    for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
        caught = ast.unparse(handler.type) if handler.type else "everything"
        if set(caught.strip("()").split(", ")) & {"Exception", "BaseException", "everything"}:
            found.append(f"line {handler.lineno} catches {caught}")
    yield from found[1:] if name == CATCHES_ALL else found


def impure(name: str, tree: ast.Module) -> Iterator[str]:
    """What waits, in rooms where nothing does."""
    if fits(name, "domain/*", "blocks/*"):
        waiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
        yield from (f"line {node.lineno} waits" for node in ast.walk(tree) if isinstance(node, waiting))


def changeable(name: str, tree: ast.Module) -> Iterator[str]:
    """Domain values that could be changed in place, and modules of the domain that need more than Python."""
    if not name.startswith("domain/"):
        return
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", []):
            text = ast.unparse(decorator)
            if text.startswith("dataclass") and "frozen=True" not in text:
                yield f"{text} is not frozen"
    known = {*sys.stdlib_module_names, "domain"}
    yield from (module for module in imports(tree) if module.partition(".")[0] not in known)


def replaced(name: str, tree: ast.Module) -> Iterator[str]:
    """What tests put in the place of the product's own code."""
    yield from (module for module in imports(tree) if "mock" in module)
    yield from (called for called in calls(tree) if called in ("monkeypatch.setattr", "mocker.patch", "setattr"))


def slow_answers(name: str, tree: ast.Module) -> Iterator[str]:
    """Forms that ask the database who sent them before they answer: Slack waits three seconds, a database longer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef) and any(
            "app.view" in ast.unparse(one) for one in node.decorator_list
        ):
            awaited = (ast.unparse(one.value) for one in ast.walk(node) if isinstance(one, ast.Await))
            yield from (f"{node.name} awaits {text}" for text in awaited if text.startswith("people.actor"))


def late_modals(name: str, tree: ast.Module) -> Iterator[str]:
    """Modals that are opened after something else was waited for: a trigger lives three seconds, a database may take
    longer. What must be looked for before is looked for by `handlers/openings.py`."""
    if name == OPENINGS:
        return
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)):
        waits = [node for node in ast.walk(function) if _is_on_the_way(node, function)]
        awaited = [ast.unparse(node.value) for node in sorted(waits, key=lambda node: (node.lineno, node.col_offset))]
        opened = [place for place, text in enumerate(awaited) if re.match(OPENS, text)]
        before = awaited[: opened[-1]] if opened else []
        yield from (f"{function.name} awaits {text}" for text in before if not re.match(rf"ack\(|{OPENS}", text))


OPENINGS = "handlers/openings.py"
OPENS = r"(open_view|push_view|client\.views_(open|push))\("


def _is_on_the_way(node: ast.AST, function: ast.AST) -> TypeGuard[ast.Await]:
    """Whether it is waited for by whoever comes to the end of `function`."""
    leaving = (one for one in ast.walk(function) if isinstance(one, ast.If) and isinstance(one.body[-1], ast.Return))
    return isinstance(node, ast.Await) and not any(node in ast.walk(child) for one in leaving for child in one.body)


def undescribed(name: str, tree: ast.Module) -> Iterator[str]:
    """A file that does not say what it is for."""
    if tree.body and ast.get_docstring(tree) is None:
        yield "no docstring"


Rule = Callable[[str, ast.Module], Iterator[str]]
BROKEN: list[tuple[Rule, str, str]] = [
    (uphill, "domain/x.py", "from storage import outbox"),
    (uphill, "storage/x.py", "from blocks.text import sms"),
    (uphill, "handlers/incidents/http.py", "import storage.incidents"),
    (uphill, "handlers/incidents/service.py", "from aiohttp import web"),
    (uphill, "handlers/incidents/service.py", "from blocks import text"),
    (uphill, "bot/engine/x.py", "from bot.notifiers.slack import SlackChat"),
    (uphill, "bot/app.py", "from bot.demo import slack"),
    (uphill, "bot/engine/x.py", "from storage.outbox_tables import OutboxRow"),
    (uphill, "storage/x.py", "from . import outbox"),
    (through_a_door, "handlers/incidents/service.py", "from handlers.incidents.http import routes"),
    (late, "bot/x.py", "def f():\n    import json"),
    (late, "bot/x.py", "importlib.import_module('json')"),
    (too_long, "bot/x.py", "def f():\n" + "    g()\n" * LONGEST_FUNCTION),
    (clock_readings, "handlers/x.py", "datetime.now(UTC)"),
    (clock_readings, "storage/x.py", "time.time()"),
    (environment_readings, "bot/app.py", "os.environ['HOME']"),
    (environment_readings, "bot/app.py", "from os import getenv"),
    (catches_all, "bot/app.py", "try:\n    f()\nexcept Exception:\n    g()"),
    (catches_all, "bot/app.py", "try:\n    f()\nexcept (OSError, Exception):\n    g()"),
    (catches_all, "bot/app.py", "try:\n    f()\nexcept:\n    g()"),
    (catches_all, CATCHES_ALL, "try:\n    f()\nexcept Exception:\n    g()\n" * 2),
    (impure, "blocks/x.py", "async def f():\n    pass"),
    (changeable, "domain/x.py", "@dataclass(slots=True)\nclass X:\n    a: int"),
    (changeable, "domain/x.py", "import pydantic"),
    (replaced, "tests/x.py", "from unittest.mock import MagicMock"),
    (replaced, "tests/x.py", "def f(monkeypatch):\n    monkeypatch.setattr(a, 'b', c)"),
    (replaced, "tests/x.py", "setattr(loop, 'time', later)"),
    (slow_answers, "handlers/x/slack.py", "@app.view('x')\nasync def f():\n    await people.actor(body)"),
    (late_modals, "handlers/x/slack.py", "async def f():\n    await ack()\n    await g()\n    await open_view(client)"),
    (undescribed, "bot/x.py", "import json"),
]
"""A breach of each rule, so that a rule that sees nothing is seen."""
RULES: dict[Rule, list[str]] = dict.fromkeys((rule for rule, _, _ in BROKEN), PRODUCT) | {replaced: EVERYTHING}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Rule) -> None:
    assert [f"{name}: {fault}" for name in RULES[rule] for fault in rule(name, parsed(name))] == []


@pytest.mark.parametrize(("rule", "name", "code"), BROKEN)
def test_the_rule_sees_a_breach(rule: Rule, name: str, code: str) -> None:
    assert list(rule(name, ast.parse(code)))


def test_files_are_short() -> None:
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in PRODUCT}
    assert {n: lines for n, lines in lengths.items() if lines > LONGEST_FILE and not fits(n, *LISTS_OF_COLUMNS)} == {}


def test_no_file_imports_itself_by_a_detour() -> None:
    """Raises CycleError, which names the files, otherwise."""
    names = {name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name for name in PRODUCT}
    graph = {module: {other for other in imports(parsed(name)) if other in names} for module, name in names.items()}
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(PRODUCT)
