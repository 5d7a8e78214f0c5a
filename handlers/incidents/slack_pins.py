"""A message into an incident's timeline by an emoji: 📌 under it, in the incident's thread or its channel."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import incident_lists as answers
from domain.errors import VigieError
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.incidents.pins import Pinned, PinService
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS = ("reaction_added",)
_EMOJI = ("pushpin", "round_pushpin")
_FAULTS = (SlackApiError, OSError, TimeoutError)


def register(app: AsyncApp, pins: PinService, people: People) -> None:
    """Listen to emoji in `app`."""

    @app.event("reaction_added")
    async def reacted(body: Body, client: AsyncWebClient, context: AsyncBoltContext) -> None:
        event = body.get("event", {})
        item = event.get("item") or {}
        is_pin = event.get("reaction") in _EMOJI and item.get("type") == "message"
        # What Vigie said is in the timeline already.
        if not is_pin or event.get("item_user") == context.bot_user_id:
            return
        channel, ts = str(item.get("channel", "")), str(item.get("ts", ""))
        if not await pins.is_ours(channel):
            return
        message = await _message(client, channel, ts)
        if message is not None:
            await _keep(client, body, pins, people, await _pinned(client, people, channel, message))


async def _keep(client: AsyncWebClient, body: Body, pins: PinService, people: People, message: Pinned) -> None:
    """Keep it, and tell the one who wants it kept what became of it."""
    locale = await people.locale(body)
    try:
        kept = await pins.keep(message, await people.actor(await _at_home(client, body)))
        told = answers.noted(kept, locale).text if kept else ""
    except VigieError as error:
        told = words.sentence(error, locale)
    if told:
        thread = message.thread if message.thread != message.ts else None
        with suppress(*_FAULTS):
            await client.chat_postEphemeral(
                channel=message.channel, user=forms.user_id(body), text=told, thread_ts=thread
            )


async def _at_home(client: AsyncWebClient, body: Body) -> Body:
    """`body` with where whoever reacted is at home. Of a channel that another company sees too, Slack tells that of
    clicks, and of emoji when it is asked; nobody's home is ours."""
    if not body.get("is_ext_shared_channel"):
        return body
    user = forms.user_id(body)
    found: dict[str, Any] = {}
    with suppress(*_FAULTS):
        found = (await client.users_info(user=user)).get("user") or {}
    organisation = (found.get("enterprise_user") or {}).get("enterprise_id")
    return {**body, "user": {"id": user, "team_id": found.get("team_id", "?")}, "enterprise": {"id": organisation}}


async def _message(client: AsyncWebClient, channel: str, ts: str) -> dict[str, Any] | None:
    """A message, in a thread or not; None when Slack does not give it."""
    try:
        answer = await client.conversations_replies(channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True)
    except _FAULTS:
        return None
    return next((one for one in answer.get("messages") or () if one.get("ts") == ts), None)


async def _pinned(client: AsyncWebClient, people: People, channel: str, message: dict[str, Any]) -> Pinned:
    as_action = {"message": message, "channel": {"id": channel}}
    return Pinned(
        channel=channel,
        ts=str(message["ts"]),
        thread=forms.thread_of(as_action),
        text=forms.message_text(as_action),
        author=await _author(client, people, message),
    )


async def _author(client: AsyncWebClient, people: People, message: dict[str, Any]) -> str:
    """Whoever wrote it, by the name that they have here, else in Slack."""
    user, directory = str(message.get("user", "")), await people.directory()
    person = directory.person_by_slack(user) if directory else None
    if person or not user:
        return person.name if person else str(message.get("username", ""))
    try:
        found = (await client.users_info(user=user)).get("user") or {}
    except _FAULTS:
        return ""
    return forms.storable(str(found.get("real_name") or found.get("name") or ""))
