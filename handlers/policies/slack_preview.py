"""Who a policy pages, for any incident at any time, before it is saved or after: a form on top of the policy's."""

from __future__ import annotations

from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import previews as looks
from blocks.kit import Block
from blocks.menus import options
from blocks.previews import DRAFT, Asked, Place
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.incidents import Severity
from domain.people import Actor
from handlers import forms
from handlers.modals import fill_with, push_view, submit
from handlers.policies import forms as filled
from handlers.policies.judgement import Foreseen, JudgementService
from handlers.policies.service import PolicyService
from handlers.slack import Body, People

_FIELDS = {name: name for name in ("service", "severity", "at")}


def register(app: AsyncApp, policies: PolicyService, judgement: JudgementService, people: People) -> None:
    """Put the doors of the preview in `app`."""
    _register_opening(app, policies, judgement, people)
    _register_answer(app, judgement, people)


def _register_opening(app: AsyncApp, policies: PolicyService, judgement: JudgementService, people: People) -> None:
    @app.action("policy.preview.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.preview_title(people.default), people.default)
        locale, place = await people.locale(body), Place.of(forms.value(body))

        async def work(actor: Actor) -> Foreseen:
            if place.kind == DRAFT:
                await policies.keep(place.key, actor, filled.header(body))
            return await judgement.preview((place.kind, place.key), actor)

        await fill_with(
            client,
            view,
            people.acting(body, work),
            lambda found: _form(found, place, None, locale),
            title=looks.preview_title(locale),
            locale=locale,
        )

    @app.options(looks.SERVICE)
    async def suggest(ack: AsyncAck, body: Body) -> None:
        directory = await people.directory() or Directory()
        await ack(options=options(looks.services(directory, str(body.get("value") or "").strip())))


def _register_answer(app: AsyncApp, judgement: JudgementService, people: People) -> None:
    @app.view("policy.preview.v1")
    async def foretell(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, place = await people.locale(body), Place.of(forms.metadata(body))

        async def work(actor: Actor) -> tuple[Foreseen, Asked]:
            asked = _asked(body)
            example = (asked.service, asked.severity)
            return await judgement.preview((place.kind, place.key), actor, example, asked.at), asked

        await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields=_FIELDS,
            title=looks.preview_title(locale),
            locale=locale,
            shown=lambda found: _form(found[0], place, found[1], locale),
        )


def _form(found: Foreseen, place: Place, asked: Asked | None, locale: str) -> Block:
    if not found.directory.services:
        return looks.no_service(locale)
    return looks.form(found.preview, place, found.directory, locale, asked=asked, at=found.at)


def _asked(body: Body) -> Asked:
    """Raises Invalid by field: nothing in it is taken on trust."""
    severity, moment = forms.chosen(body, "severity"), forms.moment(body, "at")
    if severity not in list(Severity):
        raise Invalid([Fault("severity", f"must be one of {', '.join(Severity)}")])
    if moment is None:
        raise Invalid([Fault("at", "choose a day and a time")])
    return Asked(forms.chosen(body, "service"), Severity(severity), datetime.fromtimestamp(moment, UTC))
