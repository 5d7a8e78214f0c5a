"""Good practice for people, teams, services and schedules: whoever may be woken can be, and every incident finds
somebody. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.contacts import Contact, unverified
from domain.directory import Directory
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where, ordered
from domain.people import Person, Service, Team
from domain.policies import Channel
from domain.policy_reach import VERIFIED
from domain.reach import RINGING, Reach
from domain.schedules import gaps

AHEAD = timedelta(days=14)
SCHEDULE = "on_call"
"""The field that findings about a team's schedule are about."""


def lint_person(person: Person, directory: Directory, reach: Reach) -> tuple[Finding, ...]:
    """What keeps Vigie from reaching somebody who may be paged."""
    if not person.is_active:
        return ()
    teams = [team for team in directory.teams.values() if team.has(person.id)]
    return ordered([*_reachable(person, bool(teams)), *(_woken(person, directory, reach) if teams else ())])


def _reachable(person: Person, is_paged: bool) -> Iterator[Finding]:
    if not (person.phone or person.email or person.slack):
        message = f"{person.name} has no phone number, no e-mail address and no Slack account"
        level = Level.ERROR if is_paged else Level.WARNING
        yield Finding("person-reachable", level, WHOLE, message, "add at least one, better two of them")


def _woken(person: Person, directory: Directory, reach: Reach) -> Iterator[Finding]:
    if not person.phone and (person.email or person.slack) and RINGING & reach.channels:
        message = f"{person.name} is in a team and has no phone number: at night nothing rings"
        yield Finding("person-rings", Level.WARNING, Where(field="phone"), message, "add a phone number")
    for contact in unverified(person, directory):
        called = "phone number" if contact is Contact.PHONE else "e-mail address"
        fix = f"let {person.name} verify it from the Home tab of Vigie in Slack: a code is sent to it"
        message = f"the {called} of {person.name} is not verified"
        yield Finding(VERIFIED, Level.WARNING, Where(field=contact.value), message, fix)


def lint_team(team: Team, directory: Directory, reach: Reach, now: datetime) -> tuple[Finding, ...]:
    """What keeps the incidents of a team from being seen, and its schedule from having somebody at every hour."""
    has_services = any(service.team == team.id for service in directory.services.values())
    found = [*_place(team, reach), *_people(team, directory, has_services), *_stakeholders(team, directory, reach)]
    if not has_services:
        found += _policies(team.id, team.name, directory, "team-policy")
    return ordered([*found, *_schedule(team, directory, has_services, now)])


def _place(team: Team, reach: Reach) -> Iterator[Finding]:
    where = Where(field="channel")
    if not team.channel:
        message = f"{team.name} has no channel: nobody sees the cards of its incidents"
        yield Finding("team-channel", Level.WARNING, where, message, "name a Slack channel that Vigie is in")
    elif reach.lacks_place(team.channel):
        message = f"Slack has no channel {team.channel} that Vigie has seen"
        fix = "correct the name, or invite Vigie to the channel when it is private"
        yield Finding("team-channel", Level.WARNING, where, message, fix)


def _people(team: Team, directory: Directory, has_services: bool) -> Iterator[Finding]:
    known = (directory.people.get(one) for one in (team.lead, *team.members, *directory.ever_on_call(team.id)))
    if not any(person and person.is_active for person in known):
        level = Level.ERROR if has_services else Level.WARNING
        yield Finding("team-people", level, Where(field="members"), f"{team.name} has nobody", "add its members")
    elif not team.lead:
        message, fix = f"{team.name} has no lead", "name who decides when nobody answers"
        yield Finding("team-lead", Level.INFO, Where(field="lead"), message, fix)


def _stakeholders(team: Team, directory: Directory, reach: Reach) -> Iterator[Finding]:
    services = [service for service in directory.services.values() if service.team == team.id]
    heard = {*team.response.stakeholders, *(one for service in services for one in service.stakeholders)}
    if heard and Channel.EMAIL not in reach.channels:
        message = f"the stakeholders of {team.name} hear of nothing: e-mail is not set up"
        fix = "set SMTP_URL, or take the stakeholders away"
        yield Finding("stakeholders-reachable", Level.WARNING, Where(field="stakeholders"), message, fix)


def _schedule(team: Team, directory: Directory, has_services: bool, now: datetime) -> Iterator[Finding]:
    schedule, where = directory.schedule(team.id), Where(field=SCHEDULE)
    known = [directory.people[one] for one in directory.ever_on_call(team.id) if one in directory.people]
    for person in known:
        if not person.is_active:
            message = f"{person.name} is in a rotation and is not active: nobody has these turns"
            yield Finding("rotation-active", Level.WARNING, where, message, "take them out of the rotation")
    if not any(person.is_active for person in known):
        # What a calendar outside says is not in files.
        if (has_services or known) and not (team.on_call.calendar and not schedule.calendar):
            level = Level.ERROR if known else Level.WARNING
            message, fix = f"nobody is ever on call in {team.name}", "give the team a rotation"
            yield Finding("on-call-somebody", level, where, message, fix)
        return
    holes = gaps(schedule, now, now + AHEAD)
    if holes:
        zone = ZoneInfo(team.on_call.timezone)
        start, end = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (holes[0].start, holes[0].end))
        message = f"nobody is on call in {team.name} from {start} to {end}: in two weeks, {len(holes)} such holes"
        fix = "add a rotation for these hours, or somebody who stands in"
        yield Finding("on-call-gap", Level.WARNING, where, message, fix)


def lint_service(service: Service, directory: Directory) -> tuple[Finding, ...]:
    """What keeps an incident of a service from paging anybody."""
    if service.team not in directory.teams:
        message, fix = f"{service.name} has no team", "say whose it is"
        return (Finding("service-team", Level.ERROR, Where(field="team"), message, fix),)
    return tuple(_policies(service.team, service.name, directory, "service-policy"))


def _policies(team: str, name: str, directory: Directory, rule: str) -> Iterator[Finding]:
    """The severities for which nothing happens: no policy, or one without a step."""
    chosen = {severity: directory.policy_for(team, severity) for severity in Severity}
    lost = [severity for severity, policy in chosen.items() if policy is None or not policy.live_steps]
    if lost:
        named = ", ".join(severity.level for severity in lost)
        message = f"no policy pages anybody for {name} at {named}"
        fix = "write a policy for it, or a default for all the rest"
        yield Finding(rule, Level.WARNING, Where(field="team"), message, fix)
