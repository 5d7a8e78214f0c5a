"""Everything of the catalog as the API has it: plain fields with the guide's names, from values and back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.people import Permission, Person, Service, Team
from domain.policies import Policy, PolicyStep, TargetType
from domain.runbooks import Runbook, RunbookStep
from domain.webhooks import redacted
from handlers.catalog import listings, preferences, schema
from handlers.catalog.catalog import Catalog, read, resolve
from handlers.catalog.dump import on_call
from handlers.catalog.given import PersonGiven, PolicyGiven, RunbookGiven, ServiceGiven, TeamGiven
from handlers.catalog.person_schema import Person as PersonShown
from handlers.lists import Listing

Given: TypeAlias = Mapping[str, Any]
Finish: TypeAlias = Callable[[Any, Given, Directory], Any]
READ_ONLY = ("id", "version", "findings")
"""What an answer says beside what was written; sent back, it is passed over."""
_WRAPPED = re.compile(r"^(?:people|teams|services|alert_rules|alert_mappings|heartbeats)\[1\]\.?")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: under which address it stands, what it is called by, what it takes to change it, and the type
    of what is `given` for it. `listing` is what a list of them may be asked, `passed` are the fields that may be sent
    back, and `finish` sees to what files can't say."""

    name: str
    plural: str
    label: str
    permission: Permission
    scope: str
    things: Callable[[Directory], Mapping[str, Any]]
    made: Callable[[Catalog], Sequence[Any]]
    fields: Callable[[Any, Directory], Any]
    listing: Listing
    given: Any
    passed: tuple[str, ...] = READ_ONLY
    finish: Finish = lambda value, given, directory: value

    @property
    def base(self) -> str:
        return f"/api/v1/{self.plural.replace('_', '-')}/"


def _name(thing: Service | Team | Person | None) -> str | None:
    return thing.name if thing else None


def _runbook(one: Runbook, directory: Directory) -> schema.Runbook:
    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        "description": one.description,
        "service": _name(directory.services.get(one.service)),
        "severity_filter": one.severity_filter,
        "is_active": one.is_active,
        "four_eyes": one.four_eyes,
        "steps": [_runbook_step(step) for step in one.steps],
    }


def _runbook_step(one: RunbookStep) -> schema.RunbookStep:
    return {
        "order": one.order,
        "title": one.title,
        "description": one.description,
        "checklist": list(one.checklist),
        "command": one.command,
        "expected_duration": one.expected_duration,
        "is_critical": one.is_critical,
        "requires_confirmation": one.requires_confirmation,
        "rollback_instructions": one.rollback_instructions,
    }


def _policy(one: Policy, directory: Directory) -> schema.Policy:
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name,
        "description": one.description,
        "team": _name(directory.teams.get(one.team)),
        "severity_filter": one.severity_filter,
        "is_active": one.is_active,
        "is_default": one.is_default,
        "ack_timeout_minutes": one.ack_timeout_minutes,
        "steps": [_policy_step(step) for step in one.steps],
    }


def _policy_step(one: PolicyStep) -> schema.PolicyStep:
    kind, value = one.target.type, one.target.value
    return {
        "step_order": one.order,
        "delay_minutes": one.delay_minutes,
        "notification_type": list(one.channels),
        "target_type": kind,
        "target_user": value if kind is TargetType.USER else "",
        "target_email": value if kind is TargetType.EMAIL else "",
        "target_channel": redacted(value) if kind is TargetType.CHANNEL else "",
        "message": one.message,
        "is_active": one.is_active,
        "requires_postmortem": one.requires_postmortem,
    }


def _service(one: Service, directory: Directory) -> schema.Service:
    team = _name(directory.teams.get(one.team))
    return {
        "id": one.id,
        "name": one.name,
        "team": team,
        "aliases": list(one.aliases),
        "auto_resolve": one.auto_resolve,
        "stakeholders": list(one.stakeholders),
    }


def _handle(person: str, directory: Directory) -> str | None:
    found = directory.people.get(person)
    return found.handle if found else None


def _team(one: Team, directory: Directory) -> schema.Team:
    return {
        "id": one.id,
        "name": one.name,
        "channel": one.channel,
        "lead": _handle(one.lead, directory),
        "members": [handle for person in one.members if (handle := _handle(person, directory))],
        "locale": one.locale,
        "digest": one.digest,
        "user_group": one.user_group,
        "war_room": list(one.response.war_room),
        "war_room_archive_minutes": one.response.archive_delay,
        "updates": None if one.response.updates is None else {key.value: value for key, value in one.response.updates},
        "stakeholders": list(one.response.stakeholders),
        "on_call": on_call(one.on_call, directory),
    }


