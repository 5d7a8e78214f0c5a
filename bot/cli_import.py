"""`vigie import`: what another on-call tool exported, as Vigie's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import wall_now
from bot.console import print_or_write
from domain.directory import Directory
from domain.errors import Fault, Invalid, VigieError
from handlers.catalog.catalog import read, resolve
from handlers.imports import oncall as grafana
from handlers.imports import opsgenie as atlassian
from handlers.imports.house import House

NOT_ALL = 3
"""The exit code when something was not carried over: the files are written all the same."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one file."""
Carry = Callable[[Sequence[tuple[str, bytes]], datetime], House]

imports = typer.Typer(help="Move in from another on-call tool: its export becomes Vigie's files.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="What was exported, in JSON: files, or folders of them.")]
Out = Annotated[Path | None, typer.Option(help="A folder for the files; without it they are printed.")]


@imports.command("oncall")
def import_oncall(files: Files, out: Out = None) -> None:
    """Grafana OnCall: what its public API lists (users, teams, schedules, on_call_shifts, escalation_chains,
    escalation_policies, integrations, routes, slack_channels). Exit 3 when something was not carried over."""
    _carry(files, out, grafana.carried)


@imports.command("opsgenie")
def import_opsgenie(files: Files, out: Out = None) -> None:
    """Opsgenie: the folder that its configuration backup writes, or what its API lists. Exit 3 when something was not
    carried over."""
    _carry(files, out, atlassian.carried)


def _carry(files: Sequence[Path], out: Path | None, carry: Carry) -> None:
    house = carry(list(_read(files)), wall_now())
    written = house.files()
    _check(written)
    report = list(_report(house))
    print_or_write(written, out)
    if out is None:
        # What is not YAML is a comment: the whole of it can be loaded.
        report = [f"# {line}".rstrip() for line in report]
    for line in report:
        typer.echo(line)
    if house.left:
        raise typer.Exit(NOT_ALL)


def _read(files: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Every file, and every *.json below a folder. Raises VigieError."""
    for file in files:
        for one in sorted(file.rglob("*.json")) if file.is_dir() else [file]:
            try:
                body = one.read_bytes() if one.stat().st_size <= LARGEST else b""
            except OSError as error:
                raise VigieError(f"{one}: {(error.strerror or 'can not be read').lower()}") from None
            if not body:
                raise VigieError(f"{one}: is empty, or larger than {LARGEST // 1024 // 1024} MiB")
            yield str(one), body


def _check(written: dict[str, str]) -> None:
    """Raises Invalid when what was written could not be loaded."""
    found: list[Fault] = []
    numbers = count(1)
    resolve(read(list(written.items()), found), Directory(), lambda: str(next(numbers)))
    if found:
        raise Invalid(found)


def _report(house: House) -> Iterator[str]:
    """What was carried over, what was not, and what is left to do."""
    rotations = sum(len(team.get("on_call", {}).get("rotations", [])) for team in house.teams.values())
    counts = {
        "people": len(house.people),
        "teams": len(house.teams),
        "rotations": rotations,
        "overrides": len(house.overrides),
        "policies": len(house.policies),
        "services": len(house.services),
        "alert rules": len(house.rules),
    }
    yield f"Carried over: {', '.join(f'{number} {name}' for name, number in counts.items())}."
    if house.left:
        yield f"Not carried over as it was, {len(house.left)}:"
        yield from (f"- {one.subject}: {one.reason}" for one in house.left)
    if house.to_do:
        yield "Left to do:"
        yield from (f"- {line}" for line in house.to_do)
