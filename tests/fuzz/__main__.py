"""`make fuzz ARGS="NAME --seconds 60"`: one reader, or each in turn, under atheris if it is installed (`pip install
atheris`: it looks for input that reaches new code), else by bent seeds. It stops at the first fault, with its input."""

from __future__ import annotations

import argparse
import random
import sys
import time
from importlib import import_module
from importlib.util import find_spec

from tests.fuzz.bending import bent
from tests.fuzz.targets import TARGETS, seeds, tried


def by_hand(name: str, seconds: float, start: int) -> int:
    """How many inputs were tried."""
    chance, until, count = random.Random(start), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data = bent(chance, seeds(name))
        try:
            tried(name, data)
        except BaseException:
            sys.stderr.write(f"{name}: {data!r}\n")
            raise
        count += 1
    return count


def by_coverage(name: str, seconds: float) -> None:
    """Until the time is up; atheris ends the process itself."""
    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}", "-max_len=8192"], lambda data: tried(name, data))
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(TARGETS), help="which reader; each in turn")
    parser.add_argument("--seconds", type=float, default=10, help="for each")
    parser.add_argument("--start", type=int, default=0, help="another number bends otherwise")
    asked = parser.parse_args()
    if asked.name and find_spec("atheris"):
        by_coverage(asked.name, asked.seconds)
    for name in [asked.name] if asked.name else TARGETS:
        sys.stdout.write(f"{name}: {by_hand(name, asked.seconds, asked.start):,} inputs, no fault\n")


if __name__ == "__main__":
    main()
