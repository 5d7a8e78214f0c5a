"""`/oncall` in Slack."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp

from blocks import listings
from blocks.kit import Message
from blocks.listings import OnCallTeam
from domain.clock import Clock
from domain.directory import Directory
from domain.oncall import Shift, next_shifts, shifts_at
from domain.people import Team
from handlers.incidents.service import IncidentService
from handlers.slack import People
from handlers.slack_commands import Asked, Doors, register


class OnCallCommands:
    """What `/oncall` can do."""

    def __init__(self, incidents: IncidentService, clock: Clock) -> None:
        self._incidents = incidents
        self._clock = clock

    def doors(self) -> Doors:
        return Doors({"who": self.who}, {})

    async def who(self, asked: Asked) -> Message:
        directory = await self._incidents.directory()
        wanted = asked.rest.casefold()
        teams = sorted(directory.teams.values(), key=lambda team: team.name.casefold())
        return listings.on_call(
            [self._team(one, directory) for one in teams if wanted in one.name.casefold()], asked.locale
        )

    def _team(self, team: Team, directory: Directory) -> OnCallTeam:
        now = self._clock.now()

        def name(shift: Shift) -> str:
            person = directory.people.get(shift.person)
            return person.name if person else "?"

        running = tuple((name(shift), shift.end) for shift in shifts_at(team.on_call, now))
        following = tuple((name(shift), shift.start) for shift in next_shifts(team.on_call, now))
        return OnCallTeam(team.name, running, following, team.on_call.timezone)


def register_commands(app: AsyncApp, oncall: OnCallCommands, people: People) -> None:
    """Put `/oncall` in `app`."""
    register(app, "/oncall", oncall.doors(), people)
