"""Pure: what the policy editor's modals send, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.drafts import LONGEST_DESCRIPTION, LONGEST_MESSAGE, LONGEST_NAME, MOST_MINUTES
from domain.incidents import Severity
from domain.policies import Channel

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
    state = _state(body)
    boxes = _boxes(state, "flags")
    severity = _one(state, "severity")
    return Header(
        name=" ".join(_text(state, "name").split())[:LONGEST_NAME],
        description=_text(state, "description")[:LONGEST_DESCRIPTION],
        team=_one(state, "team").replace(EVERY, ""),
        severity=Severity(severity) if severity in list(Severity) else None,
        is_active="active" in boxes,
        is_default="default" in boxes,
        ack_timeout=max(_number(state, "ack_timeout"), 0),
    )


def step(body: Body) -> StepForm:
    """What the form of a step says."""
    state = _state(body)
    chosen, boxes = _boxes(state, "channels"), _boxes(state, "flags")
    return StepForm(
        delay=_number(state, "delay"),
        channels=tuple(channel for channel in Channel if channel.value in chosen),
        target=_one(state, "target"),
        user=_picked(state, "user", "selected_user"),
        channel=_picked(state, "channel", "selected_conversation"),
        address=_text(state, "address"),
        url=_text(state, "url"),
        message=_text(state, "message").replace("\r\n", "\n")[:LONGEST_MESSAGE],
        is_active="active" in boxes,
        requires_postmortem="postmortem" in boxes,
    )


def target(body: Body) -> str:
    """The kind of target that is chosen in the form of a step."""
    return _one(_state(body), "target")


def editor(text: str) -> tuple[str, int]:
    """The policy ("" for a new one) and the edition, or the step's position, that a view carries as `policy|number`."""
    key, _, number = text.rpartition("|")
    return key, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def choice(body: Body) -> tuple[str, int]:
    """What was chosen beside a step, such as ("up", 2)."""
    action = (body.get("actions") or [{}])[0]
    value = str((action.get("selected_option") or {}).get("value", ""))
    verb, _, number = value.partition(":")
    return verb, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _state(body: Body) -> dict[str, Mapping[str, Any]]:
    """Each field's element by the block's name; what follows a colon in it is the edition."""
    values = body.get("view", {}).get("state", {}).get("values", {})
    return {block.partition(":")[0]: next(iter(of.values()), {}) for block, of in values.items()}


def _text(state: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return str(state.get(name, {}).get("value") or "").replace("\0", "").strip()


def _picked(state: Mapping[str, Mapping[str, Any]], name: str, field: str) -> str:
    return str(state.get(name, {}).get(field) or "")


def _one(state: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return str((state.get(name, {}).get("selected_option") or {}).get("value", ""))


def _boxes(state: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    return {str(option.get("value")) for option in state.get(name, {}).get("selected_options") or ()}


def _number(state: Mapping[str, Mapping[str, Any]], name: str) -> int:
    """A whole number; -1 for what is none, or is beyond any length of time."""
    text = _text(state, name)
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= MOST_MINUTES else -1
