"""Addresses of webhooks: whoever knows one can write in its channel, so that it is shown to nobody. Pure."""

from __future__ import annotations

import re

HIDDEN = "********"
LOST_KEY = "its address can't be read: SECRET_KEY is not what it was sealed with"
"""Why nothing is sent to an address of which only what may be shown is left."""
_WEBHOOK = re.compile(
    r"(?P<before>https://[^\s/?#]+/(?:[^\s/?#]+/)*webhooks/)(?P<id>[^\s/?#]+)/(?P<secret>[^\s?#\"'\\]+)"
)


def is_webhook(address: str) -> bool:
    """Whether a channel is a webhook, and none of Slack's."""
    return address.startswith("https://")


def redacted(address: str) -> str:
    """A channel's address as it may be shown: a webhook's tells which one it is, and no more."""
    if not is_webhook(address):
        return address
    found = _WEBHOOK.fullmatch(address)
    return f"{found['before']}{found['id']}/{HIDDEN}" if found else f"https://{HIDDEN}"


def label(address: str) -> str:
    """What may stand beside an address that is sealed: which webhook it is, else the host alone."""
    found = _WEBHOOK.fullmatch(address)
    if found:
        return f"{found['before']}{found['id']}/{HIDDEN}"
    host = _HOST.match(address)
    return f"{host['scheme'].lower()}://{host['host']}/{HIDDEN}" if host else HIDDEN


_HOST = re.compile(r"(?P<scheme>https?)://(?:[^\s/?#@]*@)?(?P<host>[^\s/?#@]+)", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """`text` with every webhook in it redacted."""
    return _WEBHOOK.sub(lambda found: f"{found['before']}{found['id']}/{HIDDEN}", text)


def is_redacted(address: str) -> bool:
    """Whether this is a webhook as it is shown, and not as it is called."""
    return address.startswith(("https://", "http://")) and address.endswith(HIDDEN)


def meant(shown: str, known: tuple[str, ...]) -> str:
    """The webhook of `known` that is shown as `shown`, "" when none is."""
    return next((address for address in known if redacted(address) == shown), "")


def webhook_id(address: str) -> str:
    """What tells webhooks apart and is no secret."""
    found = _WEBHOOK.fullmatch(address)
    return found["id"] if found else ""
