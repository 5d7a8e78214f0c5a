"""Where our messages live in Slack, and the ids of the channels that people name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, or_, select, update

from domain.incidents import OPEN
from storage.bulk import insert_many
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.message_tables import ChannelRow, MessageRow
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.upserts import put_row

_MESSAGES = table(MessageRow)
_CHANNELS = table(ChannelRow)
_INCIDENTS = table(IncidentRow)


@dataclass(frozen=True, slots=True)
class Place:
    """A message of ours: what it is (`card:…`, `step:…`, `page:…`), its channel's id and its time stamp."""

    key: str
    incident: str
    channel: str
    ts: str


def of_incidents(tx: Transaction, incidents: Iterable[str]) -> dict[str, Place]:
    """Every place of these incidents, by key."""
    wanted = list(incidents)
    found = tx.execute(_OF_INCIDENTS, {"ids": wanted}) if wanted else ()
    return {row.key: Place(row.key, row.incident, row.channel, row.ts) for row in found}


_OF_INCIDENTS = prepared(select(_MESSAGES).where(among(_MESSAGES.c.incident, "ids")))


def has(tx: Transaction, key: str) -> bool:
    """Whether `key` has been posted."""
    return tx.execute(_HAS, {"wanted": key}).first() is not None


_HAS = prepared(select(_MESSAGES.c.ts).where(_MESSAGES.c.key == bindparam("wanted")))


def ts(tx: Transaction, key: str) -> str:
    """The time stamp of the message posted as `key`, "" when there is none."""
    return str(tx.execute(_HAS, {"wanted": key}).scalar() or "")


def place(tx: Transaction, key: str) -> Place | None:
    """Where the message posted as `key` is, None when it is nowhere."""
    row = tx.execute(_AT, {"wanted": key}).first()
    return Place(row.key, row.incident, row.channel, row.ts) if row else None


_AT = prepared(select(_MESSAGES).where(_MESSAGES.c.key == bindparam("wanted")))


def carded(tx: Transaction, incidents: Sequence[str]) -> set[str]:
    """Those of these incidents whose card is posted."""
    keys = [f"card:{incident}" for incident in incidents]
    return {row.incident for row in tx.execute(_CARDED, {"wanted": keys})} if keys else set()


_CARDED = prepared(select(_MESSAGES.c.incident).where(among(_MESSAGES.c.key, "wanted")))


def carded_at(tx: Transaction, channel: str, ts: str) -> str:
    """The incident whose card, in its team's channel or in its war room, is this message; "" when it is none's."""
    found = tx.execute(_CARDED_AT, {"in_channel": channel, "at": ts})
    return next((row.incident for row in found if row.key in (f"card:{row.incident}", f"room:{row.incident}")), "")


_CARDED_AT = prepared(
    select(_MESSAGES.c.key, _MESSAGES.c.incident).where(
        _MESSAGES.c.channel == bindparam("in_channel"), _MESSAGES.c.ts == bindparam("at")
    )
)


def has_cards(tx: Transaction, channel: str) -> bool:
    """Whether a channel has an incident's card in it, open or over."""
    return tx.execute(_CARDS_IN.limit(1), {"in_channel": channel}).first() is not None


def open_in(tx: Transaction, channel: str) -> list[str]:
    """The open incidents with their card in a channel: at most two, since more than one is one too many."""
    is_open = _INCIDENTS.c.status.in_(OPEN)
    found = _CARDS_IN.join(_INCIDENTS, _INCIDENTS.c.id == _MESSAGES.c.incident).where(is_open).limit(2)
    return list(tx.execute(found, {"in_channel": channel}).scalars())


_CARDS_IN = select(_MESSAGES.c.incident).where(
    _MESSAGES.c.channel == bindparam("in_channel"),
    or_(_MESSAGES.c.key.startswith("card:"), _MESSAGES.c.key.startswith("room:")),
)


def put(tx: Transaction, places: Sequence[Place]) -> None:
    """Keep where messages are, in the stead of where they were."""
    if not places:
        return
    tx.execute(_FORGET, {"wanted": [place.key for place in places]})
    values = [{"key": p.key, "incident": p.incident, "channel": p.channel, "ts": p.ts} for p in places]
    insert_many(tx, _MESSAGES, values)


_FORGET = prepared(delete(_MESSAGES).where(among(_MESSAGES.c.key, "wanted")), is_heard=False)


def forget(tx: Transaction, keys: Sequence[str]) -> None:
    """Messages that somebody deleted are nowhere."""
    tx.execute(_FORGET, {"wanted": list(keys)})


def channels(tx: Transaction) -> dict[str, str]:
    """The ids of the channels found so far, by name."""
    return {row.name: row.channel for row in tx.execute(select(_CHANNELS))}


def put_channel(tx: Transaction, name: str, channel: str) -> None:
    """Keep the id of a channel's name. Two that learn it together both do."""
    put_row(tx, _CHANNELS, {"name": name, "channel": channel})


def forget_direct(tx: Transaction) -> None:
    """Direct channels are between people and the app that opened them: another can't write in them."""
    tx.execute(delete(_CHANNELS).where(_CHANNELS.c.name.startswith("@")))


def rename(tx: Transaction, keys: Mapping[str, str]) -> None:
    """What stands at these places is called otherwise from now on."""
    for old, new in keys.items():
        tx.execute(update(_MESSAGES).where(_MESSAGES.c.key == old).values(key=new))
