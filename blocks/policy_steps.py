"""One step of a policy: as a sentence, and as a form with Slack's own pickers."""

from __future__ import annotations

import re

from blocks import inputs, kit
from blocks.escalations import channel_names
from blocks.kit import Block
from blocks.text import one_line
from blocks.words import Words, words
from domain.directory import Directory
from domain.drafts import MOST_MINUTES
from domain.escalations import TEAM_LEAD
from domain.policies import Channel, PolicyStep, Target, TargetType
from domain.policy_drafts import LONGEST_MESSAGE
from domain.templates import PLACEHOLDERS

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{5,20}")
_NAME_SHOWN = 80


def step_words(step: PolicyStep, directory: Directory, say: Words) -> str:
    """ "After 5 min: SMS and direct message to whoever is on call" """
    is_place = step.target.type is TargetType.CHANNEL
    said = {
        "channels": channel_names(step.channels, ("#",) if is_place else (), say),
        "target": target_words(step.target, directory, say),
    }
    if step.delay_minutes:
        text = say.say("After {time}: {channels} to {target}", time=say.minutes(step.delay_minutes), **said)
    else:
        text = say.say("At once: {channels} to {target}", **said)
    marks = [
        say.say("post-mortem") if step.requires_postmortem else "",
        "" if step.is_active else say.say("(inactive)"),
    ]
    return " · ".join(part for part in (text, *marks) if part)


def target_words(target: Target, directory: Directory, say: Words) -> str:
    """Whom a target means, in mrkdwn."""
    match target.type:
        case TargetType.ON_CALL:
            return say.say("whoever is on call")
        case TargetType.TEAM:
            return say.say("the whole team")
        case TargetType.USER if target.value == TEAM_LEAD:
            return say.say("the team's lead")
        case TargetType.USER:
            person = directory.person_by_handle(target.value)
            return kit.name(person.name if person else target.value, _NAME_SHOWN)
        case TargetType.CHANNEL if target.value.startswith("https://"):
            return "Discord"
        case TargetType.CHANNEL if _CHANNEL_ID.fullmatch(target.value):
            return f"<#{target.value}>"
        case _:
            return kit.name(target.value, _NAME_SHOWN)


def form_title(locale: str) -> str:
    return words(locale).say("Step")


def form(
    step: PolicyStep | None,
    locale: str,
    *,
    metadata: str,
    choice: str,
    delay: int = 0,
    user: str = "",
    channel: str = "",
    address: str = "",
    url: str = "",
    kept: str = "",
) -> Block:
    """The form of a step. `choice` is the kind of target that is chosen now, whose picker is shown; `user`, `channel`,
    `address` and `url` are what pickers begin with, and `kept` is what none of them can show and stays if left alone.
    `delay` is for a new step."""
    say = words(locale)
    pickers = {
        "USER": [("user", say.say("Person"), inputs.user_picker(user))],
        "CHANNEL": [("channel", say.say("Channel"), inputs.channel_picker(channel))],
        "EMAIL": [("address", say.say("E-mail address"), inputs.address(address))],
        "DISCORD": [("url", say.say("Address of the Discord webhook"), inputs.web_address(url))],
    }.get(choice, [])
    hint = say.say("Now: {name}. Left empty, it stays.", name=one_line(kept)) if kept else _hint(choice, say)
    return kit.modal(
        form_title(locale),
        [
            *_when_and_how(step, delay, say),
            inputs.labelled(
                "target", say.say("Whom does it reach?"), inputs.radio(_targets(say), choice, TARGET), acts=True
            ),
            *(
                inputs.labelled(block, label, picker, optional=bool(kept), hint=hint)
                for block, label, picker in pickers
            ),
            *_what(step, say),
        ],
        callback="policy.step.v1",
        submit=say.say("Keep"),
        close=say.say("Back"),
        metadata=metadata,
    )


TARGET = "policy.target.v1"
FIELDS = ("delay", "channels", "target", "user", "channel", "address", "url", "message", "flags")
"""The blocks of the form, by the field that they ask."""


def _hint(choice: str, say: Words) -> str:
    if choice == "CHANNEL":
        return say.say("Invite Vigie to a private channel: it can't post there otherwise.")
    return say.say("Somebody among Vigie's people, with their Slack account.") if choice == "USER" else ""


def _when_and_how(step: PolicyStep | None, delay: int, say: Words) -> list[Block]:
    minutes = step.delay_minutes if step else min(delay, MOST_MINUTES)
    names = {
        Channel.SLACK: say.say("Slack"),
        Channel.SMS: say.say("SMS"),
        Channel.EMAIL: say.say("E-mail"),
        Channel.PHONE: say.say("Telephone call"),
    }
    ticked = [channel.value for channel in (step.channels if step else (Channel.SLACK,))]
    options = [inputs.option(name, channel.value) for channel, name in names.items()]
    return [
        inputs.labelled(
            "delay",
            say.say("Minutes after the incident opens"),
            inputs.number(0, MOST_MINUTES, minutes),
            hint=say.say("Counted from the incident's creation, not from the step before."),
        ),
        inputs.labelled("channels", say.say("Channels"), inputs.checkboxes(options, ticked)),
    ]


def _targets(say: Words) -> list[Block]:
    names = {
        "ON_CALL": say.say("Whoever is on call"),
        "TEAM": say.say("The whole team"),
        "LEAD": say.say("The team's lead"),
        "USER": say.say("A person"),
        "CHANNEL": say.say("A Slack channel"),
        "EMAIL": say.say("An e-mail address"),
        "DISCORD": say.say("A Discord channel"),
    }
    return [inputs.option(name, value) for value, name in names.items()]


def _what(step: PolicyStep | None, say: Words) -> list[Block]:
    placeholders = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    options = [
        inputs.option(say.say("Active"), "active"),
        inputs.option(say.say("A post-mortem is due once it has fired"), "postmortem"),
    ]
    is_active, is_due = (step.is_active, step.requires_postmortem) if step else (True, False)
    chosen = [value for value, is_chosen in (("active", is_active), ("postmortem", is_due)) if is_chosen]
    return [
        kit.text_input(
            "message",
            say.say("Message"),
            multiline=True,
            optional=True,
            limit=LONGEST_MESSAGE,
            hint=say.say("Filled in: {names}", names=placeholders),
            value=step.message if step else "",
        ),
        inputs.labelled("flags", say.say("This step"), inputs.checkboxes(options, chosen), optional=True),
    ]
