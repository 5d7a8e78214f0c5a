"""Climbs whose time has come, turned into notifications in the transaction that moves them on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain import calls, climbing
from domain.clock import Clock
from domain.escalations import Decision, Escalation, EscalationState, Page
from domain.incidents import Incident
from domain.lifecycle import AHEAD, time_to_answer
from domain.notifications import Notification, page_key
from domain.oversights import Lapse, Oversight
from domain.policies import Policy
from domain.timeline import SIGNS_OF_LIFE, Entry, Event
from domain.whys import left_out
from handlers.drills.stages import Stage, played, stages
from handlers.incidents import transitions
from handlers.incidents.other_ways import OtherWays
from handlers.postmortems import requirements
from storage import catalog, escalations, homes, incidents, messages, notifications, outbox, timeline, versions
from storage.alone import AGAIN_SECONDS, each_alone
from storage.faults import UNDECIDABLE
from storage.foresight import foresee, together
from storage.identifiers import new_id
from storage.outbox import HELD, Kind, Parcel
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
Details = dict[str, str | int]


@dataclass(slots=True)
class Fired:
    """What a tick decided, gathered first and written with few statements."""

    climbs: list[Escalation] = field(default_factory=list)
    late: list[timedelta] = field(default_factory=list)
    notifications: list[tuple[Notification, str]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    """Of the incidents that are drills."""
    triggered: list[Incident] = field(default_factory=list)


class Escalator:
    """Fires what is due. A tick costs what is due, not what is open."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        told: Callable[[timedelta], None] = lambda late: None,
        ways: OtherWays | None = None,
    ) -> None:
        """`told` hears how late each climb was looked at; `ways` lead pages out."""
        self._ways = ways or OtherWays()
        self._store = store
        self._clock = clock
        self._told = told
        self._stuck: dict[str, tuple[datetime, datetime]] = {}

    def stuck(self) -> list[Oversight]:
        """Climbs that this process can't decide on, for as long as it tries in vain."""
        recent = self._clock.now() - self._clock.span(2.5 * AGAIN_SECONDS)
        self._stuck = {incident: times for incident, times in self._stuck.items() if times[1] > recent}
        return [
            Oversight(Lapse.CLIMB_LATE, incident, since, incident=incident)
            for incident, (since, _) in self._stuck.items()
        ]

    async def tick(self) -> int:
        """Fire the steps that are due, longest due first; answers how many incidents that moved."""
        try:
            late = await self._store.write(lambda tx: fire(tx, self._clock.now(), self._ways))
        except UNDECIDABLE:
            late = await self._one_by_one()
        for one in late:
            self._told(one)
        return len(late)

    async def _one_by_one(self) -> list[timedelta]:
        """Each by itself: one that can't be read waits a minute, and holds up no other."""
        now = self._clock.now()
        later = now + self._clock.span(AGAIN_SECONDS)
        due = await self._store.read(lambda tx: escalations.due(tx, now, MOST_AT_ONCE))
        fired = await each_alone(
            self._store,
            due,
            lambda tx, incident: fire(tx, now, self._ways, incident),
            lambda tx, incident: escalations.hurry(tx, incident, later),
            "nothing can be decided on the climb of incident",
        )
        stuck = {one: (self._stuck.get(one, (now, now))[0], now) for one in due if one not in fired}
        self._stuck = {one: times for one, times in self._stuck.items() if one not in fired} | stuck
        return [late for found in fired.values() for late in found]


