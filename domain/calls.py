"""Pages to people whom no step of a policy means: who is given an incident, whose snooze is over, who leads the team.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.directory import Directory
from domain.escalations import TEAM_LEAD, Escalation, Page, address_of
from domain.incidents import Incident, Severity
from domain.notifications import Notification, NotificationState, Recipient
from domain.people import Person
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType

SNOOZE_OVER = "snooze over"
NOT_HEARD_OF = "not heard of"
FIRES_AGAIN = "fires again"
REASSIGNED = "reassigned"
NOBODY_ELSE = "nobody else"
GOT_WORSE = "got worse"
GIVEN_AWAY = "given away"
"""Whoever had it can't take it: nobody is called for that, and the policy goes on at once."""
_CALLS = (Channel.SLACK, Channel.SMS, Channel.EMAIL, Channel.PHONE)
_CALLS_WITHOUT_POLICY = (Channel.SLACK, Channel.SMS, Channel.EMAIL)


def call_lead(climb: Escalation, policy: Policy, incident: Incident, directory: Directory) -> tuple[Page, ...]:
    """The lead of the incident's team, unless they said that they can't take it."""
    team = directory.teams.get(incident.team)
    lead = directory.people.get(team.lead) if team else None
    if lead is None or not lead.is_active or lead.id in climb.declined:
        return ()
    return call(lead, replace(climb, because=NOBODY_ELSE), policy, incident.severity, directory)


def left_alone(
    pages: Sequence[Notification], policy: Policy, before: Severity, severity: Severity, directory: Directory
) -> tuple[str, ...]:
    """The ids of those who got `pages` and were not paged by a channel of `policy` that they are quiet by at the
    severity `before`, and no more now that it is worse."""
    paged = dict.fromkeys(page.recipient.person for page in pages if page.state is not NotificationState.CANCELLED)
    had = {(page.recipient.person, page.channel) for page in pages}
    used = {channel for step in policy.live_steps for channel in step.channels}
    found = (directory.people[one] for one in paged if one in directory.people)
    return tuple(
        one.id
        for one in found
        if any(
            address_of(one, channel) and (one.id, channel) not in had
            for channel in used & (one.preferences.allowed(severity) - one.preferences.allowed(before))
        )
    )


def call(
    person: Person, climb: Escalation, policy: Policy, severity: Severity, directory: Directory
) -> tuple[Page, ...]:
    """A page to somebody by each of their channels that the policy uses; by all of them when it uses none of them.

    Somebody who is quiet for that severity is called by what they allow: of these, else of all their channels, and
    only when they have none of those by whatever finds them."""
    used = {channel for step in policy.live_steps for channel in step.channels} | {Channel.SLACK}
    mine = [channel for channel in _CALLS if address_of(person, channel)]
    channels = [channel for channel in mine if channel in used]
    if not policy.live_steps or channels in ([], [Channel.SLACK]):
        channels = [channel for channel in mine if channel in _CALLS_WITHOUT_POLICY]
    allowed = person.preferences.allowed(severity)
    ways = ([channel for channel in found if channel in allowed] for found in (channels, mine))
    used_now = next(filter(None, ways), channels)
    quiet = tuple(channel for channel in channels if channel not in used_now)
    channels = used_now
    target = Target(TargetType.USER, TEAM_LEAD if climb.because == NOBODY_ELSE else person.handle)
    step = PolicyStep(order=0, delay_minutes=0, channels=tuple(channels), target=target)
    locale = directory.language_of(person)
    why = f"{climb.because}: {climb.caller}" if climb.caller else climb.because
    return tuple(
        Page(
            step, channel, Recipient(person.id, person.name, address_of(person, channel), locale), why=why, quiet=quiet
        )
        for channel in channels
    )
