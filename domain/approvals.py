"""Four eyes: nobody settles a critical step alone where its runbook says so. Asked, approved, refused, expired, void,
or the glass broken. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain import rollbacks, runbooks
from domain.directory import Directory
from domain.errors import Conflict
from domain.people import Actor, Person
from domain.runbooks import Run, Second, require_reason

VALID = timedelta(minutes=10)
"""From asking to having to ask again."""


class Wish(StrEnum):
    """What somebody wants to do with a step."""

    DONE = "done"
    SKIP = "skip"
    ROLL_BACK = "roll_back"
    KEEP = "keep"
    """Not to roll it back while the rest is."""


class RequestState(StrEnum):
    """What became of a request."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    VOID = "void"
    """The step was changed meanwhile, or the incident is over."""
    GLASS = "glass"
    """Somebody went on without a second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody wants a second person's yes for one step. `note` is the reason for a skip, `reason` what whoever
    decided said."""

    id: str
    incident: str
    run: str
    order: int
    wish: Wish
    by: Actor
    note: str = ""
    asked_at: datetime
    expires_at: datetime
    state: RequestState = RequestState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


def ask(
    identity: str, run: Run, order: int, wish: Wish, by: Actor, now: datetime, *, note: str = "", confirmed: bool = True
) -> Request:
    """A request for a second person's yes; what could not be done with it is refused at once. Raises Conflict,
    Invalid."""
    _done(run, order, wish, by, note, now, Second(""), confirmed=confirmed)
    return Request(
        id=identity,
        incident=run.incident,
        run=run.id,
        order=order,
        wish=wish,
        by=by,
        note=note.strip(),
        asked_at=now,
        expires_at=now + VALID,
    )


def require_none(waiting: Sequence[Request], order: int, now: datetime) -> None:
    """Raises Conflict when a request for this step waits already: one question at a time."""
    for one in waiting:
        if one.order == order and is_waiting(one, now):
            raise Conflict(f"{one.by.name} has asked for a second person for step {order} already")


def is_waiting(request: Request, now: datetime) -> bool:
    """Whether it can still be answered."""
    return request.state is RequestState.WAITING and now < request.expires_at


def approve(request: Request, run: Run, by: Actor, directory: Directory, now: datetime) -> tuple[Request, Run]:
    """The request approved, and the run with what was asked for. Raises Conflict when it can't be answered any more,
    or `by` can't be proved to be another person than whoever asked."""
    require_waiting(request, now)
    require_another(request.by, by, directory)
    after = _carried_out(request, run, Second(by.name), now)
    return _decided(request, RequestState.APPROVED, by.name, now), after


def refuse(request: Request, by: Actor, reason: str, now: datetime) -> Request:
    """The request refused. Raises Invalid without a reason, Conflict."""
    require_waiting(request, now)
    require_reason(reason, "say why you refuse")
    return _decided(request, RequestState.REFUSED, by.name, now, reason.strip())


def break_glass(request: Request, run: Run, by: Actor, reason: str, now: datetime) -> tuple[Request, Run]:
    """What was asked for, without a second person. Raises Invalid without a reason, Conflict."""
    require_waiting(request, now)
    require_reason(reason, "say why you go on without a second person")
    after = _carried_out(request, run, Second(by.name, reason.strip()), now)
    return _decided(request, RequestState.GLASS, by.name, now, reason.strip()), after


def expire(request: Request) -> Request:
    """The request after nobody answered in time."""
    return _decided(request, RequestState.EXPIRED, "", request.expires_at)


def void(request: Request, by: str, now: datetime) -> Request:
    """The request after something else happened to its step."""
    return _decided(request, RequestState.VOID, by, now)


def touched(before: Run, after: Run, waiting: Sequence[Request]) -> tuple[Request, ...]:
    """Those requests whose step a change has touched."""
    if (before.id, before.runbook.version_id) != (after.id, after.runbook.version_id):
        return tuple(waiting)
    was = {went.order: went for went in before.steps}
    moved = {went.order for went in after.steps if _substance(was[went.order]) != _substance(went)}
    is_stopped = before.aborted_at != after.aborted_at
    return tuple(one for one in waiting if is_stopped or one.order in moved)


def _substance(went: runbooks.RunStep) -> tuple[object, ...]:
    return went.state, went.has_problem, went.note, went.by


def require_waiting(request: Request, now: datetime) -> None:
    """Raises Conflict, saying what has become of it, when it can't be answered any more."""
    said = {
        RequestState.APPROVED: f"{request.decided_by} has approved this already",
        RequestState.REFUSED: f"{request.decided_by} has refused this already",
        RequestState.GLASS: f"{request.decided_by} went on without a second person",
        RequestState.VOID: "this request is void: the step has changed meanwhile",
    }
    if request.state in said:
        raise Conflict(said[request.state])
    if not is_waiting(request, now):
        raise Conflict("this request has expired: ask again with the step's button")


def require_another(asker: Actor, other: Actor, directory: Directory) -> None:
    """Raises Conflict unless `other` is a person of the catalog, and another one than `asker` by every name known."""
    if _is_same(asker, other, directory):
        raise Conflict("you asked for it: somebody else has to approve")
    if other.person not in directory.people:
        raise Conflict("only somebody whom Vigie knows can be the second person: have yourself added to the people")


def _is_same(one: Actor, other: Actor, directory: Directory) -> bool:
    if one.key == other.key or _names(one, directory) & _names(other, directory):
        return True
    # An account that nobody declared may be anybody's second one: its name is all there is to go by.
    is_known = one.person in directory.people and other.person in directory.people
    return not is_known and one.name.strip().casefold() == other.name.strip().casefold()


def _names(actor: Actor, directory: Directory) -> set[tuple[str, str]]:
    """What stands for one human being: two entries of the catalog that share any of it are the same one."""
    person = directory.people.get(actor.person) or Person("", "", "")
    said = [("person", actor.person), ("slack", actor.slack), ("slack", person.slack)]
    said += [("email", person.email.strip().casefold()), ("phone", person.phone)]
    return {one for one in said if one[1]}


def _decided(request: Request, state: RequestState, by: str, now: datetime, reason: str = "") -> Request:
    return replace(request, state=state, decided_by=by, decided_at=now, reason=reason)


def _carried_out(request: Request, run: Run, second: Second, now: datetime) -> Run:
    if run.id != request.run:
        raise Conflict("this request is void: the step has changed meanwhile")
    return _done(run, request.order, request.wish, request.by, request.note, now, second)


def _done(
    run: Run, order: int, wish: Wish, by: Actor, note: str, now: datetime, second: Second, *, confirmed: bool = True
) -> Run:
    match wish:
        case Wish.DONE:
            return runbooks.done(run, order, by, confirmed=confirmed, now=now, second=second)
        case Wish.SKIP:
            return runbooks.skip(run, order, by, note, now, second)
        case Wish.ROLL_BACK:
            return rollbacks.roll_back(run, order, by, now, second)
        case Wish.KEEP:
            return rollbacks.keep(run, order, by, note, now, second)
