"""Every slash command and shortcut of the app, in one place."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp

from domain.clock import Clock
from handlers.incidents.service import IncidentService
from handlers.incidents.slack_commands import IncidentCommands
from handlers.incidents.slack_commands import register_commands as register_incidents
from handlers.incidents.slack_declare import Declaring, register_declaring
from handlers.oncall.slack import OnCallCommands
from handlers.oncall.slack import register_commands as register_oncall
from handlers.policies.slack_commands import PolicyCommands
from handlers.policies.slack_commands import register_commands as register_policies
from handlers.runbooks.service import RunbookService
from handlers.runbooks.slack_commands import RunbookCommands
from handlers.runbooks.slack_commands import register_commands as register_runbooks
from handlers.slack import People


def register_commands(
    app: AsyncApp, incidents: IncidentService, runbooks: RunbookService, people: People, clock: Clock
) -> None:
    """Put them all in `app`."""
    declaring = Declaring(incidents)
    register_incidents(app, IncidentCommands(incidents, declaring, clock), people)
    register_declaring(app, declaring, incidents, people)
    register_runbooks(app, RunbookCommands(runbooks, incidents), people)
    register_oncall(app, OnCallCommands(incidents, clock), people)
    register_policies(app, PolicyCommands(incidents), people)
