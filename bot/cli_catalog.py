"""`vigie load`, `vigie dump` and `vigie drift`: the catalog in files, and how it differs from them."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from blocks import drifts
from blocks.words import words
from bot.console import configured, print_or_write, text_of
from bot.kept_clock import look_at_clock
from bot.opening import is_missing, look_at_store, open_store
from bot.settings import Settings
from domain.clock import Clock
from domain.drift import Drifted
from domain.errors import Overwrites
from domain.people import Actor, Role
from handlers.catalog import dump as written
from handlers.catalog.drift import Compared, DriftService
from handlers.catalog.http_drift import edit_fields
from handlers.catalog.service import CatalogService, LoadReport
from storage import catalog
from storage.store import Store

OPERATOR = Actor(key="command line", name="command line", role=Role.ADMIN)
DRIFTED = 3
"""The exit code of a load that was refused, and of `drift` when there is some."""
Files = Annotated[list[Path], typer.Argument(help="YAML files: people, teams, services, runbooks, policies.")]


def load(
    files: Files,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and say what it does; change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also undo what was edited in Slack or over the API since the last load.")
    ] = False,
) -> None:
    """Put YAML in the database; a bad file changes nothing. Exit 1 on a fault, 3 when that would undo edits by hand."""
    found = configured()
    read = [(str(file), text_of(file)) for file in files]
    with _rehearsing(found) if dry_run else _loading(found) as (store, clock):
        try:
            report = asyncio.run(CatalogService(store, clock).load(read, OPERATOR, dry_run=dry_run, is_forced=force))
        except Overwrites as error:
            for line in drifts.told(error.edits, store.read_now(catalog.directory), "en"):
                typer.echo(line, err=True)
            typer.echo(_refusal(error.edits), err=True)
            raise typer.Exit(DRIFTED) from None
        undone = drifts.told(report.lost, store.read_now(catalog.directory), "en")
    _print_report(report, undone, dry_run=dry_run)
    if report.lost and dry_run and not force:
        typer.echo(_refusal(report.lost), err=True)
        raise typer.Exit(DRIFTED)


@contextmanager
def _loading(found: Settings) -> Iterator[tuple[Store, Clock]]:
    with closing(open_store(found)) as store:
        yield store, look_at_clock(store, found.clock_speed)


@contextmanager
def _rehearsing(found: Settings) -> Iterator[tuple[Store, Clock]]:
    """The database as it is; where there is none, an empty one that nothing stays of."""
    if not is_missing(found):
        with closing(look_at_store(found)) as store:
            yield store, look_at_clock(store, found.clock_speed)
        return
    with tempfile.TemporaryDirectory() as folder:
        empty = found.model_copy(update={"database_url": f"sqlite:///{folder}/vigie.db", "secret_key": ""})
        with _loading(empty) as opened:
            yield opened
    typer.echo("There is no database yet: this is what a load makes of an empty one.")


def _refusal(lost: tuple[Drifted, ...]) -> str:
    edits = "1 edit" if len(lost) == 1 else f"{len(lost)} edits"
    return f"vigie: this would undo {edits} made by hand: take them over into the files, or load with --force"


def _print_report(report: LoadReport, undone: list[str], *, dry_run: bool) -> None:
    for sign, names in (("+", report.added), ("~", report.changed)):
        for name in names:
            typer.echo(f"{sign} {name}")
    for line in undone:
        typer.echo(line)
    for name in report.left:
        typer.echo(f"? {name} is no longer in these files; a load takes nothing away")
    verdict = "would be " if dry_run else ""
    counts = f"{len(report.added)} {verdict}added, {len(report.changed)} {verdict}changed, "
    typer.echo(f"{counts}{len(report.unchanged)} unchanged")


def dump(
    out: Annotated[Path | None, typer.Option(help="A folder for the files; without it they are printed.")] = None,
) -> None:
    """Write the catalog out as YAML; `load` of it changes nothing."""
    found = configured()
    store = look_at_store(found)
    try:
        files = written.files(store.read_now(catalog.directory), look_at_clock(store, found.clock_speed).now())
    finally:
        store.close()
    print_or_write(files, out)


def drift(
    files: Annotated[
        list[Path] | None, typer.Argument(help="YAML files to compare with; without, what was last loaded.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the edits as JSON.")] = False,
) -> None:
    """What was edited in Slack or over the API since files were loaded, and by whom; exit 3 when there is something.

    With FILES, also what these say otherwise than the database, and what is in one of the two alone.
    """
    read = [(str(file), text_of(file)) for file in files or []]
    store = look_at_store(configured())
    try:
        service = DriftService(store)
        compared = asyncio.run(service.against(read) if read else service.edited())
    finally:
        store.close()
    lines = [json.dumps(_fields(compared), indent=2, ensure_ascii=False)] if as_json else _lines(compared)
    for line in lines:
        typer.echo(line)
    if not compared.is_same:
        raise typer.Exit(DRIFTED)


def _fields(compared: Compared) -> dict[str, object]:
    return {
        "edited": [edit_fields(one) for one in compared.edited],
        "missing": list(compared.missing),
        "different": [
            {"subject": subject, "changes": [{"field": one.field, "file": one.before, "now": one.after} for one in how]}
            for subject, how in compared.different
        ],
        "unwritten": list(compared.unwritten),
    }


def _lines(compared: Compared) -> list[str]:
    say = words("en")
    lines = drifts.told(compared.edited, compared.directory, "en")
    told = {one.subject for one in compared.edited}
    for subject, changes in compared.different:
        if subject not in told:
            lines += [f"~ {subject} is not as the files say", *(f"    {line}" for line in drifts.changed(changes, say))]
    lines += [f"- {subject} is in the files alone" for subject in compared.missing]
    lines += [f"+ {subject} is in none of the files" for subject in compared.unwritten]
    return lines or ["Everything is as the files say."]
