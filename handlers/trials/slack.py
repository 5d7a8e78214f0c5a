"""Test me: `/oncall test-me` and its button, and "I got it" below what came."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import trials as looks
from domain.errors import VigieError
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand
from handlers.openings import tried
from handlers.slack import Body, People, answer
from handlers.switchboard import Asked, Switchboard, show
from handlers.trials.service import TrialService

COMMANDS = (Command("/oncall", "Who is on call", (Subcommand("test-me", aliases=("test", "testme")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, trials: TrialService, people: People, board: Switchboard) -> None:
    """Put the doors of trials in `app` and on `board`."""

    async def test_me(asked: Asked) -> None:
        started = await trials.start(await asked.actor())
        await asked.say(looks.started(started, await asked.locale()))

    board.answer(COMMANDS, {("/oncall", "test-me"): test_me})

    @app.action("trial.start.v1")
    async def start(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await tried(client, body, people, people.acting(body, trials.start))

    @app.action(looks.CONFIRM)
    async def confirm(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)
        try:
            await trials.confirm(forms.value(body), await people.actor(body))
        except VigieError as error:
            await answer(respond, error, locale)
            return
        await show(respond, looks.confirmed(locale), replace=True)

    @app.action(looks.RANG)
    async def rang(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        trial = forms.value(body)
        await tried(client, body, people, people.acting(body, lambda actor: trials.confirm(trial, actor)))
