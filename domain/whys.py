"""Why somebody was paged for an incident, or was not: read from what was decided and recorded, nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.channels import Channel
from domain.escalations import Escalation, Page, due_at
from domain.incidents import Incident, Status
from domain.notifications import Notification
from domain.people import Person
from domain.policies import Policy, PolicyStep, TargetType
from domain.retention import WITHOUT
from domain.timeline import Entry, Event


class Because(StrEnum):
    """What a line says."""

    PAGED = "paged"
    UNREACHED = "unreached"
    """A step, or one of its channels, found no way; the reason is the log's."""
    OTHERS = "others"
    """A step was for other people."""
    PLACE = "place"
    """A step told a channel."""
    STOPPED = "stopped"
    """A step did not fall due before somebody had the incident."""
    AHEAD = "ahead"
    """A step has not fallen due yet."""
    DECLINED = "declined"
    HELD = "held"
    """A page waited in a storm for the message that gathers many."""
    QUIET = "quiet"
    """A step left channels out that somebody wants to be left alone by."""
    NO_POLICY = "no_policy"
    NEVER = "never"
    """Nothing that was recorded concerns them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is known, and when it was so. `names` are whom a step was for, `channels` what it left out."""

    because: Because
    at: datetime | None = None
    step: int = 0
    page: Notification | None = None
    names: tuple[str, ...] = ()
    target: TargetType | None = None
    reason: str = ""
    channels: tuple[Channel, ...] = ()


def left_out(pages: Sequence[Page]) -> dict[str, str]:
    """What a timeline entry says of channels that were left out: for each, the names of those who asked for it."""
    if not any(page.quiet for page in pages):
        return {}
    names = {
        channel: ", ".join(dict.fromkeys(page.recipient.name for page in pages if channel in page.quiet))
        for channel in Channel
    }
    return {f"{WITHOUT}{channel.value.lower()}": listed for channel, listed in names.items() if listed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of an incident's pages."""

    incident: Incident
    policy: Policy | None
    climb: Escalation | None
    pages: Sequence[Notification] = ()
    entries: Sequence[Entry] = field(default=())


def why(record: Record, person: Person | None = None) -> tuple[Line, ...]:
    """Every line about `person`, or about everybody, in the order of time; what is still ahead comes last."""
    pages = [page for page in record.pages if person is None or page.recipient.person == person.id]
    lines = [Line(because=Because.PAGED, at=page.decided_at, step=page.step, page=page) for page in pages]
    lines += [*_declined(record.entries, person), *_held(record.entries, person), *_quiet(record.entries, person)]
    if record.policy is None:
        lines.append(Line(because=Because.NO_POLICY, at=record.incident.created_at))
    else:
        lines += _steps(record, record.policy, pages, person)
    if person and not lines:
        lines.append(Line(because=Because.NEVER))
    return tuple(sorted(lines, key=lambda line: (line.because is Because.AHEAD, line.at or record.incident.created_at)))


def _declined(entries: Iterable[Entry], person: Person | None) -> Iterable[Line]:
    for entry in entries:
        name = str(entry.details.get("name", ""))
        if entry.event is Event.DECLINED and (person is None or name == person.name):
            yield Line(because=Because.DECLINED, at=entry.at, names=(name,))


def _held(entries: Iterable[Entry], person: Person | None) -> Iterable[Line]:
    for entry in entries:
        name = str(entry.details.get("name", ""))
        if entry.event is Event.PAGE_HELD and "what" not in entry.details and (person is None or name == person.name):
            yield Line(because=Because.HELD, at=entry.at, step=int(entry.details.get("step", 0)), names=(name,))


def _quiet(entries: Iterable[Entry], person: Person | None) -> Iterable[Line]:
    for entry in entries:
        by_name: dict[str, list[Channel]] = {}
        for channel in Channel:
            for name in str(entry.details.get(f"{WITHOUT}{channel.value.lower()}", "")).split(", "):
                by_name.setdefault(name, []).append(channel)
        step = int(entry.details.get("step", 0))
        for name, channels in by_name.items():
            if name and (person is None or name == person.name):
                yield Line(because=Because.QUIET, at=entry.at, step=step, names=(name,), channels=tuple(channels))


def _steps(record: Record, policy: Policy, pages: Sequence[Notification], person: Person | None) -> Iterable[Line]:
    """The steps that paged nobody, or not `person`, and why; those that did are told by their pages."""
    covered = {order for page in pages for order in (page.step, *page.is_bundle_of)}
    fired, missing = _fired(record.entries), _missing(record.entries)
    for place, step in enumerate(policy.live_steps):
        told = missing.get(step.order, [])
        if person is None or any(person.name in str(entry.details.get("reason", "")) for entry in told):
            yield from (_unreached(step, entry) for entry in told)
        elif step.order not in covered and (step.order in fired or told):
            yield _not_meant(step, fired.get(step.order), told)
        if _is_ahead(record, place):
            yield _not_fired(record, step, Because.AHEAD)
        elif step.order not in fired and step.order not in missing and step.order not in covered:
            yield _not_fired(record, step, Because.STOPPED)


def _is_ahead(record: Record, place: int) -> bool:
    """Whether a step is to fire, maybe once more: a climb begins again, another policy has steps of the same number."""
    climb = record.climb
    is_going_on = climb is not None and climb.wake_at is not None and place >= climb.next_step
    return is_going_on and record.incident.status is Status.TRIGGERED


def _unreached(step: PolicyStep, entry: Entry) -> Line:
    reason = str(entry.details.get("reason", ""))
    return Line(because=Because.UNREACHED, at=entry.at, step=step.order, reason=reason, target=step.target.type)


def _not_meant(step: PolicyStep, fired: Entry | None, told: Sequence[Entry]) -> Line:
    """A step that fired and did not page somebody: whom it was for, as the log has it."""
    if fired is None:
        return _unreached(step, told[-1])
    names = tuple(name for name in str(fired.details.get("names", "")).split(", ") if name)
    because = Because.PLACE if step.target.type is TargetType.CHANNEL else Because.OTHERS
    return Line(because=because, at=fired.at, step=step.order, names=names, target=step.target.type)


def _not_fired(record: Record, step: PolicyStep, because: Because) -> Line:
    climb = record.climb
    due = due_at(climb, step) if climb else record.incident.created_at
    if climb and climb.wake_at and because is Because.AHEAD:
        due = max(due, climb.wake_at)
    return Line(because=because, at=due, step=step.order, target=step.target.type)


def _fired(entries: Iterable[Entry]) -> Mapping[int, Entry]:
    """When each step fired last; one that was missed and is told by a later step's message fired with it."""
    found: dict[int, Entry] = {}
    for entry in entries:
        if entry.event is Event.ESCALATED:
            missed = str(entry.details.get("missed", "")).split(", ")
            orders = [int(one) for one in (str(entry.details["step"]), *missed) if one.isdigit()]
            found.update(dict.fromkeys(orders, entry))
    return found


def _missing(entries: Iterable[Entry]) -> Mapping[int, list[Entry]]:
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.event is Event.NOBODY_REACHED:
            found.setdefault(int(entry.details["step"]), []).append(entry)
    return found
