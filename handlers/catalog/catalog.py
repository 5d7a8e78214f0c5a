"""From files to the catalog: drafts gathered, names looked up in them and in what is there already. Pure but for the
ids that new things get from `new_id`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.directory import Directory, folded
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.heartbeats import Heartbeat
from domain.oncall import OnCall, Rotation
from domain.people import Person, Service, Team
from domain.policies import Policy, PolicyStep, Target, TargetType
from domain.preferences import Preferences
from domain.runbooks import Runbook
from domain.schedules import Override
from handlers.catalog import intake, organisation, overrides, policies, runbooks
from handlers.catalog.drafts import Drafts, OnCallDraft, PolicyDraft, RotationDraft, RunbookDraft, TeamDraft
from handlers.catalog.names import Names
from handlers.catalog.source import Fields, documents
from handlers.catalog.webhooks import restored

_INTAKE = ("alert_rules", "alert_mappings", "heartbeats")
_ORGANISATION = ("people", "teams", "services", "runbooks", "policies", *_INTAKE, "overrides")


class Named(Protocol):
    """Something with an identity."""

    @property
    def id(self) -> str: ...


Kept = TypeVar("Kept", bound=Named)


@dataclass(slots=True)
class Catalog:
    """What the files say, as domain values with the ids of what is there already."""

    people: list[Person] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    runbooks: list[Runbook] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    alert_rules: list[AlertRule] = field(default_factory=list)
    alert_mappings: list[AlertMapping] = field(default_factory=list)
    heartbeats: list[Heartbeat] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)


def read(files: Sequence[tuple[str, str]], found: list[Fault]) -> Drafts:
    """Everything that `files` (name, text) say; what is wrong goes into `found`."""
    drafts = Drafts()
    for file, text in files:
        faults = len(found)
        several = documents(file, text, found)
        drafts.are_whole &= len(found) == faults
        for document in several:
            _document(document, drafts)
    return drafts


def _document(document: Fields, drafts: Drafts) -> None:
    if document.has("title"):
        drafts.runbooks.append(runbooks.read(document))
    elif document.has("policy") or (document.has("name") and document.has("steps")):
        drafts.policies.append(policies.read(document))
    elif document.has(*_ORGANISATION):
        organisation.read(document, drafts)
        drafts.runbooks += [runbooks.read(fields) for fields in document.mappings("runbooks")]
        drafts.policies += [policies.read(fields) for fields in document.mappings("policies")]
        intake.read(document, drafts)
        overrides.read(document, drafts)
        document.close()
    else:
        message = "is neither a runbook (Title:), nor a policy (Policy:), nor an organisation (people:, teams:, …)"
        document.faults.add(document.line, "", message)


def resolve(drafts: Drafts, before: Directory, new_id: Callable[[], str]) -> Catalog:
    """`drafts` with every name looked up. Names that nothing has are faults of the draft's own file.

    Empty when a file could not be read: what it declares is not known, so nothing can be said to be missing.
    """
    catalog = Catalog()
    if not drafts.are_whole:
        return catalog
    _refuse_doubles(drafts)
    catalog.people = _people(drafts, before, new_id)
    handles = Names("nobody is called", ((p.handle, p.id) for p in (*before.people.values(), *catalog.people)))
    catalog.teams = [_team(draft, handles, before, new_id) for draft in drafts.teams]
    teams = Names("there is no team", ((t.name, t.id) for t in (*before.teams.values(), *catalog.teams)))
    catalog.services = _services(drafts, teams, before, new_id)
    known = (*before.services.values(), *catalog.services)
    services = Names("there is no service", ((name, s.id) for s in known for name in (*s.aliases, s.name)))
    catalog.runbooks = [_runbook(draft, services, before, new_id) for draft in drafts.runbooks]
    catalog.alert_rules = intake.rules(drafts, services, teams, before, new_id)
    catalog.alert_mappings = intake.mappings(drafts, before, new_id)
    catalog.heartbeats = intake.heartbeats(drafts, services, before, new_id)
    everyone = before.teams | {team.id: team for team in catalog.teams}
    catalog.overrides = overrides.resolved(drafts, handles, teams, everyone)
    leads = {team.id: team.lead for team in before.teams.values()}
    leads |= {team.id: draft.lead for team, draft in zip(catalog.teams, drafts.teams, strict=True)}
    catalog.policies = [_policy(draft, teams, handles, leads, before, new_id) for draft in drafts.policies]
    _refuse_shared_addresses(catalog, before, drafts)
    _refuse_shared_aliases(catalog, before, drafts)
    return catalog


def _people(drafts: Drafts, before: Directory, new_id: Callable[[], str]) -> list[Person]:
    made = []
    claimed = {draft.slack for draft in drafts.people}
    for draft in drafts.people:
        known = before.person_by_handle(draft.handle)
        # An id that Slack told for an address is not undone by a file that does not name one.
        is_kept = known is not None and known.email == draft.email and known.slack not in claimed
        person = Person(
            id=known.id if known else new_id(),
            handle=draft.handle,
            name=draft.name,
            email=draft.email,
            phone=draft.phone,
            slack=draft.slack or (known.slack if known and is_kept else ""),
            role=draft.role,
            locale=draft.locale,
            is_active=draft.is_active,
            preferences=replace(known.preferences if known else Preferences(), **draft.preferences),
        )
        made.append(person)
    return made


def _team(draft: TeamDraft, handles: Names, before: Directory, new_id: Callable[[], str]) -> Team:
    known = before.team_by_name(draft.name)
    lead = handles.one(draft.lead, "lead", draft.fields)
    members = tuple(dict.fromkeys(handles.all(draft.members, "members", draft.fields)))
    return Team(
        id=known.id if known else new_id(),
        name=draft.name,
        channel=draft.channel,
        lead=lead,
        members=members,
        locale=draft.locale,
        on_call=_on_call(draft.on_call, handles),
        digest=draft.digest,
        user_group=draft.user_group,
        response=draft.response,
    )


def _on_call(draft: OnCallDraft, handles: Names) -> OnCall:
    rotations = tuple(_rotation(rotation, handles) for rotation in draft.rotations)
    return OnCall(draft.timezone, rotations, draft.calendar, draft.hand_off)


def _rotation(draft: RotationDraft, handles: Names) -> Rotation:
    people = handles.all(draft.people, "people", draft.fields)
    return Rotation(draft.name, draft.start, draft.every, people, draft.unit, draft.hours, draft.layer)


def _services(drafts: Drafts, teams: Names, before: Directory, new_id: Callable[[], str]) -> list[Service]:
    made = []
    for draft in drafts.services:
        known = next((s for s in before.services.values() if folded(s.name) == folded(draft.name)), None)
        team = teams.one(draft.team, "team", draft.fields)
        made.append(
            Service(
                id=known.id if known else new_id(),
                name=draft.name,
                team=team,
                aliases=draft.aliases,
                auto_resolve=draft.auto_resolve,
                stakeholders=draft.stakeholders,
            )
        )
    return made


def _runbook(draft: RunbookDraft, services: Names, before: Directory, new_id: Callable[[], str]) -> Runbook:
    known = _same(before.runbooks.values(), lambda one: one.title, draft.title)
    service = services.one(draft.service, "service", draft.fields)
    return Runbook(
        id=known.id if known else new_id(),
        title=draft.title,
        description=draft.description,
        service=service,
        severity_filter=draft.severity,
        is_active=draft.is_active,
        four_eyes=draft.four_eyes,
        steps=draft.steps,
    )


def _policy(
    draft: PolicyDraft,
    teams: Names,
    handles: Names,
    leads: dict[str, str],
    before: Directory,
    new_id: Callable[[], str],
) -> Policy:
    known = _same(before.policies.values(), lambda one: one.name, draft.name)
    team = teams.one(draft.team, "team", draft.fields)
    policy = Policy(
        id=known.id if known else new_id(),
        name=draft.name,
        description=draft.description,
        team=team,
        severity_filter=draft.severity,
        is_active=draft.is_active,
        is_default=draft.is_default,
        ack_timeout_minutes=draft.ack_timeout,
        steps=restored(draft.steps, draft.step_fields, before),
    )
    # Whom it means may have gone since it was written: what is there already can be loaded again.
    if known is None or unversioned(known) != policy:
        for step, fields in zip(draft.steps, draft.step_fields, strict=True):
            _check_target(step, fields, handles, team, leads)
    return policy


def _check_target(step: PolicyStep, fields: Fields, handles: Names, team: str, leads: dict[str, str]) -> None:
    target: Target = step.target
    name = "target" if fields.has("target") else "target_type"
    if target.type is not TargetType.USER or not target.value:
        return
    if target.value == TEAM_LEAD:
        if team and not leads.get(team):
            fields.fault(name, "the team has no lead: give it one, or name a person")
        return
    handles.one(target.value, name, fields)


def _same(kept: Iterable[Kept], name: Callable[[Kept], str], wanted: str) -> Kept | None:
    return next((one for one in kept if folded(name(one)) == folded(wanted)), None)


def _refuse_doubles(drafts: Drafts) -> None:
    """Two things of one name in the same load: which one was meant, nobody can say."""
    named: list[tuple[str, str, str, Fields]] = [
        *(("handle", "person", d.handle, d.fields) for d in drafts.people),
        *(("name", "team", d.name, d.fields) for d in drafts.teams),
        *(("name", "service", d.name, d.fields) for d in drafts.services),
        *(("title", "runbook", d.title, d.fields) for d in drafts.runbooks),
        *(("policy", "policy", d.name, d.fields) for d in drafts.policies),
        *(("name", "alert rule", d.rule.name, d.fields) for d in drafts.alert_rules),
        *(("name", "alert mapping", d.mapping.name, d.fields) for d in drafts.alert_mappings),
        *(("name", "heartbeat", d.heartbeat.name, d.fields) for d in drafts.heartbeats),
    ]
    seen: set[tuple[str, str]] = set()
    for field_name, kind, name, fields in named:
        key = (kind, folded(name))
        if name and key in seen:
            fields.fault(field_name, f"there is another {kind} {name} in these files")
        seen.add(key)


def _refuse_shared_addresses(catalog: Catalog, before: Directory, drafts: Drafts) -> None:
    """An address or a Slack id that two people have: which one is meant, nobody can say."""
    loaded = {person.id for person in catalog.people}
    others = [person for person in before.people.values() if person.id not in loaded]
    owners = {address: other.handle for other in others for address in _addresses(other)}
    for person, draft in zip(catalog.people, drafts.people, strict=True):
        for address in _addresses(person):
            owner = owners.setdefault(address, person.handle)
            if owner.casefold() != person.handle.casefold():
                draft.fields.fault(address[0], f"{address[1]} is {owner}'s already")


def _addresses(person: Person) -> list[tuple[str, str]]:
    named = (("email", person.email.casefold()), ("slack", person.slack))
    return [(field_name, address) for field_name, address in named if address]


def _refuse_shared_aliases(catalog: Catalog, before: Directory, drafts: Drafts) -> None:
    """A name or alias that two services have: an alert that says it belongs to one."""
    loaded = {service.id for service in catalog.services}
    others = [service for service in before.services.values() if service.id not in loaded]
    owners = {folded(name): other.name for other in others for name in (other.name, *other.aliases)}
    loading = list(zip(catalog.services, drafts.services, strict=True))
    claims = [("name", service.name, service, draft) for service, draft in loading]
    claims += [("aliases", alias, service, draft) for service, draft in loading for alias in service.aliases]
    for field_name, name, service, draft in claims:
        owner = owners.setdefault(folded(name), service.name)
        if folded(owner) != folded(service.name):
            draft.fields.fault(field_name, f"{name} is {owner}'s already")


def unversioned(value: Runbook | Policy) -> Runbook | Policy:
    """The content alone: what two versions are compared by."""
    return replace(value, version=1, version_id="")
