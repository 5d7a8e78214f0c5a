"""Names that nothing else has."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from uuid_utils import uuid7

from domain.incidents import short_id
from storage.prepared import flush


def new_id() -> str:
    """A UUID that sorts by when it was made, so that new rows land side by side in an index."""
    return str(uuid7())


class DrawnTwice(Exception):
    """A random name that something else has: drawn anew it is another."""


@contextmanager
def drawing(tx: Connection, column: str) -> Iterator[None]:
    """Keeps rows whose `column` was drawn. Raises DrawnTwice when another row has what was drawn for one."""
    try:
        yield
        flush(tx)
    except IntegrityError as error:
        if column not in str(error.orig):
            raise
        raise DrawnTwice from error


def new_short_id() -> str:
    """A random `INC-XXXXXX`, one of 700 million. Of 30,000 two are the same more often than not: the table's unique
    index refuses the second, and `Store.write` begins anew."""
    return short_id(secrets.randbits(40))


def new_random_id() -> str:
    """A UUID that nobody can guess, for what a link leads to."""
    return str(UUID(bytes=secrets.token_bytes(16), version=4))
