"""Addresses that are keys at the same time, sealed where they are kept: webhooks of Discord, private calendars.

AES-SIV (RFC 5297) under a key of SECRET_KEY's (HKDF, RFC 5869): the same address is sealed to the same text, so that
what is unique stays unique and what is looked up is found. Beside the seal stands what anybody may read of an address.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import JSON, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from domain.webhooks import label

MARK = "sealed:"
"""How what is sealed begins; then the seal, a colon, and the address as it may be shown."""
_SEAL = re.compile(MARK + r"([\w=-]+):")
_ADDRESS = re.compile("https?://", re.IGNORECASE)
_SECRET_FIELDS = ("value", "calendar", "ical", "target", "target_channel")
"""Where a policy's target and a schedule's calendar stand: in JSON of ours, and as files write them, in any case."""
_KEY_BYTES = 64


class Vault:
    """Seals and opens. `keys` are SECRET_KEY, which is to seal, and those before it, which only open."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._ciphers = {_derived(key, b"name", 8).hex(): AESSIV(_derived(key, b"seal", _KEY_BYTES)) for key in keys}
        self.primary = next(iter(self._ciphers), "")
        """The name of the key that is to seal, which says nothing of it; "" without one."""
        self.sealing = ""
        """The name of the key that seals for now; "" while all stays in clear, for a process that can't open it may
        live beside this one."""
        self.has_written = False
        """Whether anything was left in clear, or sealed with another key than the primary one."""

    def use(self, name: str) -> None:
        """Seal with the key of this name from now on, if it is here."""
        self.sealing = name if name in self._ciphers else ""

    def knows(self, name: str) -> bool:
        """Whether the key of this name is here."""
        return name in self._ciphers

    def opens(self, text: str) -> bool:
        """Whether everything that is sealed in `text` is opened by a key that is here."""
        return all(self._opened(sealed) is not None for sealed in _SEAL.findall(text))

    def seal(self, text: str) -> str:
        """`text` with the address that it ends with sealed; what has none stays as it is."""
        found = _ADDRESS.search(text)
        if not found:
            return text
        address = text[found.start() :]
        return f"{text[: found.start()]}{self.seal_whole(address, label(address))}"

    def seal_whole(self, text: str, shown: str = "") -> str:
        """All of `text`, with what may be `shown` of it."""
        if not text:
            return text
        self.has_written |= self.sealing != self.primary
        if not self.sealing:
            return text
        sealed = self._ciphers[self.sealing].encrypt(text.encode(), None)
        return f"{MARK}{urlsafe_b64encode(sealed).decode()}:{shown}"

    def open(self, text: str) -> str:
        """What was sealed; of what no key here opens, what may be shown."""
        before, mark, rest = text.partition(MARK)
        sealed, colon, shown = rest.partition(":")
        if not (mark and colon):
            return text
        opened = self._opened(sealed)
        return f"{before}{shown if opened is None else opened}"

    def _opened(self, sealed: str) -> str | None:
        for cipher in self._ciphers.values():
            try:
                return cipher.decrypt(urlsafe_b64decode(sealed), None).decode()
            except (InvalidTag, ValueError):
                continue
        return None


def _derived(key: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, b"vigie: secrets in the database: " + purpose).derive(key.encode())


_VAULTS: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()
_EMPTY = Vault()


def give(dialect: Dialect, vault: Vault) -> None:
    """What is written and read through an engine's dialect is sealed and opened by `vault`."""
    _VAULTS[dialect] = vault


def of(dialect: Dialect) -> Vault:
    """The vault of an engine's dialect, one without keys when it was given none."""
    return given(dialect) or _EMPTY


def given(dialect: Dialect) -> Vault | None:
    """The vault that an engine's dialect was given: those who have the same are of one store."""
    return _VAULTS.get(dialect)


class Sealed(TypeDecorator[str]):
    """A text whose address, if it ends with one, is sealed."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return of(dialect).seal(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return of(dialect).open(value) if value and MARK in value else value


class SealedDocument(TypeDecorator[str]):
    """A text that is sealed as a whole."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return of(dialect).seal_whole(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return of(dialect).open(value) if value and value.startswith(MARK) else value


class SealedJSON(TypeDecorator[Any]):
    """JSON in which the targets of a policy, or the calendar of a schedule, are sealed."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return _each(value, of(dialect).seal)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return _each(value, of(dialect).open)


def _each(value: Any, change: Callable[[str], str], name: str = "") -> Any:
    """`value` with the texts of its secret fields changed."""
    if isinstance(value, str):
        return change(value) if name.casefold() in _SECRET_FIELDS else value
    if isinstance(value, dict):
        return {name: _each(one, change, str(name)) for name, one in value.items()}
    return [_each(one, change, name) for one in value] if isinstance(value, list | tuple) else value
