"""Addresses of webhooks: whoever knows one can write in its channel, so that it is shown to nobody. Pure."""

from __future__ import annotations

import re

HIDDEN = "********"
LOST_KEY = "its address can't be read: SECRET_KEY is not what it was sealed with"
"""Why nothing is sent to an address of which only what may be shown is left."""
DISCORD = tuple(
    f"https://{host}/api/" for host in ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com")
)
"""How Discord's own addresses begin, those that its test clients hand out among them."""
_DISCORD = re.compile(r"(?:v\d+/)?webhooks/\d+/[\w-]+/?(?:\?(?:wait|thread_id)=\w+(?:&(?:wait|thread_id)=\w+)*)?")
_WEBHOOK = re.compile(
    r"(?P<before>https://[^\s/?#]+/(?:[^\s/?#]+/)*webhooks/)(?P<id>[^\s/?#]+)/(?P<secret>[^\s?#\"'\\]+)"
    r"(?P<thread>\?thread_id=\d+)?"
)


def is_webhook(address: str) -> bool:
    """Whether a channel is a webhook, and none of Slack's."""
    return address.startswith("https://")


def is_discords(address: str) -> bool:
    """Whether Discord takes messages there, as far as its form tells; `?thread_id=` leads to a thread."""
    begins = next((one for one in DISCORD if address.startswith(one)), "")
    return bool(begins) and _DISCORD.fullmatch(address, len(begins)) is not None


def redacted(address: str) -> str:
    """A channel's address as it may be shown: a webhook's tells which one it is, and no more."""
    if not is_webhook(address):
        return address
    found = _WEBHOOK.fullmatch(address)
    return _shown(found) if found else f"https://{HIDDEN}"


def label(address: str) -> str:
    """What may stand beside an address that is sealed: which webhook it is, else the host alone."""
    found = _WEBHOOK.fullmatch(address)
    if found:
        return _shown(found)
    host = _HOST.match(address)
    return f"{host['scheme'].lower()}://{host['host']}/{HIDDEN}" if host else HIDDEN


_HOST = re.compile(r"(?P<scheme>https?)://(?:[^\s/?#@]*@)?(?P<host>[^\s/?#@]+)", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """`text` with every webhook in it redacted."""
    return _WEBHOOK.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    return f"{found['before']}{found['id']}/{HIDDEN}{found['thread'] or ''}"


def is_redacted(address: str) -> bool:
    """Whether this is a webhook as it is shown, and not as it is called."""
    return address.startswith(("https://", "http://")) and address.partition("?")[0].endswith(HIDDEN)


def meant(shown: str, known: tuple[str, ...]) -> str:
    """The webhook of `known` that is shown as `shown`, "" when none is, or more than one."""
    found = {address for address in known if redacted(address) == shown}
    return found.pop() if len(found) == 1 else ""


def webhook_id(address: str) -> str:
    """What tells webhooks apart and is no secret."""
    found = _WEBHOOK.fullmatch(address)
    return found["id"] if found else ""
