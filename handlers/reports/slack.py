"""`/incident stats`: how fast incidents were taken and mended, in words and as a picture."""

from __future__ import annotations

import asyncio
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import charts
from blocks import reports as looks
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.reports import Group, Window
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, chosen_by_name, split
from handlers.files import send_picture
from handlers.reports.service import Found, ReportService
from handlers.slack import Body, People, tell
from handlers.switchboard import Asked, Switchboard

COMMANDS = (Command("/incident", "", (Subcommand("stats", "[service] [30d]", aliases=("metrics", "figures")),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_LENGTH = re.compile(r"(\d{1,4}) ?(d|days?|j|jours?|w|weeks?|s|sem|semaines?)", re.IGNORECASE)
_USUAL_DAYS = 30
_MOST_DAYS = 1096
NAME = "figures.png"
_MOST_CHARTS = 3
"""Pictures of one click."""


def register(app: AsyncApp, reports: ReportService, drawing: Drawing, people: People, board: Switchboard) -> None:
    """Put the answer on `board`, and the button for charts in `app`."""

    async def stats(asked: Asked) -> None:
        locale, days, wanted = await asked.locale(), *_said(asked.said.rest)
        name, of = _meant(wanted, await reports.directory())
        start, end = reports.last(days)
        window = Window(start=start, end=end, **of)
        found = await reports.report(window, Group.SEVERITY)
        before = await reports.report(Window(start=start - (end - start), end=start, **of))
        since = found.window.start if found.window.start > start else None
        await asked.say(
            looks.report(found.report, before.report, found.groups, days=days, of=name, locale=locale, since=since)
        )
        if found.report.count:
            sent = await drawing.send(asked.client, forms.user_id(asked.body), found, days, name, locale)
            if not sent:
                await asked.say(looks.not_sent(locale))

    board.answer(COMMANDS, {("/incident", "stats"): stats})

    @app.action("report.charts.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, start_end = await people.locale(body), reports.last(_USUAL_DAYS)
        directory = await reports.directory()
        for team in forms.value(body).split(",")[:_MOST_CHARTS]:
            if team in directory.teams:
                window = Window(start=start_end[0], end=start_end[1], teams=(team,))
                found = await reports.report(window)
                name = directory.teams[team].name
                if not await drawing.send(client, forms.user_id(body), found, _USUAL_DAYS, name, locale):
                    await tell(client, forms.user_id(body), looks.not_sent(locale))
                    return


class Drawing:
    """Pictures, one at a time and in a thread: no page waits for one."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore()
        self._asked_for = 0

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for a picture."""
        return self._asked_for > 0

    async def send(self, client: AsyncWebClient, user: str, found: Found, days: int, of: str, locale: str) -> bool:
        """The picture of `found` in somebody's direct messages: whether Slack took it."""
        title = looks.title(days, of, locale)
        alt_text, said = charts.alt_text(found.report, title, locale), looks.caption(title)
        self._asked_for += 1
        try:
            async with self._one_at_a_time:
                picture = await asyncio.to_thread(charts.chart, found.buckets, found.window, title, locale)
            return await send_picture(client, user, NAME, picture, title=title, alt_text=alt_text, words=said)
        finally:
            self._asked_for -= 1


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
