"""The turns that an incident's life takes, inside the caller's transaction: given back, snoozed, mitigated, given to
another, declined. The rules are `domain/lifecycle.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from domain import climbing, lifecycle
from domain import incidents as rules
from domain.calls import FIRES_AGAIN, GOT_WORSE
from domain.errors import Conflict
from domain.escalations import Escalation, EscalationState
from domain.incidents import Incident, Status
from domain.lifecycle import AHEAD, CALM, Life
from domain.notifications import NotificationState
from domain.people import Actor, Person
from domain.timeline import PAGED, SIGNS_OF_LIFE, Entry, Event
from handlers.incidents import transitions
from handlers.rooms.wishes import invite
from storage import catalog, escalations, incidents, notifications, runs, timeline, versions
from storage.store import Transaction

Details = dict[str, str | int]


def life_of(tx: Transaction, incident: Incident) -> Life:
    """An incident with its climb; one that no policy fits has a bare one."""
    found = escalations.by_incidents(tx, [incident.id]).get(incident.id)
    return Life(incident, found or lifecycle.unpoliced(incident))


def give_back(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """Nobody's again: pages go out in a moment. Whoever had it is told when somebody else gives it back."""
    after = lifecycle.give_back(life_of(tx, incident), now)
    event = Event.UNSNOOZED if incident.is_snoozed else Event.UNACKNOWLEDGED
    _keep(tx, after)
    transitions.tell(tx, incident, event, actor, {}, now)
    return after.incident


