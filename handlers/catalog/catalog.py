"""From files to the catalog: drafts gathered, names looked up in them and in what is there already. Pure but for the
ids that new things get from `new_id`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from domain.directory import Directory
from domain.errors import Fault
from domain.escalations import TEAM_LEAD
from domain.oncall import OnCall, Rotation
from domain.people import Person, Service, Team
from domain.policies import Policy, PolicyStep, Target, TargetType
from domain.runbooks import Runbook
from handlers.catalog import organisation, policies, runbooks
from handlers.catalog.drafts import Drafts, PolicyDraft, RotationDraft, RunbookDraft, TeamDraft
from handlers.catalog.source import Fields, documents

_ORGANISATION = ("people", "teams", "services", "runbooks", "policies")


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


def read(files: Sequence[tuple[str, str]], found: list[Fault]) -> Drafts:
    """Everything that `files` (name, text) say; what is wrong goes into `found`."""
    drafts = Drafts()
    for file, text in files:
        for document in documents(file, text, found):
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
        document.close()
    else:
        message = "is neither a runbook (Title:), nor a policy (Policy:), nor an organisation (people:, teams:, …)"
        document.faults.add(document.line, "", message)


def resolve(drafts: Drafts, before: Directory, new_id: Callable[[], str]) -> Catalog:
    """`drafts` with every name looked up. Names that nothing has are faults of the draft's own file."""
    _refuse_doubles(drafts)
    catalog = Catalog()
    catalog.people = _people(drafts, before, new_id)
    handles = {p.handle.casefold(): p.id for p in before.people.values()}
    handles |= {p.handle.casefold(): p.id for p in catalog.people}
    catalog.teams = [_team(draft, handles, before, new_id) for draft in drafts.teams]
    teams = {t.name.casefold(): t.id for t in (*before.teams.values(), *catalog.teams)}
    catalog.services = _services(drafts, teams, before, new_id)
    services = {name.casefold(): s.id for s in before.services.values() for name in (s.name, *s.aliases)}
    services |= {name.casefold(): s.id for s in catalog.services for name in (s.name, *s.aliases)}
    catalog.runbooks = [_runbook(draft, services, before, new_id) for draft in drafts.runbooks]
    leads = {t.id: t.lead for t in (*before.teams.values(), *catalog.teams)}
    catalog.policies = [_policy(draft, teams, handles, leads, before, new_id) for draft in drafts.policies]
    _refuse_shared(catalog, before, drafts)
    return catalog


def _people(drafts: Drafts, before: Directory, new_id: Callable[[], str]) -> list[Person]:
    made = []
    for draft in drafts.people:
        known = before.person_by_handle(draft.handle)
        person = Person(
            id=known.id if known else new_id(),
            handle=draft.handle,
            name=draft.name,
            email=draft.email,
            phone=draft.phone,
            # An id that Slack told for an address is not undone by a file that does not name one.
            slack=draft.slack or (known.slack if known and known.email == draft.email else ""),
            role=draft.role,
            locale=draft.locale,
            is_active=draft.is_active,
        )
        made.append(person)
    return made


def _team(draft: TeamDraft, handles: dict[str, str], before: Directory, new_id: Callable[[], str]) -> Team:
    known = before.team_by_name(draft.name)
    lead = _one(draft.lead, "lead", handles, draft.fields, "nobody is called") if draft.lead else ""
    members = _all(draft.members, "members", handles, draft.fields)
    rotations = tuple(_rotation(rotation, handles) for rotation in draft.rotations)
    return Team(
        id=known.id if known else new_id(),
        name=draft.name,
        channel=draft.channel,
        lead=lead,
        members=members,
        locale=draft.locale,
        on_call=OnCall(draft.timezone, rotations),
    )


def _rotation(draft: RotationDraft, handles: dict[str, str]) -> Rotation:
    return Rotation(draft.name, draft.start, draft.every, _all(draft.people, "people", handles, draft.fields))


def _services(drafts: Drafts, teams: dict[str, str], before: Directory, new_id: Callable[[], str]) -> list[Service]:
    made = []
    for draft in drafts.services:
        known = next((s for s in before.services.values() if s.name.casefold() == draft.name.casefold()), None)
        team = _one(draft.team, "team", teams, draft.fields, "there is no team") if draft.team else ""
        made.append(
            Service(
                id=known.id if known else new_id(),
                name=draft.name,
                team=team,
                aliases=draft.aliases,
                auto_resolve=draft.auto_resolve,
            )
        )
    return made


