"""Every door that Slack has into Vigie: what is registered is what the manifest is made from."""

from __future__ import annotations

from types import ModuleType

from slack_bolt.app.async_app import AsyncApp

from bot.use_cases import UseCases
from handlers import slack as shared
from handlers.contacts import slack as contacts_slack
from handlers.drills import slack as drills_slack
from handlers.home import slack as home_slack
from handlers.incidents import slack as incidents_slack
from handlers.incidents import slack_commands as incidents_commands
from handlers.incidents import slack_declare as incidents_declare
from handlers.incidents import slack_lifecycle as lifecycle_slack
from handlers.incidents import slack_lifecycle_commands as lifecycle_commands
from handlers.incidents import slack_notes as incidents_notes
from handlers.incidents import slack_pins as incidents_pins
from handlers.incidents import slack_roles as roles_slack
from handlers.incidents import slack_timeline as incidents_timeline
from handlers.incidents import slack_why as incidents_why
from handlers.oncall import slack as oncall_slack
from handlers.people import slack as people_slack
from handlers.policies import slack as policies_slack
from handlers.policies import slack_commands as policies_commands
from handlers.policies import slack_preview as policies_preview
from handlers.postmortems import slack as postmortems_slack
from handlers.reports import slack as reports_slack
from handlers.rooms import slack as rooms_slack
from handlers.runbooks import slack as runbooks_slack
from handlers.runbooks import slack_approvals as approvals_slack
from handlers.runbooks import slack_carrying as carrying_slack
from handlers.runbooks import slack_commands as runbooks_commands
from handlers.runbooks import slack_editor as runbooks_editor
from handlers.runbooks import slack_overdue as overdue_slack
from handlers.runbooks import slack_rollbacks as rollbacks_slack
from handlers.services import slack as services_slack
from handlers.slack import People
from handlers.storms import slack as storms_slack
from handlers.switchboard import Switchboard
from handlers.teams import slack as teams_slack
from handlers.trials import slack as trials_slack
from handlers.updates import slack as updates_slack

DOORS: tuple[ModuleType, ...] = (
    incidents_declare,
    incidents_commands,
    incidents_timeline,
    incidents_why,
    incidents_pins,
    incidents_notes,
    incidents_slack,
    lifecycle_commands,
    rooms_slack,
    updates_slack,
    postmortems_slack,
    runbooks_commands,
    runbooks_slack,
    oncall_slack,
    policies_commands,
    reports_slack,
    drills_slack,
    home_slack,
    people_slack,
    teams_slack,
    services_slack,
    contacts_slack,
    trials_slack,
)
"""Modules whose COMMANDS, SHORTCUTS and EVENTS the manifest lists, in the order of the help."""


def register(app: AsyncApp, to: UseCases, people: People) -> None:
    """Put all of them in `app`; what nothing else answers comes last."""
    board = Switchboard(people)
    shared.register_workspace(app, people)
    shared.register_inbox(app, to.inbox)
    shared.register_threads(app)
    shared.register_errors(app, people)
    incidents_declare.register(app, to.incidents, people, board)
    incidents_commands.register(app, to.incidents, people, board)
    incidents_timeline.register(app, to.incidents, people, board)
    incidents_why.register(to.incidents, board)
    incidents_pins.register(app, to.pins, people)
    incidents_notes.register(app, to.incidents, people)
    incidents_slack.register(app, to.incidents, people)
    storms_slack.register(app, to.storms, people)
    lifecycle_commands.register(to.incidents, to.lifecycle, to.relations, board)
    rooms_slack.register(to.rooms, to.incidents, board)
    updates_slack.register(app, to.updates, to.incidents, people, board)
    lifecycle_slack.register(app, to.incidents, to.lifecycle, people)
    roles_slack.register(app, to.incidents, to.lifecycle, to.relations, people)
    runbooks_commands.register(app, to.runbooks, to.evidence, to.incidents, people, board)
    runbooks_slack.register(app, to.runbooks, people)
    approvals_slack.register(app, to.runs.approvals, people)
    rollbacks_slack.register(app, to.runbooks, people)
    overdue_slack.register(app, to.runs.overdue, people)
    carrying_slack.register(app, to.runs.carrying, people)
    runbooks_editor.register(app, to.runbook_editor, to.runbook_transfer, to.evidence, people)
    oncall_slack.register(app, to.oncall, to.swaps, to.schedules, to.feeds, to.links.of_calendars, people, board)
    policies_commands.register(app, to.incidents, to.judgement, people, board)
    reports_slack.register(app, to.reports, to.drawing, people, board)
    drills_slack.register(app, to.drills, people, board)
    policies_slack.register(app, to.policies, people)
    policies_preview.register(app, to.policies, to.judgement, people)
    home_slack.register(app, to.homes, to.incidents, people)
    people_slack.register(app, to.people, people)
    teams_slack.register(app, to.teams, people)
    services_slack.register(app, to.services, people)
    contacts_slack.register(app, to.contacts, people)
    trials_slack.register(app, to.trials, people, board)
    postmortems_slack.register(app, to.postmortems, to.actions, people, board)
    board.register(app)
    shared.register_rest(app, to.incidents, people)
