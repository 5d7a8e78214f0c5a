"""An acknowledged incident that wants somebody else: whoever has it is not heard of, or needs help."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.calls import GIVEN_AWAY
from domain.escalations import EscalationState
from domain.incidents import Incident, Status
from domain.lifecycle import passed_on
from domain.people import Actor
from handlers.incidents import transitions, turns
from storage import escalations, incidents
from storage.store import Transaction


def resume(tx: Transaction, incident: Incident, now: datetime) -> bool:
    """Whoever has it did not answer: where the policy has an `ack_timeout`, the escalation goes on as after any
    question that nobody answers, with them first. Returns whether it does: nobody else is paged after an
    acknowledgement. The caller has seen that nobody gave a sign of life for `lifecycle.TIME_TO_ANSWER`."""
    climb = turns.life_of(tx, incident).climb
    if climb.state is not EscalationState.WATCHING:
        return False
    escalations.put(tx, replace(climb, state=EscalationState.ASKED, wake_at=now))
    return True


def call_next(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """The next in the policy are paged at once, but neither whoever asks nor whoever has it: they are at work on it.
    Raises Conflict."""
    life = turns.life_of(tx, incident)
    if incident.status is not Status.TRIGGERED:
        life = passed_on(life)
    at_work = [one for one in (actor.person, incident.owner) if one]
    declined = tuple(dict.fromkeys((*life.climb.declined, *at_work)))
    called = tuple(one for one in life.climb.called if one not in at_work)
    climb = replace(life.climb, declined=declined, called=called, wake_at=now)
    # Given to somebody else a moment ago, who is about to be paged, it goes on with them.
    if not called:
        # Given back a moment ago, it has not gone on yet.
        because = GIVEN_AWAY if climb.state is EscalationState.RESUMING else climb.because
        climb = replace(climb, state=EscalationState.ADVANCING, because=because)
    incidents.save(tx, life.incident)
    escalations.put(tx, climb)
    transitions.refresh(tx, incident.id, now)
    return life.incident
