"""Vigie as a process of its own, to be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, ClassVar

import aiohttp

from bot.demo.outside import Outside
from bot.demo.stage import free_port

ROOT = Path(__file__).parent.parent.parent


class Process:
    """`python -m bot run` between the doubles of `outside`."""

    running: ClassVar[set[asyncio.subprocess.Process]] = set()
    """What was started and may still run: a test that fails must not leave one that pages in another test's world."""

    def __init__(self, outside: Outside, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.environment = {
            **os.environ,
            **outside.environment(),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
            **settings,
        }
        self.under: tuple[str, ...] = ()
        """What starts it, such as nohup."""
        self._running: asyncio.subprocess.Process | None = None
        self.token = ""
        self.output: IO[str] | None = None
        """Where what it says goes, instead of where the tests' own words go."""

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        """A vigie command: its exit code, output and errors."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, env=self.environment, cwd=ROOT, stdout=pipe, stderr=pipe
        )
        out, errors = await process.communicate()
        return process.returncode or 0, out.decode(), errors.decode()

    async def prepare(self, *files: str) -> None:
        """The catalog loaded and a token made."""
        code, _, errors = await self.command("load", *files)
        assert code == 0, errors
        _, out, _ = await self.command("token", "create", "story", "--scope", "ingest,read,write")
        self.token = out.split()[-1]

    async def start(self, *, ready: bool = True) -> None:
        command = (*self.under, sys.executable, "-m", "bot", "run")
        self._running = await asyncio.create_subprocess_exec(
            *command, env=self.environment, cwd=ROOT, stdout=self.output, stderr=self.output
        )
        self.running.add(self._running)
        if ready:
            await self.wait_alive()

    async def wait_alive(self) -> None:
        """Until its HTTP answers."""
        async with asyncio.timeout(60):
            while True:
                with suppress(aiohttp.ClientError):
                    await self.get("/healthz")
                    return
                await asyncio.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """A signal, such as SIGSTOP."""
        assert self._running
        self._running.send_signal(number)

    async def kill(self) -> None:
        """kill -9"""
        assert self._running
        self._running.kill()
        await self._running.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """A signal that ends it; its exit code."""
        assert self._running
        if self._running.returncode is None:
            self._running.send_signal(number)
        return await asyncio.wait_for(self._running.wait(), 60)

    async def get(self, path: str) -> Any:
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Any) -> Any:
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Token {self.token}"}
        address = f"http://127.0.0.1:{self.port}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, address, json=body, headers=headers) as answer,
        ):
            return await answer.json(content_type=None)


async def kill_what_is_left() -> None:
    """End whatever a test has left running."""
    while Process.running:
        process = Process.running.pop()
        if process.returncode is None:
            process.kill()
            await process.wait()
