"""People, teams and services while somebody changes them: what is wrong with them, and what still needs them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from domain.alert_rules import AlertRule
from domain.contacts import Contact
from domain.directory import Directory
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.people import Person, Role, Service, Team
from domain.policies import Policy, PolicyStep, TargetType
from domain.responses import MOST_STAKEHOLDERS
from domain.user_groups import GROUP

_Named = TypeVar("_Named", Team, Service, Policy)

LONGEST_NAME = 100
LONGEST_HANDLE = 60
LONGEST_EMAIL = 254
LONGEST_PHONE = 40
MOST_ALIASES = 50
HANDLE = re.compile(r"[\w.-]{1,60}")
_LABEL = r"[^\s@<>,;\".]++"
_EMAIL = re.compile(rf"[^\s@<>,;\"]++@(?:{_LABEL}\.)++{_LABEL}")
SLACK = re.compile(r"[UW][A-Z0-9]{2,20}")


def is_email(text: str) -> bool:
    """Whether `text` is one address, as far as can be seen without asking."""
    return len(text) <= LONGEST_EMAIL and bool(_EMAIL.fullmatch(text))


def person_faults(person: Person, before: Person | None, directory: Directory) -> Iterator[Fault]:
    """Why a person can't be kept like this, field by field."""
    if not person.name:
        yield Fault("name", "give it a name")
    if not HANDLE.fullmatch(person.handle):
        yield Fault("handle", "must be letters, digits, . _ or -, such as ada or john.doe")
    elif person.handle.casefold() == TEAM_LEAD:
        yield Fault("handle", f"{TEAM_LEAD} means whoever leads the team: take another name")
    elif before and before.handle.casefold() != person.handle.casefold():
        for policy, _ in paged_by(before, directory):
            yield Fault("handle", f"the policy {policy.name} pages this handle: change it there first")
            break
    if person.slack and not SLACK.fullmatch(person.slack):
        yield Fault("slack", "choose a person")
    yield from contact_faults(person, directory)
    owner = directory.person_by_handle(person.handle)
    yield from _taken("handle", person.handle, owner, person)
    yield from _taken("slack", "this Slack account", directory.person_by_slack(person.slack), person)


def contact_faults(person: Person, directory: Directory) -> Iterator[Fault]:
    """The same of what their owner may change: phone and e-mail address."""
    if person.email and not is_email(person.email):
        yield Fault(Contact.EMAIL, "must be an e-mail address such as ada@example.com")
    yield from _taken(Contact.EMAIL, person.email, directory.person_by_email(person.email), person)
    others = (one for one in directory.people.values() if one.phone and one.phone == person.phone)
    # Two people may share a phone in a file; it is theirs as long as nobody changes it here.
    mine = directory.people.get(person.id)
    if mine is None or mine.phone != person.phone:
        yield from _taken(Contact.PHONE, person.phone, next(others, None), person)


def _taken(field: str, value: str, owner: Person | None, person: Person) -> Iterator[Fault]:
    if value and owner and owner.id != person.id:
        yield Fault(field, f"{value} is {owner.name}'s already")


def team_faults(team: Team, directory: Directory) -> Iterator[Fault]:
    """Why a team can't be kept like this."""
    owner = directory.team_by_name(team.name)
    if not team.name:
        yield Fault("name", "give it a name")
    elif owner and owner.id != team.id:
        yield Fault("name", f"there is a team {team.name} already")
    if team.lead and team.lead not in directory.people:
        yield Fault("lead", "that person is no longer there")
    if any(member not in directory.people for member in team.members):
        yield Fault("members", "that person is no longer there")
    if team.user_group and not GROUP.fullmatch(team.user_group):
        yield Fault("user_group", "must be a Slack user group such as @sre-oncall, or its id")
    yield from _stakeholder_faults(team.response.stakeholders)


def _stakeholder_faults(addresses: tuple[str, ...]) -> Iterator[Fault]:
    """Why these can't be told by e-mail."""
    wrong = next((one for one in addresses if not is_email(one)), "")
    if wrong:
        yield Fault("stakeholders", f"{wrong[:60]} is no e-mail address")
    if len(addresses) > MOST_STAKEHOLDERS:
        yield Fault("stakeholders", f"at most {MOST_STAKEHOLDERS} addresses: write to a list instead")


