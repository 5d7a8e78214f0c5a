"""What the commands share: settings with their logs, and files as text."""

from __future__ import annotations

from pathlib import Path

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
        raise Invalid([Fault("", f"is not UTF-8 text (byte {error.start})", str(file), 1)]) from None
