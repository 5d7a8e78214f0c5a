"""chat.*: posting, editing and removing messages (Slack, reference/methods/chat.*)."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.methods_base import Content, Method, read_content
from bot.demo.records import Change, Channel, Message


def destination(slack: Backend, args: Arguments) -> Channel:
    """Where a post goes: a channel id, "#name", or a user id for that person's direct messages."""
    name = args.required("channel")
    user = slack.workspace.users.get(name)
    if user is not None:
        if user.is_bot:
            raise SlackError("cannot_dm_bot")
        if user.deleted:
            raise SlackError("channel_not_found")
        return slack.workspace.direct_channel(user.id)
    found = slack.workspace.find_channel(name)
    channel = slack.channel(found.id if found else name)
    if not slack.bot_in(channel) and not slack.has_scope("chat:write.public"):
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.is_restricted:
        raise SlackError(channel.restriction)
    return channel


def check_thread(slack: Backend, channel: Channel, thread_ts: str) -> str | None:
    """A thread to reply in, or none; a reply can't be replied to."""
    if not thread_ts:
        return None
    parent = slack.workspace.find_message(channel.id, thread_ts)
    if parent is None or parent.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    if parent.is_reply:
        raise SlackError("cannot_reply_to_message")
    return thread_ts


def bot_message(slack: Backend, channel: Channel, content: Content) -> Message:
    """A new message of the app."""
    workspace = slack.workspace
    return Message(
        channel=channel.id,
        ts=workspace.new_ts(),
        user=workspace.bot.id,
        bot_id=workspace.bot_id,
        app_id=workspace.app_id,
        text=content.text,
        blocks=content.blocks or [],
        attachments=content.attachments,
        metadata=content.metadata,
    )


async def post_message(slack: Backend, args: Arguments) -> JSON:
    """chat.postMessage."""
    channel = destination(slack, args)
    content = read_content(args)
    message = bot_message(slack, channel, content)
    message.thread_ts = check_thread(slack, channel, args.text("thread_ts"))
    message.reply_broadcast = message.thread_ts is not None and args.flag("reply_broadcast")
    slack.workspace.add_message(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_json()}


async def post_ephemeral(slack: Backend, args: Arguments) -> JSON:
    """chat.postEphemeral: seen by one member, gone at the next reload."""
    channel = destination(slack, args)
    user = slack.user(args.required("user"))
    if not slack.bot_in(channel):
        raise SlackError("not_in_channel")
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = bot_message(slack, channel, read_content(args))
    message.thread_ts = check_thread(slack, channel, args.text("thread_ts"))
    message.ephemeral_for = user.id
    slack.workspace.add_message(message)
    return {"message_ts": message.ts}


def apply_edit(slack: Backend, message: Message, content: Content) -> None:
    """Replace a message's content; text without blocks removes the blocks it had."""
    message.text = content.text or message.text
    message.blocks = content.blocks or []
    message.attachments = content.attachments
    message.metadata = content.metadata or message.metadata
    message.edited = slack.workspace.new_ts()
    message.edits += 1
    slack.workspace.tell(Change("edit", message))


async def update(slack: Backend, args: Arguments) -> JSON:
    """chat.update: the app's own messages only."""
    channel = slack.channel(args.required("channel"))
    message = slack.message(channel, args.required("ts"))
    if message.bot_id != slack.workspace.bot_id:
        raise SlackError("cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    apply_edit(slack, message, read_content(args, update=True))
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.to_json()}


def remove(slack: Backend, message: Message) -> None:
    """Take a message away."""
    message.deleted = True
    slack.workspace.tell(Change("delete", message))


async def delete(slack: Backend, args: Arguments) -> JSON:
    """chat.delete: the app's own messages only."""
    channel = slack.channel(args.required("channel"))
    message = slack.message(channel, args.required("ts"))
    if message.bot_id != slack.workspace.bot_id:
        raise SlackError("cant_delete_message")
    remove(slack, message)
    return {"channel": channel.id, "ts": message.ts}


async def get_permalink(slack: Backend, args: Arguments) -> JSON:
    """chat.getPermalink."""
    channel = slack.channel(args.required("channel"))
    message = slack.message(channel, args.required("message_ts"))
    link = f"https://{slack.workspace.name}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


CHAT = {
    "chat.postMessage": Method(post_message, "chat:write", "post"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", "4"),
    "chat.update": Method(update, "chat:write", "3"),
    "chat.delete": Method(delete, "chat:write", "3"),
    "chat.getPermalink": Method(get_permalink, None, "special"),
}
