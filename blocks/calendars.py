"""On-call as a calendar program reads it, and the private links to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from icalendar import Calendar, Event

from blocks import kit
from blocks.kit import Confirm, Message
from blocks.text import one_line
from blocks.words import Words, words
from domain.directory import Directory
from domain.oncall import Shift

_MOST = 2000


def feed(
    shifts: Sequence[tuple[str, Shift]], directory: Directory, now: datetime, locale: str, *, team: str, person: str
) -> bytes:
    """A calendar of shifts, each with its team's id: of a team, or of a person in all their teams."""
    say = words(locale)
    made = Calendar()
    made.add("prodid", "-//Vigie//on-call//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", one_line(_title(directory, team, person, say)))
    made.add("refresh-interval;value=duration", "PT1H")
    for of, shift in shifts[:_MOST]:
        made.add_component(_event(of, shift, directory, now, say, is_own=bool(person)))
    return bytes(made.to_ical())


def _title(directory: Directory, team: str, person: str, say: Words) -> str:
    if person:
        return say.say("On call: {name}", name=directory.people[person].name)
    return say.say("On call: {name}", name=directory.teams[team].name)


def _event(team: str, shift: Shift, directory: Directory, now: datetime, say: Words, *, is_own: bool) -> Event:
    found = directory.people.get(shift.person)
    called, group = found.name if found else "–", directory.teams[team].name
    made = Event()
    identity = f"{team}:{shift.rotation}:{shift.person}:{shift.start.isoformat()}".encode("utf-8", "replace")
    made.add("uid", sha256(identity).hexdigest()[:32] + "@vigie")
    made.add("dtstamp", now)
    made.add("dtstart", shift.start)
    made.add("dtend", shift.end)
    title = say.say("On call: {name}", name=group) if is_own else f"{called} · {group}"
    made.add("summary", one_line(title))
    if shift.instead_of and shift.instead_of in directory.people:
        other = say.say("in the place of {name}", name=directory.people[shift.instead_of].name)
        made.add("description", one_line(other))
    made.add("transp", "TRANSPARENT")
    return made


@dataclass(frozen=True, slots=True)
class Link:
    """A private link: what it leads to by name, its address, and the subject that its button names ("" without)."""

    name: str
    url: str
    subject: str


def links(shown: Sequence[Link], locale: str) -> Message:
    """The private links of whoever asks."""
    say = words(locale)
    title = say.say("Private links for your calendar program")
    dialog = Confirm(
        say.say("Are you sure?"),
        say.say("The link of before stops working, for everybody who has it."),
        say.say("New link"),
        say.say("Cancel"),
    )
    blocks = [kit.section(f"*{title}*")]
    for number, link in enumerate(shown):
        button = kit.button(say.say("New link"), f"feed.renew.v1.{number}", link.subject, confirm=dialog)
        blocks.append(kit.section(f"*{kit.name(link.name, 80)}*", button if link.subject else None))
        blocks.append(kit.preformatted(link.url))
    blocks.append(kit.context(say.say("Whoever has a link can read it: keep it to yourself.")))
    return Message(title, blocks)
