"""The weekly digests: due on Mondays at 09:00 on each team's clocks, told once whoever looks and however often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.clock import Clock
from domain.digests import last_week, next_digest
from domain.directory import Directory
from domain.notices import Notice, NoticeKind
from domain.people import Team
from domain.reports import Window, report, week_of
from storage import catalog, notices, reports
from storage.store import Store, Transaction, serialise


class Digests:
    """Looks when one falls due, and when somebody has changed the catalog."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        """`stir` is called when there may be something to tell."""
        self._store = store
        self._clock = clock
        self._stir = stir
        self._looked: tuple[int, datetime] | None = None
        """The catalog's revision of the last look, and when the next is due. Lost with the process, it looks anew:
        what was told has its row."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again."""
        if self._looked is None or self._looked[0] != catalog.revision(tx):
            return self._clock.now()
        return self._looked[1]

    async def fire(self) -> None:
        """Queue what is due."""
        now = self._clock.now()
        self._looked = await self._store.write(lambda tx: look(tx, now))
        self._stir()


def look(tx: Transaction, now: datetime) -> tuple[int, datetime]:
    """Queue the digests that are due and nobody has queued; the catalog's revision and when the next is due."""
    directory = catalog.directory(tx)
    wanted = [team for team in directory.teams.values() if team.digest and team.channel]
    due = [team for team in wanted if next_digest(now, team.on_call.timezone).is_due]
    if due:
        serialise(tx, "digests")
        said = [_notice(team, now) for team in due if _had_incidents(tx, team, now)]
        notices.tell(tx, said, now, {team.id: team.channel for team in due})
    return directory.revision, _next(wanted, directory, now)


def _next(wanted: list[Team], directory: Directory, now: datetime) -> datetime:
    moments = [next_digest(now, team.on_call.timezone).next for team in wanted]
    return min(moments, default=datetime.max.replace(tzinfo=now.tzinfo))


def _had_incidents(tx: Transaction, team: Team, now: datetime) -> bool:
    """Whether there is anything to say: what resolved itself alone is nothing."""
    start, end = last_week(now, team.on_call.timezone)
    return report(reports.cases(tx, Window(start=start, end=end, teams=(team.id,)))).count > 0


def _notice(team: Team, now: datetime) -> Notice:
    zone = team.on_call.timezone
    start, end = last_week(now, zone)
    details = {"start": start.isoformat(), "end": end.isoformat(), "zone": zone}
    return notices.notice(NoticeKind.DIGEST, f"{team.id}:{week_of(start, zone)}", team=team.id, details=details)
