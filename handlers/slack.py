"""What every Slack door shares: who asks, how to answer them, and what becomes of buttons nobody knows any more."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks.kit import Message
from domain.directory import Directory
from domain.errors import NotFound, Unavailable, VigieError
from domain.people import Actor
from handlers import forms
from handlers.inbox.service import InboxService
from handlers.incidents.service import IncidentService

log = logging.getLogger(__name__)
Body = dict[str, Any]
View = Mapping[str, Any]
Result = TypeVar("Result")
PATIENCE_SECONDS = 1.2
"""How long a submitted modal may wait for the database: Slack gives three seconds in all, and who reads it takes
up to another."""
PROMPT_SECONDS = 0.2
"""How long the reader's language may take when there is an older answer."""
_INCIDENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class People:
    """Who a Slack user is here, and the language they read."""

    def __init__(
        self, incidents: IncidentService, admins: frozenset[str], locale: str, ask: Callable[[str], Awaitable[str]]
    ) -> None:
        """`ask` tells what a user reads whom nobody has asked about, "" when it does not know at once."""
        self._incidents = incidents
        self._admins = admins
        self._ask = ask
        self._known: Directory | None = None
        self.default = locale
        """The installation's language, known before anything is asked."""
        self.homes: frozenset[str] = frozenset()
        """The ids of the workspace that Vigie is installed in, and of its organisation; none until Slack has said."""

    async def actor(self, body: Body) -> Actor:
        """Whoever clicked; somebody nobody declared is a responder, and a viewer where another company's people see the
        channel too (https://docs.slack.dev/apis/slack-connect)."""
        theirs = forms.homes_of(body)
        is_elsewhere = bool(self.homes and theirs) and not self.homes & theirs
        who, called = forms.user_id(body), forms.user_name(body)
        return await self._incidents.actor(who, called, self._admins, is_elsewhere=is_elsewhere)

    async def acting(self, body: Body, work: Callable[[Actor], Awaitable[Result]]) -> Result:
        """What `work` does for whoever clicked; who they are counts as a part of the work."""
        return await work(await self.actor(body))

    async def locale(self, body: Body) -> str:
        """The reader's language: in the catalog, else in Slack, else the installation's. Never waits long: a slow
        database is answered from what it said last, one that is away in the installation's language."""
        user = forms.user_id(body)
        directory = await self.directory()
        if directory is None:
            return self.default
        said = directory.locale_of(user)
        return (await self._ask(user) if said is None else said) or self.default

    async def directory(self) -> Directory | None:
        """The catalog of now, or as it was last read when the database is slow; None when it never answered."""
        reading = asyncio.ensure_future(self._read())
        await asyncio.wait({reading}, timeout=PROMPT_SECONDS if self._known else PATIENCE_SECONDS)
        return self._known

    async def _read(self) -> None:
        with suppress(Unavailable):
            self._known = await self._incidents.directory()


