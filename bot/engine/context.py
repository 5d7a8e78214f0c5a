"""What parcels are about, read in bulk: a hundred of them cost as many queries as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.approvals import Request
from domain.directory import Directory
from domain.drills import Drill
from domain.escalations import Escalation
from domain.incidents import Incident, Status
from domain.notifications import Notification
from domain.placeholders import Facts
from domain.policies import Channel, Policy
from domain.rooms import Room
from domain.runbooks import Run
from domain.timeline import Entry, Event
from domain.updates import Watch
from handlers.runbooks.facts import of_run
from storage import (
    approvals,
    catalog,
    drills,
    escalations,
    incidents,
    messages,
    notifications,
    past_runs,
    replies,
    rooms,
    runs,
    timeline,
    updates,
    versions,
)
from storage.foresight import foresee
from storage.messages import Place
from storage.outbox import Kind, Parcel
from storage.store import Transaction

_ABOUT_NOTIFICATIONS = (Kind.PAGE, Kind.COPY)
_ABOUT_STEPS = (Kind.STEP, Kind.ROLLBACK, Kind.OVERDUE)
_ABOUT_ENTRIES = (Kind.LINE, Kind.WORD, Kind.ROOM_LINE)


async def _always(what: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Context:
    """The state of one moment, for every parcel of a claim; look-ups by id."""

    directory: Directory = field(default_factory=Directory)
    incidents: dict[str, Incident] = field(default_factory=dict)
    mains: dict[str, Incident] = field(default_factory=dict)
    """Those that these are duplicates of."""
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Alerts that fire, and all alerts, of each incident."""
    taken: dict[str, datetime] = field(default_factory=dict)
    """When each incident was last acknowledged."""
    climbs: dict[str, Escalation] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    """By incident."""
    rooms: dict[str, Room] = field(default_factory=dict)
    """War rooms, by incident."""
    past: dict[str, Run] = field(default_factory=dict)
    """Runs that a newer version took over from, by id."""
    requests: dict[str, Request] = field(default_factory=dict)
    """For a second person, by id."""
    facts: dict[str, Facts] = field(default_factory=dict)
    """What a step's placeholders stand for, by the subject of its parcel."""
    watches: dict[str, Watch] = field(default_factory=dict)
    """When others are to hear of each incident again."""
    places: dict[str, Place] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    drills: dict[str, Drill] = field(default_factory=dict)
    """By incident."""
    earlier_mails: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Ids of the mails sent so far for an (incident, address), oldest first."""
    is_wanted: Callable[[str], Awaitable[bool]] = _always
    is_still_due: Callable[[Parcel], Awaitable[bool]] = _always
    """Asks whether a page may still go, now and not when this was read."""

    short_numbers: dict[str, int] = field(default_factory=dict)
    """By which an answer to an SMS names its incident, by incident."""

    def policy_of(self, incident: str) -> Policy | None:
        climb = self.climbs.get(incident)
        return self.policies.get(climb.policy_version) if climb else None


def load(tx: Transaction, parcels: Sequence[Parcel], now: datetime) -> Context:
    """What `parcels` are about at `now`."""
    ids = sorted({parcel.incident for parcel in parcels})
    pages = [parcel.subject for parcel in parcels if parcel.kind in _ABOUT_NOTIFICATIONS]
    lines = [parcel.subject for parcel in parcels if parcel.kind in _ABOUT_ENTRIES]
    made = notifications.by_ids(tx, pages) if pages else {}
    shown = sorted({parcel.incident for parcel in parcels if not _is_brief(parcel, made)})
    foresee(tx, lambda: _of_any(tx, ids, shown))
    climbs = escalations.by_incidents(tx, ids)
    directory, found, running = catalog.directory(tx), incidents.by_ids(tx, ids), runs.by_incidents(tx, shown)
    mains = sorted({one.duplicate_of for one in found.values() if one.duplicate_of})
    current = {run.id for run in running.values()}
    requests = approvals.by_ids(tx, [parcel.subject for parcel in parcels if parcel.kind is Kind.APPROVAL])
    named = [*map(_run_of, parcels), *(request.run for request in requests.values())]
    return Context(
        directory=directory,
        incidents=found,
        mains=incidents.by_ids(tx, mains) if mains else {},
        counts=incidents.counts(tx, shown),
        taken=timeline.last_of(tx, _held_by_somebody(shown, found), [Event.ACKNOWLEDGED]),
        climbs=climbs,
        policies={climb.policy_version: versions.policy(tx, climb.policy_version) for climb in climbs.values()},
        runs=running,
        rooms=rooms.by_incidents(tx, shown),
        facts={
            parcel.subject: of_run(tx, found[parcel.incident], running[parcel.incident], _order(parcel), directory)
            for parcel in parcels
            if parcel.kind in _ABOUT_STEPS and _run_of(parcel) in current
        },
        past=past_runs.find(tx, [name for name in named if name and name not in current]),
        requests=requests,
        places=messages.of_incidents(tx, shown),
        notifications=made,
        short_numbers=replies.number(tx, _texted(made), now),
        drills=drills.by_incidents(tx, [one.id for one in found.values() if one.is_drill]),
        entries=timeline.by_ids(tx, lines) if lines else {},
        watches=updates.by_incidents(tx, ids) if lines else {},
        earlier_mails=notifications.mails_sent(tx, shown) if pages else {},
    )


def _of_any(tx: Transaction, ids: Sequence[str], shown: Sequence[str]) -> None:
    """What is asked of these whatever they are about."""
    escalations.by_incidents(tx, ids)
    catalog.revision(tx)
    incidents.by_ids(tx, ids)
    for asked in (runs.by_incidents, incidents.counts, rooms.by_incidents, messages.of_incidents):
        asked(tx, shown)


_BRIEF = (Channel.SMS, Channel.PHONE)


def _is_brief(parcel: Parcel, made: Mapping[str, Notification]) -> bool:
    """Whether it is a page that tells of its incident alone, and not of what hangs on it: they come in hundreds."""
    page = made.get(parcel.subject)
    return parcel.kind is Kind.PAGE and page is not None and page.channel in _BRIEF


def _held_by_somebody(shown: Sequence[str], found: Mapping[str, Incident]) -> list[str]:
    return [one for one in shown if one in found and found[one].status is Status.ACKNOWLEDGED]


def _texted(made: Mapping[str, Notification]) -> list[str]:
    """The incidents that these pages tell of by SMS."""
    return sorted({page.incident for page in made.values() if page.channel is Channel.SMS})


def _order(parcel: Parcel) -> int:
    """Which step a parcel is about."""
    return int(parcel.subject.rpartition(":")[2])


def _run_of(parcel: Parcel) -> str:
    """Which run a parcel about a step is of."""
    return parcel.subject.rpartition(":")[0] if parcel.kind in _ABOUT_STEPS else ""
