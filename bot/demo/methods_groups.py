"""usergroups.* (Slack, reference/methods)."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method
from bot.demo.records import UserGroup


async def list_groups(slack: Backend, args: Arguments) -> JSON:
    """usergroups.list; who is in them when asked."""
    shown = [_shown(one) for one in slack.workspace.user_groups.values()]
    if not args.flag("include_users"):
        for one in shown:
            del one["users"]
    return {"usergroups": shown}


def _shown(group: UserGroup) -> JSON:
    said = {"id": group.id, "handle": group.handle, "name": group.handle, "is_usergroup": True}
    return {**said, "users": list(group.users), "user_count": len(group.users), "date_delete": 0}


def _group(slack: Backend, args: Arguments) -> UserGroup:
    group = slack.workspace.user_groups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


async def list_users(slack: Backend, args: Arguments) -> JSON:
    """usergroups.users.list."""
    return {"users": list(_group(slack, args).users)}


async def update_users(slack: Backend, args: Arguments) -> JSON:
    """usergroups.users.update: the whole list, which can't be empty."""
    if slack.workspace.is_free:
        raise SlackError("plan_upgrade_required")
    group = _group(slack, args)
    users = args.names("users")
    if not users:
        raise SlackError("no_users_provided")
    if any(one not in slack.workspace.users for one in users):
        raise SlackError("invalid_users")
    group.users = users
    group.updates += 1
    return {"usergroup": _shown(group)}


GROUPS: dict[str, Method] = {
    "usergroups.list": Method(list_groups, "usergroups:read", "2"),
    "usergroups.users.list": Method(list_users, "usergroups:read", "2"),
    "usergroups.users.update": Method(update_users, "usergroups:write", "2"),
}
