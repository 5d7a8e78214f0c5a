"""What the app answers outside the Web API: through a response_url, or with the ack of a command."""

from __future__ import annotations

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.interactions import ResponseUrl
from bot.demo.methods_base import read_content
from bot.demo.methods_chat import apply_edit, bot_message, check_thread, remove
from bot.demo.records import Message


def respond(slack: Backend, key: str, args: Arguments) -> JSON:
    """One use of a response URL (Slack, interactivity/handling-user-interaction, message responses)."""
    url = slack.response_urls.redeem(key)
    original = _original(slack, url)
    if args.flag("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        remove(slack, original)
    elif args.flag("replace_original") and original is not None:
        apply_edit(slack, original, read_content(args))
    else:
        show(slack, url.channel, url.user, args)
    return {}


def _original(slack: Backend, url: ResponseUrl) -> Message | None:
    return slack.workspace.find_message(url.channel, url.original_ts) if url.original_ts else None


def show(slack: Backend, channel_id: str, user: str, args: Arguments) -> Message:
    """Show an answer where it was asked: to the asker alone unless it says in_channel."""
    response_type = args.text("response_type", "ephemeral")
    if response_type not in ("ephemeral", "in_channel"):
        raise SlackError("invalid_response_type")
    # An answer may go where the bot is no member, so the channel is taken as it is.
    channel = slack.workspace.channels[channel_id]
    if channel.archived:
        raise SlackError("is_archived")
    message = bot_message(slack, channel, read_content(args))
    message.thread_ts = check_thread(slack, channel, args.text("thread_ts"))
    if response_type == "ephemeral":
        message.ephemeral_for = user
    return slack.workspace.add_message(message)
