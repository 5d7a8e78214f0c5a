"""Alerts in: folded into incidents, durable before anybody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.alerts import AlertGroup
from domain.clock import Clock
from domain.people import Actor, Role
from domain.timeline import Entry, Event
from handlers.alerts.intake import Batch, Received, keys_of
from handlers.incidents import opening, transitions
from handlers.runbooks.facts import show_again
from storage import homes, incidents
from storage.store import Batches, Store, Transaction, serialise


class AlertService:
    """Takes alert groups; groups that wait share a commit. `wake` is called after each: something may be due."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._batches: Batches[AlertGroup, Received] = Batches(store, self._take)

    @property
    def is_busy(self) -> bool:
        """Whether alerts wait for their commit."""
        return self._batches.is_busy

    async def receive(self, group: AlertGroup) -> Received:
        """Fold `group` into its open incident or a new one; answers once that is on the disk."""
        received = await self._batches.submit(group)
        self._wake()
        return received

    def _take(self, tx: Transaction, groups: list[AlertGroup]) -> list[Received]:
        serialise(tx, "intake")
        now = self._clock.now()
        alerts, places = keys_of(groups)
        known, open_groups = incidents.known_alerts(tx, alerts), incidents.open_groups(tx, places)
        batch = Batch(
            directory=opening.with_triage(tx),
            clock=self._clock,
            now=now,
            known=known,
            open_groups=open_groups,
            short_ids=incidents.short_ids(tx, {*open_groups.values(), *(alert.incident for alert in known.values())}),
        )
        received = [batch.take(group) for group in groups]
        _write(tx, batch)
        _settle_ended(tx, batch, groups[0].source, now)
        if batch.openings or batch.ended_in:
            homes.refresh(tx, now)
        return received


def _write(tx: Transaction, batch: Batch) -> None:
    opening.keep(tx, batch.openings)
    incidents.add_alerts(tx, batch.alerts, batch.now)
    incidents.end_alerts(tx, batch.ended, batch.now)
    for entry in batch.additions:
        transitions.record(tx, batch.now, entry)
        transitions.refresh(tx, entry.incident, batch.now)
    show_again(tx, {entry.incident for entry in batch.additions}, batch.now)


def _settle_ended(tx: Transaction, batch: Batch, source: str, now: datetime) -> None:
    """Incidents whose last alert ended resolve themselves, or say so, as their service is set."""
    if not batch.ended_in:
        return
    over = [incident for incident, count in incidents.firing(tx, sorted(batch.ended_in)).items() if not count]
    for incident in incidents.by_ids(tx, incidents.hold(tx, over)).values():
        service = batch.directory.services.get(incident.service)
        if not incident.is_open:
            continue
        if service is None or service.auto_resolve:
            actor = Actor(key=f"source:{source}", name=source.capitalize(), role=Role.OPERATOR)
            transitions.resolve(tx, incident, actor, "All alerts ended.", "", now)
        else:
            entry = Entry(incident=incident.id, at=now, event=Event.ALERTS_ENDED, by=source)
            transitions.record(tx, now, entry)
