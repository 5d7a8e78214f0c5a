"""Who is paged next, by what: the words that the card, the thread, a mail and a dialog share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.words import Words
from domain.policies import Channel

_NAMED = 4
_NAME_SHOWN = 80


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next if nobody acknowledges: when, by which channels, to whom by name; whether a call speaks."""

    due_at: datetime
    channels: tuple[Channel, ...]
    names: tuple[str, ...]
    rings_only: bool = False


def next_words(step: NextStep, say: Words, tidy: Callable[[str, int], str] = kit.name) -> str:
    """ "SMS and direct message to Ada Admin"; `tidy` makes a name fit where it stands, in so many characters."""
    told = say.say(
        "{channels} to {names}",
        channels=channel_names(step.channels, step.names, say),
        names=named(step.names, say, tidy),
    )
    if step.rings_only and Channel.PHONE in step.channels:
        return say.say("{what} (it rings only: no words, no keys)", what=told)
    return told


def named(names: tuple[str, ...], say: Words, tidy: Callable[[str, int], str] = kit.name) -> str:
    """ "Ada, Bob, Carol, Dan and 3 others" """
    shown = tuple(tidy(name, _NAME_SHOWN) for name in names[:_NAMED])
    if len(names) > len(shown):
        shown = (*shown, say.count("{n} other", "{n} others", len(names) - len(shown)))
    return say.listed(shown)


def channel_names(channels: tuple[Channel, ...], names: tuple[str, ...], say: Words) -> str:
    """ "SMS and direct message": in Slack, a channel gets a message and a person a direct one."""
    return say.listed(tuple(channel_name(channel, names, say) for channel in channels))


def channel_name(channel: Channel, names: tuple[str, ...], say: Words) -> str:
    """How a channel to `names` is called in a sentence."""
    if channel is Channel.SLACK:
        is_place = bool(names) and all(_is_place(name) for name in names)
        return say.say("message") if is_place else say.say("direct message")
    return {
        Channel.SMS: say.say("SMS"),
        Channel.EMAIL: say.say("e-mail"),
        Channel.PHONE: say.say("telephone call"),
    }[channel]


def _is_place(name: str) -> bool:
    return name.startswith("#") or name == "Discord"


def channels_of(listed: str) -> tuple[Channel, ...]:
    """The channels of a timeline entry's "SMS, SLACK"; what is no channel is left out."""
    parts = (part.strip() for part in listed.split(","))
    return tuple(Channel(part) for part in parts if part in Channel.__members__)


def names_of(listed: str) -> tuple[str, ...]:
    """The names of a timeline entry's "Ada Admin, Bob"."""
    return tuple(part for part in listed.split(", ") if part)
