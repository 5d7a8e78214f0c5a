"""A team in modals: read by everybody, written by admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blocks import inputs, kit, organisation, responses
from blocks.findings import to_mend
from blocks.kit import Block
from blocks.words import Words, words
from domain.directory import Directory
from domain.organisation import LONGEST_NAME
from domain.organisation_lint import lint_team
from domain.people import Actor, Permission, Person, Team, may
from domain.reach import EVERYTHING

FIELDS = {
    name: name for name in ("name", "channel", "lead", "members", "locale", "digest", "user_group")
} | responses.FIELDS
MOST_MEMBERS = 100
"""Chosen ones that a menu takes: a larger team keeps its members, and changes them in a file."""
MOST_PEOPLE = 1000
_NAMES_SHOWN = 30


def title(locale: str) -> str:
    return words(locale).say("Team")


def shown(team: Team, directory: Directory, actor: Actor, now: datetime, locale: str) -> Block:
    """A team to read: who is in it, where, and who is on call now."""
    say = words(locale)
    lead = directory.people.get(team.lead)
    facts = [
        (say.say("Channel"), kit.name(team.channel, 90) if team.channel else say.say("no channel ⚠️")),
        (say.say("Lead"), _called(lead) if lead else say.say("no lead ⚠️")),
        (say.say("Language"), organisation.language_name(team.locale, say)),
        (say.say("Services"), str(sum(one.team == team.id for one in directory.services.values()))),
        *responses.facts(team.response, say),
    ]
    members = [directory.people[one] for one in team.members if one in directory.people]
    blocks = [
        kit.header(team.name),
        kit.facts(facts),
        kit.section("\n".join([say.say("*On call now*"), *_on_call(team, directory, now, say)])),
        kit.section("\n".join([say.say("*Members*"), _members(members, say)])),
    ]
    if may(actor.role, Permission.PEOPLE):
        blocks += to_mend(lint_team(team, directory, EVERYTHING, now), locale)
    blocks += kit.actions(_buttons(team, actor, say))
    return kit.modal(title(locale), blocks, callback="team.show.v1", close=say.say("Close"), metadata=team.id)


def _buttons(team: Team, actor: Actor, say: Words) -> list[Block]:
    """What its reader may change: the team, its schedule, both or nothing."""
    buttons = []
    if may(actor.role, Permission.SCHEDULES):
        buttons.append(kit.button(say.say("Edit the schedule"), "oncall.schedule.v1", team.id))
    if may(actor.role, Permission.PEOPLE):
        warning = say.say("it is gone for good, and past incidents no longer show its name.")
        buttons += organisation.changes("team", team.id, team.name, warning, say)
    return buttons


def _called(person: Person) -> str:
    return kit.person(person.name, person.slack)


def _on_call(team: Team, directory: Directory, now: datetime, say: Words) -> list[str]:
    active = {person.id: person for person in directory.on_call(team.id, now)}
    shifts = [shift for shift in directory.shifts_at(team.id, now) if shift.person in active]
    zone = team.on_call.timezone
    lines = [
        say.say(
            "📟 {name} until {time}",
            name=_called(active[shift.person]),
            time=kit.moment(shift.end, say.date(shift.end, zone)),
        )
        for shift in shifts[:_NAMES_SHOWN]
    ]
    return lines or [say.say("nobody is on call ⚠️")]


def _members(members: Sequence[Person], say: Words) -> str:
    named = [_called(person) for person in members[:_NAMES_SHOWN]]
    more = len(members) - len(named)
    if more > 0:
        named.append(say.count("{n} more", "{n} more", more))
    return ", ".join(named) or say.say("none ⚠️")


def editor(team: Team, directory: Directory, channel: str, seen: str, locale: str) -> Block:
    """The form of a team; an id of "" is a new one. `channel` is the Slack id of its channel, as far as it is known."""
    say = words(locale)
    people = _people(team, directory)
    options = [inputs.option(_option(person, say), person.id) for person in people]
    nobody = inputs.option(say.say("No lead"), organisation.NOBODY)
    kept = say.say("Left empty, it stays {channel}.", channel=team.channel) if team.channel and not channel else ""
    picker = inputs.channel_picker(channel)
    blocks = [
        kit.text_input("name", say.say("Name"), limit=LONGEST_NAME, value=team.name),
        inputs.labelled("channel", say.say("Channel"), picker, optional=bool(team.channel), hint=kept),
        inputs.labelled("lead", say.say("Lead"), inputs.select([nobody, *options], team.lead or organisation.NOBODY)),
        *_asks_members(team, options, say),
        organisation.language(team.locale, say, say.say("The installation's language")),
        inputs.labelled("digest", say.say("Every Monday"), _digest(team, say), optional=True),
        _user_group(team, say),
        *responses.fields(team.response, say),
    ]
    return kit.modal(
        say.say("Edit the team") if team.id else say.say("New team"),
        blocks,
        callback="team.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{team.id}|{seen}",
    )


def _asks_members(team: Team, options: Sequence[Block], say: Words) -> list[Block]:
    if not options:
        return [kit.context(say.say("There is nobody yet who could be a member: add people first."))]
    if len(team.members) > MOST_MEMBERS:
        return [kit.context(say.say("{n} members: too many for a menu. They stay as they are.", n=len(team.members)))]
    menu = inputs.several(options, team.members, MOST_MEMBERS)
    return [inputs.labelled("members", say.say("Members"), menu, optional=True)]


def _user_group(team: Team, say: Words) -> Block:
    hint = say.say("Such as @sre-oncall: whoever is on call is in it.")
    return kit.text_input(
        "user_group", say.say("Slack user group"), optional=True, hint=hint, limit=60, value=team.user_group
    )


def _digest(team: Team, say: Words) -> Block:
    option = inputs.option(say.say("The figures of the week in the channel, at 09:00"), "digest")
    return inputs.checkboxes([option], ["digest"] if team.digest else [])


def _people(team: Team, directory: Directory) -> list[Person]:
    """Whoever can be chosen: those who are in it already come first, so that no limit takes them away."""
    mine = {team.lead, *team.members}
    active = (person for person in directory.people.values() if person.is_active or person.id in mine)
    chosen = sorted(active, key=lambda person: (person.id not in mine, person.name.casefold()))[:MOST_PEOPLE]
    return sorted(chosen, key=lambda person: person.name.casefold())


def _option(person: Person, say: Words) -> str:
    return person.name if person.is_active else say.say("{name} (inactive)", name=person.name)


def saved(team: Team, locale: str, *, is_changed: bool) -> Block:
    return organisation.saved(title(locale), team.name, locale, is_changed=is_changed)


def removed(team: Team, locale: str) -> Block:
    return organisation.removed(title(locale), team.name, locale)
