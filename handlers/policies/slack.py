"""The policy editor's doors: a policy is read, written, switched off and looked back at in modals.

The modal at the bottom is the policy; a step's form lies on top of it and comes back to it.
"""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import policies as looks
from blocks import policy_history
from blocks.kit import Block
from blocks.policy_history import Revision
from domain.errors import Outdated, VigieError
from domain.policies import Policy
from handlers import forms
from handlers.editing.service import Saved
from handlers.modals import open_view, submit
from handlers.policies import forms as filled
from handlers.policies import slack_steps
from handlers.policies.service import PolicyService
from handlers.policies.slack_views import editor, fill
from handlers.slack import Body, People


def register(app: AsyncApp, policies: PolicyService, people: People) -> None:
    """Put the doors of policies in `app`."""
    _register_openings(app, policies, people)
    _register_saving(app, policies, people)
    _register_history(app, policies, people)
    slack_steps.register(app, policies, people)


def _key(value: str) -> str:
    return "" if value == "new" else value


def _register_openings(app: AsyncApp, policies: PolicyService, people: People) -> None:
    @app.action("policy.new.v1")
    async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        await fill(client, view, policies.begin("", actor), lambda editing: editor(editing, locale), locale)

    @app.action("policy.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        await fill(
            client,
            view,
            policies.show(forms.value(body)),
            lambda found: looks.shown(found[0], found[1], actor, locale),
            locale,
        )

    @app.action("policy.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, policies, people)

    @app.action("policy.restart.v1")
    async def restart(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, policies, people, afresh=True)

    @app.action("policy.mine.v1")
    async def mine(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, policies, people, mine=True)


async def _begin(
    client: AsyncWebClient,
    body: Body,
    policies: PolicyService,
    people: People,
    *,
    afresh: bool = False,
    mine: bool = False,
) -> None:
    locale, actor = await people.locale(body), await people.actor(body)
    work = policies.begin(_key(forms.value(body)), actor, afresh=afresh, mine=mine)
    await fill(client, body["view"]["id"], work, lambda editing: editor(editing, locale), locale)


def _register_saving(app: AsyncApp, policies: PolicyService, people: People) -> None:
    @app.view("policy.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, edition = filled.editor(forms.metadata(body))

        def refused(error: VigieError) -> Block | None:
            return looks.outdated(words.sentence(error, locale), key, locale) if isinstance(error, Outdated) else None

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: policies.save(key, actor, filled.header(body))),
            fields=looks.header_fields(edition),
            title=looks.title(locale),
            locale=locale,
            shown=lambda saved: _saved(saved, locale),
            refused=refused,
        )

    @app.action("policy.switch.v1")
    async def switch(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        policy, _, way = forms.value(body).rpartition("|")
        work = policies.switch(policy, actor, is_active=way == "on")
        await fill(client, body["view"]["id"], work, lambda saved: _saved(saved, locale), locale)


def _saved(saved: Saved[Policy], locale: str) -> Block:
    return looks.saved(saved.document, saved.kept, locale, is_changed=saved.is_changed)


def _register_history(app: AsyncApp, policies: PolicyService, people: People) -> None:
    @app.action("policy.history.v1")
    async def history(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        await fill(
            client,
            body["view"]["id"],
            policies.history(forms.value(body)),
            lambda found: policy_history.history(
                [Revision(one.said, one.by, one.at) for one in found[0]], found[1], actor, locale
            ),
            locale,
        )

    @app.action("policy.restore.v1")
    async def restore(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        policy, number = filled.editor(forms.value(body))
        work = policies.restore(policy, number, actor)
        await fill(client, body["view"]["id"], work, lambda saved: _saved(saved, locale), locale)
