"""Processes: the doubles in one, Vigie in another, and what Vigie's costs."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

ROOT = Path(__file__).parent.parent
PAYLOADS = ROOT / "tests" / "payloads"


@dataclass(slots=True)
class Server:
    """A process that listens on a port."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def megabytes(self) -> float:
        """What it keeps of the machine's memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(*module: str, environment: dict[str, str] | None = None, port: int = 0) -> Iterator[Server]:
    """`python -m <module…>`, stopped at the end."""
    settings = {**os.environ, **(environment or {})}
    process = subprocess.Popen([sys.executable, "-m", *module], env=settings, cwd=ROOT)
    server = Server(process, port)
    try:
        yield server
    finally:
        server.stop()


async def wait_ready(port: int, path: str = "/readyz", seconds: float = 20) -> float:
    """Seconds until it answers 200."""
    started_at = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        while time.perf_counter() - started_at < seconds:
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started_at
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    raise SystemExit(f"not ready after {seconds} s")


def command(environment: dict[str, str], *arguments: str) -> str:
    """A vigie command's output."""
    settings = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], env=settings, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


def prepare(environment: dict[str, str], *files: str) -> str:
    """The catalog loaded and a token made."""
    command(environment, "load", *files)
    return command(environment, "token", "create", "bench", "--scope", "ingest,read,write").split()[-1]


GUIDE = (str(PAYLOADS / "organisation.yaml"), str(PAYLOADS / "guide.yaml"))
