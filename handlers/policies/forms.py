"""Pure: what the policy editor's modals send, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.drafts import MOST_MINUTES
from domain.incidents import Severity
from domain.policies import Channel
from domain.policy_drafts import LONGEST_DESCRIPTION, LONGEST_MESSAGE, LONGEST_NAME
from handlers import fields

Body = Mapping[str, Any]
EVERY = "every"
"""The value of "every severity" and of "every team" in their menus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above the steps. `team` is a team's id, "" for every team."""

    name: str
    description: str
    team: str
    severity: Severity | None
    is_active: bool
    is_default: bool
    ack_timeout: int

    def said(self) -> dict[str, Any]:
        """As the fields of a policy."""
        return {
            "name": self.name,
            "description": self.description,
            "team": self.team,
            "severity_filter": self.severity,
            "is_active": self.is_active,
            "is_default": self.is_default,
            "ack_timeout_minutes": self.ack_timeout,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForm:
    """A step as its form says it. `target` is the value of a choice; the others are what the pickers hold."""

    delay: int
    channels: tuple[Channel, ...]
    target: str
    user: str = ""
    channel: str = ""
    address: str = ""
    url: str = ""
    message: str = ""
    is_active: bool = True
    requires_postmortem: bool = False


def header(body: Body) -> Header:
    """What stands above the steps."""
    state = fields.state(body)
    boxes = fields.boxes(state, "flags")
    severity = fields.one(state, "severity")
    return Header(
        name=" ".join(fields.text(state, "name").split())[:LONGEST_NAME],
        description=fields.text(state, "description")[:LONGEST_DESCRIPTION].rstrip(),
        team=fields.one(state, "team").replace(EVERY, ""),
        severity=Severity(severity) if severity in list(Severity) else None,
        is_active="active" in boxes,
        is_default="default" in boxes,
        ack_timeout=max(fields.number(state, "ack_timeout", MOST_MINUTES), 0),
    )


def step(body: Body) -> StepForm:
    """What the form of a step says."""
    state = fields.state(body)
    chosen, boxes = fields.boxes(state, "channels"), fields.boxes(state, "flags")
    return StepForm(
        delay=fields.number(state, "delay", MOST_MINUTES),
        channels=tuple(channel for channel in Channel if channel.value in chosen),
        target=fields.one(state, "target"),
        user=fields.picked(state, "user", "selected_user"),
        channel=fields.picked(state, "channel", "selected_conversation"),
        address=fields.text(state, "address"),
        url=fields.text(state, "url"),
        message=fields.text(state, "message")[:LONGEST_MESSAGE].rstrip(),
        is_active="active" in boxes,
        requires_postmortem="postmortem" in boxes,
    )


def target(body: Body) -> str:
    """The kind of target that is chosen in the form of a step."""
    return fields.one(fields.state(body), "target")


editor = fields.keyed
choice = fields.choice
