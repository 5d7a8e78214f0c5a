"""Post-mortems and their versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, false, insert, or_, select, update

from domain.postmortems import Postmortem, PostmortemState
from storage.catalog import table
from storage.postmortem_tables import PostmortemRow, PostmortemVersionRow
from storage.store import Transaction
from storage.tables import IncidentRow

_POSTMORTEMS = table(PostmortemRow)
_VERSIONS = table(PostmortemVersionRow)
_INCIDENTS = table(IncidentRow)


def find(tx: Transaction, incident: str) -> Postmortem | None:
    """An incident's post-mortem as it was last saved. Whoever holds the incident holds it too."""
    row = tx.execute(select(_POSTMORTEMS).where(_POSTMORTEMS.c.incident == incident)).first()
    if row is None:
        return None
    of_it = and_(_VERSIONS.c.incident == incident, _VERSIONS.c.version == row.version)
    written = tx.execute(select(_VERSIONS).where(of_it)).first()
    state = PostmortemState(row.state)
    if written is None:
        return Postmortem(incident=incident, state=state)
    return Postmortem(
        incident=incident, state=state, version=row.version, by=written.by, at=written.at, **written.content
    )


def call_for(tx: Transaction, incident: str, now: datetime) -> None:
    """It is due from now on; one that is there already stays as it is."""
    if tx.execute(select(_POSTMORTEMS.c.incident).where(_POSTMORTEMS.c.incident == incident)).first() is None:
        values = {"incident": incident, "state": PostmortemState.DUE.value, "version": 0, "due_at": now}
        tx.execute(insert(_POSTMORTEMS).values(values))


def save(tx: Transaction, made: Postmortem) -> None:
    """Keep a new version. `call_for` has been asked before."""
    assert made.at is not None
    values = {"content": made.sections, "by": made.by, "at": made.at}
    tx.execute(insert(_VERSIONS).values(incident=made.incident, version=made.version, **values))
    changed = update(_POSTMORTEMS).where(_POSTMORTEMS.c.incident == made.incident)
    tx.execute(changed.values(state=made.state.value, version=made.version))


def unwritten(tx: Transaction, teams: Sequence[str], person: str, limit: int) -> list[str]:
    """The incidents of these teams, or that this person had, whose post-mortem is due or a draft, the oldest first."""
    open_ones = _POSTMORTEMS.c.state.in_([PostmortemState.DUE.value, PostmortemState.DRAFT.value])
    theirs = or_(_INCIDENTS.c.team.in_(list(teams)), _INCIDENTS.c.owner == person if person else false())
    found = (
        select(_POSTMORTEMS.c.incident)
        .join(_INCIDENTS, _INCIDENTS.c.id == _POSTMORTEMS.c.incident)
        .where(open_ones, theirs)
        .order_by(_POSTMORTEMS.c.due_at)
        .limit(limit)
    )
    return list(tx.execute(found).scalars())
