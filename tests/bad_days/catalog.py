"""Who is called on a bad day, and how: four teams, since Slack takes a message a second in each channel."""

from __future__ import annotations

TEAMS = {"SRE": "sre-incidents", "Platform": "platform-incidents", "Billing": "billing-incidents", "Front": "general"}
PEOPLE = """
people:
  - {handle: ada, name: Ada Admin, email: ada@example.com, phone: "+33600000001", slack: U01ADA, role: admin}
  - {handle: john, name: John Doe, email: john.doe@example.com, phone: "+33600000002", slack: U02JOHN}
  - {handle: lea, name: Lea Lead, email: lea@example.com, phone: "+33600000003", slack: U03LEA}
"""
TEAM = """
  - name: {team}
    channel: "#{channel}"
    lead: lea
    members: [ada, john, lea]
    on_call:
      timezone: UTC
      rotations: [{{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}}]
"""
RUNBOOK = """
---
Title: Look and mend
Steps:
  1: {title: Look, description: Look what is wrong, command: uptime -p, duration: 600}
  2: {title: Mend, description: Mend it, command: true, duration: 600}
"""
POLICY = """
---
Policy: Climb of {team}
Team: {team}
Default: true
Steps:
  1: {{delay: 0 minutes, type: SLACK, target: "CHANNEL (#{channel})", message: "zero {{incident.short_id}}"}}
  2: {{delay: 2 minutes, type: SMS, target: ON_CALL, message: "one {{incident.short_id}}"}}
  3: {{delay: 5 minutes, type: EMAIL, target: USER (lea), message: "two {{incident.short_id}}"}}
  4: {{delay: 8 minutes, type: SLACK, target: ON_CALL, message: "three {{incident.short_id}}"}}
  5: {{delay: 12 minutes, type: SMS, target: USER (lea), message: "four {{incident.short_id}}"}}
"""
STEPS = frozenset(range(1, 6))


def written() -> str:
    """All of it, as `vigie load` takes it."""
    teams = "".join(TEAM.format(team=team, channel=channel) for team, channel in TEAMS.items())
    services = ", ".join(f"{{name: {service_of(team)}, team: {team}}}" for team in TEAMS)
    policies = "".join(POLICY.format(team=team, channel=channel) for team, channel in TEAMS.items())
    return f"{PEOPLE}teams:{teams}services: [{services}]\n{RUNBOOK}{policies}"


def service_of(team: str) -> str:
    """The name of a team's only service."""
    return f"{team.lower()}-service"
