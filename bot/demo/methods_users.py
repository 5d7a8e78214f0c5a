"""users.* and usergroups.* (Slack, reference/methods)."""

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


async def list_groups(slack: Backend, args: Arguments) -> JSON:
    """usergroups.list."""
    groups = [dict(group) for group in slack.workspace.usergroups.values()]
    if not args.flag("include_users"):
        for group in groups:
            del group["users"]
    return {"usergroups": groups}


def _group(slack: Backend, args: Arguments) -> JSON:
    group = slack.workspace.usergroups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


async def list_group_users(slack: Backend, args: Arguments) -> JSON:
    """usergroups.users.list."""
    return {"users": list(_group(slack, args)["users"])}


async def update_group_users(slack: Backend, args: Arguments) -> JSON:
    """usergroups.users.update: replaces the whole list, which can't be empty."""
    group = _group(slack, args)
    users = args.names("users")
    if not users:
        raise SlackError("no_users_provided")
    if not set(users) <= slack.workspace.users.keys():
        raise SlackError("invalid_users")
    group |= {"users": users, "user_count": len(users)}
    return {"usergroup": dict(group)}


USERS = {
    "users.info": Method(info, "users:read", "4"),
    "users.list": Method(list_users, "users:read", "2"),
    "users.lookupByEmail": Method(lookup_by_email, "users:read.email", "3"),
    "users.conversations": Method(conversations, READ, "3"),
    "usergroups.list": Method(list_groups, "usergroups:read", "2"),
    "usergroups.users.list": Method(list_group_users, "usergroups:read", "2"),
    "usergroups.users.update": Method(update_group_users, "usergroups:write", "2"),
}
