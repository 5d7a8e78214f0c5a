"""`make bench`, or `python -m bench [intake|pages|clicks|start …] [--quick]`: every figure beside its goal.

Ratios are to ceilings of the same run on the same machine; absolute figures drift from machine to machine. Nothing else
should run meanwhile: the load, the doubles and Vigie share the cores.
"""

from __future__ import annotations

import asyncio
import sys

from bench import clicks, intake, pages, start
from bench.table import Figure, rendered

NAMES = ("start", "intake", "clicks", "pages")


async def main(names: list[str], *, quick: bool) -> list[Figure]:
    """The figures of the benches named."""
    figures: list[Figure] = []
    if "start" in names:
        figures += await start.measure()
    if "intake" in names:
        figures += await intake.measure(rounds=1 if quick else 3, count=3200 if quick else 6400)
    if "clicks" in names:
        figures += await clicks.measure(10 if quick else 30)
    if "pages" in names:
        for due in (100,) if quick else (1, 100, 1000):
            figures += await pages.measure(due)
    return figures


if __name__ == "__main__":
    asked = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        sys.exit(f"unknown: {unknown[0]}; there are {', '.join(NAMES)}")
    print(rendered(asyncio.run(main(asked or list(NAMES), quick="--quick" in sys.argv))))
