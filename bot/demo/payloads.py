"""What Slack puts in an envelope, field by field (Slack, reference/interaction-payloads, apis/events-api)."""

from __future__ import annotations

from typing import Any

from bot.demo.backend import JSON, Backend
from bot.demo.inputs import STATE_FIELDS
from bot.demo.records import Channel, Message, User, View
from bot.demo.visible import Placed

VERIFICATION_TOKEN = "verification-token-nobody-checks"


def _team(slack: Backend) -> JSON:
    return {"id": slack.workspace.team_id, "domain": slack.workspace.name}


def _user(slack: Backend, user: User) -> JSON:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id or slack.workspace.team_id}


def channel_name(channel: Channel) -> str:
    """How interactive payloads call a conversation that has no public name."""
    return {"im": "directmessage", "mpim": "privategroup"}.get(channel.kind, channel.name)


def _common(slack: Backend, user: User) -> JSON:
    return {
        "team": _team(slack),
        "user": _user(slack, user),
        "api_app_id": slack.workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action(placed: Placed, state: JSON, ts: str) -> JSON:
    """One entry of `actions`: the element as it stood, with what was chosen in it."""
    element = placed.element
    body: JSON = {"action_id": placed.action_id, "block_id": placed.block_id, "type": element["type"]}
    for name in ("text", "value", "style", "url", "confirm", "placeholder"):
        if name in element:
            body[name] = element[name]
    initial = STATE_FIELDS.get(element["type"], ("", ""))[1]
    if initial in element:
        body[initial] = element[initial]
    return body | {name: value for name, value in state.items() if name != "type"} | {"action_ts": ts}


def message_actions(
    slack: Backend, user: User, message: Message, actions: list[JSON], values: JSON, response_url: str
) -> JSON:
    """block_actions from a message; an ephemeral one is not sent along."""
    channel = slack.workspace.channels[message.channel]
    ephemeral = message.ephemeral_for is not None
    container: JSON = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    body = {"type": "block_actions", **_common(slack, user), "container": container}
    body |= {
        "trigger_id": slack.triggers.issue(user.id),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": actions,
    }
    return body if ephemeral else body | {"message": message.to_json()}


def view_actions(slack: Backend, user: User, view: View, actions: list[JSON]) -> JSON:
    """block_actions from a modal or a home tab."""
    return {
        "type": "block_actions",
        **_common(slack, user),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": slack.triggers.issue(user.id, from_modal=view.type == "modal"),
        "view": slack.view_json(view),
        "actions": actions,
    }


def block_suggestion(slack: Backend, user: User, view: View, placed: Placed, query: str) -> JSON:
    """block_suggestion from an external select in a modal; it carries no trigger and no response URL."""
    return {
        "type": "block_suggestion",
        **_common(slack, user),
        "container": {"type": "view", "view_id": view.id},
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "value": query,
        "view": slack.view_json(view),
    }


def view_submission(slack: Backend, user: User, view: View) -> JSON:
    """view_submission."""
    return {
        "type": "view_submission",
        **_common(slack, user),
        "trigger_id": slack.triggers.issue(user.id, from_modal=True),
        "view": slack.view_json(view),
        "response_urls": [],
    }


def view_closed(slack: Backend, user: User, view: View, *, is_cleared: bool) -> JSON:
    """view_closed."""
    return {
        "type": "view_closed",
        **_common(slack, user),
        "view": slack.view_json(view),
        "is_cleared": is_cleared,
    }


def slash_command(slack: Backend, user: User, command: str, text: str, channel: Channel, url: str) -> JSON:
    """A slash command: form fields once, so every value is a string."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": slack.workspace.team_id,
        "team_domain": slack.workspace.name,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.kind == "private" else channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": slack.workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": slack.triggers.issue(user.id),
    }


def global_shortcut(slack: Backend, user: User, callback_id: str) -> JSON:
    """A shortcut out of the search bar or the + menu."""
    return {
        "type": "shortcut",
        **_common(slack, user),
        "action_ts": slack.workspace.new_ts(),
        "callback_id": callback_id,
        "trigger_id": slack.triggers.issue(user.id),
    }


def message_shortcut(slack: Backend, user: User, callback_id: str, message: Message, url: str) -> JSON:
    """A shortcut out of a message's menu."""
    channel = slack.workspace.channels[message.channel]
    return {
        "type": "message_action",
        **_common(slack, user),
        "action_ts": slack.workspace.new_ts(),
        "callback_id": callback_id,
        "trigger_id": slack.triggers.issue(user.id),
        "response_url": url,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message.ts,
        "message": message.to_json(),
    }


def event(slack: Backend, inner: dict[str, Any]) -> JSON:
    """An Events API callback around an event."""
    workspace = slack.workspace
    by = workspace.users.get(str(inner.get("user", "")))
    authorization = {
        "enterprise_id": None,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.wall()),
        "authorizations": [authorization],
        "is_ext_shared_channel": bool(by and by.team_id),
        "event_context": f"4-{workspace.new_id('')}",
    }
