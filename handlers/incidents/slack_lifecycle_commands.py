"""`/incident` for what happens to an incident between its acknowledgement and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from blocks import incident_lists as lists
from blocks import lifecycle as looks
from domain.errors import Fault, Invalid
from domain.incidents import Incident, Status
from domain.people import Actor, Permission
from domain.timeline import Event
from handlers import forms
from handlers.commands import ME, Command, Shortcut, Subcommand, incident_name, named, unquoted
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.relations import RelationService
from handlers.incidents.service import IncidentService
from handlers.incidents.slack_lifecycle import ask_to_reassign, zone_of
from handlers.incidents.slack_meant import Meant
from handlers.openings import Opening
from handlers.switchboard import Asked, Switchboard

COMMANDS = (
    Command(
        "/incident",
        "",
        (
            Subcommand("decline", "[INC-…] [@name]", Permission.ACKNOWLEDGE, ("cant", "can't", "can’t")),
            Subcommand("unack", "[INC-…]", Permission.ACKNOWLEDGE, ("unacknowledge", "giveback")),
            Subcommand("snooze", "[INC-…] 30m", Permission.ACKNOWLEDGE),
            Subcommand("unsnooze", "[INC-…]", Permission.ACKNOWLEDGE, ("wake",)),
            Subcommand("mitigate", "[INC-…]", Permission.MITIGATE, ("mitigated",)),
            Subcommand("reassign", "[INC-…] @name|team", Permission.REASSIGN, ("assign",)),
            Subcommand("severity", "[INC-…] SEV1", Permission.SEVERITY, ("sev",)),
            Subcommand("lead", "[INC-…] @name", Permission.LEAD),
            Subcommand("comms", "[INC-…] @name", Permission.LEAD, ("communications",)),
            Subcommand("merge", "INC-… INC-…", Permission.MERGE, ("duplicate",)),
            Subcommand("link", "INC-… INC-…", Permission.NOTE),
        ),
    ),
)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
Change = Callable[[str, Actor], Awaitable[Incident]]
With = Callable[[str, Actor, str], Awaitable[Incident]]


def register(
    incidents: IncidentService,
    lifecycle: LifecycleService,
    relations: RelationService,
    board: Switchboard,
) -> None:
    """Put the answers on `board`."""
    answers = Answers(incidents, lifecycle, relations)
    board.answer(
        COMMANDS,
        {
            ("/incident", "decline"): answers.decline,
            ("/incident", "unack"): answers.plain(lifecycle.give_back, Event.UNACKNOWLEDGED),
            ("/incident", "unsnooze"): answers.plain(lifecycle.end_snooze, Event.UNACKNOWLEDGED),
            ("/incident", "mitigate"): answers.plain(lifecycle.mitigate, Event.MITIGATED),
            ("/incident", "snooze"): answers.snooze,
            ("/incident", "reassign"): answers.reassign,
            ("/incident", "severity"): answers.with_rest(relations.grade, Event.SEVERITY_SET),
            ("/incident", "lead"): answers.with_rest(relations.lead, Event.LEAD_NAMED),
            ("/incident", "comms"): answers.with_rest(relations.communications, Event.COMMUNICATIONS_NAMED),
            ("/incident", "merge"): answers.merge,
            ("/incident", "link"): answers.link,
        },
    )


class Answers:
    """What each subcommand does for the one who asks."""

    def __init__(self, incidents: IncidentService, lifecycle: LifecycleService, relations: RelationService) -> None:
        self._incidents = incidents
        self._lifecycle = lifecycle
        self._relations = relations
        self._meant = Meant(incidents)

    def plain(self, change: Change, event: Event) -> Callable[[Asked], Awaitable[None]]:
        """A change that needs to know nothing but which incident."""

        async def answer(asked: Asked) -> None:
            name = await self._meant.named(asked)
            if name:
                await self._done(asked, await change(name, await asked.actor()), event)

        return answer

    def with_rest(self, change: With, event: Event) -> Callable[[Asked], Awaitable[None]]:
        """A change that needs a word more."""

        async def answer(asked: Asked) -> None:
            name, rest = await self._meant.split(asked)
            if name:
                await self._done(asked, await change(name, await asked.actor(), _meant(asked, rest)), event)

        return answer

    async def decline(self, asked: Asked) -> None:
        """For whoever is mentioned, else for whoever asks: a reason may stand behind it."""
        name, rest = await self._meant.split(asked)
        if not name:
            return
        who = rest.split()[0] if rest.startswith(("<@", "@")) else ""
        incident = await self._lifecycle.decline(name, await asked.actor(), who)
        if who:
            await asked.say(lists.said(looks.passed_by(incident, await asked.locale())))
        else:
            await self._done(asked, incident, Event.DECLINED)

    async def snooze(self, asked: Asked) -> None:
        name, rest = await self._meant.split(asked)
        if not name:
            return
        zone = await zone_of(asked.client, str(asked.body.get("user_id", ""))) if ":" in rest else ""
        incident = await self._lifecycle.snooze(name, await asked.actor(), rest, zone)
        await self._done(asked, incident, Event.SNOOZED)

    async def reassign(self, asked: Asked) -> None:
        """To whom it is said; the form, when it is not."""
        opening = Opening(asked.client, asked.body, asked.people, looks.reassign_title(asked.people.default))
        looking = self._meant.split(asked)
        name, rest = await (looking if named(asked.said.rest).rest else opening.found(looking))
        if not name:
            await opening.whispered()
        elif not rest:
            view = await opening.view()
            await ask_to_reassign(asked.client, view, asked.body, name, self._incidents, asked.people)
        else:
            to = _meant(asked, rest)
            await self._reassigned(asked, await self._lifecycle.reassign(name, await asked.actor(), to))
            await opening.done()

    async def _reassigned(self, asked: Asked, incident: Incident) -> None:
        """Whoever gave it to themselves has it, and nobody is paged."""
        if incident.status is Status.ACKNOWLEDGED:
            await asked.say(lists.yours(incident, await asked.locale()))
        else:
            await self._done(asked, incident, Event.REASSIGNED)

    async def merge(self, asked: Asked) -> None:
        """The first is kept, the second closed."""
        kept, closed = _two(asked)
        await self._done(asked, await self._relations.merge(kept, closed, await asked.actor()), Event.DUPLICATE)

    async def link(self, asked: Asked) -> None:
        one, other = _two(asked)
        await self._done(asked, await self._relations.link(one, other, await asked.actor()), Event.LINKED)

    async def _done(self, asked: Asked, incident: Incident, event: Event) -> None:
        await asked.say(lists.said(looks.done(event, incident, await asked.locale())))


def _meant(asked: Asked, said: str) -> str:
    """Who or what is named, as whoever types it means it."""
    name = unquoted(said)
    return forms.user_id(asked.body) if name.casefold() in ME else name


def _two(asked: Asked) -> tuple[str, str]:
    names = [name for name in map(incident_name, asked.said.arguments) if name]
    if len(names) != 2:
        raise Invalid([Fault("", "say which two: INC-… INC-…")])
    return names[0], names[1]
