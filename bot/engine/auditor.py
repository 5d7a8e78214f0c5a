"""Every minute: what should have happened and did not. Set right where that is safe, counted, logged, and shown to
admins. Of many processes one looks; each notices when it does not come to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from bot.engine.mending import mend
from bot.engine.ticks import SWEEP_SECONDS
from domain import oversights as rules
from domain.clock import Clock
from domain.oversights import Lapse, Oversight
from storage import catalog, clock_shifts, dues, homes, lapses, outbox, oversights
from storage.faults import UNREADABLE
from storage.parcels import HOOKS, is_slack
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 60
SET_BACK_SECONDS = 120.0
"""A clock may be corrected by less where no process that runs sees it, and a page be late by as much."""
NOTICED_SECONDS = SWEEP_SECONDS + 1.0
"""How soon it is noticed: what has begun since then has begun by the clock of now."""
ABSENT_SECONDS = 180.0
"""An auditor that has not looked for this long is missing."""
Noted = Callable[[Sequence[Oversight]], None]


class Auditor:
    """Looks when `look` is called. `wake` is called when something was set right, `noted` hears of what is new."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        is_slack_silent: Callable[[], bool],
        wake: Callable[[], None],
        noted: Noted = lambda found: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self.in_hand: Callable[[], Collection[int]] = tuple
        """The parcels that this process is sending; the sender knows."""
        self.per_second: Callable[[str], float] = lambda lane: 0.0
        """How fast a lane is; its lanes know."""
        self.stuck: Callable[[], Sequence[Oversight]] = tuple
        """Climbs that this process tries to decide on in vain; the escalator knows."""
        self.moved: Callable[[], None] = lambda: None
        """Told that the clock was set back: what this process keeps by it is of another."""
        self._is_silent = is_slack_silent
        self._wake = wake
        self._noted = noted
        self._measured = timedelta(0)
        """By how much the clock was set back since the last look, of the world's time, as seen here."""
        self._looked_at = clock.now()
        self._looked_back = rules.FIRST_LOOKED_BACK
        self.standing: tuple[Oversight, ...] = ()
        """What the last look has found, by whichever process."""

    async def begin(self) -> None:
        """Leave a moment by which a clock that is set back in the first minute is known; and follow one that was set
        back while nothing ran."""
        now = self._clock.now()
        await self._follow_the_clock(now)
        await self._store.write(lambda tx: oversights.take_turn(tx, now, timedelta(0)))

    def set_back(self, by: timedelta) -> None:
        """The clock was set back a moment ago, by so much of the world's time."""
        self._measured += by

    async def look(self) -> None:
        """Look, unless another process has just looked."""
        await self._store.try_again()
        now, stuck = self._clock.now(), self.stuck()
        await self._follow_the_clock(now)
        fresh, self.standing = await self._store.write(lambda tx: self._inspect(tx, now, stuck))
        self._looked_at = now
        for one in fresh:
            _log(one)
        self._noted(fresh)
        if fresh or self.standing:
            self._wake()

    async def _follow_the_clock(self, now: datetime) -> None:
        """What is yet to come and can't be is of a clock that was set back since, while this ran or before it began:
        what it made wait waits no longer than it was to."""
        last, measured = await self._store.read(clock_shifts.furthest), self._measured
        if not measured and (last is None or last - now < self._set_back):
            return
        self.moved()
        new = self._clock.span(NOTICED_SECONDS)
        seen = self._clock.span(measured.total_seconds())
        if by := await self._store.write(lambda tx: clock_shifts.follow(tx, now, self._set_back, seen, new)):
            log.warning("the clock was set back by %.0f s or more: what waits comes as much sooner", self._world(by))
            self._wake()
        self._measured -= measured

    @property
    def _set_back(self) -> timedelta:
        return self._clock.span(SET_BACK_SECONDS)

    def _world(self, length: timedelta) -> float:
        return length / self._clock.span(1)

    def lateness(self) -> timedelta:
        """How long ago, in the world's time, this process last came to look, or began."""
        return self._clock.to_wall(self._clock.now()) - self._clock.to_wall(self._looked_at)

    def worries(self) -> list[str]:
        """What keeps a page from somebody and was not set right, in words for a log."""
        return [f"{one.lapse.value} since {one.since:%H:%M}" for one in rules.worries(self._standing_or_stuck())]

    def _standing_or_stuck(self) -> list[Oversight]:
        return list({one.key: one for one in (*self.stuck(), *self.standing)}.values())

    def _inspect(
        self, tx: Transaction, now: datetime, stuck: Sequence[Oversight]
    ) -> tuple[list[Oversight], tuple[Oversight, ...]]:
        if not oversights.take_turn(tx, now, self._clock.span(EVERY_SECONDS * 0.8)):
            return [], tuple(oversights.standing(tx))
        with suppress(*UNREADABLE):
            catalog.look_again(tx)
        found = [mend(tx, one, now, self.in_hand()) for one in self._find(tx, now, stuck)]
        fresh = oversights.keep(tx, found, now)
        self._looked_back = rules.LOOKED_BACK
        if fresh or found:
            homes.refresh(tx, now)
        return fresh, tuple(found)

    def _find(self, tx: Transaction, now: datetime, stuck: Sequence[Oversight]) -> list[Oversight]:
        late, settled = now - self._clock.span(rules.LATE_SECONDS), now - self._clock.span(rules.SETTLED_SECONDS)
        opened = (now - self._looked_back, settled)
        late_climbs = {one.key: one for one in (*stuck, *lapses.late_climbs(tx, late))}
        return [
            *late_climbs.values(),
            *self._late_lanes(tx, now),
            *lapses.leases_over(tx, late, self.in_hand()),
            *lapses.lost_pages(tx, late),
            *lapses.without_climb(tx, *opened),
            *lapses.not_said(tx, *opened),
            *lapses.without_card(tx, *opened),
            *lapses.held_back(tx, *opened),
        ]

    def _late_lanes(self, tx: Transaction, now: datetime) -> list[Oversight]:
        """Lanes that wait for longer than they must. What is held back in a storm, or while nothing can be posted, is
        known and said elsewhere."""
        late = now - self._clock.span(rules.LATE_SECONDS)
        found = []
        for lane, its in dues.next_dues(tx).items():
            if outbox.is_held(lane) or (is_slack(lane) and self._is_silent()):
                continue
            since = its.first
            # Behind a webhook pages are as many as the incidents: no message gathers them.
            if its.pages and its.pages < late and not lane.startswith(HOOKS):
                found.append(Oversight(Lapse.PARCEL_LATE, lane or "pages", its.pages))
            elif since and since < late and since < now - self._clock.span(self._explained(tx, lane, now)):
                found.append(Oversight(Lapse.PARCEL_LATE, lane or "pages", since))
        return found

    def _explained(self, tx: Transaction, lane: str, now: datetime) -> float:
        return rules.explained_seconds(lapses.waiting(tx, lane, now), self.per_second(lane))


def _log(one: Oversight) -> None:
    what = f"incident {one.short_id or one.incident}" if one.incident else one.subject
    state = "it was set right" if one.is_mended else "it was not set right"
    log.error("overlooked: %s of %s, since %s; %s", one.lapse.value, what, one.since.isoformat("T", "seconds"), state)
