"""Status updates: what those who wait are told, when the next one is due, and who hears of it by e-mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.incidents import Incident
from domain.people import Person
from domain.responses import GRAVE

LONGEST = 1500
"""Characters of each part."""
SNOOZE = timedelta(minutes=15)
NOBODY_YET = timedelta(minutes=5)
"""From a look that finds nobody to remind to the next."""


class Occasion(StrEnum):
    """Why stakeholders are written to."""

    OPENING = "opening"
    UPDATE = "update"
    RESOLUTION = "resolution"


class LetterState(StrEnum):
    """What became of a letter to a stakeholder."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What is told: in one text, or by what is known, whom it hurts and what is done; and when the next one comes."""

    text: str = ""
    impact: str = ""
    doing: str = ""
    next_at: datetime | None = None

    def details(self) -> dict[str, str | int]:
        """The same for the record."""
        said: dict[str, str | int] = {"text": self.text, "impact": self.impact, "doing": self.doing}
        if self.next_at is not None:
            said["next_at"] = self.next_at.isoformat()
        return {name: value for name, value in said.items() if value}


def checked(text: str, impact: str, doing: str, next_at: datetime | None) -> Update:
    """An update out of what somebody wrote. Raises Invalid when it says nothing."""
    parts = [part.strip()[:LONGEST] for part in (text, impact, doing)]
    if not any(parts):
        raise Invalid([Fault("text", "say what is known")])
    return Update(text=parts[0], impact=parts[1], doing=parts[2], next_at=next_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When others are to hear of an incident again: `minutes` after they last did, 0 for when somebody has promised it
    and no other time. `wake_at` is when whoever tells them is reminded, None for never more; `reminded_at` is the
    reminder that waits for its answer."""

    incident: str
    minutes: int
    wake_at: datetime | None
    reminded_at: datetime | None = None
    is_dismissed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail to one stakeholder; `entry` is the timeline's that it tells of, "" for none. `bundle` is the mail for
    many incidents that has it in a storm."""

    id: str
    incident: str
    address: str
    occasion: Occasion
    entry: str = ""
    state: LetterState = LetterState.WAITING
    reason: str = ""
    bundle: str = ""


def teller(incident: Incident, directory: Directory) -> Person | None:
    """Who tells the others: whoever was named for it, else who leads, else who has it."""
    named = (incident.communications, incident.lead, incident.owner)
    people = (directory.people[one] for one in named if one in directory.people)
    return next((one for one in people if one.is_active), None)


def watched(watch: Watch | None, incident: Incident, directory: Directory, now: datetime) -> Watch | None:
    """The watch that an incident is to have now; None for none. It begins once there is somebody to remind; a worse
    severity brings the next reminder forward."""
    team = directory.teams.get(incident.team)
    between = team.response.between_updates(incident.severity) if team else None
    if not incident.is_open or incident.is_drill:
        return None
    if between is None:
        return watch if watch and not watch.minutes else None
    minutes = int(between.total_seconds() // 60)
    if watch is None:
        told = teller(incident, directory)
        return Watch(incident=incident.id, minutes=minutes, wake_at=now + between) if told else None
    if watch.minutes == minutes:
        return watch
    sooner = min(watch.wake_at, now + between) if watch.wake_at else None
    return replace(watch, minutes=minutes, wake_at=sooner)


def told(watch: Watch, update: Update, now: datetime) -> Watch:
    """Others have heard: the next is due when the update says, else after the usual time."""
    usual = now + timedelta(minutes=watch.minutes) if watch.minutes else None
    due = update.next_at or usual
    return replace(watch, wake_at=due, reminded_at=None, is_dismissed=False)


def snoozed(watch: Watch, now: datetime) -> Watch:
    """A little later."""
    return replace(watch, wake_at=now + SNOOZE, reminded_at=None)


def dismissed(watch: Watch) -> Watch:
    """No more reminders, until somebody tells something again."""
    return replace(watch, wake_at=None, reminded_at=None, is_dismissed=True)


def reminded(watch: Watch, now: datetime) -> Watch:
    """Whoever tells the others was reminded."""
    again = now + timedelta(minutes=watch.minutes) if watch.minutes else None
    return replace(watch, wake_at=again, reminded_at=now)


def stakeholders(incident: Incident, directory: Directory) -> tuple[str, ...]:
    """Who hears of an incident by e-mail: the team's and the service's, each once. A drill is nobody's business."""
    if incident.is_drill:
        return ()
    team, service = directory.teams.get(incident.team), directory.services.get(incident.service)
    addresses = (*(team.response.stakeholders if team else ()), *(service.stakeholders if service else ()))
    return tuple({one.casefold(): one for one in addresses}.values())


def hear_of_the_beginning(incident: Incident, directory: Directory) -> tuple[str, ...]:
    """Who hears that it has begun: nobody, unless it is grave."""
    return stakeholders(incident, directory) if incident.severity in GRAVE and incident.is_open else ()
