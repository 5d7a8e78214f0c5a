"""`/incident`: what is open, whose it is, and what the buttons do, by typing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import errors as words
from blocks import incident_lists as looks
from blocks import incidents as cards
from blocks import resolving
from blocks.incident_lists import A_PAGE, Page
from blocks.kit import Message
from domain.errors import VigieError
from domain.incidents import Incident
from domain.people import Actor, Permission, may
from domain.timeline import Event
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, incident_name, split
from handlers.incidents.query import said_query
from handlers.incidents.service import Detail, IncidentService
from handlers.incidents.slack import ask_to_resolve
from handlers.incidents.slack_meant import Meant, name_in, pairs
from handlers.openings import Opening
from handlers.slack import Body, People, answer
from handlers.switchboard import Asked, Switchboard, show

COMMANDS = (
    Command(
        "/incident",
        "",
        (
            Subcommand("list", "[all] [SEV1] [service]", aliases=("ls",)),
            Subcommand("show", "[INC-…]"),
            Subcommand("ack", "[INC-…]", Permission.ACKNOWLEDGE, ("acknowledge",)),
            Subcommand("resolve", "[INC-…]", Permission.RESOLVE),
            Subcommand("escalate", "[INC-…]", Permission.ESCALATE),
            Subcommand("note", "[INC-…] text", Permission.NOTE),
        ),
    ),
)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_LISTS = re.compile(r"incident\.list\.(previous|next)\.v1")
Change = Callable[[str, Actor], Awaitable[Incident]]


def register(app: AsyncApp, incidents: IncidentService, people: People, board: Switchboard) -> None:
    """Put the answers on `board`, and the buttons under them in `app`."""
    answers = Answers(incidents)
    board.answer(
        COMMANDS,
        {
            ("/incident", "list"): answers.list,
            ("/incident", "show"): answers.show,
            ("/incident", "ack"): answers.ack,
            ("/incident", "resolve"): answers.resolve,
            ("/incident", "escalate"): answers.escalate,
            ("/incident", "note"): answers.note,
        },
    )
    _register_buttons(app, answers, incidents, people)


class Answers:
    """What each subcommand does for the one who asks."""

    def __init__(self, incidents: IncidentService) -> None:
        self._incidents = incidents
        self._meant = Meant(incidents)

    async def list(self, asked: Asked) -> None:
        await asked.say(await self.list_page(asked.said.rest, 0, await asked.actor(), await asked.locale()))

    async def list_page(self, wanted: str, offset: int, actor: Actor, locale: str) -> Message:
        """A page of what `wanted` asks for, in words."""
        query = said_query(split(wanted), offset, A_PAGE, await self._incidents.directory())
        count, found = await self._incidents.listed(query)
        return looks.list_page(
            pairs(found),
            Page(offset=offset, count=count, asked=wanted),
            self._incidents.now(),
            locale,
            may_acknowledge=may(actor.role, Permission.ACKNOWLEDGE),
        )

    async def show(self, asked: Asked) -> None:
        name = await self._meant.named(asked)
        if name:
            detail = await self._incidents.show(name)
            await asked.say(self._shown(detail, await asked.actor(), await asked.locale()))

    def _shown(self, detail: Detail, actor: Actor, locale: str) -> Message:
        incident, directory, now = detail.incident, detail.directory, self._incidents.now()
        team = directory.teams.get(incident.team)
        card = cards.Card(
            incident=incident,
            service=directory.service_name(incident.service),
            team=team.name if team else "",
            now=now,
            locale=locale,
            zone=team.on_call.timezone if team else "UTC",
            taken_at=max((one.at for one in detail.timeline if one.event is Event.ACKNOWLEDGED), default=None),
            main=detail.main,
            on_call=tuple(person.name for person in directory.on_call(incident.team, now)),
        )
        return looks.shown(
            card,
            may_acknowledge=may(actor.role, Permission.ACKNOWLEDGE),
            may_resolve=may(actor.role, Permission.RESOLVE),
        )

    async def ack(self, asked: Asked) -> None:
        """Every incident that is named; without a name, the one that can be meant."""
        names = list(dict.fromkeys(name for name in map(incident_name, asked.said.arguments) if name))
        if not names:
            names = [name for name in [await self._meant.named(asked, is_waiting=True)] if name]
        told = [await self._told(asked, name, self._incidents.acknowledge, looks.yours) for name in names]
        if told:
            await asked.say(looks.said("\n".join(told)))

    async def escalate(self, asked: Asked) -> None:
        name = await self._meant.named(asked, is_waiting=True)
        if name:
            await asked.say(looks.said(await self._told(asked, name, self._incidents.escalate, looks.escalated)))

    async def _told(self, asked: Asked, name: str, change: Change, done: Callable[[Incident, str], Message]) -> str:
        """Change one incident: what is said of it, or why not. Of several, one refusal does not keep the others."""
        locale = await asked.locale()
        try:
            incident = await change(name, await asked.actor())
        except VigieError as error:
            return words.sentence(error, locale)
        return done(incident, locale).text

    async def resolve(self, asked: Asked) -> None:
        """The form, opened before anything is looked for when it is said which one."""
        people = asked.people
        opening = Opening(asked.client, asked.body, people, resolving.resolve_title(people.default))
        name = name_in(asked.said.arguments) or await opening.found(self._meant.named(asked))
        if not name:
            await opening.whispered()
            return
        await ask_to_resolve(asked.client, await opening.view(), asked.body, name, self._incidents, people)

    async def note(self, asked: Asked) -> None:
        """A text for the incident that it begins with, else for the one that can be meant."""
        name, text = await self._meant.split(asked)
        if name:
            locale = await asked.locale()
            await asked.say(looks.noted(await self._incidents.note(name, await asked.actor(), text), locale))


def _register_buttons(app: AsyncApp, answers: Answers, incidents: IncidentService, people: People) -> None:
    @app.action("incident.acknowledge.listed.v1")
    async def acknowledge(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)
        try:
            incident = await incidents.acknowledge(forms.value(body), await people.actor(body))
        except VigieError as error:
            await answer(respond, error, locale)
            return
        await show(respond, looks.yours(incident, locale))

    @app.action(_LISTS)
    async def turn_list(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, wanted = forms.turned(forms.value(body))
        actor, locale = await people.actor(body), await people.locale(body)
        await show(respond, await answers.list_page(wanted, offset, actor, locale), replace=True)
