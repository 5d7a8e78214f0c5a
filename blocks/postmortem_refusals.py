"""Refusals that whoever writes a post-mortem, or keeps a message, meets; the domain says them in English."""

from __future__ import annotations

from blocks.words import Words


def postmortem(say: Words) -> tuple[str, ...]:
    """Why not, sentence by sentence."""
    return (
        say.say("nobody has written it yet: look it through and save it first"),
        say.say("it is published already, by {name}"),
        say.say("it is waived already, by {name}"),
        say.say("say why there is none"),
        say.say("{name} has done it already"),
        say.say("say what is to be done"),
        say.say("say who does it: somebody whom Vigie knows"),
        say.say("say until when, as 2026-12-01"),
        say.say("that day has gone by"),
        say.say("no post-mortem of this incident is asked for"),
        say.say("this action is gone"),
        say.say("{name} changed this post-mortem meanwhile: it is {version} now"),
        say.say("a post-mortem takes at most {n} actions"),
        say.say("{id} is not over: its post-mortem is written once it is resolved"),
        say.say("that message has no words to keep"),
        say.say("several incidents are open here: choose “Add to the timeline” in the message's menu"),
    )
