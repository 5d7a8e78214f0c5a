"""`vigie db backup FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.console import configured
from bot.opening import bare_store, require_existing
from storage.backup import backup


def copy_database(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; it names people, and only you may read it.")],
    force: Annotated[bool, typer.Option("--force", help="In the place of a file that is there.")] = False,
) -> None:
    """A consistent copy of the database, while the bot runs."""
    found = configured()
    require_existing(found)
    store = bare_store(found)
    try:
        made = backup(store, file, force=force)
    finally:
        store.close()
    typer.echo(f"{file}: revision {made.revision}, {made.incidents} incidents, {made.size / 1e6:.1f} MB")
    typer.echo(f"To go back to it: {made.restore}")