def service_faults(service: Service, directory: Directory) -> Iterator[Fault]:
    """Why a service can't be kept like this: an alert that says a name or an alias belongs to one service."""
    if not service.name:
        yield Fault("name", "give it a name")
    if service.team and service.team not in directory.teams:
        yield Fault("team", "that team is no longer there")
    if len(service.aliases) > MOST_ALIASES:
        yield Fault("aliases", f"a service takes at most {MOST_ALIASES} aliases")
    for field, name in (("name", service.name), *(("aliases", alias) for alias in service.aliases)):
        owner = directory.service_by_name(name)
        if owner and owner.id != service.id:
            yield Fault(field, f"{name} is {owner.name}'s already")
        if len(name) > LONGEST_NAME:
            yield Fault(field, f"is longer than {LONGEST_NAME} characters")
    yield from _stakeholder_faults(service.stakeholders)


def uses_of_person(person: Person, directory: Directory) -> Iterator[str]:
    """What would be without this person, a sentence each."""
    for team in _by_name(directory.teams.values()):
        if team.lead == person.id:
            yield f"leads {team.name}"
        elif person.id in team.members:
            yield f"is a member of {team.name}"
        for rotation in team.on_call.rotations:
            if person.id in rotation.people:
                yield f"is in the rotation {rotation.name} of {team.name}"
    for policy, step in paged_by(person, directory):
        yield f"is paged by step {step.order} of the policy {policy.name}"


def uses_of_team(team: Team, directory: Directory) -> Iterator[str]:
    for service in _by_name(directory.services.values()):
        if service.team == team.id:
            yield f"answers for the service {service.name}"
    for policy in _by_name(directory.policies.values()):
        if policy.team == team.id:
            yield f"has the policy {policy.name}"
    for rotation in team.on_call.rotations:
        yield f"has the rotation {rotation.name}"
    for rule in directory.alert_rules:
        if _sets_team(rule, team.id, directory):
            yield f"is set by the alert rule {rule.name}"


def uses_of_service(service: Service, directory: Directory) -> Iterator[str]:
    for book in sorted(directory.runbooks.values(), key=lambda one: one.title.casefold()):
        if book.service == service.id:
            yield f"has the runbook {book.title}"
    for heartbeat in directory.heartbeats.values():
        if heartbeat.service == service.id:
            yield f"has the heartbeat {heartbeat.name}"
    for rule in directory.alert_rules:
        if _sets_service(rule, service.id, directory):
            yield f"is set by the alert rule {rule.name}"


def paged_by(person: Person, directory: Directory) -> Iterator[tuple[Policy, PolicyStep]]:
    """The steps that name somebody by their handle."""
    for policy in _by_name(directory.policies.values()):
        for step in policy.steps:
            if step.target.type is TargetType.USER and directory.person_by_handle(step.target.value) == person:
                yield policy, step


def rules_that_follow(before: Directory, after: Directory) -> Iterator[tuple[AlertRule, AlertRule]]:
    """The alert rules of `after` that set a service or a team by a name that it had `before`, and that nothing has now,
    as they are and as they go on to set it: what they fit is to find it where it was."""
    for rule in after.alert_rules:
        service, team = before.service_by_name(rule.service), before.team_by_name(rule.team)
        now = rule
        if service and not after.service_by_name(rule.service):
            now = replace(now, service=after.services[service.id].name)
        if team and not after.team_by_name(rule.team):
            now = replace(now, team=after.teams[team.id].name)
        if now != rule:
            yield rule, now


def _sets_service(rule: AlertRule, service: str, directory: Directory) -> bool:
    found = directory.service_by_name(rule.service) if rule.service else None
    return found is not None and found.id == service


def _sets_team(rule: AlertRule, team: str, directory: Directory) -> bool:
    found = directory.team_by_name(rule.team) if rule.team else None
    return found is not None and found.id == team


def _by_name(things: Iterable[_Named]) -> list[_Named]:
    return sorted(things, key=lambda one: one.name.casefold())


def is_last_admin(before: Person, after: Person | None, directory: Directory) -> bool:
    """Whether nobody could administer from Slack any more, once `before` is `after` (None: gone)."""
    others = (one for one in directory.people.values() if one.id != before.id)
    return _administers(before) and not any(map(_administers, (*others, *([after] if after else []))))


def _administers(person: Person) -> bool:
    return person.role is Role.ADMIN and person.is_active and bool(person.slack)
