"""Swaps: a colleague is asked to take a shift, and says yes or no; yes is an override."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from domain.notices import NoticeKind
from domain.people import Actor, Permission
from domain.schedules import Override
from domain.stand_ins import LONGEST_REASON, Swap, SwapState, answerable, replaced, time_faults
from handlers.incidents.service import permit
from handlers.oncall.service import keep, known_team
from storage import audit, catalog, notices, overrides
from storage.identifiers import new_id
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Question:
    """A swap as it is asked for: `asked` is the id of the colleague."""

    team: str
    asked: str
    start: datetime
    end: datetime
    reason: str = ""


class SwapService:
    """Ask and answer. `wake` is called after a change: somebody has to be told."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def ask(self, question: Question, actor: Actor) -> tuple[Swap, Directory]:
        """Ask a colleague, who gets a message with two buttons. Raises Invalid by field, Forbidden, NotFound."""
        permit(actor, Permission.COVER)
        if not actor.person:
            raise Forbidden("Vigie does not know you yet: an admin adds you to the people")

        def work(tx: Transaction) -> tuple[Swap, Directory]:
            directory, now = catalog.directory(tx), self._clock.now()
            known_team(directory, question.team)
            swap = _swap(question, actor, now)
            wrong = list(_faults(swap, directory, now))
            if wrong:
                raise Invalid(wrong)
            overrides.ask(tx, swap, now)
            asked = notices.notice(NoticeKind.SWAP_ASKED, swap.id, team=swap.team, person=swap.asked, details=_of(swap))
            notices.tell(tx, [asked], now)
            return swap, directory

        asked = await self._store.write(work)
        self._wake()
        return asked

    async def answer(self, identity: str, actor: Actor, *, is_accepted: bool) -> Swap:
        """Yes or no; yes puts them on call. Raises Forbidden, Conflict when it is too late, NotFound."""

        def work(tx: Transaction) -> Swap:
            swap, now = overrides.swap(tx, identity), self._clock.now()
            if swap is None:
                raise NotFound("nobody asks that any more")
            answerable(swap, actor, now)
            state = SwapState.ACCEPTED if is_accepted else SwapState.REFUSED
            if is_accepted:
                _take(tx, swap, actor, now)
            settle(tx, swap, state, now)
            return swap

        swap = await self._store.write(work)
        self._wake()
        return swap


def settle(tx: Transaction, swap: Swap, state: SwapState, now: datetime) -> None:
    """What became of a question, told to the one who asked; the buttons go. Raises Conflict when it was settled."""
    if not overrides.settle(tx, swap, state):
        raise Conflict("this swap is answered already")
    said = _of(swap) | {"state": state.value}
    told = notices.notice(NoticeKind.SWAP_ANSWERED, swap.id, team=swap.team, person=swap.asker, details=said)
    notices.tell(tx, [told], now)
    notices.again(tx, f"{NoticeKind.SWAP_ASKED.value}:{swap.id}", now)


def _take(tx: Transaction, swap: Swap, actor: Actor, now: datetime) -> None:
    directory = catalog.directory(tx)
    override = Override(
        id=new_id(),
        team=swap.team,
        person=swap.asked,
        instead_of=swap.asker,
        start=max(swap.start, now),
        end=swap.end,
        reason=swap.reason,
        by=actor.name,
    )
    if not directory.people[swap.asked].is_active:
        # Whoever is switched off covers nothing: the one who asked would be on call, and believe that they are not.
        raise Forbidden("you are switched off in Vigie: an admin can let you stand in again")
    if not replaced(override, directory):
        raise Conflict("they are not on call then any more")
    keep(tx, override, actor, now, directory)
    audit.record(tx, actor, "swap.accept", f"swap {swap.id}", None, dict(_of(swap)), now)


def _swap(question: Question, actor: Actor, now: datetime) -> Swap:
    return Swap(
        id=new_id(),
        team=question.team,
        asker=actor.person,
        asked=question.asked,
        start=max(question.start, now),
        end=question.end,
        # A shift that runs already can be given away until it ends.
        expires_at=question.start if question.start > now else question.end,
        reason=" ".join(question.reason.split())[:LONGEST_REASON],
    )


def _faults(swap: Swap, directory: Directory, now: datetime) -> list[Fault]:
    person = directory.people.get(swap.asked)
    wrong = list(time_faults(swap.start, swap.end, now))
    if person is None or not person.is_active:
        wrong.append(Fault("asked", "Vigie does not know this person: add them to the people first"))
    elif not (person.slack or person.email):
        wrong.append(Fault("asked", "has no Slack account: they can't be asked"))
    if swap.asked == swap.asker:
        wrong.append(Fault("asked", "choose somebody else: nobody stands in for themselves"))
    own = Override(id="", team=swap.team, person="?", instead_of=swap.asker, start=swap.start, end=swap.end)
    if not wrong and not replaced(own, directory):
        wrong.append(Fault("shift", "you are not on call in that time"))
    return wrong


def _of(swap: Swap) -> dict[str, str]:
    said = {"swap": swap.id, "asker": swap.asker, "asked": swap.asked, "reason": swap.reason}
    return said | {"start": swap.start.isoformat(), "end": swap.end.isoformat()}
