"""pins.*, bookmarks.* and reactions.* (Slack, reference/methods)."""

from __future__ import annotations

import re

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Method
from bot.demo.records import Change, Message


def _message(slack: Backend, args: Arguments) -> Message:
    channel = slack.joined_channel(args.required("channel"))
    if channel.archived:
        raise SlackError("is_archived")
    if "timestamp" not in args:
        raise SlackError("no_item_specified")
    return slack.message(channel, args.text("timestamp"))


async def add_pin(slack: Backend, args: Arguments) -> JSON:
    """pins.add."""
    message = _message(slack, args)
    if (message.channel, message.ts) in slack.workspace.pins:
        raise SlackError("already_pinned")
    slack.workspace.pins.append((message.channel, message.ts))
    slack.workspace.tell(Change("pin", message))
    return {}


async def remove_pin(slack: Backend, args: Arguments) -> JSON:
    """pins.remove."""
    message = _message(slack, args)
    if (message.channel, message.ts) not in slack.workspace.pins:
        raise SlackError("no_pin")
    slack.workspace.pins.remove((message.channel, message.ts))
    slack.workspace.tell(Change("pin", message))
    return {}


async def list_pins(slack: Backend, args: Arguments) -> JSON:
    """pins.list."""
    channel = slack.joined_channel(args.required("channel"))
    pinned = [slack.message(channel, ts) for channel_id, ts in slack.workspace.pins if channel_id == channel.id]
    return {"items": [{"type": "message", "channel": channel.id, "message": m.to_json()} for m in pinned]}


async def add_bookmark(slack: Backend, args: Arguments) -> JSON:
    """bookmarks.add: a link in the channel's bar."""
    channel = slack.joined_channel(args.required("channel_id"))
    if args.required("type") != "link":
        raise SlackError("invalid_bookmark_type")
    bookmark: JSON = {"id": slack.workspace.new_id("Bk"), "channel_id": channel.id, "type": "link"}
    bookmark |= {"title": args.required("title"), "link": _link(args), "emoji": args.text("emoji")}
    slack.workspace.bookmarks.append(bookmark)
    return {"bookmark": dict(bookmark)}


def _link(args: Arguments) -> str:
    link = args.required("link")
    if not re.match(r"https?://\S+$", link):
        raise SlackError("invalid_link")
    return link


def _bookmark(slack: Backend, args: Arguments) -> JSON:
    channel = slack.joined_channel(args.required("channel_id"))
    wanted = (channel.id, args.required("bookmark_id"))
    found = (b for b in slack.workspace.bookmarks if (b["channel_id"], b["id"]) == wanted)
    bookmark = next(found, None)
    if bookmark is None:
        raise SlackError("not_found")
    return bookmark


async def edit_bookmark(slack: Backend, args: Arguments) -> JSON:
    """bookmarks.edit."""
    bookmark = _bookmark(slack, args)
    if "link" in args:
        bookmark["link"] = _link(args)
    bookmark |= {name: args.text(name) for name in ("title", "emoji") if name in args}
    return {"bookmark": dict(bookmark)}


async def remove_bookmark(slack: Backend, args: Arguments) -> JSON:
    """bookmarks.remove."""
    slack.workspace.bookmarks.remove(_bookmark(slack, args))
    return {}


async def list_bookmarks(slack: Backend, args: Arguments) -> JSON:
    """bookmarks.list."""
    channel = slack.joined_channel(args.required("channel_id"))
    return {"bookmarks": [dict(b) for b in slack.workspace.bookmarks if b["channel_id"] == channel.id]}


def _emoji(args: Arguments) -> str:
    name = args.required("name")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    return name


async def add_reaction(slack: Backend, args: Arguments) -> JSON:
    """reactions.add."""
    name, message = _emoji(args), _message(slack, args)
    users = message.reactions.setdefault(name, [])
    if slack.workspace.bot.id in users:
        raise SlackError("already_reacted")
    users.append(slack.workspace.bot.id)
    slack.workspace.tell(Change("reaction", message))
    return {}


async def remove_reaction(slack: Backend, args: Arguments) -> JSON:
    """reactions.remove."""
    name, message = _emoji(args), _message(slack, args)
    users = message.reactions.get(name, [])
    if slack.workspace.bot.id not in users:
        raise SlackError("no_reaction")
    users.remove(slack.workspace.bot.id)
    if not users:
        del message.reactions[name]
    slack.workspace.tell(Change("reaction", message))
    return {}


EXTRAS = {
    "pins.add": Method(add_pin, "pins:write", "2"),
    "pins.remove": Method(remove_pin, "pins:write", "2"),
    "pins.list": Method(list_pins, "pins:read", "2"),
    "bookmarks.add": Method(add_bookmark, "bookmarks:write", "2"),
    "bookmarks.edit": Method(edit_bookmark, "bookmarks:write", "2"),
    "bookmarks.remove": Method(remove_bookmark, "bookmarks:write", "2"),
    "bookmarks.list": Method(list_bookmarks, "bookmarks:read", "3"),
    "reactions.add": Method(add_reaction, "reactions:write", "3"),
    "reactions.remove": Method(remove_reaction, "reactions:write", "2"),
}
