"""A channel that is not set up: a choice, unless policies or stakeholders count on it."""

from __future__ import annotations

from bot.doctor import plans
from bot.doctor.database import Database
from bot.doctor.findings import Finding, Verdict
from domain.directory import Directory
from domain.policies import Channel


async def off(area: str, channel: Channel, database: Database | None, remedy: str) -> Finding:
    """What it means that a channel is off: an error when policies go by it."""
    directory = await database.directory() if database else None
    steps = plans.needs(directory)[channel] if directory else 0
    if not steps and channel is Channel.EMAIL and directory and _stakeholders(directory):
        what = f"not set up, and {_stakeholders(directory)} stakeholders of teams and services hear of nothing"
        return Finding(area, Verdict.ERROR, what, remedy)
    if not steps:
        return Finding(area, Verdict.OFF, "not set up", remedy)
    count = "1 policy step counts" if steps == 1 else f"{steps} policy steps count"
    return Finding(area, Verdict.ERROR, f"not set up, and {count} on it", remedy)


def _stakeholders(directory: Directory) -> int:
    """How many addresses hear of incidents by e-mail."""
    teams = {one for team in directory.teams.values() for one in team.response.stakeholders}
    return len(teams | {one for service in directory.services.values() for one in service.stakeholders})