def fire(tx: Transaction, now: datetime, ways: OtherWays | None = None, only: str | None = None) -> list[timedelta]:
    """Fire what is due at `now` (of one incident, if `only` that is wanted), and say how late each was. The incident
    is held before its climb, as an acknowledgement does."""
    held = incidents.hold(tx, [only], skip_held=True) if only else escalations.hold_due(tx, now, MOST_AT_ONCE)
    if not held:
        return []
    foresee(tx, lambda: (incidents.by_ids(tx, held), catalog.revision(tx), escalations.by_incidents(tx, held)))
    found = incidents.by_ids(tx, held)
    directory = catalog.directory(tx)
    fired = Fired()
    climbs = [one for one in escalations.by_incidents(tx, held).values() if one.wake_at and one.wake_at <= now]
    fired.stages = stages(tx, found, directory)
    watched = [one.incident for one in climbs if one.state in _WATCHED]
    alive = timeline.last_of(tx, watched, SIGNS_OF_LIFE, now + AHEAD)
    for climb in climbs:
        fired.late.append(now - (climb.wake_at or now))
        policy, incident = versions.policy(tx, climb.policy_version), found[climb.incident]
        alive_at = alive.get(climb.incident)
        decision = climbing.look(climb, policy, incident, directory, now, alive_at=alive_at)
        requirements.fired(tx, incident, decision.fired)
        _gather(fired, climb, decision, policy, incident, now)
    _write(tx, fired, ways or OtherWays(), now)
    return fired.late


_WATCHED = (EscalationState.WATCHING, EscalationState.ASKED)


def _gather(
    fired: Fired, climb: Escalation, decision: Decision, policy: Policy, incident: Incident, now: datetime
) -> None:
    after = decision.escalation
    fired.climbs.append(after)
    if after.state in _WATCHED and not decision.is_asking:
        return
    fired.incidents[incident.id] = incident
    if decision.triggered:
        fired.triggered.append(decision.triggered)
    pages = played((*decision.called, *decision.pages), fired.stages.get(incident.id), climb.declined)
    fired.notifications += [(_notification(page, after, policy, now), _key(page, after)) for page in pages]
    fired.entries += _turns(decision, climb, policy, incident, now)
    cast = pages if incident.is_drill else ()
    fired.entries += _entries(decision, incident, len(policy.live_steps), now, cast)


def _notification(page: Page, climb: Escalation, policy: Policy, now: datetime) -> Notification:
    minutes = page.step.delay_minutes
    planned = f"{policy.name} v{policy.version}, step {page.step.order} at {minutes} min, {page.step.target.type.value}"
    return Notification(
        id=new_id(),
        incident=climb.incident,
        step=page.step.order,
        channel=page.channel,
        recipient=page.recipient,
        message=page.step.message,
        why=page.why or planned,
        is_bundle_of=page.missed,
        round=climb.round,
        decided_at=now,
        would_be="; ".join(page.would_be),
    )


def _key(page: Page, climb: Escalation) -> str:
    """Whoever is called is called once for each reason that there is."""
    key = page_key(climb.incident, climb.round, page.step.order, page.channel, page.recipient)
    return f"{key}:{page.why}" if page.why else key


def _turns(decision: Decision, climb: Escalation, policy: Policy, incident: Incident, now: datetime) -> Iterable[Entry]:
    """What the climb's going another way says in the timeline."""
    if decision.is_asking:
        rest = time_to_answer(policy) // timedelta(minutes=1)
        minutes = policy.ack_timeout_minutes - rest
        asked = {"name": incident.acknowledged_by, "slack": incident.acknowledged_slack}
        details: Details = {**asked, "minutes": minutes, "rest": rest}
        yield Entry(incident=incident.id, at=now, event=Event.ASKED, details=details)
    if decision.triggered:
        because = calls.SNOOZE_OVER if climb.state is EscalationState.SNOOZED else calls.NOT_HEARD_OF
        is_named = because == calls.NOT_HEARD_OF or decision.called
        details = {"because": because, "name": incident.acknowledged_by if is_named else ""}
        yield Entry(incident=incident.id, at=now, event=Event.TRIGGERED_AGAIN, details=details)
    if decision.is_nobody_left:
        names = ", ".join(dict.fromkeys(page.recipient.name for page in decision.called))
        yield Entry(incident=incident.id, at=now, event=Event.NOBODY_LEFT, details={"names": names})
    elif decision.called:
        yield Entry(incident=incident.id, at=now, event=Event.CALLED, details=_called(decision.called))


def _called(pages: Sequence[Page]) -> Details:
    return {
        "channels": ", ".join(dict.fromkeys(page.channel.value for page in pages)),
        "names": ", ".join(dict.fromkeys(page.recipient.name for page in pages)),
        "why": pages[0].why,
        **left_out(pages),
    }


