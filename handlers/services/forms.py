"""Pure: what the form of a service sends, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.organisation import LONGEST_NAME
from handlers import forms
from handlers.forms import Body
from handlers.teams.responses import addresses

NOBODY = "nobody"
"""The value of "no team" in its menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceForm:
    """A service as a form says it; `team` is a team's id."""

    name: str
    team: str
    aliases: tuple[str, ...] | None
    auto_resolve: bool
    stakeholders: tuple[str, ...] | None = None
    """None, as of the aliases, from a form that did not ask."""


def service(body: Body) -> ServiceForm:
    """What the form of a service says; aliases stand on lines or between commas."""
    name = " ".join(forms.typed(body, "name").split())[:LONGEST_NAME]
    said = (" ".join(part.split()) for part in re.split(r"[,;\n\r]", forms.typed(body, "aliases")))
    aliases = {part.casefold(): part for part in said if part and part.casefold() != name.casefold()}
    return ServiceForm(
        name=name,
        team=forms.chosen(body, "team").replace(NOBODY, ""),
        aliases=tuple(aliases.values()) if forms.has(body, "aliases") else None,
        auto_resolve="auto_resolve" in forms.ticked(body, "flags"),
        stakeholders=addresses(body) if forms.has(body, "stakeholders") else None,
    )
