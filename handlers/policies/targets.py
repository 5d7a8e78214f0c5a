"""Pure: between a step's target and what Slack's pickers hold, which are its ids; ours are handles and names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.escalations import TEAM_LEAD
from domain.organisation import is_email
from domain.policies import Target, TargetType
from domain.webhooks import is_redacted, redacted
from handlers.policies.forms import StepForm

LEAD = "LEAD"
DISCORD = "DISCORD"
_WEBHOOK = re.compile(r"https://[^\s<>]{1,500}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{5,20}")


@dataclass(frozen=True, slots=True)
class Picked:
    """What the form of a step begins with: the choice, and what each picker holds, "" for nothing."""

    choice: str = TargetType.ON_CALL.value
    user: str = ""
    channel: str = ""
    address: str = ""
    url: str = ""
    kept: str = ""
    """A person or channel that no picker can show; left alone, it stays."""


def picked(kept: Target, directory: Directory, channels: Mapping[str, str]) -> Picked:
    """The pickers for a target. `channels` are ids by name."""
    match kept.type:
        case TargetType.USER if kept.value == TEAM_LEAD:
            return Picked(LEAD)
        case TargetType.USER:
            person = directory.person_by_handle(kept.value)
            slack = person.slack if person else ""
            return Picked(kept.type.value, user=slack, kept="" if slack else (person.name if person else kept.value))
        case TargetType.CHANNEL if kept.value.startswith("https://"):
            return Picked(DISCORD, url=redacted(kept.value))
        case TargetType.CHANNEL:
            known = _id_of(kept.value, channels)
            return Picked(kept.type.value, channel=known, kept="" if known else kept.value)
        case TargetType.EMAIL:
            return Picked(kept.type.value, address=kept.value)
        case _:
            return Picked(kept.type.value)


def target(form: StepForm, before: Target | None, directory: Directory, channels: Mapping[str, str]) -> Target:
    """The target that a form means; a picker left as it was leaves what stood there. Raises Invalid."""
    match form.target:
        case TargetType.ON_CALL.value | TargetType.TEAM.value:
            return Target(TargetType(form.target))
        case "LEAD":
            return Target(TargetType.USER, TEAM_LEAD)
        case TargetType.USER.value:
            return _person(form, before, directory)
        case TargetType.EMAIL.value:
            if not is_email(form.address):
                raise Invalid([Fault("address", "must be an e-mail address such as ada@example.com")])
            return Target(TargetType.EMAIL, form.address)
        case TargetType.CHANNEL.value:
            return _channel(form, before, channels)
        case "DISCORD":
            if before and form.url == redacted(before.value):
                return before
            if not _WEBHOOK.fullmatch(form.url) or is_redacted(form.url):
                raise Invalid([Fault("url", "must be the webhook's address, which begins with https://")])
            return Target(TargetType.CHANNEL, form.url)
    raise Invalid([Fault("target", "choose whom it reaches")])


def _person(form: StepForm, before: Target | None, directory: Directory) -> Target:
    person = directory.person_by_slack(form.user) if form.user else None
    if person:
        return Target(TargetType.USER, person.handle)
    if not form.user and before and before.type is TargetType.USER and before.value != TEAM_LEAD:
        return before
    message = "Vigie does not know this person: add them to the people first" if form.user else "choose a person"
    raise Invalid([Fault("user", message)])


def _channel(form: StepForm, before: Target | None, channels: Mapping[str, str]) -> Target:
    """By name where Vigie knows it, as the files write it; what was chosen before is left as it was written."""
    is_channel = before is not None and before.type is TargetType.CHANNEL and not before.value.startswith("https://")
    if before and is_channel and (not form.channel or form.channel == _id_of(before.value, channels)):
        return before
    if not _CHANNEL_ID.fullmatch(form.channel):
        raise Invalid([Fault("channel", "choose a channel")])
    named = next(
        (
            name
            for name, channel in channels.items()
            if channel == form.channel and not name.startswith(("@", "mailto:"))
        ),
        "",
    )
    return Target(TargetType.CHANNEL, f"#{named}" if named else form.channel)


def _id_of(value: str, channels: Mapping[str, str]) -> str:
    return value if _CHANNEL_ID.fullmatch(value) else channels.get(value.removeprefix("#"), "")
