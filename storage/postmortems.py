"""Post-mortems: where each stands, and every version of what it said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, false, func, insert, or_, select, update

from domain.errors import NotFound
from domain.postmortems import UNFINISHED, Postmortem, Section, State, Texts, Version
from storage.catalog import table
from storage.glances import Glance
from storage.incident_tables import IncidentRow
from storage.postmortem_tables import PostmortemDraftRow, PostmortemRow, PostmortemVersionRow
from storage.store import Transaction
from storage.upserts import put_row

_POSTMORTEMS = table(PostmortemRow)
_VERSIONS = table(PostmortemVersionRow)
_DRAFTS = table(PostmortemDraftRow)
_INCIDENTS = table(IncidentRow)
DRAFTS_KEPT = timedelta(days=30)


def require(tx: Transaction, one: Postmortem) -> None:
    """`one` is due, unless its incident has one already. The incident is held by whoever calls this."""
    if look_up(tx, one.incident) is None:
        tx.execute(insert(_POSTMORTEMS).values(_values(one)))


def look_up(tx: Transaction, incident: str) -> Postmortem | None:
    """An incident's post-mortem, held by nobody; None where none is asked for."""
    row = tx.execute(_OF, {"of": incident}).first()
    return _postmortem(row) if row else None


_OF = select(_POSTMORTEMS).where(_POSTMORTEMS.c.incident == bindparam("of"))


def find(tx: Transaction, incident: str) -> Postmortem:
    """An incident's post-mortem, held for the rest of the transaction. Raises NotFound."""
    row = tx.execute(_OF.with_for_update(), {"of": incident}).first()
    if row is None:
        raise NotFound("no post-mortem of this incident is asked for")
    return _postmortem(row)


def save(tx: Transaction, one: Postmortem) -> None:
    """Keep a post-mortem as it is now."""
    tx.execute(update(_POSTMORTEMS).where(_POSTMORTEMS.c.incident == one.incident).values(_values(one)))


def drop(tx: Transaction, incident: str) -> None:
    """Another incident's stands for it. Only for one that nobody has written in."""
    tx.execute(delete(_POSTMORTEMS).where(_POSTMORTEMS.c.incident == incident, _POSTMORTEMS.c.version == 0))


def due(tx: Transaction, now: datetime, limit: int) -> list[Postmortem]:
    """Those that people are to be reminded of, held; those that another process holds are left to it."""
    found = select(_POSTMORTEMS).where(_POSTMORTEMS.c.wake_at <= now).order_by(_POSTMORTEMS.c.wake_at).limit(limit)
    return [_postmortem(row) for row in tx.execute(found.with_for_update(skip_locked=True))]


def next_wake(tx: Transaction) -> datetime | None:
    """When somebody is to be reminded next."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_POSTMORTEMS.c.wake_at)).where(_POSTMORTEMS.c.wake_at.is_not(None)))


def owed(tx: Transaction, person: str, teams: Sequence[str], limit: int) -> list[Postmortem]:
    """The unfinished ones of incidents that are over and somebody's, or their teams', the most urgent first."""
    columns = _INCIDENTS.c
    theirs = [column == person for column in (columns.owner, columns.lead, columns.communications) if person]
    wanted = (
        select(_POSTMORTEMS)
        .join(_INCIDENTS, columns.id == _POSTMORTEMS.c.incident)
        .where(
            _POSTMORTEMS.c.state.in_([state.value for state in UNFINISHED]),
            _POSTMORTEMS.c.due_on != "",
            or_(false(), *theirs, columns.team.in_(list(teams)) if teams else false()),
        )
        .order_by(_POSTMORTEMS.c.due_on, _POSTMORTEMS.c.incident)
        .limit(limit)
    )
    return [_postmortem(row) for row in tx.execute(wanted)]


def unfinished(tx: Transaction, limit: int) -> list[Postmortem]:
    """Every unfinished one of incidents that are over, the most urgent first."""
    wanted = select(_POSTMORTEMS).where(
        _POSTMORTEMS.c.state.in_([state.value for state in UNFINISHED]), _POSTMORTEMS.c.due_on != ""
    )
    ordered = wanted.order_by(_POSTMORTEMS.c.due_on, _POSTMORTEMS.c.incident).limit(limit)
    return [_postmortem(row) for row in tx.execute(ordered)]


def add_version(tx: Transaction, incident: str, version: Version) -> None:
    """Keep what it says from now on."""
    content = {section.value: text for section, text in version.texts.items()}
    values = {"incident": incident, "version": version.number, "at": version.at, "by": version.by}
    tx.execute(insert(_VERSIONS).values(**values, content=content))


def version(tx: Transaction, incident: str, number: int) -> Version | None:
    """One version by its number."""
    wanted = select(_VERSIONS).where(_VERSIONS.c.incident == incident, _VERSIONS.c.version == number)
    row = tx.execute(wanted).first()
    return _version(row) if row else None


def history(tx: Transaction, incident: str, limit: int) -> list[Version]:
    """What it said, the latest first."""
    wanted = select(_VERSIONS).where(_VERSIONS.c.incident == incident)
    return [_version(row) for row in tx.execute(wanted.order_by(_VERSIONS.c.version.desc()).limit(limit))]


def draft(tx: Transaction, author: str, incident: str) -> Texts | None:
    """What somebody typed while somebody else saved."""
    wanted = select(_DRAFTS.c.content).where(_DRAFTS.c.author == author, _DRAFTS.c.incident == incident)
    content = tx.execute(wanted).scalar()
    return _texts(content) if content is not None else None


def put_draft(tx: Transaction, author: str, incident: str, texts: Texts, now: datetime) -> None:
    """Keep what somebody typed; what nobody has come back to for a month goes."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.changed_at < now - DRAFTS_KEPT))
    content = {section.value: text for section, text in texts.items()}
    put_row(tx, _DRAFTS, {"author": author, "incident": incident, "changed_at": now, "content": content})


def drop_draft(tx: Transaction, author: str, incident: str) -> None:
    """It is saved, or given up."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.incident == incident))


def _values(one: Postmortem) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Postmortem.__dataclass_fields__}
    return values | {"state": one.state.value, "due_on": one.due_on.isoformat() if one.due_on else ""}


def _postmortem(row: Any) -> Postmortem:
    values = {name: getattr(row, name) for name in Postmortem.__dataclass_fields__}
    due_on = date.fromisoformat(row.due_on) if row.due_on else None
    return Postmortem(**values | {"state": State(row.state), "due_on": due_on})


def _version(row: Any) -> Version:
    return Version(row.version, row.at, row.by, _texts(row.content))


def _texts(content: dict[str, str]) -> Texts:
    return {section: content.get(section.value, "") for section in Section}
