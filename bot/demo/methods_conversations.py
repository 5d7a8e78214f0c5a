"""conversations.*: finding and reading channels, and giving them a shape (Slack, reference/methods)."""

from __future__ import annotations

import re

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method, page
from bot.demo.records import Change, Channel, Message

KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
NAME_LIMIT = 80
TOPIC_LIMIT = 250


def wanted_channels(slack: Backend, args: Arguments, member: str | None = None) -> list[Channel]:
    """The channels a list call asks for, of those the bot can see."""
    types = args.names("types") or ["public_channel"]
    if not set(types) <= KINDS.keys():
        raise SlackError("invalid_types")
    kinds = {KINDS[name] for name in types}
    bot = slack.workspace.bot.id
    return [
        channel
        for channel in slack.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and (member is None or member in channel.members)
        and not (channel.archived and args.flag("exclude_archived"))
    ]


async def list_channels(slack: Backend, args: Arguments) -> JSON:
    """conversations.list."""
    channels, metadata = page(wanted_channels(slack, args), args)
    viewer = slack.workspace.bot.id
    return {"channels": [channel.to_json(viewer) for channel in channels], "response_metadata": metadata}


async def info(slack: Backend, args: Arguments) -> JSON:
    """conversations.info."""
    body = slack.channel(args.required("channel")).to_json(slack.workspace.bot.id)
    if not args.flag("include_num_members"):
        body.pop("num_members", None)
    return {"channel": body}


def check_name(slack: Backend, name: str, renamed: Channel | None = None) -> str:
    """A channel's name, by Slack's rules (conversations.create, errors invalid_name_*)."""
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LIMIT:
        raise SlackError("invalid_name_maxlength")
    if re.fullmatch(r"[\W_]+", name):
        raise SlackError("invalid_name_punctuation")
    # Slack takes letters of any script, but no capitals, blanks or punctuation other than - and _.
    if name != name.lower() or not re.fullmatch(r"[\w-]+", name):
        raise SlackError("invalid_name_specials")
    taken = slack.workspace.find_channel(f"#{name}")
    if taken is not None and taken is not renamed:
        raise SlackError("name_taken")
    return name


async def create(slack: Backend, args: Arguments) -> JSON:
    """conversations.create: the bot is its first member."""
    name = check_name(slack, args.text("name"))
    bot = slack.workspace.bot.id
    channel = slack.workspace.add_channel(
        name, kind="private" if args.flag("is_private") else "public", members=[bot], creator=bot
    )
    return {"channel": channel.to_json(bot)}


def _changed(slack: Backend, channel: Channel) -> JSON:
    slack.workspace.tell(Change("channel", channel))
    return {"channel": channel.to_json(slack.workspace.bot.id)}


def _writable(slack: Backend, args: Arguments) -> Channel:
    channel = slack.joined_channel(args.required("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im":
        raise SlackError("method_not_supported_for_channel_type")
    return channel


async def archive(slack: Backend, args: Arguments) -> JSON:
    """conversations.archive."""
    channel = slack.joined_channel(args.required("channel"))
    if channel.archived:
        raise SlackError("already_archived")
    if channel.is_general:
        raise SlackError("cant_archive_general")
    if channel.kind == "im":
        raise SlackError("method_not_supported_for_channel_type")
    channel.archived = True
    _changed(slack, channel)
    return {}


async def unarchive(slack: Backend, args: Arguments) -> JSON:
    """conversations.unarchive."""
    channel = slack.joined_channel(args.required("channel"))
    if not channel.archived:
        raise SlackError("not_archived")
    channel.archived = False
    _changed(slack, channel)
    return {}


async def rename(slack: Backend, args: Arguments) -> JSON:
    """conversations.rename."""
    channel = _writable(slack, args)
    channel.name = check_name(slack, args.text("name"), channel)
    return _changed(slack, channel)


async def set_topic(slack: Backend, args: Arguments) -> JSON:
    """conversations.setTopic."""
    channel = _writable(slack, args)
    if len(args.text("topic")) > TOPIC_LIMIT:
        raise SlackError("too_long")
    channel.topic = args.text("topic")
    return _changed(slack, channel)


async def set_purpose(slack: Backend, args: Arguments) -> JSON:
    """conversations.setPurpose."""
    channel = _writable(slack, args)
    if len(args.text("purpose")) > TOPIC_LIMIT:
        raise SlackError("too_long")
    channel.purpose = args.text("purpose")
    return _changed(slack, channel) | {"purpose": channel.purpose}


def _within(message: Message, args: Arguments) -> bool:
    ts, oldest, latest = float(message.ts), float(args.text("oldest", "0")), float(args.text("latest", "inf"))
    return oldest <= ts <= latest if args.flag("inclusive") else oldest < ts < latest


def _listed(slack: Backend, message: Message, args: Arguments) -> JSON:
    body = message.to_json(with_metadata=args.flag("include_all_metadata"))
    replies = slack.workspace.thread(message)
    if replies:
        body |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    return body


async def history(slack: Backend, args: Arguments) -> JSON:
    """conversations.history: newest first, replies only when broadcast."""
    channel = slack.joined_channel(args.required("channel"))
    shown = [m for m in slack.workspace.messages_in(channel.id) if not m.is_reply or m.reply_broadcast]
    selected, metadata = page([m for m in reversed(shown) if _within(m, args)], args, maximum=999)
    body: JSON = {"messages": [_listed(slack, message, args) for message in selected]}
    return body | {"has_more": bool(metadata["next_cursor"]), "response_metadata": metadata, "pin_count": 0}


async def replies(slack: Backend, args: Arguments) -> JSON:
    """conversations.replies: the parent, then its replies, oldest first; a reply's own ts gives that reply alone."""
    channel = slack.joined_channel(args.required("channel"))
    parent = slack.workspace.find_message(channel.id, args.required("ts"))
    if parent is None or parent.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    thread = [parent, *(m for m in slack.workspace.thread(parent) if _within(m, args))]
    selected, metadata = page(thread, args)
    body: JSON = {"messages": [_listed(slack, message, args) for message in selected]}
    return body | {"has_more": bool(metadata["next_cursor"]), "response_metadata": metadata}


READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
MANAGE = ("channels:manage", "groups:write")
TOPIC = ("channels:manage", "channels:write.topic", "groups:write", "groups:write.topic")
CONVERSATIONS = {
    "conversations.list": Method(list_channels, READ, "2"),
    "conversations.info": Method(info, READ, "3"),
    "conversations.create": Method(create, MANAGE, "2"),
    "conversations.archive": Method(archive, MANAGE, "2"),
    "conversations.unarchive": Method(unarchive, MANAGE, "2"),
    "conversations.rename": Method(rename, MANAGE, "2"),
    "conversations.setTopic": Method(set_topic, TOPIC, "2"),
    "conversations.setPurpose": Method(set_purpose, TOPIC, "2"),
    "conversations.history": Method(history, HISTORY, "3"),
    "conversations.replies": Method(replies, HISTORY, "3"),
}
