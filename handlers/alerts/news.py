"""What is news to an incident that somebody has had for long, or that nobody is paged for any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.alerts import Alert
from domain.incidents import Incident, Status
from handlers.alerts.intake import Batch
from handlers.incidents import turns
from storage import incidents
from storage.store import Transaction

Had = Mapping[tuple[str, str, str], bool]
"""The names of alerts that their incidents had before, and whether one still fires under it."""


def fire_again(tx: Transaction, batch: Batch, calm: Collection[str], had: Had) -> bool:
    """Trigger those again that a batch has news for: they were `calm`, more is broken, or it is so anew. Whether there
    were any to look at."""
    grown = {incident for incident, alert in batch.joining if (incident, *alert.name) not in had}
    anew = _anew(batch, had)
    wanted = sorted({*calm, *grown, *anew})
    for incident in incidents.by_ids(tx, incidents.hold(tx, wanted)).values():
        if incident.id in calm:
            turns.fire_again(tx, incident, incident.source, batch.now)
            continue
        if incident.id in grown and not _was_left_out(batch, incident):
            turns.spread(tx, incident, incident.source, batch.now)
        if incident.id in anew:
            turns.begin_anew(tx, incident, incident.source, anew[incident.id], batch.now)
    return bool(wanted)


def _anew(batch: Batch, had: Had) -> dict[str, datetime]:
    """When the last alert began that each incident gets while one of its name fires there: nobody told its end."""
    over = {alert.name for alert in batch.ended}
    found = [(to, one) for to, one in batch.joining if had.get((to, *one.name)) and one.name not in over]
    began = sorted((batch.clock.from_wall(one.started_at), to) for to, one in found if one.started_at)
    return {to: moment for moment, to in began}


def _was_left_out(batch: Batch, incident: Incident) -> bool:
    """Whether all that joins an incident fired as somebody called it mitigated, and was not told for want of room: it
    comes up as others end."""
    moments = [_left_out_since(batch, alert) for to, alert in batch.joining if to == incident.id]
    mitigated_at = incident.mitigated_at if incident.status is Status.MITIGATED else None
    return mitigated_at is not None and all(began and began < mitigated_at for began in moments)


def _left_out_since(batch: Batch, alert: Alert) -> datetime | None:
    began = alert.started_at if alert.key in batch.partly_told else None
    return batch.clock.from_wall(began) if began else None
