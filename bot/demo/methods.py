"""The Web API's table: every method the double knows, its scope, its rate tier and who may call it."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.methods_base import Method
from bot.demo.methods_chat import CHAT
from bot.demo.methods_conversations import CONVERSATIONS
from bot.demo.methods_extras import EXTRAS
from bot.demo.methods_files import FILES
from bot.demo.methods_groups import GROUPS
from bot.demo.methods_membership import MEMBERSHIP
from bot.demo.methods_users import USERS
from bot.demo.methods_views import VIEWS


async def auth_test(slack: Backend, args: Arguments) -> JSON:
    """Who the token is."""
    workspace = slack.workspace
    return {
        "url": f"https://{workspace.name}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


async def api_test(slack: Backend, args: Arguments) -> JSON:
    """Slack's own echo."""
    if "error" in args:
        return {"ok": False, "error": args.text("error"), "args": args.values}
    return {"args": args.values}


async def connections_open(slack: Backend, args: Arguments) -> JSON:
    """A URL for one Socket Mode connection."""
    return {"url": slack.link_url}


METHODS: dict[str, Method] = {
    "api.test": Method(api_test, None, "special", token=None),
    "auth.test": Method(auth_test, None, "special"),
    # Slack's pages say tier 3, its Java SDK tier 1: a reconnecting bot must back off either way.
    "apps.connections.open": Method(connections_open, "connections:write", "3", token="app"),
    **CHAT,
    **CONVERSATIONS,
    **MEMBERSHIP,
    **USERS,
    **VIEWS,
    **FILES,
    **EXTRAS,
    **GROUPS,
}
