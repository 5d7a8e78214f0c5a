"""Who is on call, next and for two weeks: a line a shift, holes loudly. For a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.kit import Block, Message
from blocks.spans import moment, span
from blocks.words import Words, words
from domain.directory import Directory
from domain.oncall import Shift
from domain.people import Team
from domain.schedules import Override, Span

_LINES_SHOWN = 36
_TEAMS_SHOWN = 10
_LINES_A_SECTION = 9
_GAPS_SHOWN = 6
DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A team's coming days: shifts, the holes between them, and what its reader may do about it."""

    team: Team
    directory: Directory
    now: datetime
    shifts: Sequence[Shift]
    gaps: Sequence[Span] = ()
    overlaps: Sequence[Span] = ()
    overrides: Sequence[Override] = ()
    """Those that its reader may end."""
    may_cover: bool = False
    may_edit: bool = False

    @property
    def zone(self) -> str:
        return self.team.on_call.timezone


def schedule(shown: Outlook, locale: str) -> Message:
    """The coming two weeks of a team."""
    say = words(locale)
    title = say.say("On call: {team}, the next {n} days", team=kit.name(shown.team.name, 80), n=DAYS)
    blocks = [kit.section(f"*{title}*"), *outlook(shown, say)]
    for number, override in enumerate(shown.overrides[:5]):
        blocks.append(kit.section(_override(override, shown, say), _end_button(override, number, say)))
    return Message(title, [*blocks, *_actions(shown, say)])


def outlook(shown: Outlook, say: Words) -> list[Block]:
    """The lines, without a title or buttons: the editor shows them too."""
    blocks = [kit.section(_warning(shown, say))] if shown.gaps else []
    lines = _lines(shown, say)
    cut = lines[:_LINES_SHOWN]
    starts = range(0, len(cut), _LINES_A_SECTION)
    blocks += [kit.section("\n".join(cut[start : start + _LINES_A_SECTION])) for start in starts]
    if len(lines) > len(cut):
        blocks.append(kit.context(say.count("… and {n} more shift", "… and {n} more shifts", len(lines) - len(cut))))
    for one in shown.overlaps[:3]:
        names = say.listed(tuple(_called(person, shown) for person in one.people))
        at_once = span(one.start, one.end, shown.zone, say)
        blocks.append(kit.context(say.say("{names} are both on call: {span}", names=names, span=at_once)))
    return [*blocks, kit.context(_clock(shown, say))]


def _clock(shown: Outlook, say: Words) -> str:
    there = say.clock(shown.now, shown.zone)
    return say.say("Times are yours. The team's clock is {zone}: {time} there now.", zone=shown.zone, time=there)


def _warning(shown: Outlook, say: Words) -> str:
    said = [f"• {span(one.start, one.end, shown.zone, say)}" for one in shown.gaps[:_GAPS_SHOWN]]
    more = len(shown.gaps) - len(said)
    if more > 0:
        said.append(say.count("… and {n} more hole", "… and {n} more holes", more))
    return "\n".join([say.say("🚨 *Nobody is on call:*"), *said])


def _lines(shown: Outlook, say: Words) -> list[str]:
    several = len({one.rotation for one in shown.shifts}) > 1
    rows = [(one.start, _shift(one, shown, say, named=several)) for one in shown.shifts]
    rows += [(one.start, f"🚨 {span(one.start, one.end, shown.zone, say)} · *{_nobody(say)}*") for one in shown.gaps]
    return [line for _, line in sorted(rows, key=lambda row: row[0])]


def _nobody(say: Words) -> str:
    return say.say("nobody")


def _shift(shift: Shift, shown: Outlook, say: Words, *, named: bool) -> str:
    sign = "📟" if shift.start <= shown.now < shift.end else "•"
    line = f"{sign} {span(shift.start, shift.end, shown.zone, say)} · *{_called(shift.person, shown)}*"
    if shift.instead_of:
        line += " " + say.say("(for {name})", name=_called(shift.instead_of, shown))
    elif shift.override:
        line += " " + say.say("(stands in)")
    return f"{line} · {kit.name(shift.rotation, 40)}" if named and shift.rotation else line


def _called(person: str, shown: Outlook) -> str:
    found = shown.directory.people.get(person)
    return kit.name(found.name, 60) if found else "–"


def _override(override: Override, shown: Outlook, say: Words) -> str:
    said = {"name": _called(override.person, shown), "span": span(override.start, override.end, shown.zone, say)}
    line = say.say("🔁 {name} stands in: {span}", **said)
    return line + (f"\n“{kit.name(override.reason)}”" if override.reason else "")


def _end_button(override: Override, number: int, say: Words) -> Block:
    dialog = kit.Confirm(
        say.say("Are you sure?"),
        say.say("Whoever the schedule says is on call again, from now on."),
        say.say("End it"),
        say.say("Cancel"),
    )
    return kit.button(say.say("End it"), f"override.end.v1.{number}", override.id, confirm=dialog)


def _actions(shown: Outlook, say: Words) -> list[Block]:
    buttons = []
    if shown.may_cover:
        buttons.append(kit.button(say.say("🔁 Stand in"), "override.open.v1", shown.team.id))
    if shown.may_edit:
        buttons.append(kit.button(say.say("Edit the schedule"), "oncall.schedule.v1", shown.team.id))
    return kit.actions(buttons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Who is on call for a team, and who comes next, by rotation."""

    team: Team
    running: Sequence[Shift]
    coming: Sequence[Shift]


def upcoming(teams: Sequence[Coming], directory: Directory, now: datetime, locale: str) -> Message:
    """Who comes next."""
    say = words(locale)
    title = say.say("On call next")
    blocks = [kit.section(f"*{title}*")]
    for one in teams[:_TEAMS_SHOWN]:
        shown = Outlook(team=one.team, directory=directory, now=now, shifts=one.coming)
        lines = [_next(shift, shown, say) for shift in one.coming]
        if not lines:
            lines = [say.say("🚨 nobody comes next")]
        blocks.append(kit.section("\n".join([f"*{kit.name(one.team.name, 60)}*", *lines[:_LINES_A_SECTION]])))
    if not teams:
        blocks.append(kit.section(say.say("There is no team yet: `vigie load` takes them in.")))
    return Message(title, blocks)


def _next(shift: Shift, shown: Outlook, say: Words) -> str:
    said = {"name": _called(shift.person, shown), "time": moment(shift.start, shown.zone, say)}
    line = say.say("• {name} from {time}", **said)
    return f"{line} · {kit.name(shift.rotation, 40)}" if shift.rotation else line
