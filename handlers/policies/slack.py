"""The policy editor's doors: a policy is read, written, switched off and looked back at in modals."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import policies as looks
from blocks import policy_history
from blocks.kit import Block
from domain.policies import Policy
from handlers import forms
from handlers.editing.service import Saved
from handlers.editing.slack import Doors, Looks
from handlers.modals import open_view
from handlers.policies import forms as filled
from handlers.policies import slack_steps
from handlers.policies.service import PolicyService
from handlers.policies.slack_views import editor
from handlers.slack import Body, People


def register(app: AsyncApp, policies: PolicyService, people: People) -> None:
    """Put the doors of policies in `app`."""
    doors = Doors(policies, LOOKS, people)
    doors.register(app)

    @app.action("policy.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        work = policies.show(forms.value(body))
        await doors.fill(client, view, work, lambda found: looks.shown(*found, actor, locale), locale)

    slack_steps.register(app, policies, doors, people)


def _saved(saved: Saved[Policy], locale: str) -> Block:
    return looks.saved(saved.document, saved.kept, locale, is_changed=saved.is_changed)


LOOKS = Looks(
    title=looks.title,
    header=filled.header,
    header_fields=looks.header_fields,
    editor=editor,
    saved=_saved,
    outdated=looks.outdated,
    history=policy_history.history,
)
