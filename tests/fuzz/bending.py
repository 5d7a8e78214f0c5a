"""Well-formed input, bent: pieces cut, doubled, swapped, and put in that programs stumble over."""

from __future__ import annotations

import random
from collections.abc import Sequence

STUMBLES = (
    b"TZID=" + b"a/" * 1500 + b"b:",
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"null", b"NaN", b"1e999", b"-1", b"[]",
    b"{}", b'""', b"[" * 80, b"*a", b"&a ", b"!!python/object:os.system ", b"<<: ", b"---\n", b"\r\n", b"\n ", b"\t",
    b"9" * 30, b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59+14:00", b"2026-02-30", b"%00", b"%", b"@", b":", b"//",
    b"{", b"}", b"'", b'"', b"`", b"$(", b"|", b";", b"..", b"TZID=Mars/Olympus", b"RRULE:FREQ=DAILY;INTERVAL=0",
    b"UNTIL=00000101T000000Z", "\u202e".encode(), "\u2028".encode(), "\U0001f4a9".encode(), "\u0130".encode(),
)  # fmt: skip


def bent(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of `seeds`, or noise, after a few blows."""
    data = bytearray(chance.choice(seeds)) if seeds and chance.random() < 0.9 else bytearray(chance.randbytes(64))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        end = min(place + chance.choice((1, 2, 8, 64)), len(data))
        match chance.randrange(5):
            case 0:
                del data[place:end]
            case 1:
                data[place:place] = data[place:end] * chance.choice((1, 2, 50))
            case 2:
                data[place:end] = chance.choice(STUMBLES)
            case 3:
                data[place:place] = chance.choice(STUMBLES)
            case _:
                data[place:end] = chance.randbytes(end - place)
    return bytes(data[:65536])
