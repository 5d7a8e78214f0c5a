"""What is refused to whoever writes a status update, or is reminded of one."""

from __future__ import annotations

from blocks.words import Words


def of_updates(say: Words) -> tuple[str, ...]:
    """All of it: `blocks.errors` says it in the reader's language."""
    return (
        say.say("say what is known"),
        say.say("nobody is reminded of status updates for this incident"),
    )
