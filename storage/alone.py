"""Things of which one may be bad: it waits by itself, and holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from storage.faults import UNDECIDABLE
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

AGAIN_SECONDS = 60
"""After these one that could not be decided on is looked at again, in the world's time."""
Result = TypeVar("Result")


async def each_alone(
    store: Store,
    names: Iterable[str],
    work: Callable[[Transaction, str], Result],
    put_off: Callable[[Transaction, str], None],
    failure: str,
) -> dict[str, Result]:
    """What `work` gives for each name, in a transaction of its own. Those that it can't be done for are missing: they
    are `put_off`, and the log says `failure` of them. Raises Unavailable when it is the database that fails."""
    done = {}
    for name in names:
        try:
            done[name] = await store.write(partial(_of, work, name))
        except UNDECIDABLE:
            log.exception("%s %s; again in a minute", failure, name)
            await store.write(partial(_of, put_off, name))
    return done


def _of(work: Callable[[Transaction, str], Result], name: str, tx: Transaction) -> Result:
    return work(tx, name)
