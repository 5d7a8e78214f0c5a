"""`/incident room`: the war room of an incident, by typing."""

from __future__ import annotations

from blocks import room_answers as looks
from domain.people import Permission
from handlers.commands import Command, Shortcut, Subcommand
from handlers.incidents.service import IncidentService
from handlers.incidents.slack_meant import Meant
from handlers.rooms.service import RoomService
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("room", "[INC-…]", Permission.ROOM, ("warroom", "war-room")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(rooms: RoomService, incidents: IncidentService, board: Switchboard) -> None:
    """Put the answer on `board`."""
    meant = Meant(incidents)

    async def room(asked: Asked) -> None:
        name = await meant.named(asked)
        if name:
            found = await rooms.open(name, await asked.actor())
            await asked.say(looks.opened(found.incident, found.room, await asked.locale()))

    board.answer(COMMANDS, {("/incident", "room"): room})
