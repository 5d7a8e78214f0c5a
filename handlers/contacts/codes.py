"""Codes as they are sent and as they are kept. Pure but for the dice.

A code has a million values: kept as a plain hash it is read back in no time. Scrypt with a salt makes each guess cost
ten milliseconds, more than the ten minutes that a code is good for allow.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

DIGITS = 6


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def new_salt() -> str:
    return secrets.token_hex(16)


def hashed(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), n=2**12, r=8, p=1, dklen=32).hex()


def is_one_of(code: str, salt: str, hashes: Iterable[str]) -> bool:
    """Whether `code` is what was sent. All are compared: it takes as long whichever it is."""
    tried = hashed(code, salt)
    return sum(hmac.compare_digest(tried, one) for one in hashes) > 0


def digits(text: str) -> str:
    """The six digits in what was typed, "" when it is something else."""
    bare = "".join(character for character in text if not character.isspace() and character != "-")
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdigit() else ""
