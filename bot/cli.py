"""The command line: `vigie …`, the same as `python -m bot …`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Annotated, Any, TypeVar

import typer

from bot import cli_backup, cli_catalog, cli_doctor, cli_judgements, logs, manifest, process, settings
from bot.cli_catalog import OPERATOR
from bot.cli_import import imports
from bot.clock import wall_now
from bot.console import configured
from bot.kept_clock import look_at_clock
from bot.opening import bare_store, open_store, require_existing, upgraded_store
from domain.errors import Invalid, Unavailable, VigieError
from domain.redaction import redacted
from handlers.tokens.service import CACHED_SECONDS, TokenService, lifetime
from storage import schema
from storage.diagnoses import explained

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
cli.add_typer(imports, name="import")

Result = TypeVar("Result")


@cli.command()
def run() -> None:
    """Run the bot: Slack, HTTP and the engine, in one process."""
    asyncio.run(process.run(settings.for_slack(configured(is_command=False))))


@cli.command()
def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where its page is; 0 takes a free one.  [default: 8080]")
    ] = None,
    speed: Annotated[float, typer.Option(min=1, max=600, help="60: a minute lasts a second.")] = 60,
    lang: Annotated[str, typer.Option(help="en or fr; LOCALE when it is left out.")] = "",
    once: Annotated[bool, typer.Option("--once", help="No page: play one night on the terminal and stop.")] = False,
) -> None:
    """Vigie with everything around it in a web page: a Slack, phones, a mailbox, alerts to fire. Nothing to set up."""
    # The demo's mail server is an extra that `run` does without.
    show = import_module("bot.demo.show")
    logs.configure("CRITICAL", "console")
    asyncio.run(show.show(settings.for_demo(speed, lang), typer.echo, port=port, once=once))


cli.command()(cli_catalog.load)
cli.command()(cli_catalog.dump)
cli.command()(cli_catalog.drift)


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Try every credential and permission for real, and say how to mend each; exit 1 on an error."""
    configured, wrong = settings.survey()
    # What is wrong is a finding, and no line of a log between them.
    logs.configure("CRITICAL", configured.log_format)
    if not asyncio.run(cli_doctor.report(configured, wrong, as_json=as_json)):
        raise typer.Exit(1)


cli.command()(cli_judgements.lint)
cli.command()(cli_judgements.simulate)


@cli.command("manifest")
def print_manifest() -> None:
    """The Slack app's manifest, for "Create an app", "From a manifest"."""
    typer.echo(manifest.written(), nl=False)


@token.command("create")
def create_token(
    name: str,
    scope: Annotated[str, typer.Option(help="Comma-separated: ingest, read, write, admin.")] = "ingest",
    expires: Annotated[str, typer.Option(help="How long it lives: 90d, 12h, 4w, 1y; for ever when left out.")] = "",
) -> None:
    """Make a token; it is printed once, on the last line."""
    scopes = [part.strip() for part in scope.split(",") if part.strip()]
    span = lifetime(expires)
    secret = _with_tokens(lambda tokens: tokens.create(name, scopes, OPERATOR, span))
    until = f", for {expires}" if span else ""
    typer.echo(f"Token {name} may {', '.join(sorted(scopes))}{until}. It is shown this once:")
    typer.echo(secret)


@token.command("list")
def list_tokens() -> None:
    """Every token: name, scopes, state, and when it was last used, to the minute."""
    require_existing(configured())
    for one in _with_tokens(lambda tokens: tokens.list()):
        is_over = one.expires_at is not None and one.expires_at <= wall_now()
        word = "expired" if is_over else "good until"
        state = f"{word} {one.expires_at:%Y-%m-%d}" if one.expires_at else "good"
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else state
        used = f"used {one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never used"
        typer.echo(f"{one.name}\t{','.join(sorted(one.scopes))}\t{state}\t{used}")


@token.command("revoke")
def revoke_token(name: str) -> None:
    """Make a token good for nothing: once this is over, no process takes it any more."""
    require_existing(configured())
    _with_tokens(lambda tokens: _revoked(tokens, name))
    typer.echo(f"Token {name} is revoked.")


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the current schema."""
    found = configured()
    store = upgraded_store(found)
    try:
        typer.echo(schema.check(store).explanation)
    finally:
        store.close()


@database.command("check")
def check_database() -> None:
    """Say whether the schema is current; exit 1 when it is not."""
    found = configured()
    require_existing(found)
    store = bare_store(found)
    try:
        state = schema.check(store)
    finally:
        store.close()
    typer.echo(state.explanation)
    if not state.is_usable:
        raise typer.Exit(1)


database.command("backup")(cli_backup.copy_database)


async def _revoked(tokens: TokenService, name: str) -> None:
    await tokens.revoke(name, OPERATOR)
    await asyncio.sleep(CACHED_SECONDS)


def _with_tokens(work: Callable[[TokenService], Coroutine[Any, Any, Result]]) -> Result:
    found = configured()
    store = open_store(found)
    try:
        return asyncio.run(work(TokenService(store, look_at_clock(store, found.clock_speed))))
    finally:
        store.close()


def main() -> None:
    """Run a command. A refusal is said in a line (one a fault) on standard error, with exit code 1."""
    try:
        cli()
    except Invalid as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Unavailable as error:
        print(f"vigie: {redacted(explained(error))}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except VigieError as error:
        print(f"vigie: {redacted(str(error))}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
