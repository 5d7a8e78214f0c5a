"""Whether a policy's steps can reach whom they mean: channels that are set up, people who have an address. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.contacts import Contact, unverified
from domain.directory import Directory
from domain.escalations import TEAM_LEAD, address_of, missing
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where
from domain.people import Person, Team
from domain.policies import Channel, Policy, PolicyStep, TargetType, choose
from domain.reach import NOT_SET_UP, Reach
from domain.troubles import BROKEN_PLACES, Trouble
from domain.webhooks import is_discords, is_redacted, is_webhook, redacted

RULE = "target-reachable"
VERIFIED = "contact-verified"
_SETTINGS = {
    Channel.SLACK: "set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or take SLACK out of the step",
    Channel.SMS: "set OVH_APPLICATION_KEY and its neighbours, or take SMS out of the step",
    Channel.EMAIL: "set SMTP_URL, or take EMAIL out of the step",
    Channel.PHONE: "set PHONE_PROVIDER and its neighbours, or take PHONE out of the step; SMS rings too",
}
_ADDRESS = {
    Channel.SLACK: "a Slack id or an e-mail address",
    Channel.SMS: "a phone number",
    Channel.PHONE: "a phone number",
    Channel.EMAIL: "an e-mail address",
}


def unreachable(policy: Policy, directory: Directory | None, reach: Reach) -> tuple[Finding, ...]:
    """What the steps of `policy` do not reach, each said once. Without a `directory` people are not judged."""
    found: list[Finding] = []
    for step in policy.live_steps:
        found += _off(step, reach)
        found += _place(step, reach)
        if directory is not None:
            found += _people(step, policy, directory)
            found += _broken_accounts(step, policy, directory, reach)
            found += _unproved(step, policy, directory)
    return tuple(dict.fromkeys(found))


def _off(step: PolicyStep, reach: Reach) -> Iterator[Finding]:
    for channel in step.channels:
        address = step.target.value if channel is Channel.SLACK else ""
        if reach.is_off(channel, address):
            where = Where(step.order, "type")
            yield Finding("channel-set-up", Level.ERROR, where, NOT_SET_UP[channel], _SETTINGS[channel])


def _unproved(step: PolicyStep, policy: Policy, directory: Directory) -> Iterator[Finding]:
    """Contacts that nobody has ever shown to work, each said once for the whole policy."""
    teams = served(policy, directory)
    for person in _meant(step, teams, directory):
        for contact in unverified(person, directory):
            if person.is_active and contact.channel in step.channels:
                called = "phone number" if contact is Contact.PHONE else "e-mail address"
                fix = f"let {person.name} verify it from the Home tab of Vigie in Slack: a code is sent to it"
                yield Finding(VERIFIED, Level.WARNING, WHOLE, f"the {called} of {person.name} is not verified", fix)


def _meant(step: PolicyStep, teams: Iterable[Team], directory: Directory) -> Iterator[Person]:
    """The people whom a step may page."""
    target, people = step.target, directory.people
    match target.type:
        case TargetType.CHANNEL:
            return
        case TargetType.EMAIL:
            yield from filter(None, [directory.person_by_email(target.value)])
        case TargetType.USER if target.value != TEAM_LEAD:
            yield from filter(None, [directory.person_by_handle(target.value)])
        case _:
            for team in teams:
                yield from (people[one] for one in _ids(step, team, directory) if one in people)


def _ids(step: PolicyStep, team: Team, directory: Directory) -> tuple[str, ...]:
    if step.target.type is TargetType.ON_CALL:
        return directory.ever_on_call(team.id)
    return team.members if step.target.type is TargetType.TEAM else (team.lead,)


def _broken_accounts(step: PolicyStep, policy: Policy, directory: Directory, reach: Reach) -> Iterator[Finding]:
    """People whose account Slack has closed: its last answer to a message to them said so."""
    if Channel.SLACK not in step.channels:
        return
    for person in _meant(step, served(policy, directory), directory):
        known = reach.trouble(Channel.SLACK, address_of(person, Channel.SLACK), is_a_place=False)
        if person.is_active and known and known.trouble is Trouble.USER_GONE:
            fix = f"take {person.name} out of the rotations, or mend their Slack id"
            yield Finding(RULE, Level.WARNING, WHOLE, f"{person.name} has no working Slack account", fix)


def _place(step: PolicyStep, reach: Reach) -> Iterator[Finding]:
    if step.target.type is not TargetType.CHANNEL:
        return
    known = reach.trouble(Channel.SLACK, step.target.value, is_a_place=True)
    if known and known.trouble in BROKEN_PLACES:
        yield Finding(RULE, Level.WARNING, Where(step.order, "target"), *_refused(step.target.value))
    elif is_webhook(step.target.value) and not (is_discords(step.target.value) or is_redacted(step.target.value)):
        message = "the address is no webhook of Discord's: nothing is sent there"
        fix = "copy it from the channel's settings in Discord: Integrations, Webhooks"
        yield Finding(RULE, Level.ERROR, Where(step.order, "target"), message, fix)
    elif reach.lacks_place(step.target.value):
        message = f"Slack has no channel {step.target.value} that Vigie has seen"
        fix = "correct the name, or invite Vigie to the channel when it is private"
        yield Finding(RULE, Level.WARNING, Where(step.order, "target"), message, fix)


def _refused(address: str) -> tuple[str, str]:
    if is_webhook(address):
        message = f"Discord refused the last message to {redacted(address)}"
        return message, "make a new webhook in Discord, or give the step another target"
    message = f"Slack refused the last message to {address}"
    return message, "unarchive it, invite Vigie there, or give the step another target"


def _people(step: PolicyStep, policy: Policy, directory: Directory) -> Iterator[Finding]:
    match step.target.type:
        case TargetType.CHANNEL:
            return
        case TargetType.EMAIL:
            yield from _address(step, directory)
        case TargetType.USER if step.target.value != TEAM_LEAD:
            yield from _user(step, directory)
        case _:
            for team in served(policy, directory):
                yield from _of_team(step, team, directory)


def served(policy: Policy, directory: Directory) -> tuple[Team, ...]:
    """The teams whose incidents `policy` gets: its own, or every one that has nothing better for some severity."""
    if policy.team:
        return tuple(team for team in (directory.teams.get(policy.team),) if team)
    others = [one for one in directory.policies.values() if one.id != policy.id]
    severities = (policy.severity_filter,) if policy.severity_filter else tuple(Severity)
    every = [policy, *others]
    return tuple(
        team
        for team in directory.teams.values()
        if any(choose(every, team.id, severity) is policy for severity in severities)
    )


def _of_team(step: PolicyStep, team: Team, directory: Directory) -> Iterator[Finding]:
    where = Where(step.order, "target")
    match step.target.type:
        case TargetType.ON_CALL:
            message = f"nobody is ever on call in {team.name}"
            fix = f"give {team.name} a rotation, or the step another target"
        case TargetType.TEAM:
            message, fix = f"{team.name} has no members", f"add members to {team.name}, or give the step another target"
        case _:
            message, fix = f"{team.name} has no lead", f"name the lead of {team.name}, or give the step another target"
    known = (directory.people.get(one) for one in dict.fromkeys(_ids(step, team, directory)))
    people = [person for person in known if person and person.is_active]
    if not people:
        yield Finding(RULE, Level.ERROR, where, message, fix)
    yield from _addresses(step, people)


def _user(step: PolicyStep, directory: Directory) -> Iterator[Finding]:
    name = step.target.value
    person = directory.person_by_handle(name) or directory.person_by_slack(name)
    if person and person.is_active:
        yield from _addresses(step, [person])
    else:
        message = f"{name} is not active" if person else f"nobody is called {name}"
        yield Finding(RULE, Level.ERROR, Where(step.order, "target"), message, "name somebody who is there")


def _address(step: PolicyStep, directory: Directory) -> Iterator[Finding]:
    """An address that is nobody's gets mail; a text or a message to it needs a person who has it."""
    email = step.target.value
    person = directory.person_by_email(email)
    if person and person.is_active:
        yield from _addresses(step, [person])
        return
    lost = [channel for channel in step.channels if channel is not Channel.EMAIL]
    level = Level.WARNING if Channel.EMAIL in step.channels else Level.ERROR
    for channel in lost:
        message = f"nobody here has the address {email}, which {channel.value} needs"
        fix = f"declare somebody with this address under people, or take {channel.value} out of the step"
        yield Finding(RULE, level, Where(step.order, "target"), message, fix)


def _addresses(step: PolicyStep, people: Iterable[Person]) -> Iterator[Finding]:
    """The channels that do not find somebody: an error for whoever is found by none."""
    where = Where(step.order, "target")
    for person in people:
        lost = [channel for channel in step.channels if not address_of(person, channel)]
        level = Level.ERROR if len(lost) == len(step.channels) else Level.WARNING
        for channel in lost:
            fix = f"give {person.name} {_ADDRESS[channel]}, or take {channel.value} out of the step"
            yield Finding(RULE, level, where, missing(person, channel), fix)
