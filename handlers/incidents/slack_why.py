"""`/incident why`: why somebody was paged, or was not."""

from __future__ import annotations

from blocks import whys as looks
from domain.people import Person
from domain.whys import why
from handlers.commands import ME, Command, Shortcut, Subcommand
from handlers.incidents.lifecycle import named
from handlers.incidents.service import IncidentService
from handlers.incidents.slack_meant import Meant
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("why", "[INC-…] [@name]"),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(incidents: IncidentService, board: Switchboard) -> None:
    """Put the answer on `board`."""
    meant = Meant(incidents)

    async def answer(asked: Asked) -> None:
        name, who = await meant.split(asked)
        if not name:
            return
        person = await _person(asked, incidents, who) if who else None
        detail, record = await incidents.record(name)
        lines = why(record, person)
        said = looks.why(record.incident, lines, person.name if person else "", detail.zone, await asked.locale())
        await asked.say(said)

    board.answer(COMMANDS, {("/incident", "why"): answer})


async def _person(asked: Asked, incidents: IncidentService, said: str) -> Person:
    """Whoever is meant. Raises Invalid when nobody is."""
    actor, directory = await asked.actor(), await incidents.directory()
    found = directory.people.get(actor.person) if said.casefold() in ME else None
    return found or named(directory, said, "name")
