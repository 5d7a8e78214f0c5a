"""Pure: what a form says about grave incidents, turned into a team's setting."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.responses import GRAVE, LONGEST_ARCHIVE_DELAY, USUAL_UPDATES, Response
from domain.severities import Severity
from handlers import forms
from handlers.forms import Body

_MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseForm:
    """`updates` are minutes by severity, of those that the form asks about."""

    war_room: tuple[Severity, ...]
    archive_delay: int
    updates: dict[Severity, int]
    stakeholders: tuple[str, ...] | None
    """None when it does not ask."""

    def applied(self, before: Response) -> Response:
        """The setting that was `before`, as the form has it: what it does not ask about stays."""
        minutes = dict(before.updates or ()) | self.updates
        updates = tuple(sorted((severity, length) for severity, length in minutes.items() if length > 0))
        usual = tuple((one, USUAL_UPDATES[one]) for one in sorted(USUAL_UPDATES) if one in self.war_room)
        return Response(
            war_room=self.war_room,
            archive_delay=self.archive_delay,
            updates=None if before.updates is None and updates == usual else updates,
            stakeholders=before.stakeholders if self.stakeholders is None else self.stakeholders,
        )


def response(body: Body) -> ResponseForm | None:
    """What the form says; None from a form of a time when it did not ask."""
    if not forms.has(body, "war_room"):
        return None
    ticked = forms.ticked(body, "war_room")
    return ResponseForm(
        war_room=tuple(severity for severity in Severity if severity.value in ticked),
        archive_delay=_number(body, "archive_delay", LONGEST_ARCHIVE_DELAY),
        updates={severity: _number(body, f"updates_{severity.name}", _MOST_MINUTES) for severity in GRAVE},
        stakeholders=addresses(body) if forms.has(body, "stakeholders") else None,
    )


def addresses(body: Body) -> tuple[str, ...]:
    """Addresses on lines or between commas, each once."""
    parts = (part.strip() for part in re.split(r"[,;\s]", forms.typed(body, "stakeholders")))
    return tuple({part.casefold(): part for part in parts if part}.values())


def _number(body: Body, block: str, most: int) -> int:
    said = forms.picked(body, block, "value")
    return min(int(said), most) if re.fullmatch(r"\d{1,6}", said) else 0
