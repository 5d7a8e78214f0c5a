"""Calls of Slack's Web API, and what their refusals mean.

Retries are the sender's alone: the client is built without any (slack_sdk sends a POST again after a dropped
connection, which is a second message).
"""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.notifiers.base import MessageGone
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
_GONE = frozenset({"message_not_found", "thread_not_found"})


class SlackCalls:
    """What the transports to one workspace have in common. Every method raises DeliveryError when Slack does not do
    what it is asked."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client

    async def get(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a question."""
        return await self.ask(method, http_verb="GET", params=arguments)

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a call whose arguments are JSON."""
        return await self.ask(method, json=arguments)

    async def ask(self, method: str, **how: Any) -> dict[str, Any]:
        """The answer to any call."""
        try:
            answer = await self.client.api_call(method, **how)
        except SlackApiError as error:
            raise _refused(error) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise DeliveryError("Slack can't be reached", permanent=False) from error
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError) as error:
            raise DeliveryError("Slack did not answer", permanent=False, ambiguous=True) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _refused(error: SlackApiError) -> DeliveryError:
    answer = error.response
    status = int(getattr(answer, "status_code", 0) or 0)
    found = answer.data if isinstance(getattr(answer, "data", None), dict) else {}
    name = str(found.get("error", "")) or f"HTTP {status}"
    if status == 429 or name in ("ratelimited", "rate_limited"):
        wait = _seconds(answer.headers.get("Retry-After") or answer.headers.get("retry-after"))
        return DeliveryError("Slack is rate limiting", permanent=False, retry_after=wait)
    if status >= 500:
        return DeliveryError(f"Slack answers HTTP {status}", permanent=False, ambiguous=True)
    told = ", ".join(str(line) for line in (found.get("response_metadata") or {}).get("messages", ()))
    reason = f"Slack refused it: {name}{f' ({told})' if told else ''}"
    if name in _GONE:
        return MessageGone(reason, permanent=True, code=name)
    code, needed = str(found.get("error", "")), str(found.get("needed", ""))
    return DeliveryError(reason, permanent=name in _PERMANENT, code=code, needed=needed)


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 30.0
