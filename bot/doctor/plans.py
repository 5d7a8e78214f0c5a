"""What the catalog's teams and policies count on: which people by which channels, and which Slack channels. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from domain.directory import Directory
from domain.escalations import TEAM_LEAD
from domain.people import Person, Team
from domain.policies import Channel, Policy, PolicyStep, TargetType


def places(directory: Directory) -> tuple[str, ...]:
    """The Slack channels that teams and policies name, each once, teams' first."""
    teams = [team.channel for team in directory.teams.values()]
    steps = [step for _, step in _steps(directory) if Channel.SLACK in step.channels]
    named = [step.target.value for step in steps if step.target.type is TargetType.CHANNEL]
    return tuple(dict.fromkeys(name for name in [*teams, *named] if name and not name.startswith("https://")))


def needs(directory: Directory) -> Counter[Channel]:
    """How many steps of active policies go by each channel."""
    return Counter(channel for _, step in _steps(directory) for channel in step.channels)


def paged(directory: Directory) -> dict[str, frozenset[Channel]]:
    """The ids of the active people who are paged, with the channels that policies page them by.

    Somebody in a rotation counts all year, and not just during their shift.
    """
    found: dict[str, set[Channel]] = {}
    for team in directory.teams.values():
        for identity in directory.ever_on_call(team.id):
            found.setdefault(identity, set())
    for policy, step in _steps(directory):
        for identity in _meant(step, policy, directory):
            found.setdefault(identity, set()).update(step.channels)
    people = directory.people
    return {i: frozenset(channels) for i, channels in found.items() if i in people and people[i].is_active}


def unmanned(directory: Directory) -> tuple[Team, ...]:
    """The teams that an on-call step counts on and that have nobody in a rotation."""
    steps = [(policy, step) for policy, step in _steps(directory) if step.target.type is TargetType.ON_CALL]
    teams = {team.id: team for policy, _ in steps for team in _teams(policy, directory)}
    return tuple(
        team for team in teams.values() if not any(i in directory.people for i in directory.ever_on_call(team.id))
    )


def _steps(directory: Directory) -> Iterator[tuple[Policy, PolicyStep]]:
    for policy in directory.policies.values():
        if policy.is_active:
            yield from ((policy, step) for step in policy.live_steps)


def _meant(step: PolicyStep, policy: Policy, directory: Directory) -> Iterator[str]:
    """The ids of the people a step may reach, whoever's turn it is."""
    value = step.target.value
    match step.target.type:
        case TargetType.ON_CALL:
            yield from (i for team in _teams(policy, directory) for i in directory.ever_on_call(team.id))
        case TargetType.TEAM:
            yield from (i for team in _teams(policy, directory) for i in team.members)
        case TargetType.USER if value == TEAM_LEAD:
            yield from (team.lead for team in _teams(policy, directory))
        case TargetType.USER:
            yield from _identity(directory.person_by_handle(value) or directory.person_by_slack(value))
        case TargetType.EMAIL:
            yield from _identity(directory.person_by_email(value))


def _identity(person: Person | None) -> Iterator[str]:
    if person:
        yield person.id


def _teams(policy: Policy, directory: Directory) -> list[Team]:
    """The teams whose incidents may come to a policy; one without a team serves those that have none of their own."""
    return [team for team in directory.teams.values() if policy.team in ("", team.id)]
