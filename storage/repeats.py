"""Requests that brought an Idempotency-Key: each is carried out once, and its answer given again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from storage.catalog import table
from storage.repeat_tables import RepeatRow
from storage.store import Transaction
from storage.upserts import put_if_new

_REPEATS = table(RepeatRow)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered; `status` is 0 while it is not."""

    status: int = 0
    body: bytes = b""
    etag: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request of the past: `request` is a digest of what it said."""

    request: str
    begun_at: datetime
    answer: Answer


def begin(tx: Transaction, key: str, request: str, now: datetime) -> bool:
    """Whether `key` comes for the first time; it is under way from now on."""
    empty = {"status": 0, "etag": "", "location": "", "body": b""}
    return put_if_new(tx, _REPEATS, {"key": key, "request": request, "begun_at": now, **empty})


def find(tx: Transaction, key: str) -> Repeat | None:
    """The request that brought `key`; nobody else looks at it until this transaction is over."""
    row = tx.execute(select(_REPEATS).where(_REPEATS.c.key == key).with_for_update()).first()
    if row is None:
        return None
    return Repeat(row.request, row.begun_at, Answer(row.status, row.body, row.etag, row.location))


def begin_again(tx: Transaction, key: str, request: str, now: datetime) -> None:
    """Nothing more is heard of whoever carried it out: it is under way anew."""
    tx.execute(update(_REPEATS).where(_REPEATS.c.key == key).values(request=request, begun_at=now, status=0))


def answered(tx: Transaction, key: str, answer: Answer) -> None:
    """Keep what it was answered."""
    values = {"status": answer.status, "body": answer.body, "etag": answer.etag, "location": answer.location}
    tx.execute(update(_REPEATS).where(_REPEATS.c.key == key).values(**values))


def drop(tx: Transaction, key: str) -> None:
    """It changed nothing: the key is free again."""
    tx.execute(delete(_REPEATS).where(_REPEATS.c.key == key))


def forget(tx: Transaction, before: datetime) -> None:
    """Drop what nobody sends again."""
    tx.execute(delete(_REPEATS).where(_REPEATS.c.begun_at < before))
