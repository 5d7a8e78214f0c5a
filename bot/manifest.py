"""The Slack app manifest, made of what the code answers to (docs.slack.dev/reference/app-manifest)."""

from __future__ import annotations

from typing import Any

import yaml

from blocks.commands import commands, shortcuts
from blocks.words import words
from bot.scopes import SCOPES
from handlers.home import slack as home

EVENTS = home.EVENTS
"""What the app subscribes to."""
NAME = "Vigie"
DESCRIPTION = "On-call: incident cards, runbooks in the thread, escalation until somebody acknowledges"


def manifest() -> dict[str, Any]:
    """The manifest of this version. Names and hints are in English: Slack shows them to everybody alike."""
    say = words("en")
    settings: dict[str, Any] = {
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }
    if EVENTS:
        settings["event_subscriptions"] = {"bot_events": list(EVENTS)}
    return {
        "display_information": {"name": NAME, "description": DESCRIPTION, "background_color": "#14332a"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                {"name": one.name, "type": one.type, "callback_id": one.callback, "description": one.does}
                for one in shortcuts(say)
            ],
            "slash_commands": [
                {"command": one.name, "description": one.does, "usage_hint": one.hint, "should_escape": False}
                for one in commands(say)
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": settings,
    }


def as_yaml() -> str:
    """The manifest as Slack's "From a manifest" takes it."""
    return yaml.safe_dump(manifest(), sort_keys=False, allow_unicode=True, width=120)
