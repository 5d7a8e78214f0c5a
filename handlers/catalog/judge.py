"""`vigie lint`: files judged as they are, without a database. What they name and do not declare may well be in the
database, so it is taken to be there, and nothing is said about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from domain.alert_rule_lint import lint_alert_rules
from domain.directory import Directory
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.lint import Finding
from domain.organisation_lint import lint_person, lint_service, lint_team
from domain.people import Person, Service, Team
from domain.policies import TargetType
from domain.policy_lint import lint_policy
from domain.reach import Reach
from domain.runbook_lint import lint_runbook
from handlers.catalog.catalog import Catalog, read, resolve
from handlers.catalog.drafts import Drafts, PolicyDraft, RunbookDraft
from handlers.catalog.source import Fields


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with where it stands; `subject` is "runbook <title>", "policy <name>", "team <name>" and so on."""

    file: str
    line: int
    subject: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with files (`faults`: they can't be loaded), and what good practice finds. `subjects` are the
    things judged; `knows_people` tells whether reachability could be."""

    faults: tuple[Fault, ...] = ()
    judged: tuple[Judged, ...] = ()
    subjects: tuple[str, ...] = ()
    knows_people: bool = True


def judge(files: Sequence[tuple[str, str]], reach: Reach, now: datetime) -> Judgement:
    """Everything to say about `files` (name, text) at `now`, in the order of the files."""
    faults: list[Fault] = []
    drafts = read(files, faults)
    numbers = count(1)
    catalog = resolve(drafts, _supposed(drafts), lambda: f"new-{next(numbers)}")
    placed = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    subjects = [f"runbook {draft.title}" for draft in drafts.runbooks]
    subjects += [f"policy {draft.name}" for draft in drafts.policies]
    subjects += [f"alert rule {draft.rule.name}" for draft in drafts.alert_rules]
    subjects += [f"heartbeat {draft.heartbeat.name}" for draft in drafts.heartbeats]
    subjects += [f"person {draft.handle}" for draft in drafts.people]
    subjects += [f"team {draft.name}" for draft in drafts.teams]
    subjects += [f"service {draft.name}" for draft in drafts.services]
    if faults or not drafts.are_whole:
        return Judgement(placed, subjects=tuple(subjects))
    knows_people = bool(drafts.people and drafts.teams)
    directory = _directory(catalog) if knows_people else None
    judged = [*_runbooks(drafts, catalog), *_policies(drafts, catalog, directory, reach), *_alert_rules(drafts)]
    judged += _organisation(drafts, catalog, reach, now)
    order = {name: place for place, (name, _) in enumerate(files)}
    return Judgement(
        judged=tuple(sorted(judged, key=lambda one: (order[one.file], one.line))),
        subjects=tuple(subjects),
        knows_people=knows_people or not drafts.policies,
    )


def _runbooks(drafts: Drafts, catalog: Catalog) -> Iterator[Judged]:
    for draft, runbook in zip(drafts.runbooks, catalog.runbooks, strict=True):
        for finding in lint_runbook(runbook):
            yield _judged(draft, f"runbook {runbook.title}", finding)


def _policies(drafts: Drafts, catalog: Catalog, directory: Directory | None, reach: Reach) -> Iterator[Judged]:
    for draft, policy in zip(drafts.policies, catalog.policies, strict=True):
        for finding in lint_policy(policy, directory, reach):
            yield _judged(draft, f"policy {policy.name}", finding)


def _alert_rules(drafts: Drafts) -> Iterator[Judged]:
    places = {draft.rule.name: draft.fields for draft in drafts.alert_rules}
    for rule, finding in lint_alert_rules([draft.rule for draft in drafts.alert_rules]):
        yield _placed(places[rule.name], f"alert rule {rule.name}", finding)


def _organisation(drafts: Drafts, catalog: Catalog, reach: Reach, now: datetime) -> Iterator[Judged]:
    """People, teams and services. Without a policy in the files, it is in the database that they have theirs."""
    directory = _directory(catalog)
    for person, finding in ((one, found) for one in catalog.people for found in lint_person(one, directory, reach)):
        fields = next(draft.fields for draft in drafts.people if draft.handle == person.handle)
        yield _placed(fields, f"person {person.handle}", finding)
    for team, finding in ((one, found) for one in catalog.teams for found in lint_team(one, directory, reach, now)):
        if drafts.people and (drafts.policies or finding.where.field != "team"):
            fields = next(draft.fields for draft in drafts.teams if draft.name == team.name)
            yield _placed(fields, f"team {team.name}", finding)
    for service, finding in ((one, found) for one in catalog.services for found in lint_service(one, directory)):
        if drafts.teams and drafts.policies:
            fields = next(draft.fields for draft in drafts.services if draft.name == service.name)
            yield _placed(fields, f"service {service.name}", finding)


def _placed(fields: Fields, subject: str, finding: Finding) -> Judged:
    line = fields.line_of(finding.where.field) if finding.where.field else fields.line
    return Judged(fields.faults.file, line, subject, finding)


_OTHER_NAMES = {
    "duration": "expected_duration",
    "rollback": "rollback_instructions",
    "delay": "delay_minutes",
    "type": "notification_type",
    "target": "target_type",
}


def _judged(draft: RunbookDraft | PolicyDraft, subject: str, finding: Finding) -> Judged:
    orders = [step.order for step in draft.steps]
    step = finding.where.step
    fields = draft.step_fields[orders.index(step)] if step in orders else draft.fields
    field = finding.where.field
    line = fields.line_of(field, _OTHER_NAMES.get(field, field))
    return Judged(fields.faults.file, line, subject, finding)


def _directory(catalog: Catalog) -> Directory:
    return Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        policies={one.id: one for one in catalog.policies},
    )


def _supposed(drafts: Drafts) -> Directory:
    """What the files name and leave to the database: people, teams or services when they declare none at all."""
    people = {} if drafts.people else {name: Person(name, name, name) for name in _handles(drafts)}
    named = [*(draft.team for draft in drafts.policies), *(draft.team for draft in drafts.services)]
    named += [draft.rule.team for draft in drafts.alert_rules]
    teams = {} if drafts.teams else {name: Team(name, name, lead="somebody") for name in _once(named)}
    named = [*(draft.service for draft in drafts.runbooks), *(draft.rule.service for draft in drafts.alert_rules)]
    named += [draft.heartbeat.service for draft in drafts.heartbeats]
    services = {} if drafts.services else {name: Service(name, name) for name in _once(named)}
    return Directory(people=people, teams=teams, services=services)


def _handles(drafts: Drafts) -> list[str]:
    named = [name for team in drafts.teams for name in (team.lead, *team.members)]
    named += [name for team in drafts.teams for rotation in team.on_call.rotations for name in rotation.people]
    targets = [step.target for draft in drafts.policies for step in draft.steps]
    named += [one.value for one in targets if one.type is TargetType.USER and one.value != TEAM_LEAD]
    return _once(named)


def _once(names: Iterable[str]) -> list[str]:
    """Each name in its first spelling."""
    return list({name.casefold(): name for name in reversed(list(names)) if name}.values())
