"""`/incident stats`: how fast incidents were taken and mended."""

from __future__ import annotations

import re

from blocks import reports as looks
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.reports import Group, Window
from handlers.commands import Command, Shortcut, Subcommand, chosen_by_name, split
from handlers.reports.service import ReportService
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("stats", "[service] [30d]", aliases=("metrics", "figures")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_LENGTH = re.compile(r"(\d{1,4}) ?(d|days?|j|jours?|w|weeks?|s|sem|semaines?)", re.IGNORECASE)
_USUAL_DAYS = 30
_MOST_DAYS = 1096


def register(reports: ReportService, board: Switchboard) -> None:
    """Put the answer on `board`."""

    async def stats(asked: Asked) -> None:
        locale, days, wanted = await asked.locale(), *_said(asked.said.rest)
        name, of = _meant(wanted, await reports.directory())
        start, end = reports.last(days)
        window = Window(start=start, end=end, **of)
        found = await reports.report(window, Group.SEVERITY)
        before = await reports.report(Window(start=start - (end - start), end=start, **of))
        await asked.say(looks.report(found.report, before.report, found.groups, days=days, of=name, locale=locale))

    board.answer(COMMANDS, {("/incident", "stats"): stats})


def _said(text: str) -> tuple[int, str]:
    """How many days, and the rest. Raises Invalid when that is too many, or none."""
    days, rest = _USUAL_DAYS, []
    for word in split(text):
        found = _LENGTH.fullmatch(word)
        if found:
            days = int(found[1]) * (7 if found[2][0].lower() in "ws" else 1)
        else:
            rest.append(word)
    if not 1 <= days <= _MOST_DAYS:
        raise Invalid([Fault("days", f"say from 1 to {_MOST_DAYS} days, such as 30d")])
    return days, " ".join(rest)


def _meant(wanted: str, directory: Directory) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The service or the team of that name, and what the window is limited to. Raises NotFound, Conflict."""
    if not wanted:
        return "", {}
    team = directory.team_by_name(wanted)
    if team:
        return team.name, {"teams": (team.id,)}
    service = directory.service_by_name(wanted)
    if service is None:
        service = chosen_by_name(wanted, {one.name: one for one in directory.services.values()}, "service")
    return service.name, {"services": (service.id,)}
