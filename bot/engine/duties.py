"""Who comes on call and who goes off, noticed when it happens; and swaps that nobody answered in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict
from domain.incidents import Status
from domain.notices import HandOver, Notice, NoticeKind, hand_overs
from domain.schedules import next_change
from domain.stand_ins import SwapState
from domain.user_groups import AGAIN, wanted
from handlers.oncall.swaps import settle
from storage import catalog, duties, homes, incidents, messages, notices, overrides, user_groups
from storage.incidents import Query
from storage.outbox import EDITS, Kind, Parcel, put
from storage.store import Store, Transaction, serialise

_MOST_SHOWN = 100


class Duties:
    """Looks when a schedule says that something changes, and when somebody has changed the catalog."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        """`stir` is called when somebody may have to be told."""
        self._store = store
        self._clock = clock
        self._stir = stir
        self._looked: tuple[int, datetime] | None = None
        """The catalog's revision of the last look, and when the next is due. Lost with the process, it looks anew."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again."""
        revision, expiry = catalog.revision(tx), overrides.next_expiry(tx)
        if self._looked is None or self._looked[0] != revision:
            return self._clock.now()
        return min(self._looked[1], expiry) if expiry else self._looked[1]

    async def fire(self) -> None:
        """Tell those whose turn it is now, and those whose turn is over."""
        self._looked = await self._store.write(lambda tx: look(tx, self._clock))
        self._stir()


def look(tx: Transaction, clock: Clock) -> tuple[int, datetime]:
    """Compare with the last look; the catalog's revision and when the next look is due. The time is asked once nobody
    else looks: who was on call before another's look comes on by none."""
    serialise(tx, "duties")
    directory, now = catalog.directory(tx), clock.now()
    for swap in overrides.expired(tx, now):
        # Unless somebody has answered it at the last moment.
        with suppress(Conflict):
            settle(tx, swap, SwapState.EXPIRED, now)
    before = duties.kept(tx)
    current = {team: tuple(one.id for one in directory.on_call(team, now)) for team in directory.teams}
    if current != before:
        notices.tell(tx, _notices(hand_overs(before, current), directory, now), now)
        duties.keep(tx, current)
        _show_again(tx, [team for team, people in current.items() if people != before.get(team)], now)
        homes.refresh(tx, now)
    groups = wanted(directory, now)
    user_groups.follow(tx, groups, now)
    changes = [next_change(directory.schedule(team), now) for team in directory.teams]
    changes += [now + AGAIN] if groups else []
    return directory.revision, min(changes, default=datetime.max.replace(tzinfo=now.tzinfo))


def _show_again(tx: Transaction, teams: Sequence[str], now: datetime) -> None:
    """The cards that say who is on call, and who is paged next."""
    waiting = Query(statuses=(Status.TRIGGERED.value,), teams=tuple(teams), limit=_MOST_SHOWN)
    found = [one.id for one in incidents.listed(tx, waiting)[1]] if teams else []
    carded = messages.carded(tx, found)
    cards = [Parcel(kind=Kind.CARD, incident=one, due_at=now, lane=EDITS) for one in found if one in carded]
    put(tx, cards)


def _notices(found: tuple[HandOver, ...], directory: Directory, now: datetime) -> list[Notice]:
    """One message a person for what they come on for, one for what they go off; none where the team wants none."""
    said = []
    for one in found:
        for kind, teams in ((NoticeKind.COMES_ON, one.on), (NoticeKind.GOES_OFF, one.off)):
            wanted = [team for team in teams if directory.teams[team].on_call.hand_off]
            if wanted:
                key = f"{one.person}:{now.isoformat()}"
                said.append(notices.notice(kind, key, person=one.person, details={"teams": ",".join(wanted)}))
    return said
