"""Slack's Web API as a transport: post, edit, find again, and the ids behind names."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp

from bot.notifiers.base import Blocks, Posted
from bot.notifiers.slack_calls import SlackCalls
from domain.errors import DeliveryError

log = logging.getLogger(__name__)

_PAGES_OF_A_LIST = 20
_LOOKS = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_arguments")
"""What Slack says of a message whose blocks it does not take."""
_LONGEST_WORDS = 3000
_LATEST = 200
"""How many messages a look for one goes through."""


class SlackMessages(SlackCalls):
    """Messages of one workspace. Every method raises DeliveryError when Slack does not do it."""

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str, thread: str = "", broadcast: bool = False
    ) -> Posted:
        """Post in a channel, or in the thread under `thread`. `key` is how `find` knows the message again."""
        arguments: dict[str, Any] = {"channel": channel, "text": text}
        if thread:
            arguments |= {"thread_ts": thread, "reply_broadcast": broadcast}
        arguments |= {"unfurl_links": False, "unfurl_media": False}
        answer = await self._say("chat.postMessage", arguments, blocks, key)
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def upload(self, channel: str, thread: str, name: str, text: str, blocks: Blocks, *, key: str) -> str:
        """Put a file in the thread under `thread`, with words above it; its id. `find` knows the message by `key`."""
        content = text.encode()
        # Nobody sees anything before the last of the three calls: an answer lost before it is no doubt.
        place = await self.get("files.getUploadURLExternal", filename=name, length=len(content))
        await self._send(str(place["upload_url"]), content)
        await self.ask(
            "files.completeUploadExternal",
            params={
                "files": json.dumps([{"id": place["file_id"], "title": name}]),
                "channel_id": channel,
                "thread_ts": thread,
                "blocks": json.dumps(_keyed(blocks, key)),
            },
        )
        return str(place["file_id"])

    async def _send(self, url: str, content: bytes) -> None:
        """Hand a file's bytes to the address that Slack gave for them."""
        session = self.client.session
        assert session is not None
        try:
            async with session.post(url, data=content) as answer:
                if answer.status != 200:
                    raise DeliveryError(f"Slack answers HTTP {answer.status}", permanent=False)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeliveryError("Slack can't be reached", permanent=False) from error

    async def update(self, place: Posted, text: str, blocks: Blocks, *, key: str) -> None:
        """Replace a message's words. Raises MessageGone when somebody deleted it, MessageLocked when it has to stay as
        it is."""
        # chat.update parses plain names into mentions unless told not to.
        arguments = {"channel": place.channel, "ts": place.ts, "text": text, "parse": "none"}
        await self._say("chat.update", arguments, blocks, key)

    async def _say(self, method: str, arguments: dict[str, Any], blocks: Blocks, key: str) -> dict[str, Any]:
        """Slack's answer to a message. One whose looks it does not take is said with its words and buttons, else with
        its words alone: nobody sleeps on because Slack has changed a limit."""
        words = _words(str(arguments["text"]))
        for plainer in ([*words, *_buttons(blocks)], words):
            try:
                return await self.call(method, **arguments, blocks=_keyed(blocks, key))
            except DeliveryError as error:
                if error.code not in _LOOKS:
                    raise
                log.error("%s; it is sent with less to see", error)
                blocks = plainer
        return await self.call(method, **arguments, blocks=_keyed(blocks, key))

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        """The message posted with `key` since a moment of the world's time, when the answer to a post was lost."""
        oldest = str(since.timestamp() - 5)
        try:
            where = {"channel": channel, "oldest": oldest, "limit": _LATEST}
            if thread:
                answer = await self.get("conversations.replies", ts=thread, **where)
            else:
                answer = await self.get("conversations.history", **where)
        except DeliveryError as error:
            if error.permanent:
                return None
            raise
        for message in answer.get("messages", ()):
            if any(block.get("block_id") == key for block in message.get("blocks", ())):
                return Posted(channel, str(message["ts"]))
        return None

    async def publish(self, user: str, view: dict[str, Any], hash_: str) -> str:
        """Show somebody a Home tab; its hash. With `hash_`, only in the stead of the one that has it."""
        # An empty hash counts as given, and conflicts with every other.
        known = {"hash": hash_} if hash_ else {}
        answer = await self.call("views.publish", user_id=user, view=view, **known)
        return str(answer["view"]["hash"])

    async def direct(self, user: str) -> str:
        """The id of the direct channel with a user."""
        answer = await self.ask("conversations.open", params={"users": user})
        return str(answer["channel"]["id"])

    async def user_by_email(self, email: str) -> str:
        """The id of the user with this address; a permanent DeliveryError when nobody in the workspace has it."""
        return str((await self.get("users.lookupByEmail", email=email))["user"]["id"])

    async def email_of(self, user: str) -> str:
        """A user's address, "" when Slack does not tell."""
        answer = await self.get("users.info", user=user)
        return str(answer["user"].get("profile", {}).get("email", ""))

    async def locale(self, user: str) -> str:
        """The locale that a user has set in Slack, such as "fr-FR"."""
        answer = await self.get("users.info", user=user, include_locale=True)
        return str(answer["user"].get("locale", ""))

    async def channels(self) -> AsyncIterator[tuple[str, str]]:
        """(name, id) of the channels that the bot can see."""
        cursor = ""
        for _ in range(_PAGES_OF_A_LIST):
            answer = await self.get(
                "conversations.list",
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=1000,
                **({"cursor": cursor} if cursor else {}),
            )
            for channel in answer.get("channels", ()):
                yield str(channel["name"]), str(channel["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    async def workspace_url(self) -> str:
        """Where links to messages begin, such as https://example.slack.com/."""
        url = str((await self.ask("auth.test"))["url"])
        return url if url.endswith("/") else f"{url}/"

    async def join(self, channel: str) -> None:
        """Become a member of a public channel."""
        await self.ask("conversations.join", params={"channel": channel})


def _words(text: str) -> list[dict[str, Any]]:
    shown = text[:_LONGEST_WORDS]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}]


def _buttons(blocks: Blocks) -> list[dict[str, Any]]:
    return [block for block in blocks if block.get("type") == "actions"]


def _keyed(blocks: Blocks, key: str) -> list[dict[str, Any]]:
    """The first block carries the key: history gives blocks back as they were sent."""
    first, *rest = blocks
    return [{**first, "block_id": key}, *rest]
