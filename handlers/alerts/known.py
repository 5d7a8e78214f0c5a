"""What the database has of a batch's alerts and groups, before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.alert_holds import HeldGroup, held_at, held_keys
from domain.alerts import AlertGroup, AlertKey, Known, as_before, keys_of, place_before, sought, was_named_before
from storage import alerts, catalog, incidents, tokens
from storage.alerts import Standing
from storage.foresight import foresee
from storage.store import Transaction

Looked = tuple[dict[AlertKey, Known], dict[tuple[str, str], str], dict[AlertKey, Known]]


@dataclass(frozen=True, slots=True)
class Before:
    """What the database has of a batch's alerts and groups."""

    known: dict[AlertKey, Known]
    open_groups: dict[tuple[str, str], str]
    live: dict[AlertKey, Known]
    standings: dict[str, Standing]


def as_opened(tx: Transaction, groups: list[AlertGroup]) -> list[AlertGroup]:
    """Those whose incident an earlier Vigie has opened, or that it held back, have their names of then, until that is
    over."""
    places = list(dict.fromkeys(place_before(one) for one in groups if place_before(one) != one.place))
    going_on = incidents.open_groups(tx, places)
    waiting = alerts.held(tx, list(map(held_at, places)))
    still = {place for place in places if place in going_on or held_at(place) in waiting}
    names = [token.name for token in tokens.every(tx)] if still else []
    return [
        as_before(group) if place_before(group) in still and was_named_before(group, names) else group
        for group in groups
    ]


def held_still(tx: Transaction, groups: list[AlertGroup]) -> Before:
    """What is known, of incidents that nobody else changes from here on. One that somebody has just ended takes no
    alert: then it is looked for anew."""
    while True:
        known, open_groups, live = _looked_up(tx, groups)
        known |= live
        open_ones = {*open_groups.values(), *(one.incident for one in known.values() if one.is_incident_open)}
        standings = alerts.standings(tx, {*open_ones, *(one.incident for one in known.values())})
        if all(one in standings and standings[one].is_open for one in open_ones):
            return Before(known, open_groups, live, standings)


def _looked_up(tx: Transaction, groups: Sequence[AlertGroup]) -> Looked:
    keys, places = keys_of(groups)
    return incidents.known_alerts(tx, keys), incidents.open_groups(tx, places), alerts.live(tx, sought(groups))


def held(tx: Transaction, groups: Sequence[AlertGroup]) -> dict[str, HeldGroup]:
    """Those that wait where these groups may."""
    return alerts.held(tx, [key for group in groups for key in held_keys(group)])


def foresee_all(tx: Transaction, groups: list[AlertGroup]) -> None:
    """Ask at once what is asked of new alerts in any case."""
    foresee(tx, lambda: (as_opened(tx, groups), held(tx, groups), catalog.revision(tx), _looked_up(tx, groups)))
