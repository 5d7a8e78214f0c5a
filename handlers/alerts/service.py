"""Alerts in: folded into incidents, durable before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from domain import alerts as rules
from domain.alert_mappings import USUAL, AlertMapping
from domain.alerts import AlertGroup, source_name
from domain.clock import Clock
from domain.errors import Fault, Invalid
from domain.incidents import ALERTS_OVER, Incident, Status
from domain.lifecycle import CALM
from domain.people import Actor, Role
from domain.timeline import GRADES, Entry, Event, thought_too_bad
from handlers.alerts import known, news
from handlers.alerts.drafting import retold
from handlers.alerts.intake import Batch, Received, Worse
from handlers.incidents import endings, opening, raising, transitions, turns
from handlers.incidents.other_ways import OtherWays
from handlers.runbooks.facts import show_again
from storage import alerts, catalog, homes, incidents, timeline
from storage.alone import AGAIN_SECONDS, each_alone
from storage.batches import Batches
from storage.faults import UNDECIDABLE
from storage.store import Store, Transaction, promptly, serialise

Noted = Callable[[str, Received], None]
"""Told what became of a group, by its source, once that is on the disk."""
Arrival = tuple[AlertGroup, datetime]
"""A group, and when it came in."""
USUAL_NAME = "default"
"""The mapping for bodies that name none."""
MOST_RELEASED = 100


class AlertService:
    """Takes alert groups; groups that wait share a commit. `wake` is called after each: something may be due. `ways`
    lead out what a storm holds of an incident that gets worse."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        noted: Noted = lambda source, received: None,
        ways: OtherWays | None = None,
    ) -> None:
        self._ways = ways or OtherWays()
        self._store = store
        self._clock = clock
        self._wake = wake
        self._noted = noted
        self._batches: Batches[Arrival, Received] = Batches(store, self._take)

    @property
    def is_busy(self) -> bool:
        """Whether alerts wait for their commit."""
        return self._batches.is_busy

    async def receive(self, group: AlertGroup) -> Received:
        """Fold `group` into its open incident or a new one; answers once that is on the disk. Raises Unavailable when
        that takes long: it may yet come to be, and sent again it changes nothing twice."""
        received = await promptly(self._batches.submit((group, self._clock.now())))
        if group.left_out:
            received = replace(received, outcomes={**received.outcomes, "unreadable": len(group.left_out)})
        self._noted(group.source, received)
        self._wake()
        return received

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When the next group has waited long enough."""
        return alerts.next_wake(tx)

    async def fire(self) -> None:
        """Open incidents for the groups that have."""
        try:
            released = await self._store.write(self._release)
        except UNDECIDABLE:
            released = await self._one_by_one()
        for source, received in released:
            self._noted(source, received)
        self._wake()

    async def _one_by_one(self) -> list[tuple[str, Received]]:
        """Each by itself: one that can't be read waits a minute, and holds up no other."""
        now = self._clock.now()
        later = now + self._clock.span(AGAIN_SECONDS)
        released = await each_alone(
            self._store,
            await self._store.read(lambda tx: alerts.due_keys(tx, now, MOST_RELEASED)),
            self._release,
            lambda tx, key: alerts.put_off(tx, key, later),
            "the alerts can't be let go that are held back as",
        )
        return [one for found in released.values() for one in found]

    async def mapping(self, name: str) -> AlertMapping:
        """Where the tool called `name` puts things, "" for the default. Raises Invalid for one that nobody wrote."""
        directory = await promptly(self._store.read(catalog.directory))
        found = directory.mapping_by_name(name or USUAL_NAME)
        if found is None and name:
            known = ", ".join(sorted(one.name for one in directory.alert_mappings.values())) or "none"
            raise Invalid([Fault("mapping", f"there is no mapping {name}; the catalog has {known}")])
        return found or USUAL

    def _take(self, tx: Transaction, arrivals: list[Arrival]) -> list[Received]:
        serialise(tx, "intake")
        self._store.require_place()
        groups = [group for group, _ in arrivals]
        known.foresee_all(tx, groups)
        groups = known.as_opened(tx, groups)
        parts = _apart(zip(groups, (at for _, at in arrivals), strict=True))
        if len(parts) > 1:
            # Whoever holds an allowance, as the first part may, asks for no incident any more.
            known.held_still(tx, groups)
        received = []
        for part in parts:
            batch = self._batch(tx, [group for group, _ in part])
            received += [batch.take(group, at) for group, at in part]
            _write(tx, batch, self._ways)
        return received

    def _release(self, tx: Transaction, only: str | None = None) -> list[tuple[str, Received]]:
        serialise(tx, "intake")
        now = self._clock.now()
        found = alerts.held(tx, [only]).values() if only else alerts.due(tx, now, MOST_RELEASED)
        due = [waited for waited in found if waited.wake_at <= now]
        batch = self._batch(tx, [waited.ruled.group for waited in due])
        received = [(waited.ruled.group.source, batch.release(waited)) for waited in due]
        _write(tx, batch, self._ways)
        return received

    def _batch(self, tx: Transaction, groups: list[AlertGroup]) -> Batch:
        held = known.held(tx, groups)
        directory = opening.with_triage(tx, self._clock.now())
        # What a group lets go of may be told by another one since.
        before = known.held_still(tx, [*groups, *(waited.ruled.group for waited in held.values())])
        return Batch(
            directory=directory,
            clock=self._clock,
            now=self._clock.now(),
            known=before.known,
            open_groups=before.open_groups,
            standings=before.standings,
            held=held,
            live=rules.by_name(before.live),
        )


