"""The state of the Slack double: who is there, what was said, and what the app asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeVar

from bot.demo.records import JSON, Call, Change, Channel, ChannelKind, Message, User, UserGroup, View

T = TypeVar("T")
# Answers an app gets in the ordinary course of things; everything else it was refused is a fault of its own.
ORDINARY = frozenset(
    {
        "already_archived",
        "already_in_channel",
        "already_pinned",
        "already_reacted",
        "hash_conflict",
        "name_taken",
        "not_archived",
        "ratelimited",
        "users_not_found",
    }
)


class Workspace:
    """One Slack workspace with one installed app; the server writes it, tests and the demo page read it."""

    def __init__(self, name: str = "vigie", *, wall: Callable[[], float] = time.time) -> None:
        self.name = name
        self.team_id = "T01VIGIE"
        self.app_id = "A01VIGIE"
        self.bot_id = "B01VIGIE"
        self.wall = wall
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.pins: list[tuple[str, str]] = []
        self.bookmarks: list[JSON] = []
        self.user_groups: dict[str, UserGroup] = {}
        self.is_free = False
        """On Slack's free plan there are no user groups."""
        self.files: dict[str, JSON] = {}
        self.calls: list[Call] = []
        self.refused: list[Call] = []
        self.rate_limited: list[Call] = []
        self._numbers = count(1)
        self._last_tick = 0
        self._subscribers: list[Callable[[Change], None]] = []
        self._waiting: list[Callable[[], None]] = []
        self.bot = self.add_user("vigie", user_id="UVIGIE", real_name="Vigie", is_bot=True)

    # -- what the workspace is made of ---------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        user_id: str | None = None,
        real_name: str | None = None,
        email: str | None = None,
        locale: str = "en-US",
        tz: str = "Europe/Paris",
        is_bot: bool = False,
        deleted: bool = False,
    ) -> User:
        """Put a person (or a bot) in the workspace."""
        user = User(
            id=user_id or self.new_id("U"),
            name=name,
            real_name=real_name or name.title(),
            email=email,
            locale=locale,
            tz=tz,
            is_bot=is_bot,
            deleted=deleted,
        )
        self.users[user.id] = user
        return user

    def add_group(self, handle: str) -> UserGroup:
        """A user group with nobody in it."""
        group = UserGroup(self.new_id("S"), handle)
        self.user_groups[group.id] = group
        return group

    def add_channel(
        self,
        name: str,
        *,
        channel_id: str | None = None,
        kind: ChannelKind = "public",
        members: list[str] | None = None,
        creator: str | None = None,
        is_general: bool = False,
    ) -> Channel:
        """Put a channel in the workspace; the bot is in it only if `members` says so."""
        channel = Channel(
            id=channel_id or self.new_id("D" if kind == "im" else "C"),
            name=name.removeprefix("#"),
            kind=kind,
            members=list(members or []),
            creator=creator or self.bot.id,
            created=int(self.wall()),
            is_general=is_general,
        )
        self.channels[channel.id] = channel
        self.tell(Change("channel", channel))
        return channel

    def add_message(self, message: Message) -> Message:
        """Show a message, ephemeral ones to their one reader."""
        self.messages.append(message)
        self.tell(Change("ephemeral" if message.ephemeral_for else "message", message))
        return message

    # -- looking things up ---------------------------------------------------------------------------

    def channel(self, name: str) -> Channel:
        """The channel of that id or name, with or without the #."""
        found = self.find_channel(name)
        if found is None:
            raise LookupError(f"no channel {name!r}; there are {[c.name for c in self.channels.values()]}")
        return found

    def find_channel(self, name: str) -> Channel | None:
        """Like `channel`, None when there is none."""
        bare = name.removeprefix("#")
        by_name = (c for c in self.channels.values() if c.name == bare and c.kind in ("public", "private"))
        return self.channels.get(name) or next(by_name, None)

    def user(self, name: str) -> User:
        """The user of that id or name."""
        found = self.users.get(name) or next((u for u in self.users.values() if u.name == name), None)
        if found is None:
            raise LookupError(f"no user {name!r}; there are {[u.name for u in self.users.values()]}")
        return found

    def direct_channel(self, user_id: str) -> Channel:
        """The direct messages between the bot and a user, opened when they never talked."""
        pair = {user_id, self.bot.id}
        found = (c for c in self.channels.values() if c.kind == "im" and set(c.members) == pair)
        existing = next(found, None)
        return existing or self.add_channel(user_id, kind="im", members=[user_id, self.bot.id])

    def find_message(self, channel_id: str, ts: str) -> Message | None:
        """The message at that place, unless it was deleted."""
        return next((m for m in self.messages_in(channel_id, ephemeral=True) if m.ts == ts), None)

    def messages_in(self, channel: str, *, ephemeral: bool = False) -> list[Message]:
        """Messages of a channel (id or name) in order, replies included."""
        channel_id = self.channel(channel).id
        return [
            m
            for m in self.messages
            if m.channel == channel_id and not m.deleted and (ephemeral or m.ephemeral_for is None)
        ]

    def thread(self, message: Message) -> list[Message]:
        """The replies below a message, in order."""
        return [m for m in self.messages_in(message.channel) if m.is_reply and m.thread_ts == message.ts]

    def modal_of(self, user_id: str) -> View | None:
        """The modal on top for a user."""
        stack = self.modals.get(user_id)
        return stack[-1] if stack else None

    def find_view(self, view_id: str) -> View | None:
        """An open modal or a published home tab, by id."""
        return next((view for view in self._views() if view.id == view_id), None)

    def _views(self) -> Iterator[View]:
        for stack in self.modals.values():
            yield from stack
        yield from self.homes.values()

    def calls_to(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    # -- identifiers ---------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """An identifier in Slack's form: a letter for the kind, then capitals and digits."""
        return f"{prefix}0{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A message time stamp: the time of day, unique and rising (it is a message's identity)."""
        self._last_tick = max(self._last_tick + 1, int(self.wall() * 10_000))
        return f"{self._last_tick // 10_000}.{self._last_tick % 10_000 * 100:06d}"

    # -- what the app did ----------------------------------------------------------------------------

    def record(self, call: Call) -> None:
        """Log a call of the app; what Slack would refuse for its content or for want of a right stands out."""
        self.calls.append(call)
        if call.error == "ratelimited":
            self.rate_limited.append(call)
        elif call.error is not None and not call.injected and call.error not in ORDINARY:
            self.refused.append(call)
        self.tell(Change("call", call))

    # -- being told ----------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Be told of every change, at once; the answer ends the subscription."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def tell(self, change: Change) -> None:
        """Announce a change to subscribers, then to those who wait for one."""
        for callback in list(self._subscribers):
            callback(change)
        for look_again in list(self._waiting):
            look_again()

    async def wait_for(self, predicate: Callable[[], T | None], timeout: float = 30.0, what: str = "") -> T:
        """The predicate's first truthy answer, asked again after every change; TimeoutError names `what`."""
        changed = asyncio.Event()
        self._waiting.append(changed.set)
        try:
            async with asyncio.timeout(timeout):
                while not (answer := predicate()):
                    await changed.wait()
                    changed.clear()
                return answer
        except TimeoutError as error:
            raise TimeoutError(f"not seen within {timeout} s: {what or predicate}") from error
        finally:
            self._waiting.remove(changed.set)
