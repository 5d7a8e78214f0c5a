"""Channels of their own in Slack, for war rooms: made, furnished, filled with people, archived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.notifiers.base import Posted
from bot.notifiers.slack_calls import SlackCalls
from domain.errors import DeliveryError

_PAGES_OF_A_LIST = 20
_PER_PAGE = 1000
_WITHIN = frozenset({"already_in_channel", "cant_invite_self"})


class SlackRooms(SlackCalls):
    """Every method may be called twice, and raises DeliveryError when Slack does not do it."""

    _self = ""

    async def create(self, name: str) -> str:
        """Make a public channel; its id. The bot is in it."""
        answer = await self.ask("conversations.create", params={"name": name})
        return str(answer["channel"]["id"])

    async def own(self, name: str) -> str:
        """The id of a live channel of that name that this bot has made, "" when there is none."""
        maker, cursor = await self._identity(), ""
        for _ in range(_PAGES_OF_A_LIST):
            answer = await self.get(
                "users.conversations",
                types="public_channel",
                exclude_archived=True,
                limit=_PER_PAGE,
                **({"cursor": cursor} if cursor else {}),
            )
            for channel in answer.get("channels", ()):
                if channel.get("name") == name and channel.get("creator") == maker:
                    return str(channel["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return ""

    async def join(self, channel: str) -> None:
        """Be in a public channel again."""
        await self.ask("conversations.join", params={"channel": channel})

    async def invite(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        """Invite people, at most a hundred; those whom Slack does not let in, each with its reason."""
        try:
            answer = await self.ask(
                "conversations.invite", params={"channel": channel, "users": ",".join(users), "force": True}
            )
        except DeliveryError as error:
            if error.code in _WITHIN and len(users) == 1:
                return {}
            if error.code in _WITHIN or error.code in _STRANGERS:
                return await self._one_by_one(channel, users) if len(users) > 1 else {users[0]: error.code}
            raise
        told = ((str(one.get("user", "")), str(one.get("error", ""))) for one in answer.get("errors") or ())
        return {user: why for user, why in told if why not in _WITHIN}

    async def _one_by_one(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        """The same for a workspace that lets nobody in when one of them is refused."""
        refused: dict[str, str] = {}
        for user in users:
            refused |= await self.invite(channel, [user])
        return refused

    async def set_topic(self, channel: str, topic: str) -> None:
        """Say what a channel is about, in at most 250 characters."""
        await self.ask("conversations.setTopic", params={"channel": channel, "topic": topic})

    async def pin(self, place: Posted) -> None:
        """Pin a message to its channel."""
        try:
            await self.ask("pins.add", params={"channel": place.channel, "timestamp": place.ts})
        except DeliveryError as error:
            if error.code != "already_pinned":
                raise

    async def permalink(self, place: Posted) -> str:
        """The address of a message."""
        answer = await self.get("chat.getPermalink", channel=place.channel, message_ts=place.ts)
        return str(answer["permalink"])

    async def bookmark(self, channel: str, title: str, link: str, known: str) -> str:
        """Put a link in a channel's bar, in the stead of the one that is `known` ("" for none); its id."""
        said: dict[str, Any] = {"channel_id": channel, "title": title, "link": link}
        listed = (await self.get("bookmarks.list", channel_id=channel)).get("bookmarks") or ()
        there = {str(one["id"]): one for one in listed}
        same = next((key for key, one in there.items() if one.get("link") == link), "")
        if known in there or same:
            found = known if known in there else same
            await self.ask("bookmarks.edit", params={**said, "bookmark_id": found})
            return found
        answer = await self.ask("bookmarks.add", params={**said, "type": "link"})
        return str(answer["bookmark"]["id"])

    async def archive(self, channel: str) -> None:
        """End a channel; what was said in it can still be read."""
        try:
            await self.ask("conversations.archive", params={"channel": channel})
        except DeliveryError as error:
            if error.code != "already_archived":
                raise

    async def _identity(self) -> str:
        if not self._self:
            self._self = str((await self.ask("auth.test"))["user_id"])
        return self._self


_STRANGERS = frozenset(
    {
        "user_not_found",
        "cant_invite",
        "user_is_restricted",
        "user_is_ultra_restricted",
        "ura_max_channels",
        "user_disabled",
    }
)
"""Refusals of one person, not of the call."""
