"""`/oncall`: who is on call, who comes next, and the coming two weeks."""

from __future__ import annotations

from datetime import datetime

from slack_bolt.app.async_app import AsyncApp

from blocks import catalog as looks
from blocks import schedules
from blocks.catalog import Duty
from blocks.schedules import Coming
from domain.directory import Directory
from domain.errors import NotFound
from domain.people import Actor, Permission, Team
from domain.schedules import next_shifts
from handlers.commands import Command, Shortcut, Subcommand
from handlers.links.signing import Links
from handlers.oncall import moments, slack_feeds, slack_overrides, slack_schedules, slack_swaps
from handlers.oncall.editor import ScheduleService
from handlers.oncall.feeds import FeedService
from handlers.oncall.service import OnCallService
from handlers.oncall.swaps import SwapService
from handlers.slack import People
from handlers.switchboard import Answer, Asked, Switchboard

COMMANDS = (
    Command(
        "/oncall",
        "Who is on call, and standing in for each other",
        (
            Subcommand("who", "[team] [at 03:00]", aliases=("now",)),
            Subcommand("next", "[team]"),
            Subcommand("schedule", "[team]", aliases=("planning",)),
            Subcommand("override", "[@name 2h]", Permission.COVER, aliases=("cover",)),
            Subcommand("swap", "[@name]", Permission.COVER),
            Subcommand("calendar", "[team]", Permission.COVER, aliases=("ical",)),
        ),
    ),
)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(
    app: AsyncApp,
    oncall: OnCallService,
    swaps: SwapService,
    editor: ScheduleService,
    feeds: FeedService,
    links: Links,
    people: People,
    board: Switchboard,
) -> None:
    """Put the answers on `board`, and buttons and forms in `app`."""

    async def who(asked: Asked) -> None:
        directory, now = await oncall.look()
        said = moments.asking(asked.said.arguments)
        teams = _named(said.team, directory)
        zone = teams[0].on_call.timezone if said.team and teams else _zone_of(await asked.actor(), directory)
        at = moments.moment(said.at, zone, now) if said.at else now
        duties = [duty(one, directory, at) for one in teams]
        await asked.say(looks.on_call(duties, await asked.locale(), at if said.at else None))

    async def coming(asked: Asked) -> None:
        directory, now = await oncall.look()
        found = _named(" ".join(asked.said.arguments), directory)
        shown = [_coming(one, directory, now) for one in found]
        await asked.say(schedules.upcoming(shown, directory, now, await asked.locale()))

    async def planned(asked: Asked) -> None:
        directory, now = await oncall.look()
        actor, locale = await asked.actor(), await asked.locale()
        for team in _planned(" ".join(asked.said.arguments), actor, directory):
            await asked.say(schedules.schedule(slack_schedules.outlook(team, directory, now, actor), locale))

    answers: dict[tuple[str, str], Answer] = {
        ("/oncall", "who"): who,
        ("/oncall", "next"): coming,
        ("/oncall", "schedule"): planned,
        ("/oncall", "override"): slack_overrides.register(app, oncall, people),
        ("/oncall", "swap"): slack_swaps.register(app, oncall, swaps, people),
        ("/oncall", "calendar"): slack_feeds.register(app, oncall, feeds, links, people),
    }
    slack_schedules.register(app, editor, people)
    board.answer(COMMANDS, answers)


def _named(written: str, directory: Directory) -> list[Team]:
    """The team that is named, else all of them."""
    if written:
        return [moments.team(written, directory)]
    return sorted(directory.teams.values(), key=lambda one: one.name.casefold())


def _planned(written: str, actor: Actor, directory: Directory) -> list[Team]:
    """Those whose schedule is shown. Raises NotFound."""
    found = moments.teams_for(written, actor, directory)
    if not found:
        raise NotFound("there is no team yet")
    return found[:3]


def _zone_of(actor: Actor, directory: Directory) -> str:
    """The clock that somebody means who names no team: their own team's."""
    zones = {one.on_call.timezone for one in moments.teams_for("", actor, directory)}
    return zones.pop() if len(zones) == 1 else "UTC"


def duty(team: Team, directory: Directory, now: datetime) -> Duty:
    """Who is on call for a team at `now`, each once, by the end of their turn."""
    ends: dict[str, datetime] = {}
    for shift in directory.shifts_at(team.id, now):
        ends[shift.person] = max(shift.end, ends.get(shift.person, shift.end))
    active = {person.id: person for person in directory.on_call(team.id, now)}
    people = tuple((active[i].name, active[i].slack, end) for i, end in ends.items() if i in active)
    return Duty(team.name, people, team.on_call.timezone)


def _coming(team: Team, directory: Directory, now: datetime) -> Coming:
    schedule = directory.schedule(team.id)
    return Coming(team=team, running=directory.shifts_at(team.id, now), coming=next_shifts(schedule, now))
