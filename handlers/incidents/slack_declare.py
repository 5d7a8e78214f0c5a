"""Declaring an incident in Slack: the command, the shortcuts, and the form that says what follows before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import declare as looks
from blocks import errors as words
from blocks import modals
from blocks.declare import Foreseen, Form
from blocks.menus import Choice, options
from domain.directory import Directory
from domain.errors import VigieError
from domain.people import Permission, Service
from domain.severities import severity_named
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand
from handlers.incidents.declaration import Declaration, service_of
from handlers.incidents.service import IncidentService, permit
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People
from handlers.switchboard import Asked, Switchboard

COMMANDS = (
    Command(
        "/incident",
        "Incidents: declare, list, acknowledge, resolve",
        (Subcommand("declare", "[title]", Permission.DECLARE, ("new", "create")),),
    ),
)
SHORTCUTS = (
    Shortcut("Declare an incident", "incident.declare", "global", "Tell everybody who must know, and page them"),
    Shortcut("Make an incident of this", "incident.from_message", "message", "Declare an incident from this message"),
)
EVENTS: tuple[str, ...] = ()
_FIELDS = {name: name for name in ("title", "severity", "service", "description")}


class Latest:
    """The last choice in each of the forms that are open, as far as this process knows."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._moments: dict[str, str] = {}

    def take(self, view: str, moment: str) -> str:
        """Note a choice; the oldest forms are forgotten."""
        self._moments[view] = max(moment, self._moments.pop(view, ""))
        while len(self._moments) > self._most:
            del self._moments[next(iter(self._moments))]
        return moment

    def is_last(self, view: str, moment: str) -> bool:
        return self._moments.get(view) == moment


def register(app: AsyncApp, incidents: IncidentService, people: People, board: Switchboard) -> None:
    """Put the doors of declaring in `app` and on `board`."""

    async def declare(asked: Asked) -> None:
        said = asked.said.rest
        # What is more than a title takes is not lost.
        form = Form(title=said, description=said if len(said) > looks.TITLE_LIMIT else "")
        await _open(asked.client, asked.body, form, incidents, people)

    board.answer(COMMANDS, {("/incident", "declare"): declare})
    _register_shortcuts(app, incidents, people)
    _register_form(app, incidents, people)


def _register_shortcuts(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    @app.shortcut("incident.declare")
    async def anywhere(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _open(client, body, Form(), incidents, people)

    @app.shortcut("incident.from_message")
    async def from_message(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        text = forms.message_text(body)
        form = Form(title=text.partition("\n")[0], description=text, metadata=forms.message_link(body))
        await _open(client, body, form, incidents, people)


async def _open(client: AsyncWebClient, body: Body, form: Form, incidents: IncidentService, people: People) -> None:
    """The form in front of whoever may declare; for anybody else, why not, before they type."""
    view = await open_view(client, body, looks.declare_title(people.default), people.default)
    locale = await people.locale(body)
    try:
        permit(await people.actor(body), Permission.DECLARE)
    except VigieError as error:
        title = looks.declare_title(locale)
        await fill_view(client, view, modals.notice(title, words.sentence(error, locale), locale))
        return
    directory = await incidents.directory()
    await fill_view(client, view, looks.declare_form(form, services_of(directory), None, locale))


def _register_form(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    latest = Latest()

    async def foresee(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        name = forms.view_id(body)
        moment = latest.take(name, forms.action_ts(body))
        form, directory = _so_far(body), await incidents.directory()
        view = looks.declare_form(form, services_of(directory), _foreseen(form, directory), await people.locale(body))
        # Two choices in a row answer to one state of the form: whichever answer comes second is refused, and the
        # earlier choice must not be what stays.
        if not await fill_view(client, name, view, seen=forms.hash_of(body)) and latest.is_last(name, moment):
            await fill_view(client, name, view)

    app.action(looks.SERVICE)(foresee)
    app.action(looks.SEVERITY)(foresee)

    @app.options(looks.SERVICE)
    async def search(ack: AsyncAck, body: Body) -> None:
        wanted = str(body.get("value") or "").strip().casefold()
        directory = await people.directory() or Directory()
        await ack(options=options(found_services(wanted, directory)))

    @app.view(looks.CALLBACK)
    async def declare(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        said = Declaration(
            title=forms.typed(body, "title"),
            description=forms.typed(body, "description"),
            service=forms.chosen(body, "service"),
            severity=forms.chosen(body, "severity"),
            url=forms.metadata(body),
            key=f"form {forms.view_id(body)}",
        )
        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: incidents.declare(said, actor)),
            fields=_FIELDS,
            title=looks.declare_title(locale),
            locale=locale,
            shown=lambda opened: looks.declared(opened.incident, locale),
        )


def _so_far(body: Body) -> Form:
    return Form(
        title=forms.typed(body, "title"),
        description=forms.typed(body, "description"),
        service=forms.chosen(body, "service"),
        severity=severity_named(forms.chosen(body, "severity")),
        metadata=forms.metadata(body),
    )


def _foreseen(form: Form, directory: Directory) -> Foreseen | None:
    """What would follow; None until it is said how bad it is."""
    if form.severity is None:
        return None
    service = service_of(form.service, directory)
    team = directory.teams.get(service.team)
    return Foreseen(
        team.channel if team else "",
        directory.policy_for(service.team, form.severity),
        directory.runbooks_for(service.id, form.severity),
    )


def services_of(directory: Directory) -> Sequence[Choice]:
    """Every service under its team, by name."""
    named = ((_team(service, directory), service) for service in directory.services.values())
    ordered = sorted(named, key=lambda pair: (pair[0].casefold(), pair[1].name.casefold()))
    return [Choice(service.name, service.id, team) for team, service in ordered]


def found_services(wanted: str, directory: Directory) -> list[Choice]:
    """Services whose name, alias or team has `wanted` in it, those that begin with it first."""
    found = []
    for choice in services_of(directory):
        service = directory.services[choice.value]
        names = [name.casefold() for name in (service.name, *service.aliases)]
        if any(wanted in name for name in (*names, choice.group.casefold())):
            found.append((not any(name.startswith(wanted) for name in names), choice))
    return [choice for _, choice in sorted(found, key=lambda pair: pair[0])]


def _team(service: Service, directory: Directory) -> str:
    team = directory.teams.get(service.team)
    return team.name if team else ""
