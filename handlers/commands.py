"""Pure: the words after a slash command, read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from blocks.commands import Command, Subcommand

_SHORT_ID = re.compile(r"(?:INC-)?([A-HJKMNP-Z2-9]{6})", re.IGNORECASE)
_WITH_PREFIX = re.compile(r"INC-[A-Z0-9]{1,12}", re.IGNORECASE)
HELP = ("help", "?", "-h", "--help", "aide")


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed. `subcommand` is None for help; `unknown` is a first word that is none, `near` what it resembles;
    `rest` is what follows, as typed."""

    subcommand: Subcommand | None
    rest: str = ""
    unknown: str = ""
    near: str = ""


def read(command: Command, text: str) -> Words:
    """What somebody asks of `command`. An incident's id alone asks to be shown it."""
    first, _, rest = text.strip().partition(" ")
    word = first.casefold()
    if not word or word in HELP:
        return Words(None)
    for subcommand in command.subcommands:
        if word == subcommand.name or word in subcommand.aliases:
            return Words(subcommand, rest.strip())
    shown = next((one for one in command.subcommands if one.name == "show"), None)
    if shown and short_id(first) and command.name == "/incident":
        return Words(shown, first)
    return Words(None, unknown=first, near=_near(word, command.subcommands))


def _near(word: str, subcommands: Iterable[Subcommand]) -> str:
    names = {name: one.name for one in subcommands for name in (one.name, *one.aliases)}
    found = get_close_matches(word, names, n=1, cutoff=0.6)
    return names[found[0]] if found else ""


def short_id(word: str) -> str:
    """`INC-…` for an id in any case, with its prefix or without; "" for anything else."""
    tidy = word.strip("`*_,.:#")
    if _WITH_PREFIX.fullmatch(tidy):
        return tidy.upper()
    found = _SHORT_ID.fullmatch(tidy)
    # Without its prefix a word of six letters is no id: at least one digit, or all of it in capitals.
    return f"INC-{found[1].upper()}" if found and (tidy.isupper() or any(c.isdigit() for c in tidy)) else ""


def split_id(rest: str) -> tuple[str, str]:
    """An incident's id at the beginning of `rest`, and what follows; ("", rest) when there is none."""
    first, _, after = rest.partition(" ")
    found = short_id(first)
    return (found, after.strip()) if found else ("", rest)


def id_at_end(rest: str) -> tuple[str, str]:
    """What comes first in `rest`, and an incident's id at its end; (rest, "") when there is none."""
    before, _, last = rest.rpartition(" ")
    found = short_id(last) if before else ""
    return (before.strip(), found) if found else (rest, "")
