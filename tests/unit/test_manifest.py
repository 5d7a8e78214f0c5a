"""The Slack app's manifest: all that the code uses, and nothing that it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from blocks.commands import meaning
from blocks.words import words
from bot import doors, manifest
from bot.cli import cli
from bot.demo.methods import METHODS
from bot.scopes import REASONS, SCOPES

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("handlers", "bot") for path in (ROOT / room).rglob("*.py") if "demo" not in path.parts]
TREES = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in SOURCES}
LISTENERS = ("command", "shortcut", "event")
FREE = {"auth.test", "apps.connections.open"}
"""Methods that take no scope of the bot's."""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def listened(kind: str) -> set[str]:
    """The literal names in `@app.command("…")` and its like, all over the sources."""
    found = set()
    for tree in TREES.values():
        for call in calls(tree):
            if ast.unparse(call.func) == f"app.{kind}" and call.args and isinstance(call.args[0], ast.Constant):
                found.add(str(call.args[0].value))
    return found


def methods() -> set[str]:
    """Web API methods in the sources: `client.views_open(…)`, and names such as "chat.postMessage" handed on."""
    by_attribute = {name.replace(".", "_").lower(): name for name in METHODS}
    by_attribute["files_upload_v2"] = "files.completeUploadExternal"
    found = set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("client"):
                found.add(by_attribute.get(node.attr.lower(), ""))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in METHODS:
                found.add(node.value)
    return found - {""}


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def test_it_reads_back_as_what_it_is() -> None:
    assert yaml.safe_load(manifest.written()) == manifest.manifest()


def test_the_command_prints_it() -> None:
    printed = CliRunner().invoke(cli, ["manifest"])
    assert (printed.exit_code, printed.output) == (0, manifest.written())


def test_the_documentation_shows_it() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/slack.md").read_text(), re.DOTALL)
    assert shown == [manifest.written()]


def test_every_door_is_in_it() -> None:
    declaring = {
        str(path.with_suffix("")).replace("/", ".")
        for path, tree in TREES.items()
        if re.fullmatch(r"handlers/\w+/slack\w*\.py", str(path))
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        in ("COMMANDS", "SHORTCUTS", "EVENTS")
    }
    assert declaring
    assert declaring <= {door.__name__ for door in doors.DOORS}


def test_commands_are_listened_to_by_the_switchboard_alone() -> None:
    # Those it registers are declared; it refuses to start with one that is answered and not declared, or the reverse.
    assert listened("command") == set()
    assert {command.name for command in manifest.commands()} == {"/incident", "/runbook", "/oncall", "/policy"}


def test_every_shortcut_is_listened_to_and_declared() -> None:
    assert listened("shortcut") == {one.callback_id for one in manifest.shortcuts()}


def test_every_event_is_listened_to_and_declared() -> None:
    subscribed = manifest.manifest()["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert listened("event") == set(manifest.events()) == set(subscribed)


def test_every_method_has_its_scope() -> None:
    used = methods()
    assert {"chat.postMessage", "chat.update", "views.open", "views.update", "conversations.open"} <= used
    lacking = {name for name in used - FREE if (METHODS[name].scopes and not _granted(name))}
    assert lacking == set()


def _granted(name: str) -> bool:
    return bool(set(METHODS[name].scopes) & set(REASONS))


def test_no_scope_is_idle() -> None:
    needed = {scope for name in methods() for scope in METHODS[name].scopes}
    # Slack asks these two beside the methods' own: for commands and shortcuts, and for addresses.
    needed |= {"commands"} if manifest.commands() or manifest.shortcuts() else set()
    needed |= {"users:read.email"} if "users.lookupByEmail" in methods() else set()
    # Slack tells of emoji by a scope of their own.
    needed |= {"reactions:read"} if "reaction_added" in manifest.events() else set()
    # A file in a form is fetched by its address.
    needed |= {"files:read"} if any("url_private" in path.read_text() for path in SOURCES) else set()
    assert set(REASONS) - needed == set()
    assert set(REASONS) == set(SCOPES), "a reason for each, and what goes without it"
    assert all(reason.strip() for reason in REASONS.values())


@pytest.mark.parametrize("command", manifest.commands(), ids=lambda command: command.name)
def test_every_subcommand_says_what_it_does(command: Any) -> None:
    for locale in ("en", "fr"):
        assert all(meaning(command.name, one.name, words(locale)) for one in command.subcommands)


def test_it_is_within_slack_s_limits() -> None:
    """docs.slack.dev, reference/app-manifest."""
    features = manifest.manifest()["features"]
    assert len(features["slash_commands"]) <= 50
    assert len(features["shortcuts"]) <= 10
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 0 < len(command["description"]) <= 2000
        assert 0 < len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert 0 < len(shortcut["name"]) <= 24
        assert 0 < len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255
    assert all(text == text.strip() and "\n" not in text for text in strings(manifest.manifest()))
