"""What a team has done about its grave incidents: war rooms, status updates, and who is told by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.severities import Severity

GRAVE = (Severity.SEV1, Severity.SEV2)
"""What those outside the team hear of without anybody's doing."""
USUAL_UPDATES: Mapping[Severity, int] = {Severity.SEV1: 30, Severity.SEV2: 60}
"""Minutes from one status update to the next, where a team has war rooms and says nothing else."""
LONGEST_ARCHIVE_DELAY = 7 * 24 * 60
"""Minutes."""
MOST_STAKEHOLDERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`war_room` are the severities that get a channel of their own, archived `archive_delay` minutes after the end.

    `updates` are minutes from one status update to the next, by severity, 0 for never; None leaves it to the usual.
    `stakeholders` are e-mail addresses that are told of the beginning, the updates and the end.
    """

    war_room: tuple[Severity, ...] = ()
    archive_delay: int = 0
    updates: tuple[tuple[Severity, int], ...] | None = None
    stakeholders: tuple[str, ...] = field(default=())

    def between_updates(self, severity: Severity) -> timedelta | None:
        """How long others may go without a status update on such an incident; None when nobody is reminded."""
        if self.updates is not None:
            minutes = dict(self.updates).get(severity, 0)
        else:
            minutes = USUAL_UPDATES.get(severity, 0) if severity in self.war_room else 0
        return timedelta(minutes=minutes) if minutes > 0 else None
