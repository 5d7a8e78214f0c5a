"""Who can't be reached for sure, and why: for who leads them, and for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import kit
from blocks.kit import Message
from blocks.words import Words, words
from domain.checkups import Doubt
from domain.directory import Directory

_SHOWN = 5
_NAME = 80


def reason(doubt: Doubt, say: Words) -> str:
    """Why somebody can't be reached for sure."""
    return {
        Doubt.UNVERIFIED: say.say("a phone number or address is not verified"),
        Doubt.REFUSED: say.say("the last test did not go out"),
        Doubt.SILENT: say.say("the monthly test was not confirmed"),
        Doubt.BOUNCED: say.say("the last page was refused"),
    }[doubt]


def lines(found: Mapping[str, Sequence[Doubt]], reader: str, directory: Directory, say: Words) -> list[str]:
    """A line a person (an id) for the Home tab of `reader`, their own first."""
    people = sorted(found, key=lambda one: (one != reader, directory.people[one].name.casefold()))
    told = [_line(one, found[one], reader, directory, say) for one in people[:_SHOWN]]
    if len(people) > _SHOWN:
        more = len(people) - _SHOWN
        told.append(say.count("… and {n} more person", "… and {n} more people", more))
    return told


def _line(person: str, found: Sequence[Doubt], reader: str, directory: Directory, say: Words) -> str:
    why = say.listed(tuple(reason(doubt, say) for doubt in found))
    if person == reader:
        return say.say("⚠️ Pages may not reach you: {why}.", why=why)
    return say.say("⚠️ Pages may not reach {name}: {why}.", name=kit.name(directory.people[person].name, _NAME), why=why)


def notice(name: str, slack: str, doubts: str, locale: str) -> Message:
    """What the lead of a team is told, once."""
    say = words(locale)
    found = [Doubt(one) for one in doubts.split(",") if one in list(Doubt)]
    why = say.listed(tuple(reason(doubt, say) for doubt in found))
    told = say.say("⚠️ Pages may not reach {name}: {why}.", name=kit.person(name, slack), why=why)
    hint = say.say("They verify and test it on their Home tab. Until then, do not count on them at night.")
    plain = say.say("⚠️ Pages may not reach {name}: {why}.", name=kit.name(name, _NAME), why=why)
    return Message(plain, [kit.section(told), kit.context(hint)])
