"""Pure: what the form of a team sends, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.organisation import LONGEST_NAME
from handlers import forms
from handlers.forms import Body
from handlers.people.forms import locale
from handlers.teams.responses import ResponseForm, response

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{5,20}")
NOBODY = "nobody"
"""The value of "no lead" in its menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamForm:
    """A team as a form says it. `channel` is a Slack id, "" for the one before; `lead` a person's id; `members` is
    None when the form did not ask."""

    name: str
    channel: str
    lead: str
    members: tuple[str, ...] | None
    locale: str
    digest: bool = False
    user_group: str | None = None
    response: ResponseForm | None = None


def team(body: Body) -> TeamForm:
    """What the form of a team says."""
    channel = forms.picked(body, "channel", "selected_conversation")
    lead = forms.chosen(body, "lead")
    return TeamForm(
        name=" ".join(forms.typed(body, "name").split())[:LONGEST_NAME],
        channel=channel if CHANNEL_ID.fullmatch(channel) else "",
        lead="" if lead == NOBODY else lead,
        members=tuple(dict.fromkeys(forms.ticked(body, "members"))) if forms.has(body, "members") else None,
        locale=locale(body),
        digest="digest" in forms.ticked(body, "digest"),
        user_group=forms.typed(body, "user_group")[:60] if forms.has(body, "user_group") else None,
        response=response(body),
    )
