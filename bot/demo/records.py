"""What a Slack workspace holds: people, channels, messages, views, and how each looks on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.demo import visible

JSON = dict[str, Any]
ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    locale: str = "en-US"
    tz: str = "Europe/Paris"
    is_bot: bool = False
    deleted: bool = False
    team_id: str = ""
    """Another company's workspace, for somebody who sees channels by Slack Connect."""

    def to_json(self, team_id: str, *, with_email: bool = True, with_locale: bool = False) -> JSON:
        """The user object of users.info; e-mail and locale only where Slack gives them."""
        team_id = self.team_id or team_id
        profile: JSON = {"real_name": self.real_name, "display_name": self.name, "team": team_id}
        if with_email and self.email is not None:
            profile["email"] = self.email
        body: JSON = {
            "id": self.id,
            "team_id": team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "tz": self.tz,
            "profile": profile,
        }
        if with_locale:
            body["locale"] = self.locale
        return body


@dataclass
class Channel:
    """A conversation: public or private channel, or direct messages."""

    id: str
    name: str
    kind: ChannelKind = "public"
    members: list[str] = field(default_factory=list)
    archived: bool = False
    is_restricted: bool = False
    """Whether only some may post there, and no bot; what it has posted it may edit."""
    restriction: str = "restricted_action"
    """What Slack calls it then."""
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    created: int = 0
    is_general: bool = False

    def to_json(self, viewer: str) -> JSON:
        """The conversation object as `viewer` gets it."""
        body: JSON = {"id": self.id, "created": self.created, "is_archived": self.archived}
        body |= {"is_im": self.kind == "im", "is_mpim": self.kind == "mpim", "is_org_shared": False}
        if self.kind == "im":
            others = [member for member in self.members if member != viewer]
            return body | {"user": others[0] if others else viewer, "is_user_deleted": False}
        return body | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_private": self.kind != "public",
            "is_general": self.is_general,
            "is_member": viewer in self.members,
            "creator": self.creator,
            "topic": {"value": self.topic, "creator": self.creator, "last_set": self.created},
            "purpose": {"value": self.purpose, "creator": self.creator, "last_set": self.created},
            "num_members": len(self.members),
        }


@dataclass
class Message:
    """One message; the same object lives on through its edits."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[JSON] = field(default_factory=list)
    thread_ts: str | None = None
    reply_broadcast: bool = False
    edited: str | None = None
    edits: int = 0
    ephemeral_for: str | None = None
    metadata: JSON | None = None
    bot_id: str | None = None
    app_id: str | None = None
    attachments: list[JSON] = field(default_factory=list)
    files: list[JSON] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether the message sits in a thread below another one."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def words(self) -> str:
        """All a reader sees of it: the blocks' text, or `text` when there are none."""
        return visible.words(self.blocks) if self.blocks else self.text

    @property
    def buttons(self) -> list[str]:
        """Labels of the buttons a reader can press now."""
        return visible.buttons(self.blocks)

    def to_json(self, *, with_metadata: bool = True) -> JSON:
        """The message object of Web API answers and of interaction payloads."""
        body: JSON = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        optional: JSON = {
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "blocks": self.blocks,
            "thread_ts": self.thread_ts,
            "attachments": self.attachments,
            "files": self.files,
            "edited": {"user": self.user, "ts": self.edited} if self.edited else None,
            "metadata": self.metadata if with_metadata else None,
            "reactions": [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ],
        }
        if self.reply_broadcast:
            body["subtype"] = "thread_broadcast"
        return body | {name: value for name, value in optional.items() if value}


@dataclass
class View:
    """A modal or a home tab as one user has it before the eyes."""

    id: str
    user: str
    body: JSON
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: dict[str, dict[str, JSON]] = field(default_factory=dict)
    updates: int = 0

    @property
    def type(self) -> str:
        """ "modal" or "home"."""
        return str(self.body["type"])

    @property
    def callback_id(self) -> str:
        """The app's own name for the view; empty when it gave none."""
        return str(self.body.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The title a reader sees on top of a modal."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[JSON]:
        """The view's blocks, each with its block_id."""
        blocks: list[JSON] = self.body["blocks"]
        return blocks

    @property
    def words(self) -> str:
        """All the text a reader sees in it."""
        return visible.words(self.blocks)

    @property
    def buttons(self) -> list[str]:
        """Labels of the buttons inside the view."""
        return visible.buttons(self.blocks)

    def to_json(self, team_id: str, app_id: str, bot_id: str) -> JSON:
        """The view object of views.* answers and of interaction payloads (Slack, reference/views)."""
        return {
            "id": self.id,
            "team_id": team_id,
            "type": self.type,
            "blocks": self.blocks,
            "private_metadata": self.body.get("private_metadata", ""),
            "callback_id": self.callback_id,
            "external_id": self.body.get("external_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": self.body.get("title"),
            "submit": self.body.get("submit"),
            "close": self.body.get("close"),
            "clear_on_close": self.body.get("clear_on_close", False),
            "notify_on_close": self.body.get("notify_on_close", False),
            "submit_disabled": self.body.get("submit_disabled", False),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": app_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }


@dataclass
class Call:
    """One request the app made, and what it got."""

    method: str
    args: JSON
    response: JSON
    at: float
    status: int = 200
    injected: bool = False

    @property
    def error(self) -> str | None:
        """Slack's error name, when the answer was no."""
        return None if self.response.get("ok", True) else str(self.response.get("error"))


@dataclass
class UserGroup:
    """People with a handle of their own; `updates` is how often somebody set who they are."""

    id: str
    handle: str
    users: list[str] = field(default_factory=list)
    updates: int = 0


@dataclass(frozen=True)
class Change:
    """Something people would see move: told to every subscriber of the workspace."""

    kind: Literal["message", "edit", "delete", "ephemeral", "view", "home", "channel", "call", "reaction", "pin"]
    subject: Any
