"""`/policy`: the escalation policies, to read; they are written elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import catalog as looks
from blocks import forecasts
from blocks.catalog import Row
from blocks.incident_lists import A_PAGE, Page
from blocks.kit import Message
from domain import wall_clock
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.incidents import Severity
from domain.severities import severity_named
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, chosen_by_name
from handlers.incidents.service import IncidentService
from handlers.oncall.moments import asking
from handlers.policies.judgement import JudgementService
from handlers.slack import Body, People
from handlers.switchboard import Asked, Switchboard, show

COMMANDS = (
    Command(
        "/policy",
        "Escalation policies: who is paged, when and how",
        (
            Subcommand("list", aliases=("ls",)),
            Subcommand("show", "name"),
            Subcommand("simulate", "service SEV1 [2026-12-01 03:00]", aliases=("preview",)),
        ),
    ),
)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_PAGES = re.compile(r"policy\.list\.(previous|next)\.v1")


def register(
    app: AsyncApp, incidents: IncidentService, judgement: JudgementService, people: People, board: Switchboard
) -> None:
    """Put the answers on `board`, and the buttons that turn pages in `app`."""

    async def listed(asked: Asked) -> None:
        await asked.say(_page(await incidents.directory(), 0, await asked.locale()))

    async def shown(asked: Asked) -> None:
        directory, locale = await incidents.directory(), await asked.locale()
        wanted = " ".join(asked.said.arguments)
        if not wanted:
            await asked.say(_page(directory, 0, locale))
            return
        policy = chosen_by_name(wanted, {one.name: one for one in directory.policies.values()}, "policy")
        await asked.say(looks.policy(policy, _team(directory, policy.team), locale))

    async def simulated(asked: Asked) -> None:
        service, severity, at = supposed(asked.said.arguments)
        found = await judgement.simulate(service, severity, at)
        locale = await asked.locale()
        await asked.say(forecasts.foretold(found, locale))

    answers = {("/policy", "list"): listed, ("/policy", "show"): shown, ("/policy", "simulate"): simulated}
    board.answer(COMMANDS, answers)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _ = forms.turned(forms.value(body))
        await show(respond, _page(await incidents.directory(), offset, await people.locale(body)), replace=True)


def supposed(arguments: Sequence[str]) -> tuple[str, Severity, datetime | None]:
    """The service, the severity and the time of an incident that is supposed. Raises Invalid."""
    place = next((n for n, word in enumerate(arguments) if severity_named(word)), 0)
    severity = severity_named(arguments[place]) if place else None
    if severity is None:
        raise Invalid([Fault("severity", "say which: /policy simulate service SEV1, and a time if not now")])
    said = asking(arguments[place + 1 :])
    # With an "at" before it, as /oncall who takes it, or without.
    written = said.at or said.team
    try:
        at = wall_clock.written(written) if written else None
    except ValueError:
        raise Invalid([Fault("time", "write the time as 2026-12-01 03:00, on the team's clock")]) from None
    return " ".join(arguments[:place]), severity, at


def _page(directory: Directory, offset: int, locale: str) -> Message:
    ordered = sorted(directory.policies.values(), key=lambda one: one.name.casefold())
    rows = [
        Row(one.name, _team(directory, one.team), one.severity_filter, len(one.live_steps), one.is_active)
        for one in ordered[offset : offset + A_PAGE]
    ]
    return looks.policy_list(rows, Page(offset=offset, count=len(ordered)), locale)


def _team(directory: Directory, team: str) -> str:
    found = directory.teams.get(team)
    return found.name if found else ""
