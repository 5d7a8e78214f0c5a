"""Slack's Web API as a transport: post, edit, find again, and the ids behind names.

Retries are the sender's alone: the client is built without any (slack_sdk sends a POST again after a dropped
connection, which is a second message).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.notifiers.base import Blocks, MessageGone, Posted
from domain.errors import DeliveryError

_PERMANENT = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "not_in_channel",
        "restricted_action",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_arguments",
        "no_text",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "cannot_dm_bot",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
        "missing_scope",
        "unknown_method",
        "not_enabled",
        "view_too_large",
    }
)
_AWAY = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
    }
)
"""What Slack answers whatever it is asked: it is not well, or does not know us any more."""
_GONE = frozenset({"message_not_found", "thread_not_found"})
_PAGES_OF_A_LIST = 20
_LATEST = 50


class SlackMessages:
    """Messages of one workspace. Every method raises DeliveryError when Slack does not do it.

    A method that Slack told to rest (HTTP 429) is not asked again before its time; posting rests in one channel alone.
    `told` hears how each call ended.
    """

    def __init__(
        self, client: AsyncWebClient, told: Callable[[DeliveryError | None], None] = lambda error: None
    ) -> None:
        self._client = client
        self._told = told
        self._rests: dict[str, float] = {}
        """Until when each method rests, by the event loop's clock."""

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str, thread: str = "", broadcast: bool = False
    ) -> Posted:
        """Post in a channel, or in the thread under `thread`. `key` is how `find` knows the message again."""
        arguments: dict[str, Any] = {"channel": channel, "text": text, "blocks": _keyed(blocks, key)}
        if thread:
            arguments |= {"thread_ts": thread, "reply_broadcast": broadcast}
        answer = await self._call("chat.postMessage", **arguments, unfurl_links=False, unfurl_media=False)
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def upload(self, channel: str, thread: str, name: str, text: str, blocks: Blocks, *, key: str) -> str:
        """Put a file in the thread under `thread`, with words above it; its id. `find` knows the message by `key`."""
        content = text.encode()
        # Nobody sees anything before the last of the three calls: an answer lost before it is no doubt.
        place = await self._get("files.getUploadURLExternal", filename=name, length=len(content))
        await self._send(str(place["upload_url"]), content)
        await self._ask(
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
        session = self._client.session
        assert session is not None
        try:
            async with session.post(url, data=content) as answer:
                if answer.status != 200:
                    raise DeliveryError(f"Slack answers HTTP {answer.status}", permanent=False)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeliveryError("Slack can't be reached", permanent=False) from error

    async def update(self, place: Posted, text: str, blocks: Blocks, *, key: str) -> None:
        """Replace a message's words. Raises MessageGone when somebody deleted it."""
        # chat.update parses plain names into mentions unless told not to.
        await self._call(
            "chat.update", channel=place.channel, ts=place.ts, text=text, blocks=_keyed(blocks, key), parse="none"
        )

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        """The message posted with `key` since a moment of the world's time, when the answer to a post was lost."""
        oldest = str(since.timestamp() - 5)
        try:
            if thread:
                answer = await self._get("conversations.replies", channel=channel, ts=thread, oldest=oldest, limit=200)
            else:
                answer = await self._get("conversations.history", channel=channel, oldest=oldest, limit=_LATEST)
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
        answer = await self._call("views.publish", user_id=user, view=view, **known)
        return str(answer["view"]["hash"])

    async def direct(self, user: str) -> str:
        """The id of the direct channel with a user."""
        answer = await self._ask("conversations.open", params={"users": user})
        return str(answer["channel"]["id"])

    async def user_by_email(self, email: str) -> str:
        """The id of the user with this address; a permanent DeliveryError when nobody in the workspace has it."""
        return str((await self._get("users.lookupByEmail", email=email))["user"]["id"])

    async def email_of(self, user: str) -> str:
        """A user's address, "" when Slack does not tell."""
        answer = await self._get("users.info", user=user)
        return str(answer["user"].get("profile", {}).get("email", ""))

    async def locale(self, user: str) -> str:
        """The locale that a user has set in Slack, such as "fr-FR"."""
        answer = await self._get("users.info", user=user, include_locale=True)
        return str(answer["user"].get("locale", ""))

    async def channels(self) -> AsyncIterator[tuple[str, str]]:
        """(name, id) of the channels that the bot can see."""
        cursor = ""
        for _ in range(_PAGES_OF_A_LIST):
            answer = await self._get(
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
        url = str((await self._ask("auth.test"))["url"])
        return url if url.endswith("/") else f"{url}/"

    async def join(self, channel: str) -> None:
        """Become a member of a public channel."""
        await self._ask("conversations.join", params={"channel": channel})

    async def _get(self, method: str, **arguments: Any) -> dict[str, Any]:
        return await self._ask(method, http_verb="GET", params=arguments)

    async def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return await self._ask(method, json=arguments)

    async def _ask(self, method: str, **how: Any) -> dict[str, Any]:
        allowance = _allowance(method, how)
        self._wait_is_over(method, allowance)
        try:
            answer = await self._client.api_call(method, **how)
        except SlackApiError as error:
            refused = _refused(error, method)
            if refused.retry_after is not None:
                self._rests[allowance] = asyncio.get_running_loop().time() + refused.retry_after
            raise self._ended(refused) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._ended(DeliveryError("Slack can't be reached", permanent=False, is_outage=True)) from error
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError) as error:
            lost = DeliveryError("Slack did not answer", permanent=False, ambiguous=True, is_outage=True)
            raise self._ended(lost) from error
        self._told(None)
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    def _ended(self, error: DeliveryError) -> DeliveryError:
        self._told(error)
        return error

    def _wait_is_over(self, method: str, allowance: str) -> None:
        """Raises DeliveryError while Slack wants the method to rest."""
        left = self._rests.get(allowance, 0.0) - asyncio.get_running_loop().time()
        if left > 0:
            raise DeliveryError("Slack is rate limiting", permanent=False, retry_after=left, method=method)
        self._rests.pop(allowance, None)


def _allowance(method: str, how: dict[str, Any]) -> str:
    """What Slack counts a call against: the method, and for a new message its channel."""
    return f"{method}:{how['json'].get('channel')}" if method == "chat.postMessage" else method


def _keyed(blocks: Blocks, key: str) -> list[dict[str, Any]]:
    """The first block carries the key: history gives blocks back as they were sent."""
    first, *rest = blocks
    return [{**first, "block_id": key}, *rest]


def _refused(error: SlackApiError, method: str) -> DeliveryError:
    answer = error.response
    status = int(getattr(answer, "status_code", 0) or 0)
    found = answer.data if isinstance(getattr(answer, "data", None), dict) else {}
    name = str(found.get("error", "")) or f"HTTP {status}"
    if status == 429 or name in ("ratelimited", "rate_limited"):
        wait = _seconds(answer.headers.get("Retry-After") or answer.headers.get("retry-after"))
        return DeliveryError("Slack is rate limiting", permanent=False, retry_after=wait, method=method)
    if status >= 500:
        return DeliveryError(f"Slack answers HTTP {status}", permanent=False, ambiguous=True, is_outage=True)
    told = ", ".join(str(line) for line in (found.get("response_metadata") or {}).get("messages", ()))
    reason = f"Slack refused it: {name}{f' ({told})' if told else ''}"
    if name in _GONE:
        return MessageGone(reason, permanent=True)
    return DeliveryError(reason, permanent=name in _PERMANENT, is_outage=name in _AWAY)


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 30.0
