"""Calls of Slack's Web API, and what their refusals mean.

Retries are the sender's alone: the client is built without any (slack_sdk sends a POST again after a dropped
connection, which is a second message).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import isfinite
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.notifiers.base import MessageGone, MessageLocked
from domain.errors import DeliveryError
from domain.troubles import RIGHTS

_PERMANENT = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "method_not_supported_for_channel_type",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_arguments",
        "no_text",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "cannot_dm_bot",
        *RIGHTS,
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
        "org_login_required",
        "team_added_to_org",
    }
)
"""What Slack answers whatever it is asked: it is not well, does not know us any more, or moves the workspace into an
organisation."""
_MAY_HAVE_ACTED = frozenset({"internal_error", "fatal_error"})
"""Of these Slack says that "some aspect of the operation" may have succeeded all the same."""
_USUAL_REST = 30.0
"""Seconds that Slack is left alone when it does not say how many."""
_GONE = frozenset({"message_not_found", "thread_not_found"})
_LOCKED = frozenset({"cant_update_message", "edit_window_closed"})

UNREADABLE = (AttributeError, TypeError, ValueError)
"""What slack_sdk raises of an answer that is no JSON object, such as a gateway's page that comes with a 200."""


class SlackCalls:
    """What the transports to one workspace have in common. Every method raises DeliveryError when Slack does not do
    what it is asked.

    A method that Slack told to rest (HTTP 429) is not asked again before its time; posting rests in one channel alone.
    `told` hears how each call ended.
    """

    def __init__(
        self, client: AsyncWebClient, told: Callable[[DeliveryError | None], None] = lambda error: None
    ) -> None:
        self.client = client
        self._told = told
        self._rests: dict[str, float] = {}
        """Until when each method rests, by the event loop's clock."""

    async def get(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a question."""
        return await self.ask(method, http_verb="GET", params=arguments)

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a call whose arguments are JSON."""
        return await self.ask(method, json=arguments)

    async def ask(self, method: str, **how: Any) -> dict[str, Any]:
        """The answer to any call."""
        allowance = _allowance(method, how)
        self._wait_is_over(method, allowance)
        try:
            answer = await self.client.api_call(method, **how)
        except SlackApiError as error:
            refused = _refused(error, method)
            if refused.retry_after is not None:
                self._rests[allowance] = asyncio.get_running_loop().time() + refused.retry_after
            raise self._ended(refused) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._ended(DeliveryError("Slack can't be reached", permanent=False, is_outage=True)) from error
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError, *UNREADABLE) as error:
            lost = DeliveryError("Slack did not answer", permanent=False, ambiguous=True, is_outage=True)
            raise self._ended(lost) from error
        self._told(None)
        return _Answer(answer.data) if isinstance(answer.data, dict) else _Answer()

    def _ended(self, error: DeliveryError) -> DeliveryError:
        self._told(error)
        return error

    def _wait_is_over(self, method: str, allowance: str) -> None:
        """Raises DeliveryError while Slack wants the method to rest."""
        left = self._rests.get(allowance, 0.0) - asyncio.get_running_loop().time()
        if left > 0:
            raise DeliveryError("Slack is rate limiting", permanent=False, retry_after=left, method=method)
        self._rests.pop(allowance, None)


class _Answer(dict[str, Any]):
    """What Slack answered. What is not in it, though Slack says that it did what it was asked, may have been done."""

    def __missing__(self, key: str) -> Any:
        raise DeliveryError(f"Slack's answer has no {key}", permanent=False, ambiguous=True, is_outage=True)

    def __getitem__(self, key: str) -> Any:
        found = super().__getitem__(key)
        return _Answer(found) if isinstance(found, dict) else found


def _allowance(method: str, how: dict[str, Any]) -> str:
    """What Slack counts a call against: the method, and for a new message its channel."""
    return f"{method}:{how['json'].get('channel')}" if method == "chat.postMessage" else method


def _refused(error: SlackApiError, method: str) -> DeliveryError:
    answer = error.response
    # Of a body that is broken off the library hands out aiohttp's own response.
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0) or 0)
    found = answer.data if isinstance(getattr(answer, "data", None), dict) else {}
    name = str(found.get("error", "")) or f"HTTP {status}"
    if status == 429 or name in ("ratelimited", "rate_limited"):
        wait = _seconds(answer.headers.get("Retry-After") or answer.headers.get("retry-after"))
        return DeliveryError("Slack is rate limiting", permanent=False, retry_after=wait, method=method)
    if status >= 500 or not found:
        return DeliveryError(f"Slack answers HTTP {status}", permanent=False, ambiguous=True, is_outage=True)
    told = ", ".join(str(line) for line in (found.get("response_metadata") or {}).get("messages", ()))
    reason = f"Slack refused it: {name}{f' ({told})' if told else ''}"
    if name in _GONE:
        return MessageGone(reason, permanent=True, code=name)
    if name in _LOCKED:
        return MessageLocked(reason, permanent=True, code=name)
    code, needed = str(found.get("error", "")), str(found.get("needed", ""))
    return DeliveryError(
        reason,
        permanent=name in _PERMANENT,
        ambiguous=name in _MAY_HAVE_ACTED,
        is_outage=name in _AWAY,
        code=code,
        needed=needed,
    )


def _seconds(value: object) -> float:
    """What Slack asks for, but never less than a second: asked at once and again, it only refuses more."""
    try:
        seconds = float(str(value))
    except ValueError:
        return _USUAL_REST
    return max(seconds, 1.0) if isfinite(seconds) else _USUAL_REST
