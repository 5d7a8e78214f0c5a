"""What this machine can do: a bare aiohttp handler, and the same with a group commit into SQLite.

`python -m bench.ceiling bare|commit PORT`
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web


class GroupCommit:
    """Everything that waits goes into one transaction, synchronous=FULL, on one writer thread."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE alerts (id TEXT PRIMARY KEY, body TEXT)")
        self._waiting: list[tuple[tuple[str, str], asyncio.Future[None]]] = []
        self._writer = ThreadPoolExecutor(1)
        self._running: asyncio.Task[None] | None = None

    async def put(self, row: tuple[str, str]) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting, []
            await loop.run_in_executor(self._writer, self._write, [row for row, _ in taken])
            for _, future in taken:
                future.set_result(None)
        self._running = None

    def _write(self, rows: list[tuple[str, str]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR IGNORE INTO alerts VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")


def application(kind: str, path: str) -> web.Application:
    commit = GroupCommit(path) if kind == "commit" else None

    async def handle(request: web.Request) -> web.Response:
        body: Any = json.loads(await request.read())
        if commit:
            await commit.put((body["groupKey"], json.dumps(body)))
        return web.json_response({"incident": None}, status=202)

    app = web.Application()
    app.router.add_post("/api/v1/webhooks/alertmanager/", handle)
    return app


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        web.run_app(
            application(sys.argv[1], f"{folder}/ceiling.db"),
            host="127.0.0.1",
            port=int(sys.argv[2]),
            print=None,
            access_log=None,
        )
