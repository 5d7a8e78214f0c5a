"""A trouble that begins is kept and told to the admins, once; one that is over is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.notices import NoticeKind
from domain.notifications import Notification
from domain.policies import Channel
from domain.troubles import (
    ACCOUNTS,
    DIRECT,
    OF_PROVIDERS,
    SLACK,
    Known,
    Trouble,
    account,
    channel_of,
    classify,
    is_counted_on,
    is_of_webhook,
    target,
)
from storage import catalog, notices, refused_cards, troubles
from storage.store import Transaction

CARDS_AT_ONCE = 50
MOST_LINES = 200
"""So many that were to be said under cards meanwhile are said late."""


def begins(tx: Transaction, one: Known, now: datetime) -> None:
    """Keep it, and tell every admin unless it is known."""
    if not troubles.put(tx, one):
        return
    details = {"trouble": one.trouble.value, "label": one.label, "detail": one.detail}
    said = [
        notices.notice(
            NoticeKind.TROUBLE, f"{one.name}:{one.since.isoformat()}:{admin.id}", person=admin.id, details=details
        )
        for admin in catalog.directory(tx).admins
    ]
    notices.tell(tx, said, now, is_urgent=one.trouble in _WITHOUT_SLACK)


_WITHOUT_SLACK = OF_PROVIDERS | {Trouble.MISSING_SCOPE, Trouble.UNAUTHORIZED, Trouble.NO_SOCKETS}
"""Told also while Slack is away: then what is wrong with the other ways is all the worse."""


def is_over(tx: Transaction, names: Collection[str]) -> None:
    """What works again is in nobody's way."""
    known = {one.name for one in troubles.listed(tx)}
    troubles.forget(tx, known & set(names))


def moot(tx: Transaction, channels: Collection[Channel]) -> set[str]:
    """The names of those that are in nobody's way any more, though nothing says that they are over: what they are
    about is not in the catalog any more, or not set up. `channels` are those that are."""
    listed = troubles.listed(tx)
    if not listed:
        return set()
    directory = catalog.directory(tx)
    left = (one.name for one in listed if not is_counted_on(one.name, directory, channels))
    return {name for name in left if not (channel_of(name) and refused_cards.has_open(tx, channel_of(name)))}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a message to a place or a person in Slack, or to a webhook, ended: `code` is what its refusal is called, ""
    for a yes. `is_edit` when it changed one that was there."""

    page: Notification | None
    channel: str
    code: str
    reason: str
    is_edit: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """How something that was handed to the provider of a channel ended: `code` is its refusal, "" for a yes."""

    channel: Channel
    code: str
    reason: str


def learn(tx: Transaction, ended: Sequence[Ended], handed: Sequence[Handed], now: datetime) -> None:
    """Keep what these say of where they went, and of whom they were handed to."""
    works = _targets(tx, ended, now) | _accounts(tx, handed, now)
    if works:
        _work(tx, works, now)


def _accounts(tx: Transaction, handed: Sequence[Handed], now: datetime) -> set[str]:
    """Troubles of providers that are over; those that begin are kept."""
    works: set[str] = set()
    for one in handed:
        found = account(one.channel, one.code)
        if not one.code:
            works |= ACCOUNTS[one.channel]
        elif found:
            name, trouble = found
            begins(tx, Known(name=name, trouble=trouble, label=name, detail=one.reason, since=now), now)
    return works


def _targets(tx: Transaction, ended: Sequence[Ended], now: datetime) -> set[str]:
    """Targets that work; what is wrong with others is kept."""
    works: set[str] = set()
    for one in ended:
        name, label = target(one.page, one.channel)
        if not name:
            continue
        is_to_a_person = name.startswith("person:")
        if not one.code and is_of_webhook(name):
            works.add(name)
        elif not one.code:
            # Where nothing may be posted, what was posted before can often be edited.
            works |= {SLACK} if one.is_edit else {name, SLACK, *([DIRECT] if is_to_a_person else [])}
        elif trouble := classify(one.code, is_to_a_person=is_to_a_person):
            if trouble is Trouble.UNAUTHORIZED:
                name, label = SLACK, "Slack"
            elif trouble is Trouble.MISSING_SCOPE and is_to_a_person:
                name = label = DIRECT
            begins(tx, Known(name=name, trouble=trouble, label=label, detail=one.reason, since=now), now)
    return works


def _work(tx: Transaction, names: Collection[str], now: datetime) -> None:
    """These work again. The cards that a channel refused leave now; while there are more of them than go at once, it
    stays known, and the next that comes there lets further ones go. What it refused under its other cards follows."""
    known = {one.name for one in troubles.listed(tx)} & set(names)
    channels = {name: channel for name in sorted(known) if (channel := channel_of(name))}
    more = {
        name
        for name, channel in channels.items()
        if refused_cards.put_back(tx, channel, now, CARDS_AT_ONCE) == CARDS_AT_ONCE
    }
    for name in channels.keys() - more:
        refused_cards.put_lines_back(tx, channels[name], now, MOST_LINES)
    troubles.forget(tx, known - more)
