"""`/incident` in Slack, and the buttons of its lists."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import declare as declare_looks
from blocks import incidents as looks
from blocks import listings
from blocks.incidents import Card
from blocks.kit import Message
from blocks.listings import A_PAGE
from domain.clock import Clock
from domain.errors import NotFound, VigieError
from domain.incidents import Status
from handlers import commands, forms
from handlers.incidents.service import Detail, IncidentService, Query
from handlers.incidents.slack import fill_resolve
from handlers.incidents.slack_declare import Declaring
from handlers.slack import Body, People, answer
from handlers.slack_commands import Asked, Doors, register, show

_OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED)
_LIST = "incident.list.v1"
_PAGES = re.compile(rf"{re.escape(_LIST)}\.(before|more)")


class IncidentCommands:
    """What `/incident` can do; each method answers one subcommand."""

    def __init__(self, incidents: IncidentService, declaring: Declaring, clock: Clock) -> None:
        self._incidents = incidents
        self._declaring = declaring
        self._clock = clock

    def doors(self) -> Doors:
        answers = {
            "declare": self._declaring.from_command,
            "list": self.list,
            "show": self.show,
            "ack": self.acknowledge,
            "resolve": self.resolve,
            "escalate": self.escalate,
            "note": self.note,
            "timeline": self.timeline,
        }
        return Doors(answers, {"declare": declare_looks.title, "resolve": looks.resolve_title})

    async def list(self, asked: Asked) -> Message:
        return await self.page(asked.rest, 0, asked.locale)

    async def page(self, words: str, offset: int, locale: str) -> Message:
        """A page of the open incidents; of all of them for "all", of those with these words in them for any other."""
        is_all = words.casefold() == "all"
        statuses = () if is_all else tuple(status.value for status in _OPEN)
        search = "" if is_all else words
        query = Query(statuses=statuses, search=search[:200], offset=offset, limit=A_PAGE)
        count, found = await self._incidents.listed(query)
        page = listings.Page(count=count, offset=offset, action=_LIST, asked=words[:200])
        return listings.incidents([(one.incident, _service(one)) for one in found], page, locale)

    async def show(self, asked: Asked) -> Message:
        name, _ = _named(asked)
        return await self.card(name, asked.locale)

    async def card(self, name: str, locale: str) -> Message:
        """An incident's card, for one reader."""
        found = await self._incidents.show(name)
        directory, incident, now = found.directory, found.incident, self._clock.now()
        team = directory.teams.get(incident.team)
        return looks.card(
            Card(
                incident=incident,
                service=_service(found),
                team=team.name if team else "",
                now=now,
                locale=locale,
                zone=team.on_call.timezone if team else "UTC",
                run=found.run,
                on_call=tuple(person.name for person in directory.on_call(incident.team, now)),
            )
        )

    async def acknowledge(self, asked: Asked) -> Message:
        name = await self._meant(asked, (Status.TRIGGERED,))
        if isinstance(name, Message):
            return name
        return listings.acknowledged(await self._incidents.acknowledge(name, asked.actor), asked.locale)

    async def escalate(self, asked: Asked) -> Message:
        name = await self._meant(asked, (Status.TRIGGERED,))
        if isinstance(name, Message):
            return name
        return listings.escalated(await self._incidents.escalate(name, asked.actor), asked.locale)

    async def resolve(self, asked: Asked) -> Message | None:
        name = await self._meant(asked, _OPEN)
        if isinstance(name, Message):
            await self._declaring.say_in_view(asked, looks.resolve_title(asked.locale), name.text)
            return name
        await fill_resolve(asked.client, asked.view, self._incidents, name, asked.locale)
        return None

    async def note(self, asked: Asked) -> Message:
        name, text = commands.split_id(asked.rest)
        if not name:
            name, text = await self._only_one(asked), asked.rest
        return declare_looks.noted(await self._incidents.note(name, asked.actor, text), asked.locale)

    async def timeline(self, asked: Asked) -> Message:
        name, _ = _named(asked)
        found = await self._incidents.show(name)
        team = found.directory.teams.get(found.incident.team)
        zone = team.on_call.timezone if team else "UTC"
        return listings.timeline(found.incident, found.timeline, zone, asked.locale)

    async def _meant(self, asked: Asked, statuses: tuple[Status, ...]) -> str | Message:
        """The incident that was named, or the only one that can be meant; else the list to choose from."""
        if asked.rest:
            return _named(asked)[0]
        found = await self._incidents.meant(asked.channel, asked.channel_name, statuses)
        if len(found) == 1:
            return found[0].incident.short_id
        page = listings.Page(count=len(found[:A_PAGE]), offset=0, action=_LIST)
        rows = [(one.incident, _service(one)) for one in found[:A_PAGE]]
        return listings.incidents(rows, page, asked.locale, listings.which(asked.locale) if found else "")

    async def _only_one(self, asked: Asked) -> str:
        found = await self._incidents.meant(asked.channel, asked.channel_name, _OPEN)
        if len(found) != 1:
            raise NotFound("say which incident: INC-… first, then the words")
        return found[0].incident.short_id


def _service(found: Detail) -> str:
    return found.directory.service_name(found.incident.service)


def _named(asked: Asked) -> tuple[str, str]:
    """The incident that was named, and what follows. Raises NotFound when it is no incident's name."""
    name, rest = commands.split_id(asked.rest)
    if not name:
        given = asked.rest.partition(" ")[0][:60]
        raise NotFound(f"there is no incident {given}" if given else "say which incident, such as INC-ABC234")
    return name, rest


def register_commands(app: AsyncApp, incidents: IncidentCommands, people: People) -> None:
    """Put `/incident` and the buttons of its lists in `app`."""
    register(app, "/incident", incidents.doors(), people)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _, asked = forms.value(body).partition(":")
        if offset.isascii() and offset.isdigit():
            await show(respond, await incidents.page(asked, int(offset), await people.locale(body)), in_place=True)

    @app.action("incident.show.v1")
    async def look(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)
        try:
            await show(respond, await incidents.card(forms.value(body), locale))
        except VigieError as error:
            await answer(respond, error, locale)
