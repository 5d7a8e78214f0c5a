"""Pure: slash commands and shortcuts as they are declared, and what somebody typed after one turned into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, TypeVar

from domain.errors import Conflict, NotFound
from domain.incidents import SHORT_ID_LETTERS
from domain.people import Permission, Role, may

Thing = TypeVar("Thing")
HELP = "help"
_QUOTED = re.compile(r'"([^"]{0,1000}+)"|“([^”]{0,1000}+)”|„([^“”]{0,1000}+)[“”]|«([^»]{0,1000}+)»|(\S++)')
"""A phone writes “curly” quotes by itself, a French one « these ». A quote that is open is looked for in its next 1,000
characters: one after another, they would be looked for in all of the text each."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_PREFIXED = re.compile(r"#?INC-?([A-Z0-9]{6})[.,;:!?]?", re.IGNORECASE)
_BARE = re.compile(rf"[{SHORT_ID_LETTERS}]{{6}}", re.IGNORECASE)
_LIKENESS = 0.6
_NAMES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One thing a command does. `permission` is what it takes, None when everybody may; `arguments` are shown in the
    help as they are typed."""

    name: str
    arguments: str = ""
    permission: Permission | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command: what the manifest, the help and the dispatch are made from.

    Several features may each declare a part of one command; `gathered` puts the parts together.
    """

    name: str
    description: str
    subcommands: tuple[Subcommand, ...] = ()

    @property
    def hint(self) -> str:
        """What Slack shows behind the command while somebody types."""
        return f"[{'|'.join(one.name for one in self.subcommands)}]"

    def allowed(self, role: Role) -> tuple[Subcommand, ...]:
        """What somebody with `role` may do by it."""
        return tuple(one for one in self.subcommands if one.permission is None or may(role, one.permission))


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of Slack's menus: `global` beside the message field, `message` on every message."""

    name: str
    callback_id: str
    type: Literal["global", "message"]
    description: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands after a command: a subcommand's name ("" for none that is known), and the rest.

    `first` is the first word as it was typed, `rest` everything after it, `suggestion` the subcommand that it may
    have meant.
    """

    subcommand: str
    first: str = ""
    arguments: tuple[str, ...] = ()
    rest: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A text that may begin with an incident's name. `is_sure`: with INC- before it, it is one for certain."""

    incident: str = ""
    rest: str = ""
    is_sure: bool = False


def gathered(parts: Iterable[Command]) -> dict[str, Command]:
    """Every command by name, the parts of each put together. Raises ValueError when two parts share a word."""
    found: dict[str, Command] = {}
    for part in parts:
        before = found.get(part.name)
        whole = replace(before, subcommands=before.subcommands + part.subcommands) if before else part
        words = [word for one in whole.subcommands for word in (one.name, *one.aliases)]
        twice = {word for word in words if words.count(word) > 1}
        if twice:
            raise ValueError(f"{part.name} has two subcommands called {', '.join(sorted(twice))}")
        found[part.name] = whole
    return found


def typed(text: str, command: Command) -> Typed:
    """What `text`, typed after `command`, asks for. Nothing at all is a call for help; an incident's name alone
    shows it, where a command can show."""
    plain = _plain(text)
    first, rest = (*re.split(r"\s+", plain, maxsplit=1), "")[:2]
    words = {word: one.name for one in command.subcommands for word in (one.name, *one.aliases)}
    asked = HELP if not first or first.casefold() in (HELP, "?", "-h", "--help") else words.get(first.casefold(), "")
    if not asked and "show" in words and _is_surely_named(first):
        return Typed("show", first, split(plain), plain)
    return Typed(asked, first, split(rest), rest.strip(), "" if asked else nearest(first, words))


def _plain(text: str) -> str:
    """Slack writes <, > and & as entities; a NUL is nothing that anybody typed."""
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return re.sub(r"[^\S\n]+", " ", text.replace("\0", "")).strip()


def split(text: str) -> tuple[str, ...]:
    """The words of `text`; what stands between quotes is one. A quote that is never closed is a letter."""
    found = (next((group for group in one.groups() if group), "") for one in _QUOTED.finditer(text))
    return tuple(word.strip() for word in found)


ME = ("me", "moi")
"""What stands for whoever types it."""


def unquoted(name: str) -> str:
    """A name without the quotes that a keyboard of any language puts around it."""
    return name.strip(' \u00a0\u202f"“”„«»')


def nearest(word: str, words: dict[str, str]) -> str:
    """The subcommand that `word` is a beginning or a slip of, "" when there is none like it."""
    low = word.casefold()
    begun = {name for known, name in words.items() if known.startswith(low)}
    if low and len(begun) == 1:
        return begun.pop()
    like = get_close_matches(low, words, n=1, cutoff=_LIKENESS)
    return words[like[0]] if like else ""


def incident_name(word: str) -> str:
    """`INC-ABC234` from any way of writing it, "" when `word` is no incident's name."""
    found = _PREFIXED.fullmatch(word)
    if found:
        return f"INC-{found[1].upper()}"
    return f"INC-{word.upper()}" if _BARE.fullmatch(word) else ""


def _is_surely_named(word: str) -> bool:
    return bool(_PREFIXED.fullmatch(word) or (_BARE.fullmatch(word) and re.search(r"\d", word)))


def named(text: str) -> Named:
    """The incident that `text` begins with, and the rest; the whole of it is the rest when it begins with none."""
    first, *after = re.split(r"\s+", text.strip(), maxsplit=1)
    name = incident_name(first)
    if not name:
        return Named("", text.strip())
    return Named(name, after[0] if after else "", _is_surely_named(first))


def chosen_by_name(wanted: str, things: Mapping[str, Thing], kind: str) -> Thing:
    """The thing called `wanted`, or the only one whose name has it in it. Raises NotFound, with the name that may
    have been meant, and Conflict when several fit."""
    low = wanted.casefold()
    names = [name for name in things if name.casefold() == low] or [name for name in things if low in name.casefold()]
    if len(names) == 1:
        return things[names[0]]
    if names:
        raise Conflict(f"several fit: {', '.join(sorted(names)[:_NAMES_TOLD])}")
    folded = {name.casefold(): name for name in things}
    like = get_close_matches(low, folded, n=1, cutoff=_LIKENESS)
    if like:
        raise NotFound(f"there is no {kind} {wanted[:60]}; did you mean {folded[like[0]]}?")
    raise NotFound(f"there is no {kind} {wanted[:60]}")