def register_workspace(app: AsyncApp, people: People) -> None:
    """Know where Vigie is at home, from what Slack said of its token."""

    @app.middleware
    async def known(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 - Bolt's name
        said = context.authorize_result
        if said is not None and not people.homes:
            people.homes = frozenset(one for one in (said.team_id, said.enterprise_id) if one)
        await next()


BOLT_LOOKS_SECONDS = 0.05
"""Bolt looks every 10 ms whether its listener has acknowledged."""


async def once_kept(ack: AsyncAck, work: Awaitable[Result]) -> Result:
    """What `work` gives. Slack hears that a click was taken when what it does is on the disk: of a process that dies
    before, Slack itself tells whoever clicked. A slow database is waited for as long as Slack leaves room for."""
    doing = asyncio.ensure_future(work)
    await asyncio.wait({doing}, timeout=PATIENCE_SECONDS)
    await ack()
    return await doing


async def answer(respond: AsyncRespond, error: VigieError, locale: str) -> None:
    """Tell the one who asked, and nobody else, why not."""
    await say(respond, words.sentence(error, locale))


async def say(respond: AsyncRespond, text: str, thread: str = "") -> None:
    """A few words that only the one who asked sees. Slack may have stopped listening: then nobody does."""
    there = partial(respond, thread_ts=thread) if thread else respond
    try:
        await there(text=text, response_type="ephemeral", replace_original=False)
    except (SlackApiError, OSError, ValueError, TimeoutError):
        return


async def say_there(client: AsyncWebClient, body: Body, text: str) -> None:
    """In the conversation where somebody clicked or typed; a Home tab, a form and a shortcut have none, and whoever
    clicked there reads it in their direct messages."""
    if address := str(body.get("response_url") or ""):
        respond = AsyncRespond(response_url=address, proxy=client.proxy, ssl=client.ssl)
        await say(respond, text, forms.answer_thread(body))
    else:
        await tell(client, forms.user_id(body), Message(text))


async def tell(client: AsyncWebClient, user: str, message: Message) -> None:
    """Say something to somebody in their direct messages: where they clicked, nothing can be said."""
    try:
        opened = await client.conversations_open(users=user)
        channel = str(opened["channel"]["id"])
        await client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks or None)
    except (SlackApiError, OSError, TimeoutError) as error:
        log.warning("somebody could not be told why nothing happened: %s", type(error).__name__)


def register_inbox(app: AsyncApp, inbox: InboxService) -> None:
    """Events are taken once, before Bolt says yes to them: a process that dies in between gets them again."""

    @app.middleware
    async def once(body: Body, ack: AsyncAck, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:  # noqa: A002
        event = body.get("event_id")
        if isinstance(event, str) and not await inbox.take(event):
            # Bolt sends what is given back: of nothing it makes a 404, and Slack sends the event again and again.
            return await ack()
        await next()
        return None


def register_threads(app: AsyncApp) -> None:
    """Whoever clicks in a thread is answered there: on a phone nothing else is on the screen."""

    @app.middleware
    async def answered_there(body: Body, context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002
        thread = forms.answer_thread(body)
        respond = context.respond
        if thread and respond is not None:
            context["respond"] = partial(respond, thread_ts=thread)
        await next()


def register_errors(app: AsyncApp, people: People) -> None:
    """Whoever clicked or typed is told why nothing happened, when what answers them did not get as far as that."""

    @app.error
    async def unanswered(error: Exception, body: Body, client: AsyncWebClient) -> None:
        # Bolt forgets that a click was acknowledged when this returns before it has looked, and asks the next listener.
        await asyncio.sleep(BOLT_LOOKS_SECONDS)
        if isinstance(error, VigieError):
            log.warning("a click or a command was not done: %s", error)
        else:
            log.error("a click or a command failed: %s", type(error).__name__, exc_info=error)
        if "trigger_id" in body:
            locale = await people.locale(body)
            told = words.sentence(error, locale) if isinstance(error, VigieError) else words.failed(locale)
            await say_there(client, body, told)


def register_rest(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    """Everything that nothing else answers, registered last: unanswered, Slack shows an error or sends it again."""
    anything = re.compile(r".*", re.DOTALL)

    @app.action(anything)
    async def old_button(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)
        found = _INCIDENT_ID.search(forms.value(body))
        if found is None:
            return
        try:
            await incidents.refresh(found[0])
        except NotFound as error:
            await answer(respond, error, locale)
            return
        await say(respond, words.outdated(locale))

    @app.view(anything)
    async def old_view(ack: AsyncAck, body: Body) -> None:
        locale = await people.locale(body)
        await ack(response_action="update", view=modals.notice("Vigie", words.outdated(locale), locale))

    @app.command(anything)
    async def unknown_command(ack: AsyncAck, body: Body) -> None:
        await ack(words.no_command(str(body.get("command", "")), await people.locale(body)))

    @app.shortcut(anything)
    async def unknown_shortcut(ack: AsyncAck) -> None:
        await ack()

    @app.options(anything)
    async def unknown_options(ack: AsyncAck) -> None:
        await ack(options=[])

    @app.event(anything)
    async def unknown_event(ack: AsyncAck) -> None:
        await ack()
