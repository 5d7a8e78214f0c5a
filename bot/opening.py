"""What a process opens before it runs: its database, and the lock that keeps a second one out."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings
from domain.errors import Unavailable, VigieError
from storage import catalog, fitness, opening, schema, sealing
from storage.store import Store

log = logging.getLogger(__name__)


class AlreadyRunning(VigieError):
    """SQLite has one writer: a second process would send everything twice."""


class CannotOpen(VigieError):
    """There is no database to work with; the message names the setting and the remedy."""


class NotOpenYet(CannotOpen):
    """A server that is not up: it may be in a moment."""


def open_store(settings: Settings) -> Store:
    """The database, with the schema that this Vigie works with; a SQLite file that is not there is made.

    SQLite is upgraded on the spot; an old PostgreSQL is refused with the command that upgrades it (WrongSchema).
    Raises CannotOpen, NotOpenYet.
    """
    return _opened(settings, _require_fit, _bring_up, seal_alone)


def store_to_run(settings: Settings) -> tuple[Store, IO[str] | None]:
    """The same for whoever runs on it, with the lock of an SQLite file: one that another runs on is left as it is.

    Raises AlreadyRunning, CannotOpen, NotOpenYet, WrongSchema.
    """
    lock: IO[str] | None = None

    def take(store: Store) -> None:
        nonlocal lock
        schema.check(store)
        lock = only_one(store)

    try:
        return _opened(settings, take, _require_fit, _bring_up, seal), lock
    except VigieError:
        if lock:
            lock.close()
        raise


def look_at_store(settings: Settings) -> Store:
    """The database as it is, for whoever only looks: nothing is made, upgraded or sealed. Raises CannotOpen,
    WrongSchema."""
    require_existing(settings)
    return _opened(settings, schema.require)


def bare_store(settings: Settings) -> Store:
    """The database, whatever its schema. Raises CannotOpen."""
    return _opened(settings, schema.check)


def upgraded_store(settings: Settings) -> Store:
    """The database, brought to the current schema. Raises CannotOpen, WrongSchema."""
    return _opened(settings, _require_fit, schema.upgrade, seal_alone)


def require_existing(settings: Settings) -> None:
    """Raises CannotOpen for a SQLite file that nobody has made, which opening it makes."""
    if is_missing(settings):
        raise CannotOpen(str(opening.missing(make_url(settings.database_url))))


def is_missing(settings: Settings) -> bool:
    """Whether opening the database makes a file."""
    return opening.is_missing(make_url(settings.database_url))


def _opened(settings: Settings, *steps: Callable[[Store], object]) -> Store:
    if mixed := opening.mixed(make_url(settings.database_url)):
        raise CannotOpen(str(mixed))
    store = Store(settings.database_url, settings.keys, is_brief=True)
    try:
        for step in steps:
            step(store)
        store.require_place()
    except (Unavailable, DBAPIError) as error:
        store.close()
        found = opening.closed(store.url, error)
        raise (NotOpenYet if found.is_passing else CannotOpen)(str(found)) from error
    except VigieError:
        store.close()
        raise
    return store


def _require_fit(store: Store) -> None:
    """Raises CannotOpen for a database that answers and would lose what Vigie promises to keep."""
    if found := fitness.unfit(store):
        raise CannotOpen(str(found))


def _bring_up(store: Store) -> None:
    if store.is_sqlite:
        schema.upgrade(store)
    else:
        schema.require(store)


def seal_alone(store: Store) -> None:
    """`seal`, for a command: the Vigie that runs on an SQLite file goes on with the key that it has."""
    seal(store, _nobody_runs)


def seal(store: Store, alone: sealing.Alone = sealing.taken_for_granted) -> None:
    """Seal the secrets in the database as soon as every process can open them; one that lacks the key is told."""
    try:
        if sealing.begin(store, alone):
            log.info("webhooks and private calendars in the database are sealed with SECRET_KEY from now on")
        in_use, lost = store.read_now(lambda tx: (sealing.key_in_use(tx), catalog.directory(tx).sealed_off))
    except Unavailable as error:
        log.warning("webhooks and private calendars are not sealed yet: %s", error)
        return
    if lost or (in_use and not store.vault.knows(in_use)):
        log.error(
            "webhooks and private calendars can't be read%s: SECRET_KEY is not what they were sealed with; "
            "set it as it was, or name the former key in SECRET_KEY_FALLBACKS",
            f" ({', '.join(lost)})" if lost else "",
        )


@contextmanager
def _nobody_runs(store: Store) -> Iterator[bool]:
    """Whether no Vigie runs on this SQLite file; none begins to meanwhile."""
    if not store.is_sqlite:
        yield True
        return
    with ExitStack() as held:
        try:
            # It is only read: one that somebody else has made would keep Vigie from starting.
            fcntl.flock(held.enter_context(_lock_of(store).open()), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            yield True
        except OSError:
            yield False
        else:
            yield True


def _lock_of(store: Store) -> Path:
    """Beside the file itself, whatever links lead to it."""
    return Path(f"{os.path.realpath(store.url.database or '')}.lock")


def only_one(store: Store) -> IO[str] | None:
    """A lock beside an SQLite file, held as long as the process lives, whatever ends it."""
    if not store.is_sqlite:
        return None
    path = _lock_of(store)
    try:
        lock = path.open("w")
    except OSError:
        raise CannotOpen(str(opening.not_ours(path))) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(
            "DATABASE_URL: another Vigie runs on this SQLite file; several processes need PostgreSQL"
        ) from None
    return lock


def say_what_is_off(settings: Settings) -> None:
    """Warn of what policies may ask for and nothing is there to do."""
    off = {"SMS (OVH_…)": not settings.has_sms, "e-mail (SMTP_URL)": not settings.smtp_url}
    for name, is_off in off.items():
        if is_off:
            log.warning("%s is not set up: policy steps that need it go another way", name)
    if settings.rings_only:
        log.warning("telephone calls (PHONE_PROVIDER=ovh) ring only: no word is spoken and no key is heard")
    elif not settings.phone_provider:
        log.info("telephone calls (PHONE_PROVIDER) are off")
