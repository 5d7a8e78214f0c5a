"""Pure: what Slack sends as a view or an action, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]


def typed(body: Body, block: str) -> str:
    """What was typed into the one input of a modal's `block`, "" when nothing was."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    return storable(str(first.get("value") or "")).strip()


def inputs(body: Body) -> dict[str, Mapping[str, Any]]:
    """The fields of a modal, each with its element, by their blocks' names."""
    blocks = body.get("view", {}).get("blocks") or ()
    return {str(one.get("block_id")): one for one in blocks if one.get("type") == "input"}


def all_typed(body: Body) -> list[tuple[str, str]]:
    """What somebody typed into the text fields of a modal: each field's label, and the text. What stood there before
    they came is left out."""
    found = []
    for block, field in inputs(body).items():
        before = str((field.get("element") or {}).get("initial_value") or "").strip()
        said = typed(body, block) if (field.get("element") or {}).get("type") == "plain_text_input" else ""
        if said and said != before:
            found.append((str((field.get("label") or {}).get("text") or ""), said))
    return found


def metadata(body: Body) -> str:
    """What a modal carries of ours."""
    return str(body.get("view", {}).get("private_metadata", ""))


def channel_id(body: Body) -> str:
    """The channel where somebody typed or clicked, "" where there is none."""
    channel = body.get("channel")
    return str(channel.get("id", "")) if isinstance(channel, Mapping) else str(body.get("channel_id", ""))


def message_place(body: Body) -> tuple[str, str]:
    """Where the message with the button that somebody clicked is: its channel's id and its time stamp."""
    message = body.get("message") or body.get("container") or {}
    return channel_id(body), str(message.get("ts") or message.get("message_ts") or "")


def chosen(body: Body, block: str) -> str:
    """The value of the option that is chosen in a modal's `block`, "" when none is."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    return str((first.get("selected_option") or {}).get("value") or "")


def has(body: Body, block: str) -> bool:
    """Whether a modal asked for this at all."""
    return bool(_state(body, block))


def ticked(body: Body, block: str) -> tuple[str, ...]:
    """The values of the boxes ticked, or of the options chosen, in a modal's `block`, in their order."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    return tuple(str(option.get("value") or "") for option in first.get("selected_options") or ())


def picked(body: Body, block: str, field: str) -> str:
    """What Slack's own picker in a modal's `block` holds, "" for nothing."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    return str(first.get(field) or "")


def users(body: Body, block: str) -> tuple[str, ...]:
    """The Slack ids of the people chosen in a modal's `block`."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    return tuple(str(one) for one in first.get("selected_users") or ())


def moment(body: Body, block: str) -> int | None:
    """The seconds since 1970 that a modal's `block` holds, within Slack's ten digits; None for nothing."""
    first: Mapping[str, Any] = next(iter(_state(body, block).values()), {})
    found = first.get("selected_date_time")
    return found if isinstance(found, int) and 10**9 <= found < 10**10 else None


def keyed(text: str) -> tuple[str, str]:
    """The id ("" for a new thing) and the digest that a form carries as `id|digest`."""
    key, _, seen = text.partition("|")
    return key, seen


def _state(body: Body, block: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body.get("view", {}).get("state", {}).get("values", {}).get(block, {})
    return found


_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def storable(text: str) -> str:
    """`text` without what no database or no file takes: control characters, and halves of surrogate pairs."""
    return _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text)).encode("utf-8", "replace").decode()


def user_id(body: Body) -> str:
    """Whoever clicked, submitted, typed, or opened something."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return str(user.get("id", ""))
    event = body.get("event")
    said = event.get("user") if isinstance(event, Mapping) else body.get("user_id")
    return said if isinstance(said, str) else ""


def homes_of(body: Body) -> set[str]:
    """The ids of the workspace, and of the organisation, that whoever clicked or typed is at home in; empty where Slack
    does not say."""
    user, enterprise = body.get("user"), body.get("enterprise")
    team = user.get("team_id") if isinstance(user, Mapping) else body.get("team_id")
    organisation = enterprise.get("id") if isinstance(enterprise, Mapping) else body.get("enterprise_id")
    return {one for one in (team, organisation) if isinstance(one, str) and one}


def user_name(body: Body) -> str:
    """Their name as Slack has it at hand: people change it, so it is for reading only."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return storable(str(user.get("name") or user.get("username") or ""))
    return storable(str(body.get("user_name", "")))


