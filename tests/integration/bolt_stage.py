"""A small bot on a real slack_bolt app, in front of the Slack double: the stage of its tests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.member import Member
from bot.demo.records import Message
from bot.demo.slack import SlackServer
from bot.demo.workspace import Workspace

JSON = dict[str, Any]
CONFIRM = {
    "title": {"type": "plain_text", "text": "Resolve?"},
    "text": {"type": "mrkdwn", "text": "The climb ends."},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}


def button(text: str, action_id: str, **more: Any) -> JSON:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action_id,
        "value": "INC-1",
        **more,
    }


CARD: list[JSON] = [
    {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": "*redis* is down"}},
    {
        "type": "actions",
        "block_id": "do",
        "elements": [button("Acknowledge", "ack"), button("Resolve", "resolve", confirm=CONFIRM)],
    },
]
NOTE_FORM: JSON = {
    "type": "modal",
    "callback_id": "note",
    "title": {"type": "plain_text", "text": "Resolve"},
    "submit": {"type": "plain_text", "text": "Resolve"},
    "notify_on_close": True,
    "private_metadata": "INC-1",
    "blocks": [
        {
            "type": "input",
            "block_id": "note",
            "label": {"type": "plain_text", "text": "What fixed it?"},
            "element": {"type": "plain_text_input", "action_id": "text", "min_length": 3, "max_length": 200},
        },
        {
            "type": "input",
            "block_id": "cause",
            "optional": True,
            "label": {"type": "plain_text", "text": "Cause"},
            "element": {
                "type": "static_select",
                "action_id": "pick",
                "options": [
                    {"text": {"type": "plain_text", "text": "Deploy"}, "value": "deploy"},
                    {"text": {"type": "plain_text", "text": "Disk"}, "value": "disk"},
                ],
            },
        },
    ],
}
DONE_VIEW: JSON = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Done"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Thank you"}}],
}


def home_view(text: str) -> JSON:
    return {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


class Stage:
    """A workspace with Ada and a channel, the server, and a bolt app that plays the bot."""

    def __init__(self, **options: Any) -> None:
        self.workspace = Workspace()
        self.ada_id = self.workspace.add_user("ada", email="ada@example.com").id
        bot = self.workspace.bot.id
        self.channel = self.workspace.add_channel("sre-incidents", members=[self.ada_id, bot])
        self.server = SlackServer(self.workspace, **options)
        self.seen: list[JSON] = []
        self.handlers: list[AsyncSocketModeHandler] = []

    async def open(self, connections: int) -> None:
        await self.server.start()
        self.client = AsyncWebClient(token=self.server.bot_token, base_url=self.server.api_url, retry_handlers=[])
        self.app = AsyncApp(client=self.client)
        _register(self)
        for _ in range(connections):
            handler = AsyncSocketModeHandler(self.app, self.server.app_token, ping_interval=1)
            await handler.connect_async()  # type: ignore[no-untyped-call]
            self.handlers.append(handler)
        await self.server.sockets.wait_connected(connections)

    async def close(self) -> None:
        for handler in self.handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]
        await self.server.stop()

    @property
    def ada(self) -> Member:
        return self.server.member("ada")

    async def card(self) -> Message:
        answer = await self.client.chat_postMessage(channel=self.channel.id, text="redis is down", blocks=CARD)
        found = self.workspace.find_message(self.channel.id, answer["ts"])
        assert found is not None
        return found


def _register(stage: Stage) -> None:
    """The bot: a command, two buttons, one modal, one home tab."""
    app = stage.app

    @app.command("/incident")
    async def on_command(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        stage.seen.append(body)
        await ack(*(["Working on it"] if body["text"] == "list" else []))
        if body["text"] == "declare":
            await client.chat_postMessage(channel=body["channel_id"], text="redis is down", blocks=CARD)

    @app.action("ack")
    async def on_ack(ack: Any, body: JSON, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        stage.seen.append(body)
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text="Acknowledged by Ada", blocks=CARD[:1])
        await respond("You have it", replace_original=False)

    @app.action("resolve")
    async def on_resolve(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        stage.seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=NOTE_FORM)

    @app.action("silent")
    async def on_silent(body: JSON) -> None:
        stage.seen.append(body)

    @app.action(re.compile("^pick"))
    async def on_pick(ack: Any, body: JSON) -> None:
        await ack()
        stage.seen.append(body)

    @app.view("note")
    async def on_note(ack: Any, view: JSON, body: JSON, client: AsyncWebClient) -> None:
        stage.seen.append(body)
        text = view["state"]["values"]["note"]["text"]["value"]
        answers: dict[str, JSON] = {
            "bad": {"response_action": "errors", "errors": {"note": "Say more"}},
            "wrong": {"response_action": "errors", "errors": {"nowhere": "Say more"}},
            "more": {"response_action": "update", "view": DONE_VIEW},
            "deeper": {"response_action": "push", "view": DONE_VIEW},
            "huge": {
                "response_action": "update",
                "view": {**DONE_VIEW, "title": DONE_VIEW["blocks"][0]["text"]},
            },
            "leave": {"response_action": "clear"},
        }
        await ack(**answers.get(text, {}))
        if text not in answers:
            await client.views_publish(user_id=body["user"]["id"], view=home_view(text))

    @app.view_closed("note")
    async def on_closed(ack: Any, body: JSON) -> None:
        await ack()
        stage.seen.append(body)

    @app.event("app_home_opened")
    async def on_home(event: JSON, client: AsyncWebClient) -> None:
        stage.seen.append(event)
        await client.views_publish(user_id=event["user"], view=home_view("Nothing burns"))

    @app.shortcut(re.compile(".*"))
    async def on_shortcut(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        stage.seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=NOTE_FORM)


@asynccontextmanager
async def staged(connections: int = 2, **options: Any) -> AsyncIterator[Stage]:
    stage = Stage(**options)
    await stage.open(connections)
    try:
        yield stage
    finally:
        await stage.close()


async def error_of(call: Any) -> str | None:
    """The error name Slack answers a call with, None when it says yes."""
    try:
        await call
    except SlackApiError as problem:
        return str(problem.response["error"])
    return None