def _apart(arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """`arrivals` in parts that are written one after another: what fires where something has just ended finds the
    incident as that end leaves it, and joins none that is over, and that somebody had."""
    parts: list[list[Arrival]] = [[]]
    ended: set[tuple[str, str]] = set()
    for group, at in arrivals:
        if group.place in ended and any(alert.is_firing for alert in group.alerts):
            parts.append([])
            ended.clear()
        parts[-1].append((group, at))
        if group.key and not all(alert.is_firing for alert in group.alerts):
            ended.add(group.place)
    return parts


def _write(tx: Transaction, batch: Batch, ways: OtherWays) -> None:
    opening.keep(tx, batch.openings)
    joined = list({incident for incident, _ in batch.joining})
    calm, had = alerts.calm(tx, joined, batch.now - CALM), alerts.had(tx, batch.joining)
    alerts.set_aside(tx, batch.returned)
    incidents.add_alerts(tx, batch.alerts, batch.now)
    incidents.end_alerts(tx, batch.ended, batch.now)
    alerts.keep_held(tx, batch.waiting)
    for entry in batch.additions:
        transitions.record(tx, batch.now, entry)
        transitions.refresh(tx, entry.incident, batch.now, is_answer=False)
    show_again(tx, {entry.incident for entry in batch.additions}, batch.now)
    _raise(tx, batch, ways)
    is_news = news.fire_again(tx, batch, calm, had)
    _acknowledge(tx, batch)
    _settle_ended(tx, batch)
    if batch.openings or batch.ended_in or batch.raised or batch.said_again or batch.acknowledged or is_news:
        homes.refresh(tx, batch.now)


def _raise(tx: Transaction, batch: Batch, ways: OtherWays) -> None:
    said = [*batch.raised, *batch.said_again]
    if said:
        for incident in incidents.by_ids(tx, incidents.hold(tx, sorted(set(said)))).values():
            worse = _worst(tx, batch, incident.id)
            if incident.is_open and worse:
                called, now = retold(incident, worse.alert), batch.now
                changed = raising.change_severity(
                    tx, called, worse.severity, worse.by, batch.directory, now, ways, was=incident.title
                )
                turns.get_worse(tx, changed, worse.by, now)


def _worst(tx: Transaction, batch: Batch, incident: str) -> Worse | None:
    """What raises an incident: not what still fires and was as bad when somebody set it lower."""
    still = batch.said_again.get(incident)
    if still:
        too_bad = thought_too_bad(timeline.of_kinds(tx, incident, GRADES))
        if too_bad is None or still.severity < too_bad:
            return still
    return batch.raised.get(incident)


def _acknowledge(tx: Transaction, batch: Batch) -> None:
    """What somebody has taken in the tool that sent it is theirs here too, for as long as it is theirs there."""
    if batch.acknowledged:
        for incident in incidents.by_ids(tx, incidents.hold(tx, sorted(batch.acknowledged))).values():
            said = batch.acknowledged[incident.id]
            actor = _actor(said.source, said.given_back_in or said.title)
            if incident.status is Status.TRIGGERED and said.is_acknowledgement:
                transitions.acknowledge(tx, incident, actor, batch.now)
            elif said.given_back_in and _is_the_tools(incident, actor):
                turns.give_back(tx, incident, actor, batch.now)


def _is_the_tools(incident: Incident, actor: Actor) -> bool:
    """Whether it is in the hands of nobody but whoever took it in that tool."""
    is_taken = incident.status is Status.ACKNOWLEDGED and not incident.is_snoozed
    return is_taken and not (incident.owner or incident.acknowledged_slack) and incident.acknowledged_by == actor.name


def _actor(source: str, name: str = "") -> Actor:
    return Actor(key=f"source:{source}", name=name or source_name(source), role=Role.OPERATOR)


def _settle_ended(tx: Transaction, batch: Batch) -> None:
    """Incidents whose last alert ended resolve themselves, or say so, as their service is set; those that something
    else keeps open say so."""
    if not batch.ended_in:
        return
    calm = [incident for incident, count in incidents.firing(tx, sorted(batch.ended_in)).items() if not count]
    found = [one for one in incidents.by_ids(tx, incidents.hold(tx, calm)).values() if one.is_open]
    over = endings.over(tx, found)
    for incident in found:
        _settle(tx, batch, incident, is_over=incident.id in over)


def _settle(tx: Transaction, batch: Batch, incident: Incident, *, is_over: bool) -> None:
    service = batch.directory.services.get(incident.service)
    if is_over and (service is None or service.auto_resolve):
        transitions.resolve(tx, incident, _actor(incident.source), ALERTS_OVER, "", batch.now)
    else:
        entry = Entry(incident=incident.id, at=batch.now, event=Event.ALERTS_ENDED, by=incident.source)
        transitions.record(tx, batch.now, entry)
