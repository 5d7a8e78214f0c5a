"""The command line: `vigie …`, the same as `python -m bot …`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot import app as application
from bot import logs, manifest, settings
from bot.app import open_clock, open_store
from bot.settings import Settings
from domain.errors import Fault, Invalid, VigieError
from domain.people import Actor, Role
from handlers.catalog.service import CatalogService, LoadReport
from handlers.tokens.service import TokenService
from storage import schema
from storage.store import Store

cli = typer.Typer(
    name="vigie",
    help="A Slack-first on-call bot: incident cards, runbooks in the thread, escalation until somebody acknowledges.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
token = typer.Typer(help="API tokens.", no_args_is_help=True)
database = typer.Typer(help="The database's schema.", no_args_is_help=True)
cli.add_typer(token, name="token")
cli.add_typer(database, name="db")

Result = TypeVar("Result")
OPERATOR = Actor(key="command line", name="command line", role=Role.ADMIN)


@cli.command()
def run() -> None:
    """Run the bot: Slack, HTTP and the engine, in one process."""
    configured = settings.for_slack(_configured())
    asyncio.run(application.run(configured))


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where its HTTP listens; 0 takes a free one.")] = 8080,
    speed: Annotated[float, typer.Option(min=1, max=600, help="60: a minute lasts a second.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Stop when the night is over.")] = False,
) -> None:
    """A Vigie with everything around it, nothing to configure: play one night on the terminal."""
    # The demo's mail server is an extra that `run` does without.
    headless = import_module("bot.demo.headless")
    logs.configure("ERROR", "console")
    configured = settings.load().model_copy(update={"port": port, "clock_speed": speed})
    asyncio.run(headless.play(configured, typer.echo, stay=not once))


@cli.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="YAML files: people, teams, services, runbooks, policies.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and say what it does; change nothing.")
    ] = False,
) -> None:
    """Put YAML in the database; a bad file changes nothing."""
    configured = _configured()
    read = [(str(file), _text(file)) for file in files]
    store = open_store(configured)
    try:
        service = CatalogService(store, open_clock(store, configured.clock_speed))
        report = asyncio.run(service.load(read, OPERATOR, dry_run=dry_run))
    finally:
        store.close()
    _print_report(report, dry_run=dry_run)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise VigieError(f"{file}: {(error.strerror or 'can not be read').lower()}") from None
    except UnicodeDecodeError as error:
        raise Invalid([Fault("", f"is not UTF-8 text (byte {error.start})", str(file), 1)]) from None


def _print_report(report: LoadReport, *, dry_run: bool) -> None:
    for sign, names in (("+", report.added), ("~", report.changed)):
        for name in names:
            typer.echo(f"{sign} {name}")
    verdict = "would be " if dry_run else ""
    counts = f"{len(report.added)} {verdict}added, {len(report.changed)} {verdict}changed, "
    typer.echo(f"{counts}{len(report.unchanged)} unchanged")


@cli.command("manifest")
def print_manifest() -> None:
    """The Slack app's manifest, for "Create an app", "From a manifest"."""
    typer.echo(manifest.written(), nl=False)


@token.command("create")
def create_token(
    name: str,
    scope: Annotated[str, typer.Option(help="Comma-separated: ingest, read, write, admin.")] = "ingest",
) -> None:
    """Make a token; it is printed once, on the last line."""
    scopes = [part.strip() for part in scope.split(",") if part.strip()]
    secret = _with_tokens(lambda tokens: tokens.create(name, scopes, OPERATOR))
    typer.echo(f"Token {name} may {', '.join(sorted(scopes))}. It is shown this once:")
    typer.echo(secret)


@token.command("list")
def list_tokens() -> None:
    """Every token: name, scopes, state."""
    for one in _with_tokens(lambda tokens: tokens.list()):
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "good"
        typer.echo(f"{one.name}\t{','.join(sorted(one.scopes))}\t{state}")


@token.command("revoke")
def revoke_token(name: str) -> None:
    """Make a token good for nothing, at once."""
    _with_tokens(lambda tokens: tokens.revoke(name, OPERATOR))
    typer.echo(f"Token {name} is revoked.")


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the current schema."""
    store = Store(_configured().database_url)
    try:
        schema.upgrade(store)
        typer.echo(schema.check(store).explanation)
    finally:
        store.close()


@database.command("check")
def check_database() -> None:
    """Say whether the schema is current; exit 1 when it is not."""
    store = Store(_configured().database_url)
    try:
        state = schema.check(store)
    finally:
        store.close()
    typer.echo(state.explanation)
    if not state.is_current:
        raise typer.Exit(1)


def _with_tokens(work: Callable[[TokenService], Coroutine[Any, Any, Result]]) -> Result:
    configured = _configured()
    store = open_store(configured)
    try:
        return asyncio.run(work(TokenService(store, open_clock(store, configured.clock_speed))))
    finally:
        store.close()


def _configured() -> Settings:
    configured = settings.load()
    logs.configure(configured.log_level, configured.log_format)
    return configured


def main() -> None:
    """Run a command. A refusal is said in a line (one a fault) on standard error, with exit code 1."""
    try:
        cli()
    except Invalid as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except VigieError as error:
        print(f"vigie: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
