"""What slash commands say of themselves: the help, and the answer to a slip of the thumb."""

from __future__ import annotations

import re
from collections.abc import Sequence

from blocks import kit
from blocks.kit import Message
from blocks.words import Words, words

Listed = Sequence[tuple[str, str]]
"""Subcommands with the arguments that they take, as they are typed."""
_WORD_SHOWN = 40


def help_message(command: str, allowed: Listed, locale: str) -> Message:
    """What a command can do for the one who asks."""
    say = words(locale)
    title = say.say("What {command} can do for you", command=command)
    return Message(title, [kit.section(f"*{title}*"), *_lines(command, allowed, say)])


def unknown(command: str, word: str, suggestion: str, allowed: Listed, locale: str) -> Message:
    """The answer to a word that no command knows: what it may have meant, else what there is."""
    say = words(locale)
    said = say.say("I don't know “{word}”.", word=kit.name(word, _WORD_SHOWN))
    if suggestion:
        meant = say.say("Did you mean `{command}`?", command=f"{command} {suggestion}")
        return Message(f"{said} {meant}", [kit.section(f"{said} {meant}")])
    return Message(said, [kit.section(said), *_lines(command, allowed, say)])


def _lines(command: str, allowed: Listed, say: Words) -> list[kit.Block]:
    lines = [_line(command, name, arguments, say) for name, arguments in allowed]
    return [kit.section("\n".join(lines))] if lines else []


def _line(command: str, name: str, arguments: str, say: Words) -> str:
    told = meaning(command, name, say)
    return f"`{f'{command} {name} {_said(arguments, say)}'.strip()}` {told}".strip()


def _said(arguments: str, say: Words) -> str:
    """What stands for something of the reader's, in their language; what is typed as it is stays."""
    known = {
        "title": say.say("title"),
        "name": say.say("name"),
        "text": say.say("text"),
        "service": say.say("service"),
        "team": say.say("team"),
        "at": say.say("at"),
    }
    return re.sub(r"[a-z]+", lambda found: known.get(found[0], found[0]), arguments)


def meaning(command: str, name: str, say: Words) -> str:
    """What a subcommand does, in a few words; "" for one that nobody described."""
    told = {
        "/incident": _incidents(say),
        "/runbook": {
            "list": say.say("the runbooks there are"),
            "show": say.say("one runbook, step by step"),
            "start": say.say("start a runbook in an incident's thread"),
            "attach": say.say("another runbook, in the place of one that nobody has begun"),
            "lint": say.say("what good practice says of a runbook, or of all of them"),
            "stats": say.say("what its runs say: real minutes, skipped steps; alone, which were never used"),
        },
        "/oncall": {
            "who": say.say("who is on call, and until when"),
            "next": say.say("who comes next"),
            "schedule": say.say("the coming two weeks, holes included"),
            "override": say.say("stand in for somebody; alone, it asks"),
            "swap": say.say("ask a colleague to take your shift"),
            "calendar": say.say("private links for your calendar program"),
            "test-me": say.say("a test by each of your channels; nobody else gets it"),
        },
        "/policy": {
            "list": say.say("the escalation policies there are"),
            "show": say.say("one policy: who is paged, when and how"),
            "simulate": say.say("who would be paged, when and why; nothing is sent"),
        },
    }
    return told.get(command, {}).get(name, "")


def _incidents(say: Words) -> dict[str, str]:
    return {
        "declare": say.say("tell everybody who must know that something is wrong"),
        "list": say.say("what is open, whose it is and how old"),
        "show": say.say("one incident, as it is now"),
        "ack": say.say("take it: the escalation stops"),
        "resolve": say.say("it is over: what mended it"),
        "escalate": say.say("page the next step now"),
        "decline": say.say("you can't take it: somebody else is paged at once"),
        "unack": say.say("give it back: the escalation goes on after 10 s"),
        "snooze": say.say("quiet for a while; then it triggers again and pages you first"),
        "unsnooze": say.say("end the snooze: the escalation goes on"),
        "mitigate": say.say("it no longer hurts; the escalation stops"),
        "reassign": say.say("page somebody else, or a team's on-call, at once"),
        "severity": say.say("how bad it is"),
        "lead": say.say("who leads the work on it"),
        "comms": say.say("who tells the others"),
        "update": say.say("tell those who wait how it stands; alone, it asks"),
        "room": say.say("its war room: opens one, and invites you"),
        "merge": say.say("the second is a duplicate of the first"),
        "link": say.say("these two belong together"),
        "note": say.say("keep a remark in the timeline"),
        "timeline": say.say("what happened, the latest first; as a file with markdown or json"),
        "why": say.say("why somebody was paged, or was not; alone, everybody"),
        "postmortem": say.say("what is learned from it; alone, those that are due"),
        "stats": say.say("how fast incidents were taken and mended"),
        "drill": say.say("try it out, faster: nothing is broken, only those who take part are paged"),
    }
