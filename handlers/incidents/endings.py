"""Whether an incident is over by itself: with its own causes, and with those of whatever was merged into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.heartbeats import SOURCE, Beat
from domain.incidents import Incident
from domain.timeline import Event
from storage import heartbeats, incidents, timeline
from storage.store import Transaction


def over(tx: Transaction, found: Sequence[Incident]) -> set[str]:
    """The ids of those of `found` that nothing keeps open: no alert fires, no source is silent, nobody declared it."""
    firing = incidents.firing(tx, [incident.id for incident in found])
    calm = [incident for incident in found if not firing[incident.id]]
    merged = timeline.last_of(tx, [incident.id for incident in calm], [Event.MERGED])
    beats = heartbeats.beats(tx) if merged or any(incident.source == SOURCE for incident in calm) else {}
    return {
        incident.id
        for incident in calm
        if not any(_lasts(part, beats) for part in (_parts(tx, incident) if incident.id in merged else [incident]))
    }


def _parts(tx: Transaction, incident: Incident) -> Iterator[Incident]:
    """It, and whatever was merged into it, by way of others too."""
    yield incident
    merged = timeline.of_kinds(tx, incident.id, [Event.MERGED])
    for part in incidents.by_ids(tx, [str(entry.details.get("incident", "")) for entry in merged]).values():
        yield from _parts(tx, part)


def _lasts(part: Incident, beats: dict[str, Beat]) -> bool:
    """Alerts count for the incident that has them now. What a person declared is over when a person says so."""
    if part.source == SOURCE:
        return part.group_key in beats and beats[part.group_key].is_silent
    return part.received_at is None
