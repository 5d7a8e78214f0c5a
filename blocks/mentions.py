"""Channels in messages, as links."""

from __future__ import annotations

import re

from blocks import kit

_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def channel(identity: str) -> str:
    """A link to a channel, by its id; what is none is written as it is."""
    return f"<#{identity}>" if _SLACK_CHANNEL.fullmatch(identity) else kit.name(identity)
