"""The forms of standing in and of swapping, and what is said when they are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import inputs, kit
from blocks.kit import Block, Message
from blocks.spans import plain_span, span
from blocks.words import Words, words
from domain.directory import Directory
from domain.oncall import Shift
from domain.people import Team
from domain.schedules import Override
from domain.stand_ins import LONGEST_REASON, Swap

OVERRIDE_FIELDS = ("team", "person", "start", "end", "instead_of", "reason")
SWAP_FIELDS = ("shift", "asked", "start", "end", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The form of standing in: its teams to choose from, and what it begins with. `person` is a Slack id."""

    teams: Sequence[Team]
    team: str
    person: str
    start: datetime
    end: datetime
    may_choose: bool
    """Whether somebody else than the reader can be put on call."""


def override_title(locale: str) -> str:
    return words(locale).say("Stand in")


def override_form(cover: Cover, locale: str) -> Block:
    """Who is on call instead, from when to when."""
    say = words(locale)
    teams = [inputs.option(team.name or "…", team.id) for team in cover.teams]
    blocks = [inputs.labelled("team", say.say("Team"), inputs.select(teams, cover.team))]
    if cover.may_choose:
        blocks.append(inputs.labelled("person", say.say("Who is on call"), inputs.user_picker(cover.person)))
    else:
        blocks.append(kit.section(say.say("You are on call instead. To put somebody else, ask them: `/oncall swap`.")))
    blocks += [
        inputs.labelled("start", say.say("From"), inputs.moment(cover.start)),
        inputs.labelled("end", say.say("Until"), inputs.moment(cover.end)),
        inputs.labelled(
            "instead_of",
            say.say("In the place of"),
            inputs.user_picker(),
            optional=True,
            hint=say.say("Left empty: of everybody who is on call then."),
        ),
        _reason(say),
    ]
    return _form(override_title(locale), blocks, "override.form.v1", say.say("Stand in"), say)


def _reason(say: Words) -> Block:
    return kit.text_input("reason", say.say("Reason"), optional=True, limit=LONGEST_REASON)


def _form(title: str, blocks: Sequence[Block], callback: str, submit: str, say: Words) -> Block:
    return kit.modal(title, blocks, callback=callback, submit=submit, close=say.say("Cancel"))


def no_team(locale: str) -> Block:
    """The answer to whoever has no team to stand in for."""
    text = words(locale).say("You are in no team yet: an operator can put you on call.")
    return done(Message(text, [kit.section(text)]), override_title(locale), locale)


def overridden(override: Override, directory: Directory, relieves: Sequence[str], locale: str) -> Message:
    """Who is on call now, and whom it relieves."""
    say = words(locale)
    team = directory.teams.get(override.team)
    zone = team.on_call.timezone if team else "UTC"
    said = {
        "name": _called(override.person, directory),
        "team": kit.name(team.name, 80) if team else "–",
        "span": span(override.start, override.end, zone, say),
    }
    lines = [say.say("✅ *{name}* is on call for {team}: {span}", **said)]
    names = tuple(_called(one, directory) for one in relieves)
    if names:
        lines.append(say.say("In the place of {names}.", names=say.listed(names)))
    elif not override.instead_of:
        lines.append(say.say("Nobody else is on call then."))
    return Message(lines[0], [kit.section("\n".join(lines))])


def ended(override: Override, directory: Directory, locale: str) -> Message:
    """The schedule counts again."""
    say = words(locale)
    name = _called(override.person, directory)
    text = say.say("✅ {name} does not stand in any more: the schedule counts again.", name=name)
    return Message(text, [kit.section(text)])


def done(message: Message, title: str, locale: str) -> Block:
    """An answer as a modal."""
    return kit.modal(title, message.blocks, callback="notice.v1", close=words(locale).say("Close"))


def _called(person: str, directory: Directory) -> str:
    found = directory.people.get(person)
    return kit.name(found.name, 80) if found else "–"


def swap_title(locale: str) -> str:
    return words(locale).say("Swap")


def swap_form(own: Sequence[tuple[Team, Shift]], asked: str, locale: str) -> Block:
    """Which of the reader's shifts a colleague (a Slack id) is asked to take."""
    say = words(locale)
    if not own:
        text = say.say("You have no shift in the coming weeks: there is nothing to give away.")
        return done(Message(text, [kit.section(text)]), swap_title(locale), locale)
    options = [_choice(team, shift, say) for team, shift in own[: inputs.OPTIONS]]
    blocks = [
        inputs.labelled("shift", say.say("Your shift"), inputs.select(options, options[0]["value"])),
        inputs.labelled("asked", say.say("Who takes it"), inputs.user_picker(asked)),
        inputs.labelled(
            "start",
            say.say("Only from"),
            inputs.moment(),
            optional=True,
            hint=say.say("Left empty: the whole shift."),
        ),
        inputs.labelled("end", say.say("Only until"), inputs.moment(), optional=True),
        _reason(say),
        kit.context(say.say("They get a message with two buttons. Until they accept, you stay on call.")),
    ]
    return _form(swap_title(locale), blocks, "swap.form.v1", say.say("Ask"), say)


def _choice(team: Team, shift: Shift, say: Words) -> Block:
    when = plain_span(shift.start, shift.end, team.on_call.timezone, say)
    value = f"{team.id}|{int(shift.start.timestamp())}|{int(shift.end.timestamp())}"
    return inputs.option(f"{when} · {team.name}", value)


def asked(swap: Swap, directory: Directory, locale: str) -> Message:
    """The question is on its way."""
    say = words(locale)
    team = directory.teams.get(swap.team)
    when = span(swap.start, swap.end, team.on_call.timezone if team else "UTC", say)
    said = {"name": _called(swap.asked, directory), "span": when}
    text = say.say("✅ {name} is asked: {span}. You are told what they answer.", **said)
    return Message(text, [kit.section(text)])


def answered(locale: str, *, is_accepted: bool) -> str:
    say = words(locale)
    return say.say("✅ It is yours; both of you are told.") if is_accepted else say.say("You refused; they are told.")
