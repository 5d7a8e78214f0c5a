"""From what is typed after a slash command to whoever answers it: help, near misses, refusals in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import commands as looks
from blocks import errors as words
from blocks.kit import Message
from domain.errors import VigieError
from domain.people import Actor
from handlers import forms
from handlers.commands import HELP, Command, Typed, gathered, typed
from handlers.slack import Body, People


@dataclass(frozen=True, slots=True)
class Asked:
    """One use of a command: who, where, what; and how to answer them alone."""

    body: Body
    client: AsyncWebClient
    respond: AsyncRespond
    people: People
    said: Typed

    @property
    def channel(self) -> str:
        """The id of the channel where it was typed."""
        return forms.channel_id(self.body)

    async def actor(self) -> Actor:
        return await self.people.actor(self.body)

    async def locale(self) -> str:
        return await self.people.locale(self.body)

    async def say(self, message: Message) -> None:
        """Answer, for the one who asked and nobody else."""
        await show(self.respond, message)


Answer = Callable[[Asked], Awaitable[None]]


async def show(respond: AsyncRespond, message: Message, *, replace: bool = False) -> None:
    """A message that only the one who asked sees; with `replace`, in the place of the one that they clicked in.

    Slack may have stopped listening: then nobody sees it.
    """
    try:
        await respond(
            text=message.text, blocks=message.blocks or None, response_type="ephemeral", replace_original=replace
        )
    except (SlackApiError, OSError, ValueError, TimeoutError):
        return


class Switchboard:
    """Every slash command with its answers, put together from the features' doors."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._parts: list[Command] = []
        self._answers: dict[tuple[str, str], Answer] = {}

    def answer(self, commands: Iterable[Command], answers: Mapping[tuple[str, str], Answer]) -> None:
        """Take a feature's part in: `answers` by command and subcommand.

        Raises ValueError when a declared subcommand has no answer, or an answer no declaration: neither the help
        nor the manifest may promise what nothing does, nor keep silent about what something does.
        """
        parts = tuple(commands)
        declared = {(part.name, one.name) for part in parts for one in part.subcommands}
        if declared != set(answers):
            raise ValueError(f"declared and answered differ: {sorted(declared ^ set(answers))}")
        self._parts += parts
        self._answers |= answers

    def register(self, app: AsyncApp) -> None:
        """Put every command in `app`."""
        for command in gathered(self._parts).values():
            self._register(app, command)

    def _register(self, app: AsyncApp, command: Command) -> None:
        @app.command(command.name)
        async def asked(ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond) -> None:
            await ack()
            question = Asked(body, client, respond, self._people, typed(str(body.get("text", "")), command))
            try:
                await self._dispatch(command, question)
            except VigieError as error:
                await question.say(Message(words.sentence(error, await question.locale())))

    async def _dispatch(self, command: Command, question: Asked) -> None:
        name = question.said.subcommand
        if name and name != HELP:
            await self._answers[command.name, name](question)
            return
        actor, locale = await question.actor(), await question.locale()
        allowed = [(one.name, one.arguments) for one in command.allowed(actor.role)]
        if name == HELP:
            await question.say(looks.help_message(command.name, allowed, locale))
        else:
            said = question.said
            await question.say(looks.unknown(command.name, said.first, said.suggestion, allowed, locale))
