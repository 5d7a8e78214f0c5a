"""Modals: they open before anything is asked of the database, are filled when it has answered, and say why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from domain.errors import Invalid, Unavailable, VigieError
from handlers import forms
from handlers.slack import PATIENCE_SECONDS, Body, Result, View, say_there

_GONE = ("not_found", "hash_conflict")
"""Slack's words for a form that was closed, or changed, meanwhile."""
log = logging.getLogger(__name__)


async def open_view(client: AsyncWebClient, body: Body, title: str, locale: str) -> str:
    """Open a modal that says that it is loading, before any query: a trigger lives three seconds. Its id; or "" when
    Slack opens none, which whoever clicked is told: their button looked dead."""
    try:
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modals.opening(title, locale))
    except (SlackApiError, OSError, TimeoutError) as error:
        log.warning("Slack opened no form: %s", _reason(error))
        await say_there(client, body, words.not_opened(locale))
        return ""
    return str(opened["view"]["id"])


def _reason(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__


async def push_view(client: AsyncWebClient, body: Body, title: str, locale: str) -> str:
    """The same on top of the modal that was clicked in, which is there again once this one is gone. Slack stacks three:
    on top of the third there is nothing, and it takes that one's place."""
    if forms.is_on_top(body):
        below = forms.view_id(body)
        return below if await fill_view(client, below, modals.opening(title, locale)) else ""
    try:
        pushed = await client.views_push(trigger_id=body["trigger_id"], view=modals.opening(title, locale))
    except (SlackApiError, OSError, TimeoutError) as error:
        log.warning("Slack opened no form: %s", _reason(error))
        await say_there(client, body, words.not_opened(locale))
        return ""
    return str(pushed["view"]["id"])


async def fill_view(client: AsyncWebClient, view: str, words_of: Mapping[str, Any], seen: str = "") -> bool:
    """Put the real thing in a modal that was opened; whether it is there. Closed meanwhile, there is nothing to fill.

    `seen` is the hash of what it answers to: has the modal changed since, the newer one stays.
    """
    if not view:
        return False
    only_if = {"hash": seen} if seen else {}
    try:
        await client.views_update(view_id=view, view=dict(words_of), **only_if)
    except (SlackApiError, OSError, TimeoutError) as error:
        if _reason(error) not in _GONE:
            log.warning("Slack filled no form: %s", _reason(error))
        return False
    return True


async def fill_with(
    client: AsyncWebClient,
    view: str,
    work: Awaitable[Result],
    shown: Callable[[Result], View],
    *,
    title: str,
    locale: str,
) -> None:
    """Put what `shown` makes of the result of `work` in an open modal, or why not."""
    try:
        content = shown(await work)
    except VigieError as error:
        content = modals.notice(title, words.sentence(error, locale), locale)
    await fill_view(client, view, content)


async def submit(
    ack: AsyncAck,
    client: AsyncWebClient,
    body: Body,
    work: Awaitable[Result],
    *,
    fields: Mapping[str, str],
    title: str,
    locale: str,
    shown: Callable[[Result], View] | None = None,
    refused: Callable[[VigieError], View | None] = lambda _: None,
) -> bool:
    """Do `work` for a submitted modal and close it, or put what is `shown` of its result there; whether it was done.

    A wrong field is said at the field (`fields`: ours to the modal's block), and so is that the database is away. Any
    other refusal stands in the modal's place, in the view that `refused` makes of it if it makes one, with what was
    typed below it. A database slower than Slack's patience is waited for with a word about it.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    is_late = not task.done()
    if is_late:
        await ack(response_action="update", view=modals.loading(title, locale))
    try:
        result = await task
    except VigieError as error:
        view = refused(error)
        errors = {} if is_late or view else _errors(error, body, fields, locale)
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            told = modals.notice(title, words.sentence(error, locale), locale, typed=forms.all_typed(body))
            await _replace(ack, client, body, view or told, is_late)
        return False
    if shown or is_late:
        view = shown(result) if shown else modals.notice(title, words.done(locale), locale)
        await _replace(ack, client, body, view, is_late)
    else:
        await ack()
    return True


def _errors(error: VigieError, body: Body, fields: Mapping[str, str], locale: str) -> dict[str, str]:
    """What is said at the fields, and leaves the form there with all that was typed; nothing where the form has no such
    field, or the refusal is for good."""
    if isinstance(error, Invalid):
        return words.field_errors(error, fields, locale) if fields else {}
    first = next(iter(forms.inputs(body)), "") if isinstance(error, Unavailable) else ""
    return {first: words.sentence(error, locale)} if first else {}


async def _replace(ack: AsyncAck, client: AsyncWebClient, body: Body, view: Mapping[str, Any], is_late: bool) -> None:
    if is_late:
        await fill_view(client, body["view"]["id"], view)
    else:
        await ack(response_action="update", view=dict(view))
