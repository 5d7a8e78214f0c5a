"""Who stands in for whom, in a file: read, looked up, and written out again. What is over is said by nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.directory import Directory
from domain.people import Team
from domain.schedules import Override
from domain.stand_ins import LONGEST, LONGEST_REASON
from handlers.catalog.drafts import Drafts, OverrideDraft
from handlers.catalog.names import Names
from handlers.catalog.source import Fields


def read(document: Fields, drafts: Drafts) -> None:
    """The overrides that a document has."""
    drafts.overrides += [_override(fields) for fields in document.mappings("overrides")]


def _override(fields: Fields) -> OverrideDraft:
    draft = OverrideDraft(
        fields=fields,
        team=fields.text("team", required=True),
        person=fields.text("person", required=True).removeprefix("@"),
        instead_of=fields.text("instead_of").removeprefix("@"),
        start=_moment(fields, "start"),
        end=_moment(fields, "end"),
        reason=fields.text("reason", limit=LONGEST_REASON),
    )
    fields.close()
    return draft


def _moment(fields: Fields, name: str) -> datetime | None:
    written = fields.text(name, required=True)
    try:
        return wall_clock.written(written) if written else None
    except ValueError:
        fields.fault(name, "must be a date and time such as 2026-01-05T09:00, on the team's clock or with its offset")
        return None


def resolved(drafts: Drafts, people: Names, teams: Names, known: Mapping[str, Team]) -> list[Override]:
    """What the files say, with ids in the place of names; `known` are all teams by id."""
    return [one for draft in drafts.overrides if (one := _resolved(draft, people, teams, known))]


def _resolved(draft: OverrideDraft, people: Names, teams: Names, known: Mapping[str, Team]) -> Override | None:
    fields = draft.fields
    team = teams.one(draft.team, "team", fields)
    person = people.one(draft.person, "person", fields)
    instead_of = people.one(draft.instead_of, "instead_of", fields)
    if draft.start is None or draft.end is None or not team or not person:
        return None
    zone = ZoneInfo(known[team].on_call.timezone)
    start, end = (at if at.tzinfo else wall_clock.first(at, zone) for at in (draft.start, draft.end))
    if not start < end <= start + LONGEST:
        fields.fault("end", f"must be after the start, by at most {LONGEST.days} days")
    if instead_of == person:
        fields.fault("instead_of", "choose somebody else: nobody stands in for themselves")
    return Override(id="", team=team, person=person, start=start, end=end, instead_of=instead_of, reason=draft.reason)


def is_there(one: Override, directory: Directory) -> bool:
    """Whether somebody stands in like that already, whoever made it so."""
    return any(_key(other) == _key(one) for other in directory.overrides)


def is_said(one: Override, content: Mapping[str, Any] | None) -> bool:
    """Whether the audit log's `content` of an override says the same as `one`."""
    said = content or {}
    times = (datetime.fromisoformat(said[name]) for name in ("start", "end") if name in said)
    return (said.get("team"), said.get("person"), said.get("instead_of"), *times) == _key(one)


def _key(one: Override) -> tuple[str, str, str, datetime, datetime]:
    return one.team, one.person, one.instead_of, one.start, one.end


def subject(one: Override, directory: Directory) -> str:
    """What a load calls it."""
    person = directory.people[one.person].handle
    return f"override {directory.teams[one.team].name}: {person} from {_local(one.start, one, directory)}"


def dumped(overrides: Iterable[Override], directory: Directory) -> list[dict[str, str]]:
    """Overrides as they are written, by their start."""
    whole = (one for one in overrides if one.team in directory.teams and one.person in directory.people)
    found = sorted(whole, key=lambda one: (one.start, one.end, one.team, one.person, one.instead_of))
    return [_dumped(one, directory) for one in found]


def _dumped(one: Override, directory: Directory) -> dict[str, str]:
    replaced = directory.people.get(one.instead_of)
    said: dict[str, Any] = {"team": directory.teams[one.team].name, "person": directory.people[one.person].handle}
    said |= {"instead_of": replaced.handle if replaced else ""}
    said |= {"start": _local(one.start, one, directory), "end": _local(one.end, one, directory), "reason": one.reason}
    return {name: value for name, value in said.items() if value}


def _local(at: datetime, one: Override, directory: Directory) -> str:
    return at.astimezone(ZoneInfo(directory.teams[one.team].on_call.timezone)).isoformat()