def _runbook(draft: RunbookDraft, services: dict[str, str], before: Directory, new_id: Callable[[], str]) -> Runbook:
    known = _same(before.runbooks.values(), lambda one: one.title, draft.title)
    service = _one(draft.service, "service", services, draft.fields, "there is no service") if draft.service else ""
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
    teams: dict[str, str],
    handles: dict[str, str],
    leads: dict[str, str],
    before: Directory,
    new_id: Callable[[], str],
) -> Policy:
    known = _same(before.policies.values(), lambda one: one.name, draft.name)
    team = _one(draft.team, "team", teams, draft.fields, "there is no team") if draft.team else ""
    for step, fields in zip(draft.steps, draft.step_fields, strict=True):
        _check_target(step, fields, handles, team, leads)
    return Policy(
        id=known.id if known else new_id(),
        name=draft.name,
        description=draft.description,
        team=team,
        severity_filter=draft.severity,
        is_active=draft.is_active,
        is_default=draft.is_default,
        ack_timeout_minutes=draft.ack_timeout,
        steps=draft.steps,
    )


def _check_target(step: PolicyStep, fields: Fields, handles: dict[str, str], team: str, leads: dict[str, str]) -> None:
    target: Target = step.target
    name = "target" if fields.has("target") else "target_type"
    if target.type is not TargetType.USER or not target.value:
        return
    if target.value.casefold() == TEAM_LEAD:
        if team and not leads.get(team):
            fields.fault(name, "the team has no lead: give it one, or name a person")
        return
    _one(target.value, name, handles, fields, "nobody is called")


def _same(kept: Iterable[Kept], name: Callable[[Kept], str], wanted: str) -> Kept | None:
    return next((one for one in kept if name(one).casefold() == wanted.casefold()), None)


def _one(name: str, field_name: str, known: dict[str, str], fields: Fields, complaint: str) -> str:
    """The id behind a name; a fault with the nearest name when nothing has it."""
    found = known.get(name.casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), list(known), n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else ""
        fields.fault(field_name, f"{complaint} {name}{hint}")
    return found or ""


def _all(names: Sequence[str], field_name: str, known: dict[str, str], fields: Fields) -> tuple[str, ...]:
    return tuple(found for name in names if (found := _one(name, field_name, known, fields, "nobody is called")))


def _refuse_doubles(drafts: Drafts) -> None:
    """Two things of one name in the same load: which one was meant, nobody can say."""
    named: list[tuple[str, str, str, Fields]] = [
        *(("handle", "person", d.handle, d.fields) for d in drafts.people),
        *(("email", "person with the address", d.email, d.fields) for d in drafts.people if d.email),
        *(("slack", "person with the Slack id", d.slack, d.fields) for d in drafts.people if d.slack),
        *(("name", "team", d.name, d.fields) for d in drafts.teams),
        *(("name", "service", d.name, d.fields) for d in drafts.services),
        *(("title", "runbook", d.title, d.fields) for d in drafts.runbooks),
        *(("policy", "policy", d.name, d.fields) for d in drafts.policies),
    ]
    seen: set[tuple[str, str]] = set()
    for field_name, kind, name, fields in named:
        key = (kind, name.casefold())
        if name and key in seen:
            fields.fault(field_name, f"there is another {kind} {name} in these files")
        seen.add(key)


def _refuse_shared(catalog: Catalog, before: Directory, drafts: Drafts) -> None:
    """An address, a Slack id or a service's alias that belongs to something else already."""
    ids = {person.id for person in catalog.people}
    others = [person for person in before.people.values() if person.id not in ids]
    for person, draft in zip(catalog.people, drafts.people, strict=True):
        for other in others:
            if person.email and person.email.casefold() == other.email.casefold():
                draft.fields.fault("email", f"is {other.handle}'s already")
            if person.slack and person.slack == other.slack:
                draft.fields.fault("slack", f"is {other.handle}'s already")
    names: dict[str, str] = {}
    changed = {service.id for service in catalog.services}
    for service in before.services.values():
        if service.id not in changed:
            names |= {name.casefold(): service.name for name in (service.name, *service.aliases)}
    for service, service_draft in zip(catalog.services, drafts.services, strict=True):
        for name in dict.fromkeys((service.name, *service.aliases)):
            if names.setdefault(name.casefold(), service.name) != service.name:
                field_name = "name" if name == service.name else "aliases"
                service_draft.fields.fault(field_name, f"{name} is {names[name.casefold()]}'s already")


def unversioned(value: Runbook | Policy) -> Runbook | Policy:
    """The content alone: what two versions are compared by."""
    return replace(value, version=1, version_id="")
