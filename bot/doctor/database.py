"""The database: reached, at the right schema, able to write, with room to grow."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from bot.clock import SharedTime, wall_now
from bot.doctor.findings import Check, Finding, Shared, Verdict
from bot.kept_clock import read_clock
from bot.server_clock import TOLD
from domain.directory import Directory
from domain.errors import Unavailable
from domain.redaction import redacted
from storage import catalog, fitness, messages, schema, sealing, troubles
from storage.opening import Closed, closed, is_missing, not_ours, takes_no_file
from storage.schema import SchemaState, Standing
from storage.store import Store, Transaction

AREA = "database"
_CONNECT_SECONDS = 4
_LOW_BYTES = 1_000_000_000
_FULL_BYTES = 100_000_000
_OLDEST_POSTGRESQL = 130_000
"""As PostgreSQL numbers itself: 13.0. What came before gets no more fixes."""
_MANY_UNCLEARED = 50_000
_CLEARED_BY = (
    "End whatever transaction is open for long (SELECT pid, xact_start FROM pg_stat_activity ORDER BY xact_start; a "
    "standby's slot counts too), have autovacuum on, and set idle_in_transaction_session_timeout."
)
_UNREACHABLE = "Is DATABASE_URL right, does the server run, may this user log in to this database?"
_IN_USE = "Is the disk full, the folder or file not ours to write, or another process in the middle of a long write?"


class _Undo(Exception):
    """Raised inside a transaction so that nothing of it stays."""


class Database:
    """The checks of one database. Nothing is made or changed: an SQLite file that does not exist yet is not opened."""

    def __init__(self, url: str, keys: Sequence[str] = ()) -> None:
        """`keys` are what secrets in it are sealed with."""
        self._store = Store(_impatient(make_url(url)), keys)
        self._is_missing = is_missing(self._store.url)
        self._state = Shared(self._read_state)
        self._catalog = Shared(self._read_catalog)

    @property
    def checks(self) -> list[Check]:
        ours = [
            self.stands,
            self.reads,
            self.writes,
            self.seals,
            self.targets,
            self.rules,
            *([self.room] if self._store.is_sqlite else [self.server, self.clock, self.cleared]),
        ]
        return [Check(AREA, check, _IN_USE if self._store.is_sqlite else _UNREACHABLE) for check in ours]

    async def directory(self) -> Directory | None:
        """The catalog, or None when it can't be read: this area's findings say why."""
        found = await self._catalog.get()
        return found if isinstance(found, Directory) else None

    async def channels(self) -> dict[str, str]:
        """The ids of channels that Vigie has found so far, by name."""
        return await self._store.read(messages.channels) if await self._is_current() else {}

    async def close(self) -> None:
        for shared in (self._state, self._catalog):
            await shared.close()
        self._store.close()

    @property
    def _path(self) -> Path:
        return Path(self._store.url.database or "")

    async def stands(self) -> Finding:
        """Whether it can be reached and has the tables of this version."""
        if self._is_missing:
            what = f"{self._path} does not exist yet: nothing is configured"
            return Finding(AREA, Verdict.WARNING, what, "`vigie load FILE…` or `vigie run` makes it.")
        state = await self._state.get()
        if isinstance(state, Closed):
            return Finding(AREA, Verdict.ERROR, state.what, state.advice)
        where, _, remedy = state.explanation.partition(": ")
        if state.is_current:
            return Finding(AREA, Verdict.OK, f"{self._name} answers; {where}")
        if self._store.is_sqlite and state.standing is not Standing.AHEAD:
            remedy = f"`vigie run` upgrades it by itself; to do it now, {remedy}"
        return Finding(AREA, Verdict.ERROR, where, f"{remedy[:1].upper()}{remedy[1:]}.")

    async def reads(self) -> Finding | None:
        """Whether the catalog can be read; when it can, others say what is in it."""
        found = await self._catalog.get()
        if isinstance(found, Directory) and found.unreadable:
            what = f"can't be read, and pages go without: {', '.join(found.unreadable)}"
            return Finding(AREA, Verdict.ERROR, what, "Mend or delete these rows; the log of `vigie run` says why.")
        if not isinstance(found, Closed):
            return None
        return Finding(AREA, Verdict.ERROR, f"the catalog can't be read: {found.what}", found.advice)

    async def writes(self) -> Finding | None:
        """Whether a row can be written; it is taken back."""
        if not await self._is_current():
            return None
        try:
            await self._store.write(_write_and_undo)
        except _Undo:
            return Finding(AREA, Verdict.OK, "takes a write (taken back)")
        except Unavailable as error:
            why = closed(self._store.url, error)
            return Finding(AREA, Verdict.ERROR, f"takes no write: {why.what}", why.advice)
        return None

    async def seals(self) -> Finding | None:
        """Whether the addresses that are secret can be read."""
        if not await self._is_current():
            return None
        in_use, vault = await self._store.read(sealing.key_in_use), self._store.vault
        catalog = await self.directory()
        lost = catalog.sealed_off if catalog else ()
        if lost or (in_use and not vault.knows(in_use)):
            which = f" ({', '.join(lost)})" if lost else ""
            what = f"webhooks and private calendars can't be read{which}: SECRET_KEY is not what they were sealed with"
            remedy = "Put the key of before into SECRET_KEY_FALLBACKS, or write the addresses anew."
            return Finding(AREA, Verdict.ERROR, what, remedy)
        if in_use and in_use == vault.primary:
            return Finding(AREA, Verdict.OK, "webhooks and private calendars are sealed")
        return None

    async def targets(self) -> Finding | None:
        """What the running Vigie found in the way of pages."""
        if not await self._is_current():
            return None
        lasting = await self._store.read(troubles.listed)
        if not lasting:
            return None
        found = ", ".join(f"{one.label} ({one.trouble.value}, since {one.since:%Y-%m-%d})" for one in lasting)
        return Finding(
            "targets", Verdict.WARNING, f"pages can't go everywhere: {found}", "Vigie told the admins how to mend each."
        )

    async def rules(self) -> Finding | None:
        """Whether somebody has put rules on Vigie's tables: what they refuse is taken by nobody."""
        if not await self._is_current():
            return None
        required, others = await self._store.read(fitness.rules_of_others)
        if not required and not others:
            return None
        what = f"rules that are not Vigie's may refuse alerts and pages: {', '.join([*required, *others])}"
        remedy = (
            "Drop them (ALTER TABLE … DROP CONSTRAINT, ALTER COLUMN … DROP NOT NULL), or give the column a default."
        )
        return Finding(AREA, Verdict.ERROR if required else Verdict.WARNING, what, remedy)

    async def room(self) -> Finding | None:
        """Whether the folder of an SQLite file has room, and the file its journal beside it."""
        folder = self._path.resolve().parent
        if not folder.is_dir():
            return None
        if not os.access(folder, os.W_OK) or takes_no_file(folder):
            why = not_ours(self._path.absolute())
            return Finding(AREA, Verdict.ERROR, why.what, why.advice)
        free = shutil.disk_usage(folder).free
        if free < _LOW_BYTES:
            verdict = Verdict.ERROR if free < _FULL_BYTES else Verdict.WARNING
            what = f"{_size(free)} free in {folder}"
            return Finding(AREA, verdict, what, "Make room: no alert can be taken in once the disk is full.")
        if not await self._is_current():
            return None
        mode = await self._store.read(lambda tx: tx.execute(text("PRAGMA journal_mode")).scalar())
        if mode != "wal":
            what = f"the journal mode is {mode} and not WAL: readers and the writer wait for each other"
            return Finding(AREA, Verdict.ERROR, what, "Put the file on a disk of this machine, not on a network share.")
        return Finding(AREA, Verdict.OK, f"journal mode WAL, {_size(free)} free in {folder}")

    async def server(self) -> Finding | None:
        """Which PostgreSQL it is, and whether it is one for Vigie."""
        if isinstance(await self._state.get(), Closed):
            return None
        try:
            why = await asyncio.to_thread(fitness.unfit, self._store)
        except (Unavailable, DBAPIError) as error:
            why = closed(self._store.url, error)
        if why:
            return Finding(AREA, Verdict.ERROR, why.what, why.advice)
        number, name = await self._store.read(_version)
        if number < _OLDEST_POSTGRESQL:
            return Finding(AREA, Verdict.WARNING, f"PostgreSQL {name} gets no more fixes", "Upgrade it to 13 or newer.")
        return Finding(AREA, Verdict.OK, f"PostgreSQL {name}")

    async def clock(self) -> Finding | None:
        """Whether this machine's clock is the server's, by which Vigie goes."""
        if self._store.is_sqlite or isinstance(await self._state.get(), Closed):
            return None
        return told_of_clocks(wall_now() - SharedTime(await self._store.read(read_clock))())

    async def cleared(self) -> Finding | None:
        """Whether PostgreSQL clears away what is gone: it can't while somebody's transaction goes on."""
        if not await self._is_current():
            return None
        count = await self._store.read(fitness.uncleared)
        if count < _MANY_UNCLEARED:
            return None
        what = f"{count:,} rows of the outbox are gone and not cleared away: pages get later with each"
        return Finding(AREA, Verdict.WARNING, what, _CLEARED_BY)

    @property
    def _name(self) -> str:
        """The database as people know it, without its password."""
        shown = self._store.url.difference_update_query(_IMPATIENT)
        return str(self._path) if self._store.is_sqlite else redacted(shown.render_as_string(hide_password=True))

    async def _read_state(self) -> SchemaState | Closed:
        """Where it stands, or why it can't be told."""
        try:
            return await self._store.read(schema.state)
        except (Unavailable, DBAPIError) as error:
            return closed(self._store.url, error)

    async def _is_current(self) -> bool:
        if self._is_missing:
            return False
        state = await self._state.get()
        return isinstance(state, SchemaState) and state.is_current

    async def _read_catalog(self) -> Directory | Closed | None:
        if not await self._is_current():
            return None
        try:
            return await self._store.read(catalog.directory)
        except Unavailable as error:
            return closed(self._store.url, error)


def told_of_clocks(ahead: timedelta) -> Finding:
    """What there is to say of a machine whose clock is so far ahead of the database server's."""
    if abs(ahead) < TOLD:
        return Finding(AREA, Verdict.OK, "its clock is this machine's")
    way = "ahead of" if ahead > timedelta(0) else "behind"
    what = f"this machine's clock is {abs(ahead.total_seconds()):.0f} s {way} the database server's"
    return Finding(AREA, Verdict.WARNING, what, "Set both by NTP; until then Vigie goes by the server's.")


def _impatient(url: URL) -> str:
    """The address of a PostgreSQL, given up on before a check's time is over."""
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        url = url.update_query_dict(_IMPATIENT)
    return url.render_as_string(hide_password=False)


_IMPATIENT = {"connect_timeout": str(_CONNECT_SECONDS)}


def _write_and_undo(tx: Transaction) -> None:
    messages.put_channel(tx, "vigie doctor", "vigie doctor")
    raise _Undo


def _version(tx: Transaction) -> tuple[int, str]:
    number = tx.execute(text("SHOW server_version_num")).scalar_one()
    return int(number), str(tx.execute(text("SHOW server_version")).scalar_one())


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
