"""What stands behind the three dots of an incident in Slack: the forms for whom, how bad, and of what a duplicate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import lifecycle as looks
from blocks import modals
from domain.errors import Conflict, VigieError
from domain.incidents import Incident, already
from domain.people import Actor, Permission, may
from handlers import forms
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.relations import RelationService
from handlers.incidents.service import Detail, IncidentService, permit
from handlers.incidents.slack_lifecycle import changed, open_reassign
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People, View
from handlers.updates.slack import ask_for_update

Shown = Callable[[Detail, Actor, str], Awaitable[View]]


def register(
    app: AsyncApp,
    incidents: IncidentService,
    lifecycle: LifecycleService,
    relations: RelationService,
    people: People,
) -> None:
    """Put the three dots and their forms in `app`."""
    _register_more(app, incidents, lifecycle, people)
    _register_roles(app, relations, people)
    _register_merge(app, relations, people)


def _register_more(app: AsyncApp, incidents: IncidentService, lifecycle: LifecycleService, people: People) -> None:
    changes = {
        "decline": lifecycle.decline,
        "mitigate": lifecycle.mitigate,
        "acknowledge": incidents.acknowledge,
    }

    @app.action("incident.more.v1")
    async def more(ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        verb, _, name = forms.option_value(body).partition(":")
        if verb in changes:
            await changed(body, respond, people, changes[verb], name)
        elif verb == "reassign":
            await open_reassign(client, body, name, incidents, people)
        elif verb == "roles":
            await ask_for_roles(client, body, name, incidents, people)
        elif verb == "merge":
            await ask_to_merge(client, body, name, incidents, people)
        elif verb == "update":
            await ask_for_update(client, body, name, incidents, people)


async def ask_for_roles(
    client: AsyncWebClient, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Open the form for severity and roles; or why there is none."""

    async def shown(detail: Detail, actor: Actor, locale: str) -> View:
        known, incident = detail.directory.people, detail.incident
        slack = {one: known[one].slack if one in known else "" for one in (incident.lead, incident.communications)}
        may_grade = may(actor.role, Permission.SEVERITY)
        lead, others = slack[incident.lead], slack[incident.communications]
        return looks.roles_form(incident, lead, others, locale, may_grade=may_grade)

    await _ask(client, body, name, incidents, people, looks.roles_title, Permission.LEAD, shown)


async def ask_to_merge(
    client: AsyncWebClient, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Open the form that asks of which incident it is a duplicate; or why there is none."""

    async def shown(detail: Detail, _: Actor, locale: str) -> View:
        every = (await incidents.open_ones(""))[1]
        others = [other.incident for other in every if other.incident.id != detail.incident.id]
        if not others:
            return modals.notice(looks.merge_title(locale), looks.none_to_merge(locale), locale)
        return looks.merge_form(detail.incident, others, locale)

    await _ask(client, body, name, incidents, people, looks.merge_title, Permission.MERGE, shown)


async def _ask(
    client: AsyncWebClient,
    body: Body,
    name: str,
    incidents: IncidentService,
    people: People,
    title_of: Callable[[str], str],
    permission: Permission,
    shown: Shown,
) -> None:
    view = await open_view(client, body, title_of(people.default), people.default)
    locale = await people.locale(body)
    try:
        actor = await people.actor(body)
        permit(actor, permission)
        detail = await incidents.show(name)
        if not detail.incident.is_open:
            raise Conflict(already(detail.incident))
        content = await shown(detail, actor, locale)
    except VigieError as error:
        content = modals.notice(title_of(locale), words.sentence(error, locale), locale)
    await fill_view(client, view, content)


def _register_roles(app: AsyncApp, relations: RelationService, people: People) -> None:
    @app.view("incident.roles.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        name, *seen = forms.metadata(body).split("|")
        chosen = [forms.chosen(body, "severity")]
        chosen += [forms.picked(body, block, "selected_user") for block in ("lead", "communications")]
        severity, lead, others = _wished(chosen, seen)

        async def work(actor: Actor) -> Incident:
            return await relations.arrange(name, actor, severity, lead, others)

        fields = {"lead": "lead", "communications": "communications", "severity": "severity"}
        title = looks.roles_title(locale)
        await submit(ack, client, body, people.acting(body, work), fields=fields, title=title, locale=locale)


def _wished(chosen: Sequence[str], seen: Sequence[str]) -> tuple[str, ...]:
    """What somebody chose, "" where the form still says what it was opened with: meanwhile that may have been changed
    by somebody else, whose change stays. A form of an earlier version did not carry what it showed."""
    known = (*seen, *("" for _ in chosen))
    return tuple("" if one == before else one for one, before in zip(chosen, known, strict=False))


def _register_merge(app: AsyncApp, relations: RelationService, people: People) -> None:
    @app.view("incident.merge.v1")
    async def merge(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        main, duplicate = forms.chosen(body, "main"), forms.metadata(body)
        work = people.acting(body, lambda actor: relations.merge(main, duplicate, actor))
        title = looks.merge_title(locale)
        await submit(ack, client, body, work, fields={"into": "main"}, title=title, locale=locale)
