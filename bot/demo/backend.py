"""What every Web API method works on, and the few questions they all ask of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bot.demo.errors import SlackError
from bot.demo.interactions import ResponseUrls, Triggers
from bot.demo.records import Channel, Message, User, View
from bot.demo.sockets import SocketHub
from bot.demo.workspace import Workspace

JSON = dict[str, Any]


@dataclass
class Backend:
    """Slack behind its Web API."""

    workspace: Workspace
    sockets: SocketHub
    triggers: Triggers
    response_urls: ResponseUrls
    now: Callable[[], float]
    scopes: Collection[str] | None = None
    base_url: str = ""

    @property
    def link_url(self) -> str:
        """Where the next socket connects, good for one connection."""
        host = self.base_url.replace("http", "ws", 1)
        return f"{host}/link/?ticket={self.sockets.new_ticket()}&app_id={self.workspace.app_id}"

    def has_scope(self, scope: str) -> bool:
        """Whether the bot token carries a scope."""
        return self.scopes is None or scope in self.scopes

    def channel(self, channel_id: str) -> Channel:
        """The conversation of that id, as far as the bot can see it."""
        channel = self.workspace.channels.get(channel_id)
        hidden = channel is not None and channel.kind != "public" and not self.bot_in(channel)
        if channel is None or hidden:
            raise SlackError("channel_not_found")
        return channel

    def bot_in(self, channel: Channel) -> bool:
        """Whether the bot is a member."""
        return self.workspace.bot.id in channel.members

    def joined_channel(self, channel_id: str) -> Channel:
        """A conversation the bot is in."""
        channel = self.channel(channel_id)
        if not self.bot_in(channel):
            raise SlackError("not_in_channel")
        return channel

    def user(self, user_id: str) -> User:
        """The user of that id."""
        user = self.workspace.users.get(user_id)
        if user is None:
            raise SlackError("user_not_found")
        return user

    def message(self, channel: Channel, ts: str) -> Message:
        """A message the app may name by its ts; ephemeral ones it may not."""
        message = self.workspace.find_message(channel.id, ts)
        if message is None or message.ephemeral_for is not None:
            raise SlackError("message_not_found")
        return message

    def view_json(self, view: View) -> JSON:
        """A view as the app gets it."""
        return view.to_json(self.workspace.team_id, self.workspace.app_id, self.workspace.bot_id)


def with_ids(blocks: list[JSON]) -> list[JSON]:
    """The blocks as Slack stores them: an id for every block and element that came without."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: JSON) -> JSON:
    stored = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)[:5]}
    for name in ("accessory", "element"):
        if isinstance(stored.get(name), dict):
            stored[name] = _with_action_id(stored[name])
    if stored["type"] in ("actions", "context_actions"):
        stored["elements"] = [_with_action_id(element) for element in stored["elements"]]
    return stored


def _with_action_id(element: JSON) -> JSON:
    if element["type"] == "image":
        return element
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)[:5]}
