"""What every slash command shares: read the words, check the right, do it, answer the one who asked and nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import commands as looks
from blocks.errors import sentence
from blocks.incidents import notice
from blocks.kit import Message
from blocks.words import words
from domain.errors import VigieError
from domain.people import Actor
from handlers import commands
from handlers.incidents.service import permit
from handlers.slack import Body, People, answer, fill_view, open_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command that may be carried out. `view` is the modal opened for it, "" when it has none."""

    body: Body
    rest: str
    actor: Actor
    locale: str
    client: AsyncWebClient
    view: str = ""

    @property
    def channel(self) -> str:
        return str(self.body.get("channel_id", ""))

    @property
    def channel_name(self) -> str:
        return str(self.body.get("channel_name", ""))


Door = Callable[[Asked], Awaitable[Message | None]]
Title = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Doors:
    """Who answers a command's subcommands, by name; `titles` are of the modals that some of them open."""

    answers: Mapping[str, Door]
    titles: Mapping[str, Title]


def register(app: AsyncApp, name: str, doors: Doors, people: People) -> None:
    """Put a command in `app`. Its subcommands and `doors` are the same, or this is a fault of ours."""
    known = {one.name for one in looks.command(name, words("en")).subcommands}
    if known != set(doors.answers):
        raise LookupError(f"{name}: {known ^ set(doors.answers)} is either said and not done, or done and not said")

    @app.command(name)
    async def run(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        typed = commands.read(looks.command(name, words("en")), str(body.get("text", "")))
        asked = typed.subcommand.name if typed.subcommand else ""
        title = doors.titles.get(asked)
        view = await open_view(client, body, title(people.default), people.default) if title else ""
        locale = await people.locale(body)
        actor = await people.actor(body)
        if typed.subcommand is None:
            await show(respond, looks.help_message(name, actor.role, locale, typed.unknown, typed.near))
            return
        try:
            if typed.subcommand.permission:
                permit(actor, typed.subcommand.permission)
            said = await doors.answers[asked](
                Asked(body=body, rest=typed.rest, actor=actor, locale=locale, client=client, view=view)
            )
        except VigieError as error:
            if title and view:
                said_no = notice(title(locale), sentence(error, locale), locale)
                await fill_view(client, view, said_no)
            else:
                await answer(respond, error, locale)
            return
        if said:
            await show(respond, said)


async def show(respond: AsyncRespond, message: Message, *, in_place: bool = False) -> None:
    """Show a message to the one who asked; `in_place` of the one that they clicked in."""
    try:
        await respond(text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=in_place)
    except (SlackApiError, OSError, ValueError, TimeoutError):
        return
