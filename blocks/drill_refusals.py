"""What is refused to whoever asks for a drill, or stops one."""

from __future__ import annotations

from blocks.words import Words


def of_drills(say: Words) -> tuple[str, ...]:
    """All of it: `blocks.errors` says it in the reader's language."""
    return (
        say.say("must be from {least} to {most}"),
        say.say("choose the channel where the drill takes place"),
        say.say("choose the service that is not really broken"),
        say.say("are more than {most}"),
        say.say("Vigie can't write in this channel: invite it there first"),
        say.say("nothing reaches {names}"),
        say.say("somebody you chose is not among the people whom Vigie knows"),
        say.say("who takes part stops a drill, or an operator"),
        say.say("a drill is no duplicate of anything"),
        say.say("this incident is no drill"),
        say.say("{id} is no drill"),
    )
