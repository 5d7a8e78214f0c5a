"""One thing a row: incidents with their buttons, policies, runbooks, services and teams as the Home tab lists them."""

from __future__ import annotations

from blocks import kit
from blocks.escalations import named
from blocks.incidents import severity_name, severity_words
from blocks.kit import Block
from blocks.people import role_name
from blocks.words import Words
from domain.contacts import unverified
from domain.home import Home
from domain.incidents import Incident, Severity, Status
from domain.people import Permission, Person, Service, Team, may
from domain.policies import Policy
from domain.runbooks import Runbook


def incident_rows(shown: Home, incident: Incident, say: Words, where: str) -> list[Block]:
    """An incident and its buttons; `where` tells apart those of one incident listed twice."""
    return [kit.section(_incident(shown, incident, say)), *kit.actions(_buttons(shown, incident, say, where))]


def _incident(shown: Home, incident: Incident, say: Words) -> str:
    created = incident.created_at
    title = f"*{kit.name(incident.title)}*"
    service = kit.name(shown.directory.service_name(incident.service), 80)
    facts = [
        severity_words(incident.severity, say),
        incident.short_id,
        service,
        kit.ago(created, say.date(created, "UTC") + " UTC"),
    ]
    return f"{title}\n{' · '.join(fact for fact in facts if fact)}\n{_state(incident, say)}"


def _state(incident: Incident, say: Words) -> str:
    if incident.status is Status.TRIGGERED:
        return say.say("❗ Nobody has it yet")
    who = kit.person(incident.acknowledged_by or "Vigie", incident.acknowledged_slack)
    if incident.status is Status.MITIGATED:
        return say.say("Mitigated; {name} has it", name=who)
    if incident.is_snoozed and incident.snoozed_until:
        time = kit.moment(incident.snoozed_until, say.date(incident.snoozed_until, "UTC") + " UTC")
        return say.say("💤 Snoozed by {name} until {time}", name=who, time=time)
    return say.say("{name} has it", name=who)


def _buttons(shown: Home, incident: Incident, say: Words, where: str) -> list[Block]:
    role = shown.actor.role
    made = []
    if incident.status is Status.TRIGGERED and may(role, Permission.ACKNOWLEDGE):
        action = f"home.acknowledge.v1.{where}"
        made.append(kit.button(say.say("Acknowledge"), action, incident.id, style="primary"))
    if may(role, Permission.RESOLVE):
        made.append(kit.button(say.say("Resolve"), "incident.resolve.v1", incident.id))
    link = shown.links.get(incident.id)
    if link:
        made.append(kit.link_button(say.say("Open in channel"), f"home.open.v1.{where}", link))
    return made


def row(shown: Home, thing: Policy | Runbook | Service | Team | Person, say: Words) -> Block:
    """What a thing of the catalog is, in two lines."""
    if isinstance(thing, Policy):
        opens = kit.button(say.say("Open"), "policy.show.v1", thing.id)
        return kit.section(_told(thing.name, _policy(shown, thing, say), thing.is_active, say), opens)
    if isinstance(thing, Runbook):
        opens = kit.button(say.say("Open"), "runbook.show.v1", thing.id)
        return kit.section(_told(thing.title, _runbook(shown, thing, say), thing.is_active, say), opens)
    if isinstance(thing, Service):
        opens = kit.button(say.say("Open"), "service.show.v1", thing.id)
        return kit.section(_told(thing.name, _service(shown, thing, say), True, say), opens)
    if isinstance(thing, Team):
        opens = kit.button(say.say("Open"), "team.show.v1", thing.id)
        return kit.section(_told(thing.name, _team(shown, thing, say), True, say), opens)
    opens = kit.button(say.say("Open"), "person.show.v1", thing.id)
    return kit.section(_told(thing.name, _person(shown, thing, say), thing.is_active, say), opens)


def _told(name: str, facts: list[str], is_active: bool, say: Words) -> str:
    inactive = say.say("(inactive)")
    switched_off = "" if is_active else f" _{inactive}_"
    return f"*{kit.name(name)}*{switched_off}\n{' · '.join(fact for fact in facts if fact)}"


def _policy(shown: Home, policy: Policy, say: Words) -> list[str]:
    return [
        team_name(shown.directory.teams.get(policy.team), say),
        _for_severity(policy.severity_filter, say),
        say.say("default") if policy.is_default else "",
        say.count("{n} step", "{n} steps", len(policy.steps)),
        f"v{policy.version}",
    ]


def team_name(team: Team | None, say: Words) -> str:
    """The team that a policy belongs to."""
    return kit.name(team.name, 80) if team else say.say("every team")


def _for_severity(severity: Severity | None, say: Words) -> str:
    return severity_name(severity) if severity else say.say("every severity")


def _runbook(shown: Home, book: Runbook, say: Words) -> list[str]:
    service = shown.directory.service_name(book.service)
    expected = sum(step.expected_duration for step in book.steps)
    return [
        kit.name(service, 80) if service else say.say("every service"),
        _for_severity(book.severity_filter, say),
        say.count("{n} step", "{n} steps", len(book.steps)),
        say.say("⏱️ about {time}", time=say.minutes(expected)) if expected else "",
        f"v{book.version}",
    ]


def _service(shown: Home, service: Service, say: Words) -> list[str]:
    team = shown.directory.teams.get(service.team)
    aliases = ", ".join(kit.name(alias, 40) for alias in service.aliases[:5])
    return [
        kit.name(team.name, 80) if team else say.say("no team ⚠️"),
        say.say("also {aliases}", aliases=aliases) if aliases else "",
    ]


def _team(shown: Home, team: Team, say: Words) -> list[str]:
    lead = shown.directory.people.get(team.lead)
    on_call = tuple(person.name for person in shown.directory.on_call(team.id, shown.now))
    return [
        kit.name(team.channel, 90) if team.channel else say.say("no channel ⚠️"),
        say.say("lead: {name}", name=kit.name(lead.name, 80)) if lead else say.say("no lead ⚠️"),
        say.count("{n} member", "{n} members", len(team.members)),
        say.say("on call: {names}", names=named(on_call, say)) if on_call else say.say("nobody is on call ⚠️"),
    ]


def _person(shown: Home, person: Person, say: Words) -> list[str]:
    """Who somebody is, and whether pages find them."""
    teams = (team for team in shown.directory.teams.values() if person.id in (team.lead, *team.members))
    names = sorted(kit.name(team.name, 40) for team in teams)
    lacking = [
        say.say("no Slack account ⚠️") if not person.slack else "",
        say.say("no phone ⚠️") if not person.phone else "",
        say.say("not verified ⚠️") if unverified(person, shown.directory) else "",
    ]
    return [role_name(person.role, say), ", ".join(names[:_TEAMS_SHOWN]), *lacking]


_TEAMS_SHOWN = 3
