"""The manifest has every command, shortcut, event and scope that the code uses, and none that it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from blocks.commands import commands, shortcuts
from blocks.words import words
from bot.cli import cli
from bot.demo.methods import METHODS
from bot.manifest import EVENTS, manifest

ROOT = Path(__file__).parents[2]
ROOMS = ("handlers/**/*.py", "bot/*.py", "bot/notifiers/*.py", "bot/engine/*.py")
DOORS = sorted(path for room in ROOMS for path in ROOT.glob(room) if not path.name.startswith("cli"))


def calls() -> Iterator[ast.Call]:
    for path in DOORS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def registered(kind: str) -> set[str]:
    """The constant names given to `@app.command`, `@app.event`, `@app.shortcut` and `register(app, …)`."""
    found = set()
    for call in calls():
        names = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if isinstance(call.func, ast.Attribute) and call.func.attr == kind:
            found |= set(names)
        if kind == "command" and isinstance(call.func, ast.Name) and call.func.id == "register":
            found |= set(names)
    return found


def test_every_command_is_in_it_and_none_is_idle() -> None:
    assert {one["command"] for one in manifest()["features"]["slash_commands"]} == registered("command")


def test_every_shortcut_is_in_it_and_none_is_idle() -> None:
    assert {one["callback_id"] for one in manifest()["features"]["shortcuts"]} == registered("shortcut")


def test_every_event_is_in_it_and_none_is_idle() -> None:
    assert set(EVENTS) == registered("event")
    assert manifest()["settings"].get("event_subscriptions", {}).get("bot_events", []) == list(EVENTS)


def test_every_scope_is_in_it_and_none_is_idle() -> None:
    """A method called as `client.views_open(…)` or by its name takes the scope that the double wants for it."""
    by_python_name = {name.replace(".", "_"): name for name in METHODS}
    written = "\n".join(path.read_text("utf-8") for path in DOORS)
    used = {by_python_name[name] for name in re.findall(r"\.(\w+)\(", written) if name in by_python_name}
    used |= {name for name in METHODS if f'"{name}"' in written}
    used = {name for name in used if METHODS[name].token == "bot"}
    granted = set(manifest()["oauth_config"]["scopes"]["bot"])
    for name in used:
        scopes = METHODS[name].scopes
        assert not scopes or granted & set(scopes), f"{name} takes one of {scopes}"
    asked_for = {scope for name in used for scope in METHODS[name].scopes}
    assert granted - asked_for <= {"commands", "users:read.email"}, "a scope that nothing uses"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_fits_what_slack_takes(language: str) -> None:
    """Slack, reference/app-manifest: the lengths of names, descriptions and hints."""
    say = words(language)
    for shortcut in shortcuts(say):
        assert len(shortcut.does) <= 150 and (language != "en" or len(shortcut.name) <= 24)
    for command in commands(say):
        assert len(command.does) <= 2000 and len(command.hint) <= 1000 and re.fullmatch(r"/[a-z-]{1,31}", command.name)
    assert len(manifest()["display_information"]["description"]) <= 140


def test_the_command_prints_it_and_the_docs_show_it() -> None:
    printed = CliRunner().invoke(cli, ["manifest"]).output
    assert yaml.safe_load(printed) == manifest()
    assert f"```yaml\n{printed}```" in (ROOT / "docs/slack.md").read_text("utf-8"), (
        "docs/slack.md: `vigie manifest` anew"
    )
