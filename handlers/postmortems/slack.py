"""Post-mortems in Slack: `/incident postmortem`, the form, the file."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import postmortems as looks
from blocks.kit import Block
from blocks.postmortem_paper import markdown
from domain.errors import Fault, Invalid, NotFound, Outdated, VigieError
from domain.people import Actor, Permission, may
from domain.postmortems import SECTIONS
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand
from handlers.files import send_file
from handlers.incidents.slack_meant import name_in
from handlers.postmortems.http import paper
from handlers.postmortems.service import PostmortemService, Review
from handlers.slack import Body, People, fill_with, open_view, submit
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("postmortem", "INC-…", aliases=("post-mortem", "review")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, postmortems: PostmortemService, people: People, board: Switchboard) -> None:
    """Put the answer on `board`, and the form with its file in `app`."""

    async def ask(asked: Asked) -> None:
        name = name_in(asked.said.arguments)
        if not name:
            if asked.said.arguments:
                raise NotFound(f"there is no incident {asked.said.arguments[0][:60]}")
            raise Invalid([Fault("incident", "say which incident: /incident postmortem INC-…")])
        await _open(asked.client, asked.body, name, postmortems, people)

    board.answer(COMMANDS, {("/incident", "postmortem"): ask})
    _register_form(app, postmortems, people)
    _register_file(app, postmortems, people)


async def _open(client: AsyncWebClient, body: Body, name: str, postmortems: PostmortemService, people: People) -> None:
    view = await open_view(client, body, looks.title(people.default), people.default)
    await _fill(client, view, body, name, postmortems, people)


async def _fill(
    client: AsyncWebClient, view: str, body: Body, name: str, postmortems: PostmortemService, people: People
) -> None:
    locale = await people.locale(body)

    async def work(actor: Actor) -> Block:
        found = await postmortems.look(name)
        is_writer = may(actor.role, Permission.RESOLVE)
        return looks.form(found.incident, found.postmortem, locale, may_write=is_writer)

    await fill_with(
        client, view, people.acting(body, work), lambda made: made, title=looks.title(locale), locale=locale
    )


def _register_form(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action("postmortem.open.v1")
    async def reopen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        name = forms.value(body)
        if forms.view_id(body) and body["view"].get("type") == "modal":
            await _fill(client, forms.view_id(body), body, name, postmortems, people)
        else:
            await _open(client, body, name, postmortems, people)

    @app.view("postmortem.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        incident, seen = forms.keyed(forms.metadata(body))
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
        blocks = looks.fields(version)
        said = {name: forms.typed(body, blocks[name]) for name in SECTIONS}
        is_published = "published" in forms.ticked(body, blocks["flags"])

        async def work(actor: Actor) -> Review:
            return await postmortems.save(incident, version, actor, said, is_published=is_published)

        def refused(error: VigieError) -> Block | None:
            text = words.sentence(error, locale)
            return looks.outdated(text, incident, locale) if isinstance(error, Outdated) else None

        await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields=blocks,
            title=looks.title(locale),
            locale=locale,
            shown=lambda found: looks.saved(found.incident, found.postmortem, locale),
            refused=refused,
        )


def _register_file(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action("postmortem.file.v1")
    async def send(ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)

        async def work(_: Actor) -> bool:
            found = await postmortems.look(forms.value(body))
            name, told = looks.file_name(found.incident), looks.file_words(found.incident, locale)
            return await send_file(client, forms.user_id(body), name, markdown(paper(found), locale), told)

        await fill_with(
            client,
            forms.view_id(body),
            people.acting(body, work),
            lambda is_sent: looks.told(looks.sent(locale, is_sent=is_sent), locale),
            title=looks.title(locale),
            locale=locale,
        )
