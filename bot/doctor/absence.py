"""A channel that is not set up: a choice, unless policies count on it."""

from __future__ import annotations

from bot.doctor import plans
from bot.doctor.database import Database
from bot.doctor.findings import Finding, Verdict
from domain.policies import Channel


async def off(area: str, channel: Channel, database: Database | None, remedy: str) -> Finding:
    """What it means that a channel is off: an error when policies go by it."""
    directory = await database.directory() if database else None
    steps = plans.needs(directory)[channel] if directory else 0
    if not steps:
        return Finding(area, Verdict.OFF, "not set up", remedy)
    count = "1 policy step counts" if steps == 1 else f"{steps} policy steps count"
    return Finding(area, Verdict.ERROR, f"not set up, and {count} on it", remedy)