def action(body: Body) -> Mapping[str, Any]:
    """The element that was used."""
    actions = body.get("actions") or [{}]
    found: Mapping[str, Any] = actions[0]
    return found


def value(body: Body) -> str:
    """The value of the button that was clicked."""
    return str(action(body).get("value") or "")


def option_value(body: Body) -> str:
    """The value of the option that was chosen in a menu of a message."""
    return str((action(body).get("selected_option") or {}).get("value") or "")


def step_of(text: str) -> tuple[str, int]:
    """A run's id and a step's order from `run:order`; ("", 0) when it is something else."""
    run, _, order = text.rpartition(":")
    return (run, int(order)) if run and order.isascii() and order.isdigit() else ("", 0)


def step_seen(body: Body) -> tuple[str, int]:
    """The same of a step's button, its run as whoever clicked it saw it: the row of buttons says that, which a version
    before this one does not read."""
    run, order = step_of(value(body))
    seen = str(action(body).get("block_id") or "")
    return (seen if seen.startswith(f"{run}@") else run), order


def turned(text: str) -> tuple[int, str]:
    """Where a page begins and what was asked for, from the `offset:asked` of a button that turns pages."""
    offset, _, asked = text.partition(":")
    return (int(offset), asked) if offset.isascii() and offset.isdigit() and len(offset) < 9 else (0, asked)


def action_ts(body: Body) -> str:
    """When the element was used, as Slack counts: later ones are greater."""
    return str(action(body).get("action_ts") or "")


def hash_of(body: Body) -> str:
    """Which state of a modal somebody saw when they acted."""
    return str(body.get("view", {}).get("hash", ""))


def view_id(body: Body) -> str:
    """The modal that somebody acted in."""
    return str(body.get("view", {}).get("id", ""))


def is_on_top(body: Body) -> bool:
    """Whether that modal is the third of a stack: Slack takes no more."""
    view = body.get("view") or {}
    below = view.get("previous_view_id")
    return bool(below) and below != view.get("root_view_id")


def message_text(body: Body) -> str:
    """What a message says, as people read it; of one that is all attachments, what Slack shows in their place."""
    message = body.get("message") or {}
    fallbacks = (one.get("text") or one.get("fallback") for one in message.get("attachments") or ())
    return plain_text(str(message.get("text") or next((one for one in fallbacks if one), "")))


def message_link(body: Body) -> str:
    """The address of the message that a shortcut was used on (what chat.getPermalink answers)."""
    message, domain = body.get("message") or {}, (body.get("team") or {}).get("domain", "")
    ts = str(message.get("ts", ""))
    if not (domain and ts):
        return ""
    address = f"https://{domain}.slack.com/archives/{channel_id(body)}/p{ts.replace('.', '')}"
    thread = message.get("thread_ts")
    return f"{address}?thread_ts={thread}&cid={channel_id(body)}" if thread and thread != ts else address


def thread_of(body: Body) -> str:
    """The time stamp of the message that a message's thread hangs under: its own when it is in none."""
    message = body.get("message") or {}
    return str(message.get("thread_ts") or message.get("ts") or "")


def answer_thread(body: Body) -> str:
    """The thread of the message whose button somebody clicked, "" outside of one."""
    return str((body.get("container") or {}).get("thread_ts") or "")


def plain_text(markdown: str) -> str:
    """Slack's mrkdwn as people read it: links and mentions by their words, entities as characters."""
    text = _MARKUP.sub(_read, markdown)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return storable(text).strip()


_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def _read(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    sign = target[0] if target[0] in "@#" else ""
    return f"{sign}{label.removeprefix(sign)}" if label else target


def was_confirmed(body: Body) -> bool:
    """Whether the button that was clicked has a confirm dialog, which Slack then has shown before sending the click.

    Slack echoes the dialog in the action, and sends the message as the person saw it.
    """
    clicked = action(body)
    if clicked.get("confirm"):
        return True
    blocks = (body.get("message") or {}).get("blocks") or ()
    elements = (element for block in blocks for element in block.get("elements", ()) if isinstance(element, Mapping))
    same = (one for one in elements if one.get("action_id") == clicked.get("action_id"))
    return any(one.get("confirm") and one.get("value") == clicked.get("value") for one in same)
