"""The Slack app's manifest, made from the doors: nothing that is built is missing in it, nothing in it is idle.

Fields and limits: docs.slack.dev, reference/app-manifest.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from bot.doors import DOORS
from bot.scopes import REASONS
from handlers.commands import Command, Shortcut, gathered

_NAME = "Vigie"
_DESCRIPTION = "On-call: incident cards, runbooks, escalation"
_COLOUR = "#1f2937"


def commands() -> list[Command]:
    """Every slash command, put together from the doors."""
    return list(gathered(command for door in DOORS for command in getattr(door, "COMMANDS", ())).values())


def shortcuts() -> list[Shortcut]:
    """Every shortcut of the doors."""
    return [shortcut for door in DOORS for shortcut in getattr(door, "SHORTCUTS", ())]


def events() -> list[str]:
    """Every event that a door listens to, once."""
    return sorted({event for door in DOORS for event in getattr(door, "EVENTS", ())})


def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    listened = events()
    return {
        "display_information": {"name": _NAME, "description": _DESCRIPTION, "background_color": _COLOUR},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": _NAME, "always_online": True},
            "shortcuts": [_shortcut(one) for one in shortcuts()],
            "slash_commands": [_command(one) for one in commands()],
        },
        "oauth_config": {"scopes": {"bot": list(REASONS)}},
        "settings": {
            **({"event_subscriptions": {"bot_events": listened}} if listened else {}),
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "command": command.name,
        "description": command.description,
        "usage_hint": command.hint,
        "should_escape": False,
    }


def _shortcut(shortcut: Shortcut) -> dict[str, Any]:
    return {
        "name": shortcut.name,
        "type": shortcut.type,
        "callback_id": shortcut.callback_id,
        "description": shortcut.description,
    }


def written() -> str:
    """The manifest in YAML, each scope with its reason beside it."""
    text = yaml.safe_dump(manifest(), sort_keys=False, allow_unicode=True, width=1000)
    width = max(map(len, REASONS))
    return re.sub(r"^( *- )([a-z:.]+)$", lambda found: _reasoned(found[1], found[2], width), text, flags=re.MULTILINE)


def _reasoned(dash: str, scope: str, width: int) -> str:
    return f"{dash}{scope:<{width}}  # {REASONS[scope]}" if scope in REASONS else f"{dash}{scope}"
