"""`make bench`, or `python -m bench [NAME …] [--quick] [--database sqlite] [--minutes 60] [--write FILE]`.

Every figure beside its goal. Ratios are to ceilings of the same run on the same machine; absolute figures drift from
machine to machine. Nothing else should run meanwhile: the load, the doubles and Vigie share the cores.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

from bench import clicks, growth, intake, memory, pages, pair, start, storm
from bench.databases import KINDS
from bench.table import Figure, machine, rendered, written

Bench = Callable[[str, argparse.Namespace], Coroutine[None, None, list[Figure]]]


async def _pages(kind: str, asked: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []
    for due in (1, 100) if asked.quick else pages.GOALS:
        figures += await pages.measure(kind, due)
    return figures


async def _pair(kind: str, _: argparse.Namespace) -> list[Figure]:
    return await pair.measure() if kind == "postgresql" else []


BENCHES: dict[str, Bench] = {
    "start": lambda kind, asked: start.measure(kind),
    "intake": lambda kind, asked: intake.measure(kind, *((1, 1600) if asked.quick else (3, 6400))),
    "clicks": lambda kind, asked: clicks.measure(kind, 10 if asked.quick else 30),
    "pages": _pages,
    "growth": lambda kind, asked: growth.measure(kind, growth.SIZES[:2] if asked.quick else growth.SIZES),
    "storm": lambda kind, asked: storm.measure(kind),
    "pair": _pair,
    "memory": lambda kind, asked: memory.measure(kind, min(asked.minutes, 0.5) if asked.quick else asked.minutes),
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast, beside the goals.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(BENCHES)}; all of them")
    parser.add_argument("--quick", action="store_true", help="small figures, in a few minutes")
    parser.add_argument("--database", choices=KINDS, help="only this one")
    parser.add_argument("--minutes", type=float, default=3, help="how long the load on the memory lasts (60 is usual)")
    parser.add_argument("--write", type=Path, help="the document that the table goes in")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in BENCHES]:
        parser.error(f"unknown: {unknown[0]}; there are {', '.join(BENCHES)}")
    return asked


async def main(asked: argparse.Namespace) -> list[Figure]:
    """The figures asked for, each bench's said as it ends."""
    figures: list[Figure] = []
    for name in asked.names or BENCHES:
        for kind in [asked.database] if asked.database else KINDS:
            found = await BENCHES[name](kind, asked)
            print(rendered(found), flush=True)
            figures += found
    return figures


if __name__ == "__main__":
    wanted = arguments()
    where = machine()
    measured = asyncio.run(main(wanted))
    if wanted.write:
        written(wanted.write, where, measured)
