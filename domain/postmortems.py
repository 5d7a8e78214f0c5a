"""Post-mortems: when one is due, what it says, how it gets published, and what people promise in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Incident
from domain.notifications import Notification
from domain.people import Actor
from domain.runbooks import Run
from domain.timeline import Entry

DAYS_TO_WRITE = 7
"""From the resolution to the day when it has to be there."""
DAYS_APART = 7
"""Between two reminders of the same thing."""
MORNING = time(9)
"""When people are reminded, by their team's clock on the wall: nobody is woken by a document."""
A_FIELD = 3000
"""Characters that one field of a form takes in Slack."""
LONGEST_ACTION = 500
LONGEST_REASON = 1000
MOST_ACTIONS = 30


class State(StrEnum):
    """Where a post-mortem is. The values are public: the API shows them."""

    DUE = "due"
    DRAFT = "draft"
    PUBLISHED = "published"
    WAIVED = "waived"


UNFINISHED = (State.DUE, State.DRAFT)


class Section(StrEnum):
    """What people write, in the order of the document. The values are public: the API shows them."""

    SUMMARY = "summary"
    IMPACT = "impact"
    WHAT_HAPPENED = "what_happened"
    ROOT_CAUSE = "root_cause"
    WENT_WELL = "went_well"
    WENT_BADLY = "went_badly"
    LESSONS = "lessons"


Texts = Mapping[Section, str]
LIMITS: Mapping[Section, int] = dict.fromkeys(Section, A_FIELD) | {Section.WHAT_HAPPENED: 4 * A_FIELD}
"""Characters of each section: a night's story takes several fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """One incident's post-mortem. `step` is the policy step that wants it, 0 when somebody (`asked_by`) asked for it.

    `due_on` and `wake_at` (when to remind) are None while the incident is open. `version` is that of its texts, 0
    while nobody has written any: it then says what the record says.
    """

    incident: str
    team: str
    state: State = State.DUE
    step: int = 0
    asked_by: str = ""
    due_on: date | None = None
    wake_at: datetime | None = None
    reminders: int = 0
    version: int = 0
    published_version: int = 0
    published_at: datetime | None = None
    published_by: str = ""
    waived_by: str = ""
    waived_because: str = ""

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    def is_overdue(self, today: date) -> bool:
        """Whether the day when it had to be there has gone by."""
        return self.is_unfinished and self.due_on is not None and today > self.due_on


@dataclass(frozen=True, slots=True)
class Version:
    """What a post-mortem said from `at` on, and who wrote it."""

    number: int
    at: datetime
    by: str
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a person (`owner`, an id) does so that it does not happen again."""

    id: str
    incident: str
    text: str
    owner: str
    due_on: date
    wake_at: datetime | None = None
    reminders: int = 0
    made_by: str = ""
    done_at: datetime | None = None
    done_by: str = ""

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def edition(self) -> str:
        """What is said of it, in a few letters: a form that began from another overwrites nothing unseen."""
        said = "\0".join((self.text, self.owner, self.due_on.isoformat()))
        return sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


