"""The doors of a policy's steps: added, changed, moved and taken away, each kept with what is typed above them."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import policy_steps as looks
from blocks.kit import Block
from domain.policies import Policy
from handlers import fields, forms
from handlers.editing.slack import Doors
from handlers.modals import push_view, submit
from handlers.policies import forms as filled
from handlers.policies.service import Editing, EditingStep, PolicyService
from handlers.policies.slack_views import editor
from handlers.slack import Body, People

_FIELDS = {name: name for name in looks.FIELDS}
_USUAL_MINUTES = 5
"""How long after the step before a new one fires, unless its writer says otherwise."""


def register(app: AsyncApp, policies: PolicyService, doors: Doors[Policy, Editing], people: People) -> None:
    """Put the doors of steps in `app`."""

    async def opens(client: AsyncWebClient, body: Body, position: int) -> None:
        await _open(client, body, policies, doors, people, position)

    doors.register_steps(app, opens)
    _register_form(app, policies, doors, people)


async def _open(
    client: AsyncWebClient,
    body: Body,
    policies: PolicyService,
    doors: Doors[Policy, Editing],
    people: People,
    position: int,
) -> None:
    """The form of a step on top of the policy's, whose typed fields are kept with the draft."""
    view = await push_view(client, body, looks.form_title(people.default), people.default)
    locale, actor = await people.locale(body), await people.actor(body)
    key, _ = fields.keyed(forms.metadata(body))

    async def work() -> EditingStep:
        await policies.keep(key, actor, filled.header(body))
        return await policies.step(key, actor, position)

    await doors.fill(client, view, work(), lambda found: _form(found, key, position, "", locale), locale)


def _form(found: EditingStep, key: str, position: int, choice: str, locale: str) -> Block:
    """The form; `choice` is the kind of target that its reader has chosen, "" before they have."""
    shown, steps = found.picked, found.editing.draft.document.steps
    chosen = choice or shown.choice
    return looks.form(
        found.step,
        locale,
        metadata=f"{key}|{position}",
        choice=chosen,
        delay=steps[-1].delay_minutes + _USUAL_MINUTES if steps else 0,
        user=shown.user,
        channel=shown.channel,
        address=shown.address,
        url=shown.url,
        kept=shown.kept if chosen == shown.choice else "",
    )


def _register_form(app: AsyncApp, policies: PolicyService, doors: Doors[Policy, Editing], people: People) -> None:
    @app.action(looks.TARGET)
    async def choose(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        key, position = fields.keyed(forms.metadata(body))
        choice, work = filled.target(body), policies.step(key, actor, position)
        await doors.fill(
            client, body["view"]["id"], work, lambda found: _form(found, key, position, choice, locale), locale
        )

    @app.view("policy.step.v1")
    async def keep(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, position = fields.keyed(forms.metadata(body))
        is_kept = await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: policies.put_step(key, actor, position, filled.step(body))),
            fields=_shown(body),
            title=looks.form_title(locale),
            locale=locale,
        )
        if is_kept:
            # The policy's form below, with the step in it.
            work = people.acting(body, lambda actor: policies.step(key, actor, 0))
            root = str(body["view"].get("root_view_id", ""))
            await doors.fill(client, root, work, lambda found: editor(found.editing, locale), locale)


def _shown(body: Body) -> dict[str, str]:
    """The fields that the form shows: a fault of another is said at the first."""
    present = {block.get("block_id") for block in body.get("view", {}).get("blocks", ())}
    return {field: block for field, block in _FIELDS.items() if block in present}
