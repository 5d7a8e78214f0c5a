"""How a climb is left when an incident's life takes a turn: given back, snoozed, given to another, fired again, or when
somebody can't take it. Pure; `now` is an argument. What follows once its time has come is `domain/climbing.py`'s."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import incidents as rules
from domain.calls import GIVEN_AWAY, REASSIGNED
from domain.errors import Conflict
from domain.escalations import Escalation, EscalationState, stop
from domain.incidents import Action, Incident, Status
from domain.policies import Policy

DEBOUNCE = timedelta(seconds=10)
"""From giving an incident back to the first page: whoever takes it again at once pages nobody."""
LONGEST_SNOOZE = timedelta(days=7)
TIME_TO_ANSWER = timedelta(minutes=5)
"""From "Are you still on it?" to the incident's triggering again; half of the `ack_timeout` where that is less."""
AHEAD = TIME_TO_ANSWER
"""A sign of life that is further ahead is of a clock that was set back since."""
CALM = timedelta(minutes=30)
"""Whoever has an incident whose alerts were all over for so long may have gone."""


@dataclass(frozen=True, slots=True)
class Life:
    """An incident with its climb, which change together."""

    incident: Incident
    climb: Escalation


def unpoliced(incident: Incident) -> Escalation:
    """The climb of an incident that no policy fits: it reaches those who are called, and nobody else."""
    return Escalation(
        incident=incident.id,
        policy_version="",
        started_at=incident.created_at,
        wake_at=None,
        state=EscalationState.EXHAUSTED,
    )


def rested(climb: Escalation, by: str) -> Escalation:
    """The climb at rest since `by` (a person's id) has the incident. Whoever takes it can take it, whatever they said
    before."""
    declined = tuple(one for one in climb.declined if one != by)
    return replace(stop(climb), declined=declined, called=(), because="", caller="")


def watched(climb: Escalation, policy: Policy, now: datetime, by: str = "") -> Escalation:
    """The same, looked at again when the policy says how long nobody may be silent."""
    rest = rested(climb, by)
    if policy.ack_timeout_minutes <= 0:
        return rest
    return replace(rest, state=EscalationState.WATCHING, wake_at=now + silence(climb, policy))


def silence(climb: Escalation, policy: Policy) -> timedelta:
    """How long whoever has an incident is not heard of before they are asked: their time to answer is over when the
    policy's `ack_timeout` is."""
    return climb.lasting(timedelta(minutes=policy.ack_timeout_minutes) - time_to_answer(policy))


def time_to_answer(policy: Policy) -> timedelta:
    """How long whoever is asked has before it triggers again, in whole minutes."""
    return min(TIME_TO_ANSWER, timedelta(minutes=(policy.ack_timeout_minutes + 1) // 2))


def under(climb: Escalation, policy: Policy, now: datetime, incident: Incident) -> Escalation:
    """The climb at rest of an incident that got worse while somebody has it: `policy` is the one that begins, at its
    first step, once nobody has it any more, and that says how long its owner may be silent."""
    other = replace(climb, policy_version=policy.version_id, next_step=0)
    if incident.status is not Status.ACKNOWLEDGED or incident.is_snoozed:
        return other
    if climb.state is EscalationState.ASKED and policy.ack_timeout_minutes > 0:
        return other
    return watched(other, policy, now)


def give_back(life: Life, now: datetime) -> Life:
    """Nobody's again. The climb goes on from where it stood, a moment later. Raises Conflict."""
    incident = rules.given_back(life.incident)
    return Life(incident, _resuming(life.climb, now + life.climb.lasting(DEBOUNCE)))


def snoozed(climb: Escalation, until: datetime, by: str) -> Escalation:
    """The climb of an incident that is quiet `until` a moment, since `by` (a person's id) said so."""
    return replace(rested(climb, by), state=EscalationState.SNOOZED, wake_at=until)


def reassign(life: Life, people: tuple[str, ...], caller: str, now: datetime) -> Life:
    """Those `people` (ids) are paged at once, and the climb goes on until somebody acknowledges. Raises Conflict."""
    incident = rules.given_back(life.incident, Action.TRIGGER)
    declined = tuple(one for one in life.climb.declined if one not in people)
    climb = replace(life.climb, declined=declined)
    return Life(incident, _resuming(climb, now, people, REASSIGNED, caller))


def wanted_again(life: Life, because: str, now: datetime) -> Life:
    """It wants somebody again, first of all whoever had it. Raises Conflict."""
    before = life.incident
    called = (before.owner,) if before.owner else ()
    resumed = _resuming(life.climb, now, called, because, before.acknowledged_by)
    return Life(rules.given_back(before, Action.TRIGGER), resumed)


def decline(life: Life, person: str, now: datetime, *, is_theirs_to_answer: bool) -> Life:
    """That person can't take it. When they were paged or had it, the climb goes on at once to somebody else; else they
    are left out of what comes. Raises Conflict once it is over, or when somebody else has it."""
    incident, climb = life.incident, life.climb
    if incident.status is not Status.TRIGGERED:
        if not (incident.status is Status.ACKNOWLEDGED and incident.owner == person):
            raise Conflict(rules.already(incident))
        life = passed_on(life)
        incident, climb = life.incident, life.climb
        is_theirs_to_answer = True
    declined = tuple(dict.fromkeys((*climb.declined, person)))
    called = tuple(one for one in climb.called if one != person)
    climb = replace(climb, declined=declined, called=called)
    # Somebody else is about to be called: it goes on with them.
    if called or not is_theirs_to_answer:
        return Life(incident, climb)
    return Life(incident, replace(climb, state=EscalationState.ADVANCING, wake_at=now))


def passed_on(life: Life) -> Life:
    """Nobody's again, since whoever has it wants somebody else to. Raises Conflict."""
    climb = replace(life.climb, round=life.climb.round + 1, because=GIVEN_AWAY)
    return Life(rules.given_back(life.incident, Action.TRIGGER), climb)


def still_there(climb: Escalation, policy: Policy, now: datetime) -> Escalation:
    """Whoever has it was heard of: it is watched anew."""
    return replace(climb, state=EscalationState.WATCHING, wake_at=now + silence(climb, policy))


def _resuming(
    climb: Escalation, at: datetime, called: tuple[str, ...] = (), because: str = "", caller: str = ""
) -> Escalation:
    return replace(
        climb,
        state=EscalationState.RESUMING,
        wake_at=at,
        round=climb.round + 1,
        called=called,
        because=because,
        caller=caller,
    )