Owing = TypeVar("Owing", Postmortem, Action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that a post-mortem is made of. `postmortem` is None where none is asked for, `written` where nobody
    has written yet."""

    incident: Incident
    directory: Directory
    now: datetime
    timeline: tuple[Entry, ...] = ()
    run: Run | None = None
    pages: tuple[Notification, ...] = ()
    postmortem: Postmortem | None = None
    written: Version | None = None
    actions: tuple[Action, ...] = ()

    @property
    def zone(self) -> str:
        """The team's."""
        team = self.directory.teams.get(self.incident.team)
        return team.on_call.timezone if team else "UTC"

    @property
    def today(self) -> date:
        return day(self.now, self.zone)


@dataclass(frozen=True, slots=True)
class Owed:
    """What somebody has to do still, at Home: post-mortems of their incidents and teams, and their actions."""

    postmortems: tuple[tuple[Postmortem, Incident], ...] = field(default=())
    actions: tuple[tuple[Action, Incident], ...] = field(default=())


def day(at: datetime, zone: str) -> date:
    """The date of a moment in an IANA zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def morning(on: date, zone: str) -> datetime:
    """When people are reminded on a day."""
    return datetime.combine(on, MORNING, ZoneInfo(zone)).astimezone(UTC)


def resolved(one: Postmortem, at: datetime, zone: str) -> Postmortem:
    """The incident is over: from now on the days count."""
    if one.due_on is not None or not one.is_unfinished:
        return one
    due_on = day(at, zone) + timedelta(days=DAYS_TO_WRITE)
    return replace(one, due_on=due_on, wake_at=morning(due_on, zone))


def _again(now: datetime, zone: str) -> datetime:
    """When to remind next: in a week, however many weeks nobody looked."""
    return morning(day(now, zone) + timedelta(days=DAYS_APART), zone)


def _still_due(on: date, now: datetime, zone: str) -> datetime:
    """When to remind of what is to be done after all: on the day, or in a week when that has gone by."""
    at = morning(on, zone)
    return at if at > now else _again(now, zone)


def reminded(one: Owing, now: datetime, zone: str) -> Owing:
    """People were reminded of it; they will be again."""
    return replace(one, reminders=one.reminders + 1, wake_at=_again(now, zone))


def written(one: Postmortem, now: datetime, zone: str) -> Postmortem:
    """Somebody has saved a version. What was published stays so until the new version is; what was waived is not, and
    is due as before."""
    state = one.state if one.state is State.PUBLISHED else State.DRAFT
    due_on = one.due_on if one.state is State.WAIVED else None
    wake_at = _still_due(due_on, now, zone) if due_on else one.wake_at
    return replace(one, version=one.version + 1, state=state, wake_at=wake_at, waived_by="", waived_because="")


def published(one: Postmortem, by: Actor, now: datetime) -> Postmortem:
    """Everybody can read it, and nobody is reminded of it. Raises Conflict while nobody has written anything, and
    when this version is published already."""
    if not one.version:
        raise Conflict("nobody has written it yet: look it through and save it first")
    if one.state is State.PUBLISHED and one.published_version == one.version:
        raise Conflict(f"it is published already, by {one.published_by}")
    out = replace(one, published_version=one.version, published_at=now, published_by=by.name)
    return replace(out, state=State.PUBLISHED, wake_at=None)


def waived(one: Postmortem, by: Actor, reason: str) -> Postmortem:
    """There will be none. Raises Conflict once it is published or waived, Invalid naming `reason`."""
    if one.state is State.PUBLISHED:
        raise Conflict(f"it is published already, by {one.published_by}")
    if one.state is State.WAIVED:
        raise Conflict(f"it is waived already, by {one.waived_by}")
    if not reason:
        raise Invalid([Fault("reason", "say why there is none")])
    if len(reason) > LONGEST_REASON:
        raise Invalid([Fault("reason", f"is longer than {LONGEST_REASON} characters")])
    return replace(one, state=State.WAIVED, wake_at=None, waived_by=by.name, waived_because=reason)


def text_faults(texts: Texts) -> Iterator[Fault]:
    """What is too long, by the section's name."""
    for section, text in texts.items():
        if len(text) > LIMITS[section]:
            yield Fault(section.value, f"is longer than {LIMITS[section]} characters")


def parts(text: str, size: int = A_FIELD) -> list[str]:
    """`text` in pieces that a field takes, cut where a line ends; at least one, which may be empty."""
    made = [""]
    for line in text.split("\n"):
        pieces = [line[start : start + size] for start in range(0, len(line), size)] or [""]
        for piece in pieces:
            longer = f"{made[-1]}\n{piece}" if made[-1] else piece
            if len(longer) <= size:
                made[-1] = longer
            else:
                made.append(piece)
    return made


def together(pieces: list[str]) -> str:
    """The text that stands in several fields."""
    return "\n".join(piece for piece in pieces if piece)


def promised(one: Action, zone: str) -> Action:
    """`one` with the moment when its owner is reminded."""
    # What they were told before is counted on: a day that comes back must not look as if it was told already.
    return replace(one, wake_at=None if one.is_done else morning(one.due_on, zone))


def ticked(one: Action, by: Actor, now: datetime) -> Action:
    """`one` done. Raises Conflict when it was before."""
    if one.is_done:
        raise Conflict(f"{one.done_by} has done it already")
    return replace(one, done_at=now, done_by=by.name, wake_at=None)


def reopened(one: Action, now: datetime, zone: str) -> Action:
    """`one` not done after all: its owner is reminded on the day, or in a week when that has gone by."""
    return replace(one, done_at=None, done_by="", wake_at=_still_due(one.due_on, now, zone))


def action_faults(text: str, owner: str, due_on: date | None, today: date, before: Action | None) -> Iterator[Fault]:
    """Why an action can't be kept as it is; a day that has gone by may stay as it was."""
    if not text:
        yield Fault("text", "say what is to be done")
    elif len(text) > LONGEST_ACTION:
        yield Fault("text", f"is longer than {LONGEST_ACTION} characters")
    if not owner:
        yield Fault("owner", "say who does it: somebody whom Vigie knows")
    if due_on is None:
        yield Fault("due_on", "say until when, as 2026-12-01")
    elif due_on < today and (before is None or due_on != before.due_on):
        yield Fault("due_on", "that day has gone by")


def readers(incident: Incident, directory: Directory) -> tuple[str, ...]:
    """Whose post-mortem it is: the incident's people and the team's lead, as ids of people who are still there."""
    team = directory.teams.get(incident.team)
    named = (incident.owner, incident.lead, incident.communications, team.lead if team else "")
    known = directory.people
    return tuple(dict.fromkeys(one for one in named if one in known and known[one].is_active))
