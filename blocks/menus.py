"""Menus in modals: options that fit Slack's limits, in groups, or asked for as somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blocks import kit
from blocks.kit import Block
from blocks.text import clip, one_line

MOST_OPTIONS = 100
"""Options of a menu, or of a group of one, and groups of a menu (docs.slack.dev, block-elements/select-menu)."""
_OPTION_SHOWN = 75


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: what people read, what we get, and the heading that it stands under ("" for none)."""

    text: str
    value: str
    group: str = ""


def option(choice: Choice) -> Block:
    """One entry of a menu."""
    return {"text": _plain(choice.text), "value": choice.value[:150]}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": clip(one_line(text), _OPTION_SHOWN) or "…", "emoji": True}


def options(choices: Iterable[Choice]) -> list[Block]:
    """The first hundred, for the answer to somebody who types in a menu."""
    return [option(choice) for choice in list(choices)[:MOST_OPTIONS]]


def menu(
    block: str,
    label: str,
    action: str,
    choices: Sequence[Choice],
    *,
    chosen: str = "",
    optional: bool = False,
    hint: str = "",
    is_asked_for: bool = False,
    is_watched: bool = False,
) -> Block:
    """One choice in a modal.

    `is_watched`: the app is told of each choice at once. `is_asked_for`: the options come as somebody types, since
    there are too many to send.
    """
    element: Block = {"action_id": action}
    picked = next((choice for choice in choices if choice.value == chosen), None) if chosen else None
    if is_asked_for:
        element |= {"type": "external_select", "min_query_length": 0}
    else:
        element |= {"type": "static_select", **_arranged(choices)}
    if picked:
        element["initial_option"] = option(picked)
    made: Block = {
        "type": "input",
        "block_id": block,
        "label": kit.label(label),
        "element": element,
        "optional": optional,
        "dispatch_action": is_watched,
    }
    if hint:
        made["hint"] = kit.label(hint)
    return made


def _arranged(choices: Sequence[Choice]) -> Block:
    """Under headings when there are several of them, else one after the other."""
    shown = choices[:MOST_OPTIONS]
    groups = list(dict.fromkeys(choice.group for choice in shown))
    if len(groups) < 2:
        return {"options": [option(choice) for choice in shown]}
    return {
        "option_groups": [
            {"label": _plain(group or "–"), "options": [option(one) for one in shown if one.group == group]}
            for group in groups
        ]
    }
