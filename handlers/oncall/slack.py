"""`/oncall`: who is on call, and until when."""

from __future__ import annotations

from datetime import datetime

from blocks import catalog as looks
from blocks.catalog import Duty
from domain.directory import Directory
from domain.errors import NotFound
from domain.people import Team
from handlers.commands import Command, Shortcut, Subcommand
from handlers.incidents.service import IncidentService
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/oncall", "Who is on call", (Subcommand("who", "[team]", aliases=("now",)),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(incidents: IncidentService, board: Switchboard) -> None:
    """Put the answers on `board`."""

    async def who(asked: Asked) -> None:
        directory = await incidents.directory()
        wanted = " ".join(asked.said.arguments)
        team = directory.team_by_name(wanted) if wanted else None
        if wanted and team is None:
            raise NotFound(f"there is no team {wanted[:60]}")
        teams = [team] if team else sorted(directory.teams.values(), key=lambda one: one.name.casefold())
        duties = [duty(one, directory, incidents.now()) for one in teams]
        await asked.say(looks.on_call(duties, await asked.locale()))

    board.answer(COMMANDS, {("/oncall", "who"): who})


def duty(team: Team, directory: Directory, now: datetime) -> Duty:
    """Who is on call for a team at `now`, each once, by the end of their turn."""
    ends: dict[str, datetime] = {}
    for shift in directory.shifts_at(team.id, now):
        ends[shift.person] = max(shift.end, ends.get(shift.person, shift.end))
    active = {person.id: person for person in directory.on_call(team.id, now)}
    return Duty(team.name, tuple((active[i].name, active[i].slack, end) for i, end in ends.items() if i in active))
