"""What interactions lend the app for a while: trigger ids (3 s, once) and response URLs (30 minutes, 5 times)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.errors import SlackError

RESPONSE_USES = 5
RESPONSE_SECONDS = 30 * 60


@dataclass
class Trigger:
    """The right to open one modal in front of one user."""

    id: str
    user: str
    issued_at: float
    from_modal: bool
    used: bool = False


class Triggers:
    """Issues trigger ids and takes them back (Slack, interactivity/handling-user-interaction)."""

    def __init__(self, now: Callable[[], float], lifetime: float) -> None:
        self._now = now
        self.lifetime = lifetime
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, *, from_modal: bool = False) -> str:
        """A trigger id for something that user just did."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(trigger_id, user, self._now(), from_modal)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger, once and in time."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now() - trigger.issued_at > self.lifetime:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass
class ResponseUrl:
    """Where the app may answer one interaction."""

    key: str
    user: str
    channel: str
    issued_at: float
    original_ts: str | None
    uses: int = 0


class ResponseUrls:
    """Issues response URLs and counts their uses (Slack, interactivity: 5 times within 30 minutes)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, original_ts: str | None = None) -> str:
        """The key of a new response URL."""
        key = secrets.token_urlsafe(18)
        self._issued[key] = ResponseUrl(key, user, channel, self._now(), original_ts)
        return key

    def redeem(self, key: str) -> ResponseUrl:
        """Count one use."""
        url = self._issued.get(key)
        if url is None:
            raise SlackError("invalid_url")
        if self._now() - url.issued_at > RESPONSE_SECONDS:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
