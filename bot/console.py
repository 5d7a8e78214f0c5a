"""What the commands share: settings with their logs, and files as text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from bot import logs, settings
from bot.settings import Settings
from domain.errors import Fault, Invalid, VigieError


def configured(*, is_command: bool = True) -> Settings:
    """This process's settings, with logs as they say. Raises BadSetting.

    What a command can't do is said by its refusal, once: the database's own lines are for what goes on running."""
    found = settings.load()
    logs.configure(found.log_level, found.log_format, found.secrets, without="storage.store" if is_command else "")
    return found


def text_of(file: Path) -> str:
    """A file's text. Raises VigieError when it can't be read, Invalid when it is not UTF-8."""
    if file.is_dir():
        raise VigieError(f"{file}: is a folder; name the files in it, such as {file}/*.yaml")
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise VigieError(f"{file}: {(error.strerror or 'can not be read').lower()}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Invalid([Fault("", f"is not UTF-8 text (byte {error.start})", str(file), line)]) from None


def print_or_write(files: Mapping[str, str], out: Path | None) -> None:
    """Files by name: printed, or written to the folder `out` and named; new ones are their owner's alone, for they name
    people. Raises VigieError when they can't be."""
    if out is None:
        typer.echo("---\n".join(files.values()), nl=False)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with open(out / name, "w", encoding="utf-8", opener=_owner_only) as file:
                file.write(text)
            typer.echo(str(out / name))
    except OSError as error:
        raise VigieError(f"{error.filename or out} can't be written: {_reason(out, error)}") from None


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _reason(folder: Path, error: OSError) -> str:
    if folder.exists() and not folder.is_dir():
        return "--out takes a folder, and this is a file"
    return (error.strerror or str(error)).lower()
