"""`vigie lint` and `vigie simulate`: what runbooks and policies lack, and whom a night would wake."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from blocks import forecasts as looks
from blocks.coverage import coverage_text
from bot.clock import SystemClock
from bot.console import configured, text_of
from bot.kept_clock import look_at_clock
from bot.opening import look_at_store
from bot.settings import Settings
from domain import wall_clock
from domain.coverage import pages_nobody
from domain.errors import VigieError
from domain.lint import Level
from domain.reach import EVERYTHING, Reach
from domain.severities import Severity, severity_named
from handlers.catalog.judge import Judged, Judgement, judge
from handlers.coverage.http import hole_fields
from handlers.policies.judgement import JudgementService
from handlers.policies.query import forecast_fields
from storage import catalog

PAGES_NOBODY = 3
"""The exit code of a simulation in which nobody is paged."""


def lint(
    files: Annotated[list[Path], typer.Argument(help="YAML files, as for load. People and teams may be among them.")],
) -> None:
    """Say what good practice finds in runbooks, policies, people, teams, services and schedules; exit 1 on errors.
    Needs no database."""
    found = configured()
    files_read = [(str(file), text_of(file)) for file in files]
    judgement = judge(files_read, _reach(found), SystemClock().now())
    for fault in judgement.faults:
        typer.echo(f"{fault.file}:{fault.line}: error: {_after_place(fault.field, fault.message)} [can-be-loaded]")
    for one in judgement.judged:
        typer.echo(_line(one))
    typer.echo(_summary(judgement))
    for note in _notes(judgement, found):
        typer.echo(note)
    if judgement.faults or any(one.finding.severity is Level.ERROR for one in judgement.judged):
        raise typer.Exit(1)


def _reach(found: Settings) -> Reach:
    """What is set up; where nothing is, as on a machine that only checks files, nothing is held against them."""
    return Reach(found.channels) if found.channels else EVERYTHING


def _after_place(place: str, said: str) -> str:
    return f"{place}: {said}" if place else said


def _line(one: Judged) -> str:
    finding = one.finding
    place = _after_place(f"{one.subject}, {finding.where}" if str(finding.where) else one.subject, finding.message)
    fix = finding.fix[:1].upper() + finding.fix[1:]
    return f"{one.file}:{one.line}: {finding.severity.value}: {place}. {fix}. [{finding.rule}]"


def _summary(judgement: Judgement) -> str:
    counts = Counter(one.finding.severity for one in judgement.judged)
    counts[Level.ERROR] += len(judgement.faults)
    told = [f"{counts[Level.ERROR]} errors", f"{counts[Level.WARNING]} warnings", f"{counts[Level.INFO]} infos"]
    return f"{', '.join(_singular(one) for one in told)} in {_judged_things(judgement)}"


def _judged_things(judgement: Judgement) -> str:
    counts = {kind: sum(one.startswith(f"{kind} ") for one in judgement.subjects) for kind in _PLURALS}
    always = ("runbook", "policy")
    named = [f"{n} {kind if n == 1 else _PLURALS[kind]}" for kind, n in counts.items() if n or kind in always]
    return f"{', '.join(named[:-1])} and {named[-1]}"


_PLURALS = {
    "runbook": "runbooks",
    "policy": "policies",
    "alert rule": "alert rules",
    "heartbeat": "heartbeats",
    "person": "people",
    "team": "teams",
    "service": "services",
}


def _singular(counted: str) -> str:
    return counted.removesuffix("s") if counted.startswith("1 ") else counted


def _notes(judgement: Judgement, found: Settings) -> list[str]:
    notes = []
    if not judgement.knows_people:
        notes.append("People and teams are not in these files: whether targets are reachable was not checked.")
    if not found.channels:
        notes.append("No channel is set up here: which ones Vigie can send by was not checked.")
    return notes


def simulate(
    service: Annotated[str, typer.Option(help="A service's name or alias.")],
    severity: Annotated[str, typer.Option(help=f"One of {', '.join(Severity)}; SEV1 will do.")],
    at: Annotated[
        str, typer.Option(help='ISO 8601, or "2026-12-01 03:00" in the team\'s zone; now, unless said.')
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
) -> None:
    """Who would be paged, when, how and why; nothing is sent. Exit 3 when that is nobody."""
    kind, moment = _severity(severity), _moment(at)
    found = configured()
    store = look_at_store(found)
    try:
        known = store.read_now(catalog.directory)
        if not known.services:
            raise VigieError("there is no service yet: `vigie load FILE…` takes in teams, services and policies")
        judged = JudgementService(store, look_at_clock(store, found.clock_speed), found.channels or EVERYTHING.channels)
        forecast = asyncio.run(judged.simulate(service, kind, moment))
        swept, directory = asyncio.run(judged.holes(service, kind))
    finally:
        store.close()
    if as_json:
        fields = forecast_fields(forecast) | {"holes": [hole_fields(hole, directory) for hole in swept]}
        typer.echo(json.dumps(fields, indent=2, ensure_ascii=False))
    else:
        for line in (looks.simulation_text(forecast, "en"), *coverage_text(swept, directory, "en")):
            typer.echo(line)
        if not found.channels:
            typer.echo("No channel is set up here: this is what happens where all of them are.")
    if not known.policies:
        typer.echo("vigie: there is no policy yet: `vigie load FILE…` takes some in", err=True)
    if pages_nobody(forecast.simulation):
        typer.echo("vigie: this pages nobody", err=True)
        raise typer.Exit(PAGES_NOBODY)


def _severity(text: str) -> Severity:
    if found := severity_named(text):
        return found
    raise VigieError(f"--severity: must be one of {', '.join(Severity)}")


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return wall_clock.written(text.strip())
    except ValueError:
        raise VigieError(f'--at: {text!r} is no time such as "2026-12-01 03:00" or 2026-12-01T03:00:00Z') from None
