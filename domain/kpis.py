"""The three figures of an incident, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.incidents import Incident


@dataclass(frozen=True, slots=True)
class Kpis:
    """MTTD = created - detected, MTTA = acknowledged - created, MTTR = resolved - created. None until known."""

    mttd_seconds: float
    mtta_seconds: float | None
    mttr_seconds: float | None


def kpis(incident: Incident) -> Kpis:
    """The figures of `incident`; a source whose clock runs ahead detects at 0, not before."""
    return Kpis(
        mttd_seconds=max((incident.created_at - incident.detected_at).total_seconds(), 0.0),
        mtta_seconds=_since(incident.created_at, incident.acknowledged_at),
        mttr_seconds=_since(incident.created_at, incident.resolved_at),
    )


def _since(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()
