"""users.* and bots.info (Slack, reference/methods)."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method, page
from bot.demo.methods_conversations import READ, wanted_channels
from bot.demo.records import User


def _user_json(slack: Backend, user: User, args: Arguments) -> JSON:
    return user.to_json(
        slack.workspace.team_id,
        with_email=slack.has_scope("users:read.email"),
        with_locale=args.flag("include_locale"),
    )


async def info(slack: Backend, args: Arguments) -> JSON:
    """users.info."""
    return {"user": _user_json(slack, slack.user(args.required("user")), args)}


async def list_users(slack: Backend, args: Arguments) -> JSON:
    """users.list."""
    selected, metadata = page(list(slack.workspace.users.values()), args)
    members = [_user_json(slack, user, args) for user in selected]
    return {"members": members, "cache_ts": int(slack.workspace.wall()), "response_metadata": metadata}


async def lookup_by_email(slack: Backend, args: Arguments) -> JSON:
    """users.lookupByEmail: people who left are not found."""
    email = args.required("email").lower()
    for user in slack.workspace.users.values():
        if user.email is not None and user.email.lower() == email and not user.deleted:
            return {"user": _user_json(slack, user, args)}
    raise SlackError("users_not_found")


async def conversations(slack: Backend, args: Arguments) -> JSON:
    """users.conversations: the channels somebody is in, the bot when nobody is named."""
    member = slack.user(args.text("user", slack.workspace.bot.id)).id
    channels, metadata = page(wanted_channels(slack, args, member), args)
    return {"channels": [c.to_json(slack.workspace.bot.id) for c in channels], "response_metadata": metadata}


async def bot_info(slack: Backend, args: Arguments) -> JSON:
    """bots.info, of the app's own bot."""
    workspace = slack.workspace
    if args.required("bot") != workspace.bot_id:
        raise SlackError("bot_not_found")
    bot = {"id": workspace.bot_id, "name": workspace.bot.name, "app_id": workspace.app_id, "user_id": workspace.bot.id}
    return {"bot": bot | {"deleted": False}}


USERS = {
    "bots.info": Method(bot_info, "users:read", "3"),
    "users.info": Method(info, "users:read", "4"),
    "users.list": Method(list_users, "users:read", "2"),
    "users.lookupByEmail": Method(lookup_by_email, "users:read.email", "3"),
    "users.conversations": Method(conversations, READ, "3"),
}