def end_snooze(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """The same for one that is quiet. Raises Conflict for one that is not: somebody may have it by now."""
    if not incident.is_snoozed:
        raise Conflict(rules.already(incident))
    return give_back(tx, incident, actor, now)


def snooze(tx: Transaction, incident: Incident, actor: Actor, until: datetime, now: datetime) -> Incident:
    """Quiet until a moment, in the hands of whoever snoozes it."""
    changed = rules.snooze(incident, actor, until, now)
    climb = lifecycle.snoozed(life_of(tx, incident).climb, until, changed.owner)
    transitions.quieten(tx, incident.id)
    _keep(tx, Life(changed, climb))
    runs.look_again(tx, incident.id, now)
    transitions.tell(tx, incident, Event.SNOOZED, actor, {"until": until.isoformat()}, now)
    return changed


def mitigate(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """It no longer hurts: the climb stops as for an acknowledgement."""
    changed = rules.mitigate(incident, actor, now)
    transitions.quieten(tx, incident.id)
    _keep(tx, Life(changed, lifecycle.rested(life_of(tx, incident).climb, changed.owner)))
    transitions.tell(tx, incident, Event.MITIGATED, actor, {}, now)
    return changed


def reassign(
    tx: Transaction, incident: Incident, people: Sequence[Person], team: str, actor: Actor, now: datetime
) -> Incident:
    """Those people are paged at once, and the climb goes on until somebody acknowledges. Whoever gives it to themselves
    alone has it; of several they are the one who knows already."""
    others = [person for person in people if person.id != actor.person]
    people = others or people
    after = lifecycle.reassign(life_of(tx, incident), tuple(person.id for person in people), actor.name, now)
    transitions.quieten(tx, incident.id)
    _keep(tx, after)
    invite(tx, incident, people)
    names = ", ".join(person.name for person in people)
    transitions.tell(tx, incident, Event.REASSIGNED, actor, {"to": names, "team": team}, now)
    return after.incident if others else transitions.acknowledge(tx, after.incident, actor, now)


def fire_again(tx: Transaction, incident: Incident, source: str, now: datetime) -> None:
    """An alert of `source` fires after all were over for long. Somebody has the incident, whose snooze is their wish;
    or nobody ever did, and nobody is paged for it any more."""
    if (incident.status in _TAKEN and not incident.is_snoozed) or _is_left_alone(tx, incident):
        _trigger_again(tx, incident, FIRES_AGAIN, source, now)


def get_worse(tx: Transaction, incident: Incident, source: str, now: datetime) -> None:
    """An alert of `source` says that it is worse than it was when somebody took it. Whoever is at it sees that; whoever
    snoozed it, called it mitigated, or was not heard of for long, may not; nor anybody, when nobody has it and nobody
    is paged for it any more."""
    if (incident.status in _TAKEN and not _is_at_it(tx, incident, now)) or _is_left_alone(tx, incident):
        _trigger_again(tx, incident, GOT_WORSE, source, now)


def spread(tx: Transaction, incident: Incident, source: str, now: datetime) -> None:
    """An alert of `source` joins, of a name that the incident never had: more is broken. Whoever called it mitigated
    long ago may not see that, nor anybody, when nobody has it and nobody was paged for long, or will be."""
    is_unseen = incident.status is Status.MITIGATED or _is_left_alone(tx, incident)
    if is_unseen and not _was_heard_of(tx, incident, {*SIGNS_OF_LIFE, *PAGED, Event.MITIGATED}, now):
        _trigger_again(tx, incident, GOT_WORSE, source, now)


def begin_anew(tx: Transaction, incident: Incident, source: str, began: datetime, now: datetime) -> None:
    """An alert of `source` fires that `began` while it fired here: nobody told its end, since somebody had silenced it,
    say. Whoever had the incident then may have gone for long, and nobody is told of it any more."""
    is_quiet = (incident.status in _TAKEN and not incident.is_snoozed) or _is_left_alone(tx, incident)
    events = {*SIGNS_OF_LIFE, *PAGED, Event.MITIGATED}
    heard = timeline.last_of(tx, [incident.id], events, now + AHEAD).get(incident.id)
    if is_quiet and heard is not None and heard < began and heard <= now - CALM:
        _trigger_again(tx, incident, FIRES_AGAIN, source, now)


_TAKEN = (Status.ACKNOWLEDGED, Status.MITIGATED)


def _is_left_alone(tx: Transaction, incident: Incident) -> bool:
    """Whether nobody has it, no step is to come, and no page waits to leave."""
    if incident.status is not Status.TRIGGERED or life_of(tx, incident).climb.state is not EscalationState.EXHAUSTED:
        return False
    return all(one.state is not NotificationState.WAITING for one in notifications.of_incident(tx, incident.id))


def _is_at_it(tx: Transaction, incident: Incident, now: datetime) -> bool:
    if incident.status is not Status.ACKNOWLEDGED or incident.is_snoozed:
        return False
    return _was_heard_of(tx, incident, SIGNS_OF_LIFE, now)


def _was_heard_of(tx: Transaction, incident: Incident, events: Iterable[Event], now: datetime) -> bool:
    heard = timeline.last_of(tx, [incident.id], events, now + AHEAD).get(incident.id)
    return heard is not None and heard > now - CALM


def _trigger_again(tx: Transaction, incident: Incident, because: str, source: str, now: datetime) -> None:
    _keep(tx, lifecycle.wanted_again(life_of(tx, incident), because, now))
    # Whom Vigie doesn't know it can't page: their name is that of a tool, say.
    owner = catalog.directory(tx).people.get(incident.owner)
    details: Details = {"because": because, "name": incident.acknowledged_by if owner and owner.is_active else ""}
    entry = Entry(incident=incident.id, at=now, event=Event.TRIGGERED_AGAIN, by=source, details=details)
    transitions.record(tx, now, entry)
    transitions.refresh(tx, incident.id, now, is_answer=False)


def still_to_climb(tx: Transaction, incident: Incident, now: datetime) -> Life:
    """An incident with what is left of its climb: the steps to come, and from which on pages wait that have not left
    yet (a provider is away, a storm holds them)."""
    life = life_of(tx, incident)
    made = notifications.of_incident(tx, incident.id)
    waiting = {one.step for one in made if one.state is NotificationState.WAITING and one.round == life.climb.round}
    steps = versions.policy(tx, life.climb.policy_version).live_steps
    first = next((place for place, step in enumerate(steps) if step.order in waiting), len(steps))
    if first >= life.climb.next_step or life.climb.state not in _CLIMBING:
        return life
    return replace(life, climb=replace(life.climb, state=EscalationState.RUNNING, next_step=first, wake_at=now))


_CLIMBING = (EscalationState.RUNNING, EscalationState.EXHAUSTED)


def climb_on(tx: Transaction, incident: Incident, other: Life) -> tuple[Incident, Details]:
    """What nobody has and pages nobody any more goes on with the climb of its duplicate, when that is by another
    policy: whom it was still to page, nobody has paged. Answers what there is to say of that."""
    before, theirs = life_of(tx, incident).climb, other.climb
    own, policy = versions.policy(tx, before.policy_version), versions.policy(tx, theirs.policy_version)
    is_nobodys = incident.status is Status.TRIGGERED and other.incident.status is Status.TRIGGERED
    if not is_nobodys or before.wake_at or theirs.wake_at is None or own.id == policy.id:
        return incident, {}
    changed = replace(incident, policy_version=policy.version_id)
    declined = tuple(dict.fromkeys((*before.declined, *theirs.declined)))
    _keep(tx, Life(changed, replace(theirs, incident=incident.id, round=before.round + 1, declined=declined)))
    return changed, {"policy": policy.name, "policy_version": policy.version}


def decline(tx: Transaction, incident: Incident, person: Person, actor: Actor, now: datetime) -> Incident:
    """That person can't take it: nothing more goes to them, and the climb goes on at once to somebody else.

    Raises Conflict when it is over, somebody else has it, or they said so before.
    """
    before = life_of(tx, incident)
    if person.id in before.climb.declined and incident.owner != person.id:
        raise Conflict(f"{person.name} has said so already")
    is_theirs = _was_paged(tx, before.climb, person.id)
    after = lifecycle.decline(before, person.id, now, is_theirs_to_answer=is_theirs)
    transitions.quieten(tx, incident.id, person.id)
    _keep(tx, after)
    details: Details = {"name": person.name}
    transitions.record(
        tx, now, Entry(incident=incident.id, at=now, event=Event.DECLINED, by=actor.name, details=details)
    )
    transitions.refresh(tx, incident.id, now)
    return after.incident


def is_nobody_left(tx: Transaction, incident: Incident, now: datetime) -> bool:
    """Whether an incident that nobody has goes to nobody by itself."""
    life = life_of(tx, incident)
    policy = versions.policy(tx, life.climb.policy_version)
    return climbing.reaches_nobody(life, policy, catalog.directory(tx), now)


def is_theirs(incident: Incident, actor: Actor) -> bool:
    """Whether `actor` has it: of two whom Vigie does not know, one is not the other."""
    told = ((actor.person, incident.owner), (actor.slack, incident.acknowledged_slack))
    return any(mine and mine == theirs for mine, theirs in told)


def is_asked(tx: Transaction, incident: Incident, actor: Actor) -> bool:
    """Whether `actor` has it, was asked for a sign of life, and has not answered."""
    return is_theirs(incident, actor) and life_of(tx, incident).climb.state is EscalationState.ASKED


def still_on_it(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """Whoever has it was asked, and is there. Raises Conflict when it has triggered again, or is over."""
    if incident.status is not Status.ACKNOWLEDGED:
        raise Conflict(rules.already(incident))
    climb = life_of(tx, incident).climb
    if climb.state in (EscalationState.ASKED, EscalationState.WATCHING):
        escalations.save(tx, [lifecycle.still_there(climb, versions.policy(tx, climb.policy_version), now)])
    transitions.record(tx, now, Entry(incident=incident.id, at=now, event=Event.STILL_ON_IT, by=actor.name))
    transitions.refresh(tx, incident.id, now)
    return incident


def _was_paged(tx: Transaction, climb: Escalation, person: str) -> bool:
    """Whether somebody was paged, or is about to be, since the climb began or went on. Another policy that took over
    as the incident got worse makes nothing of that undone."""
    live = (NotificationState.WAITING, NotificationState.SENT)
    made = [one for one in notifications.of_incident(tx, climb.incident) if one.recipient.person == person]
    turned_at = timeline.turned_at(tx, climb.incident)
    return any(
        one.state in live and (one.round == climb.round or turned_at is None or one.decided_at > turned_at)
        for one in made
    )


def _keep(tx: Transaction, life: Life) -> None:
    incidents.save(tx, life.incident)
    escalations.put(tx, life.climb)
