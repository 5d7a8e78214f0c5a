"""usergroups.* (Slack, reference/methods)."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method
from bot.demo.records import UserGroup


async def list_groups(slack: Backend, args: Arguments) -> JSON:
    """usergroups.list, without who is in them."""
    return {"usergroups": [{"id": one.id, "handle": one.handle, "name": one.handle} for one in _groups(slack)]}


def _groups(slack: Backend) -> list[UserGroup]:
    return list(slack.workspace.user_groups.values())


async def update_users(slack: Backend, args: Arguments) -> JSON:
    """usergroups.users.update: the whole list, which can't be empty."""
    if slack.workspace.is_free:
        raise SlackError("plan_upgrade_required")
    group = slack.workspace.user_groups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    users = [one for one in args.text("users").split(",") if one]
    if not users:
        raise SlackError("no_users_provided")
    if any(one not in slack.workspace.users for one in users):
        raise SlackError("invalid_users")
    group.users = users
    group.updates += 1
    return {"usergroup": {"id": group.id, "handle": group.handle, "users": users}}


GROUPS: dict[str, Method] = {
    "usergroups.list": Method(list_groups, "usergroups:read", "2"),
    "usergroups.users.update": Method(update_users, "usergroups:write", "2"),
}
