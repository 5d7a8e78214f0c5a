"""Bad days by hand: `python -m tests.bad_days --database sqlite --seed 7 --days 20 --seconds 30`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from storage import schema
from storage.store import Store
from tests.bad_days.living import Lived, a_day
from tests.postgresql import DURABLE, PostgreSQL


def _read() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.bad_days", description=__doc__)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--days", type=int, default=1)
    asked.add_argument("--seconds", type=float, default=20.0)
    return asked.parse_args()


def _lived(seed: int, seconds: float, database: str, folder: Path) -> Lived:
    if database == "sqlite":
        return asyncio.run(a_day(seed, seconds, f"sqlite:///{folder}/vigie.db", folder))
    server = PostgreSQL(DURABLE)
    try:
        url = server.address(server.create())
        store = Store(url)
        schema.upgrade(store)
        store.close()
        return asyncio.run(a_day(seed, seconds, url, folder, server))
    finally:
        server.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    asked, bad = _read(), 0
    # A process that is killed in the middle of a request is what the doubles are here for.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    for seed in range(asked.seed, asked.seed + asked.days):
        folder = Path(tempfile.mkdtemp(prefix=f"day-{asked.database}-{seed}-"))
        day = _lived(seed, asked.seconds, asked.database, folder)
        _say(f"{asked.database} {seed}: {'bad' if day.faults else 'good'}, {day.said}, {folder}")
        for line in (*day.faults, *day.diary) if day.faults else ():
            _say(f"    {line}")
        bad += bool(day.faults)
    return 1 if bad else 0


sys.exit(main())
