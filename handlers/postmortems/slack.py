"""The doors of post-mortems in Slack: opened, written, published, waived, looked back at, taken away as a file."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks import postmortem_document as documents
from blocks import postmortems as looks
from blocks.kit import Block
from domain.errors import NotFound, Outdated, VigieError
from domain.people import Actor
from handlers import fields as typed
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, incident_name
from handlers.files import send_file
from handlers.modals import fill_view, fill_with, open_view, push_view, submit
from handlers.postmortems import forms as filled
from handlers.postmortems import slack_actions
from handlers.postmortems.actions import ActionService
from handlers.postmortems.service import PostmortemService
from handlers.slack import Body, People
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("postmortem", "[INC-…]", aliases=("post-mortem", "pm")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(
    app: AsyncApp, postmortems: PostmortemService, actions: ActionService, people: People, board: Switchboard
) -> None:
    """Put the doors of post-mortems in `app` and on `board`."""
    _register_command(postmortems, people, board)
    _register_openings(app, postmortems, people)
    _register_writing(app, postmortems, people)
    _register_settling(app, postmortems, people)
    _register_history(app, postmortems, people)
    slack_actions.register(app, actions, postmortems, people)


def _register_command(postmortems: PostmortemService, people: People, board: Switchboard) -> None:
    async def postmortem(asked: Asked) -> None:
        """An incident's, in a modal; without a name, those that are due."""
        if not asked.said.arguments:
            due = await postmortems.unfinished()
            await asked.say(looks.listing(due, postmortems.today(), await asked.locale()))
            return
        name = next((one for one in map(incident_name, asked.said.arguments) if one), "")
        if not name:
            raise NotFound(f"there is no incident {asked.said.arguments[0][:60]}")
        view = await open_view(asked.client, asked.body, looks.title(people.default), people.default)
        await slack_actions.show(asked.client, asked.body, view, people, lambda actor: postmortems.ask(name, actor))

    board.answer(COMMANDS, {("/incident", "postmortem"): postmortem})


def _register_openings(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action(looks.OPEN)
    async def open_(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        name = forms.value(body)
        await slack_actions.show(client, body, view, people, lambda actor: postmortems.ask(name, actor))

    @app.action("postmortem.export.v1")
    async def export(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.title(people.default), people.default)
        locale = await people.locale(body)
        try:
            record = await postmortems.show(forms.value(body))
        except VigieError as error:
            await fill_view(client, view, modals.notice(looks.title(locale), words.sentence(error, locale), locale))
            return
        name, text = f"postmortem-{record.incident.short_id}.md", documents.document(record, locale)
        is_sent = await send_file(client, forms.user_id(body), name, text, looks.file_words(record, locale))
        told = looks.exported(record.incident, locale, is_sent=is_sent)
        await fill_view(client, view, modals.notice(looks.title(locale), told, locale))


def _register_writing(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action("postmortem.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.title(people.default), people.default)
        await _form(client, body, view, postmortems, people, mine=False)

    @app.action("postmortem.mine.v1")
    async def mine(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _form(client, body, forms.view_id(body), postmortems, people, mine=True)

    @app.action("postmortem.theirs.v1")
    async def theirs(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _form(client, body, forms.view_id(body), postmortems, people, mine=False)

    @app.view("postmortem.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        name, base = typed.keyed(forms.metadata(body))
        texts = filled.texts(body)

        def refused(error: VigieError) -> Block | None:
            return looks.outdated(words.sentence(error, locale), name, locale) if isinstance(error, Outdated) else None

        is_saved = await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: postmortems.save(name, actor, base, texts)),
            fields=looks.form_fields(),
            title=looks.title(locale),
            locale=locale,
            refused=refused,
        )
        if is_saved:
            await slack_actions.redraw(client, body, postmortems, people, name)


async def _form(
    client: AsyncWebClient, body: Body, view: str, postmortems: PostmortemService, people: People, *, mine: bool
) -> None:
    """The sections to write in: as they are now, or as the reader typed them while somebody else saved."""
    locale, name = await people.locale(body), forms.value(body)

    async def work(actor: Actor) -> Block:
        record = await postmortems.show(name)
        kept = await postmortems.typed_before(name, actor) if mine else None
        texts = kept or documents.texts_of(record, locale)
        return looks.form(record, texts, record.postmortem.version if record.postmortem else 0, locale)

    await fill_with(
        client, view, people.acting(body, work), lambda found: found, title=looks.title(locale), locale=locale
    )


def _register_settling(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action("postmortem.publish.v1")
    async def publish(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        (name, seen), view = forms.keyed(forms.value(body)), forms.view_id(body)
        version = int(seen) if seen.isdecimal() else 0
        await slack_actions.show(client, body, view, people, lambda actor: postmortems.publish(name, actor, version))

    @app.action("postmortem.waive.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.title(people.default), people.default)
        locale, title = await people.locale(body), looks.title(people.default)
        work = postmortems.show(forms.value(body))
        await fill_with(client, view, work, lambda record: looks.waive_form(record, locale), title=title, locale=locale)

    @app.view("postmortem.waive.v1")
    async def waive(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, name = await people.locale(body), forms.metadata(body)
        reason = forms.typed(body, "reason")
        is_done = await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: postmortems.waive(name, actor, reason)),
            fields={"reason": "reason"},
            title=looks.title(locale),
            locale=locale,
        )
        if is_done:
            await slack_actions.redraw(client, body, postmortems, people, name)


def _register_history(app: AsyncApp, postmortems: PostmortemService, people: People) -> None:
    @app.action("postmortem.history.v1")
    async def history(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.title(people.default), people.default)
        locale, name = await people.locale(body), forms.value(body)

        async def work(actor: Actor) -> Block:
            record, versions = await postmortems.history(name)
            return looks.history(record, versions, actor, locale)

        made = people.acting(body, work)
        await fill_with(client, view, made, lambda found: found, title=looks.title(locale), locale=locale)

    @app.action("postmortem.restore.v1")
    async def restore(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        name, number = typed.keyed(forms.value(body))
        view = forms.view_id(body)
        await slack_actions.show(client, body, view, people, lambda actor: postmortems.restore(name, actor, number))
        await slack_actions.redraw(client, body, postmortems, people, name)
