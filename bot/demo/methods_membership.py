"""Who is in a conversation: conversations.open, join, invite, kick, leave, members (Slack, reference/methods)."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method, page
from bot.demo.records import Change, Channel

INVITE_LIMIT = 100


async def open_direct(slack: Backend, args: Arguments) -> JSON:
    """conversations.open: direct messages with one user."""
    if "channel" in args:
        channel = slack.channel(args.text("channel"))
    else:
        channel = slack.workspace.direct_channel(_one_person(slack, args.names("users")))
    full = channel.to_json(slack.workspace.bot.id)
    return {"channel": full if args.flag("return_im") else {"id": channel.id}}


def _one_person(slack: Backend, users: list[str]) -> str:
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("not_enough_users", ["[ERROR] group messages are not in this workspace"])
    user = slack.user(users[0])
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")
    return user.id


async def join(slack: Backend, args: Arguments) -> JSON:
    """conversations.join: public channels only."""
    channel = slack.channel(args.required("channel"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = slack.bot_in(channel)
    if not already:
        channel.members.append(slack.workspace.bot.id)
        slack.workspace.tell(Change("channel", channel))
    body: JSON = {"channel": channel.to_json(slack.workspace.bot.id)}
    if already:
        body |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return body


async def leave(slack: Backend, args: Arguments) -> JSON:
    """conversations.leave."""
    channel = slack.channel(args.required("channel"))
    if not slack.bot_in(channel):
        return {"not_in_channel": True}
    channel.members.remove(slack.workspace.bot.id)
    slack.workspace.tell(Change("channel", channel))
    return {}


def _invite_problem(slack: Backend, channel: Channel, user_id: str) -> str | None:
    user = slack.workspace.users.get(user_id)
    if user is None:
        return "user_not_found"
    if user.id == slack.workspace.bot.id:
        return "cant_invite_self"
    if user.deleted:
        return "cant_invite"
    return "already_in_channel" if user.id in channel.members else None


async def invite(slack: Backend, args: Arguments) -> JSON:
    """conversations.invite: one bad id fails all, unless `force` keeps the good ones."""
    channel = slack.joined_channel(args.required("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    users = args.names("users")
    if not users:
        raise SlackError("no_user")
    if len(users) > INVITE_LIMIT:
        raise SlackError("too_many_users")
    problems = {user: problem for user in users if (problem := _invite_problem(slack, channel, user))}
    errors = [{"user": user, "ok": False, "error": problem} for user, problem in problems.items()]
    invited = [user for user in users if user not in problems]
    if errors and not (args.flag("force") and invited):
        raise SlackError(next(iter(problems.values())), errors=errors)
    channel.members += dict.fromkeys(invited)
    slack.workspace.tell(Change("channel", channel))
    body: JSON = {"channel": channel.to_json(slack.workspace.bot.id)}
    return body | ({"errors": errors} if errors else {})


async def kick(slack: Backend, args: Arguments) -> JSON:
    """conversations.kick."""
    channel = slack.joined_channel(args.required("channel"))
    user = slack.user(args.required("user"))
    if user.id == slack.workspace.bot.id:
        raise SlackError("cant_kick_self")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    channel.members.remove(user.id)
    slack.workspace.tell(Change("channel", channel))
    return {}


async def members(slack: Backend, args: Arguments) -> JSON:
    """conversations.members."""
    channel = slack.channel(args.required("channel"))
    selected, metadata = page(list(channel.members), args)
    return {"members": selected, "response_metadata": metadata}


WRITE = ("channels:manage", "channels:write.invites", "groups:write", "groups:write.invites")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
MEMBERSHIP = {
    "conversations.open": Method(open_direct, ("im:write", "mpim:write"), "3"),
    "conversations.join": Method(join, "channels:join", "3"),
    "conversations.leave": Method(leave, ("channels:manage", "groups:write"), "3"),
    "conversations.invite": Method(invite, WRITE, "3"),
    "conversations.kick": Method(kick, ("channels:manage", "groups:write"), "3"),
    "conversations.members": Method(members, READ, "4"),
}
