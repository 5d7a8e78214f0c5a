"""The last page that each person tried out on themselves, by channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from domain.policies import Channel
from domain.trials import Trial, TrialState
from storage.catalog import table
from storage.prepared import prepared
from storage.store import Transaction
from storage.trial_tables import TrialRow

_TRIALS = table(TrialRow)


def replace(tx: Transaction, person: str, trials: Sequence[Trial]) -> None:
    """Keep new trials of a person in the stead of all before them."""
    forget(tx, person)
    if trials:
        tx.execute(insert(_TRIALS), [_values(trial) for trial in trials])


def forget(tx: Transaction, person: str) -> None:
    tx.execute(delete(_TRIALS).where(_TRIALS.c.person == person))


def of_person(tx: Transaction, person: str) -> tuple[Trial, ...]:
    """The last trials of a person."""
    found = tx.execute(_OF_PERSON, {"whose": person}) if person else ()
    return tuple(sorted(map(_trial, found), key=lambda trial: list(Channel).index(trial.channel)))


_OF_PERSON = prepared(select(_TRIALS).where(_TRIALS.c.person == bindparam("whose")))


def find(tx: Transaction, trial: str) -> Trial | None:
    row = tx.execute(select(_TRIALS).where(_TRIALS.c.id == trial)).first()
    return _trial(row) if row else None


def settle(tx: Transaction, trial: str, state: TrialState, reason: str, at: datetime) -> None:
    """What became of a trial that waits; a confirmation that came before the provider's yes stays."""
    waits = _TRIALS.c.state == TrialState.WAITING.value
    values = {"state": state.value, "reason": reason[:500], "settled_at": at}
    tx.execute(update(_TRIALS).where(_TRIALS.c.id == trial, waits).values(values))


def lose(tx: Transaction, trial: str, reason: str, at: datetime) -> None:
    """The provider took it, and it reached nobody all the same."""
    not_confirmed = _TRIALS.c.state != TrialState.CONFIRMED.value
    values = {"state": TrialState.REFUSED.value, "reason": reason[:500], "settled_at": at}
    tx.execute(update(_TRIALS).where(_TRIALS.c.id == trial, not_confirmed).values(values))


def confirm(tx: Transaction, trial: str, at: datetime) -> None:
    """Somebody said that it arrived, whatever the provider thought."""
    values = {"state": TrialState.CONFIRMED.value, "reason": "", "settled_at": at}
    tx.execute(update(_TRIALS).where(_TRIALS.c.id == trial).values(values))


def _values(trial: Trial) -> dict[str, Any]:
    values = {name: getattr(trial, name) for name in Trial.__dataclass_fields__}
    return values | {"channel": trial.channel.value, "state": trial.state.value}


def _trial(row: Any) -> Trial:
    values = {name: getattr(row, name) for name in Trial.__dataclass_fields__}
    return Trial(**values | {"channel": Channel(row.channel), "state": TrialState(row.state)})