def _person(one: Person, _: Directory) -> PersonShown:
    return {
        "id": one.id,
        "handle": one.handle,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "slack": one.slack,
        "locale": one.locale,
        "is_active": one.is_active,
        "role": one.role,
        "channels": [channel.value for channel in one.preferences.channels],
        "quiet": preferences.quiet(one.preferences),
        "timezone": one.preferences.timezone,
        "test_pages": one.preferences.test_pages,
    }


RUNBOOKS = Kind(
    "runbook",
    "runbooks",
    "title",
    Permission.RUNBOOKS,
    "write",
    lambda directory: directory.runbooks,
    lambda catalog: catalog.runbooks,
    _runbook,
    listings.RUNBOOK_LISTING,
    RunbookGiven,
)
POLICIES = Kind(
    "policy",
    "policies",
    "name",
    Permission.POLICIES,
    "admin",
    lambda directory: directory.policies,
    lambda catalog: catalog.policies,
    _policy,
    listings.POLICY_LISTING,
    PolicyGiven,
)
SERVICES = Kind(
    "service",
    "services",
    "name",
    Permission.PEOPLE,
    "admin",
    lambda directory: directory.services,
    lambda catalog: catalog.services,
    _service,
    listings.SERVICE_LISTING,
    ServiceGiven,
)
TEAMS = Kind(
    "team",
    "teams",
    "name",
    Permission.PEOPLE,
    "admin",
    lambda directory: directory.teams,
    lambda catalog: catalog.teams,
    _team,
    listings.TEAM_LISTING,
    TeamGiven,
)
PEOPLE = Kind(
    "person",
    "people",
    "handle",
    Permission.PEOPLE,
    "admin",
    lambda directory: directory.people,
    lambda catalog: catalog.people,
    _person,
    listings.PERSON_LISTING,
    PersonGiven,
    # A file that names no account leaves the one that Slack told; here it is taken away.
    finish=lambda value, given, _: replace(value, slack="") if given.get("slack") == "" else value,
)
KINDS = (RUNBOOKS, POLICIES, SERVICES, TEAMS, PEOPLE)


def value_of(kind: Kind, given: Given, directory: Directory, new_id: Callable[[], str]) -> Any:
    """What `given` says, by the rules that files are read by. Raises Invalid naming every field that is wrong."""
    if _count(given, MOST_VALUES) > MOST_VALUES:
        raise Invalid([Fault("", f"has more than {MOST_VALUES:,} values in it")])
    # A name that nobody knows stays, so that it is refused whatever it says.
    known = kind.given.__annotations__
    written = {
        name: value
        for name, value in given.items()
        if name not in kind.passed and (value is not None or name not in known)
    }
    if kind is POLICIES and "name" in written:
        written["policy"] = written.pop("name")
    written |= _by_name(written, directory)
    alone = kind in (RUNBOOKS, POLICIES)
    if kind is RUNBOOKS and "steps" not in written:
        written["steps"] = []
    if alone and not {"title", "policy"} & written.keys():
        raise Invalid([Fault(kind.label, "is missing")])
    # JSON is YAML: one set of rules reads both. Escaped surrogate pairs are not, so that nothing is escaped.
    text = json.dumps(written if alone else {kind.plural: [written]}, ensure_ascii=False)
    found: list[Fault] = []
    catalog = resolve(read([("", text)], found), directory, new_id)
    if found:
        raise Invalid([Fault(_field(fault.field, kind), fault.message) for fault in found])
    value, *_ = kind.made(catalog)
    return kind.finish(value, given, directory)


MOST_VALUES = 5_000
"""Ten times what the longest runbook has. What is read here is read while nobody else may write."""


def _count(value: Any, most: int) -> int:
    """How many values there are in `value`, as far as it pays to count."""
    inner: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    count = len(inner)
    for one in inner:
        if count > most:
            break
        count += _count(one, most - count)
    return count


def _by_name(written: Given, directory: Directory) -> dict[str, Any]:
    """What is named by its id, as the guide's own request does, by its name."""
    known: dict[str, Mapping[str, Service | Team]] = {"service": directory.services, "team": directory.teams}
    return {
        name: things[written[name]].name
        for name, things in known.items()
        if isinstance(written.get(name), str) and written[name] in things
    }


def _field(path: str, kind: Kind) -> str:
    """A fault's place as the caller wrote it."""
    name = _WRAPPED.sub("", path)
    return _CALLED.get((kind.name, name), name)


_CALLED = {("policy", "policy"): "name", ("heartbeat", "every"): "every_minutes"}
"""What files and the API call differently."""