def _entries(
    decision: Decision, incident: Incident, total: int, now: datetime, cast: Sequence[Page]
) -> Iterable[Entry]:
    """`cast` are the pages that a drill puts in the place of the decided ones."""
    for step in decision.fired:
        pages = [page for page in decision.pages if page.step.order == step.order]
        if pages:
            played = ", ".join(dict.fromkeys(page.recipient.name for page in cast if page.step.order == step.order))
            details = _reached(pages, total) | ({"played_by": played} if played else {})
            yield Entry(incident=incident.id, at=now, event=Event.ESCALATED, details=details)
        missing = [one for one in decision.unreached if one.step.order == step.order]
        for one in missing:
            details = {"step": step.order, "reason": one.reason, "total": total, **_all_the_same(pages)}
            yield Entry(incident=incident.id, at=now, event=Event.NOBODY_REACHED, details=details)
    if decision.escalation.state is EscalationState.EXHAUSTED and not decision.is_nobody_left:
        yield Entry(incident=incident.id, at=now, event=Event.POLICY_EXHAUSTED, details={"total": total})


def _all_the_same(pages: Sequence[Page]) -> Details:
    """How many a step reaches by its other channels, or beside those whom it does not."""
    return {"reached": len({page.recipient for page in pages})} if pages else {}


def _reached(pages: Sequence[Page], total: int) -> Details:
    step = pages[0].step
    missed = sorted({order for page in pages for order in page.missed})
    return {
        "step": step.order,
        "total": total,
        "channels": ", ".join(dict.fromkeys(page.channel.value for page in pages)),
        "names": ", ".join(dict.fromkeys(page.recipient.name for page in pages)),
        "missed": ", ".join(str(order) for order in missed),
        "minutes": step.delay_minutes,
        **left_out(pages),
    }


def _write(tx: Transaction, fired: Fired, ways: OtherWays, now: datetime) -> None:
    named = list(fired.incidents)
    fresh, carded = together(tx, lambda: (notifications.fresh(tx, fired.notifications), messages.carded(tx, named)))
    for incident in fired.triggered:
        incidents.save(tx, incident)
    escalations.save(tx, fired.climbs)
    notifications.add(tx, fresh)
    fired.entries = [_as_paged(entry, [page for page, _ in fresh]) for entry in fired.entries]
    ids = timeline.add(tx, fired.entries)
    cards = [
        Parcel(kind=Kind.CARD, incident=incident, due_at=now, lane=outbox.EDITS)
        for incident in fired.incidents
        if incident in carded
    ]
    lines = [
        Parcel(
            kind=Kind.LINE,
            incident=entry.incident,
            subject=name,
            due_at=now if entry.incident in carded else HELD,
            lane=outbox.posts(fired.incidents[entry.incident].channel),
        )
        for entry, name in zip(fired.entries, ids, strict=True)
    ]
    outbox.put_new(tx, [*lines, *_questions(fired.entries, ids, now)])
    outbox.put(tx, cards)
    ways.put(tx, [notification for notification, _ in fresh], fired.incidents, now)
    for incident in fired.triggered:
        transitions.refresh(tx, incident.id, now, is_answer=False)
    if fresh or fired.triggered:
        homes.refresh(tx, now)


def _as_paged(entry: Entry, fresh: Sequence[Notification]) -> Entry:
    """The lead is paged once in a round, and once more said to be the one who is left."""
    is_left_to_them = entry.event is Event.NOBODY_LEFT and entry.details["names"]
    if is_left_to_them and not any(one.incident == entry.incident for one in fresh):
        return replace(entry, details={**entry.details, "before": "yes"})
    return entry


def _questions(entries: Sequence[Entry], ids: Sequence[str], now: datetime) -> list[Parcel]:
    """To whoever has an incident: are they still on it?"""
    return [
        Parcel(kind=Kind.WORD, incident=entry.incident, subject=name, due_at=now, lane=outbox.direct(slack))
        for entry, name in zip(entries, ids, strict=True)
        if entry.event is Event.ASKED and (slack := str(entry.details["slack"]))
    ]
