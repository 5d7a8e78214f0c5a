"""Pure: from what was read to what a Home tab shows to one reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from blocks import home as looks
from blocks.catalog import Row as Named
from blocks.home import Duty, Overview, Row, Section
from domain.directory import Directory
from domain.oncall import next_shifts, shifts_at
from domain.people import Actor, Permission, Team, may
from handlers.home.service import Seen

Thing = TypeVar("Thing")


def overview(seen: Seen) -> Overview:
    """The reader's own part."""
    directory = seen.directory
    mine = tuple((one, directory.service_name(one.service)) for one in seen.mine)
    zone = next((team.on_call.timezone for team in _teams_of(seen)), "UTC")
    duties = tuple(_duty(team, seen) for team in _teams_of(seen))
    return Overview(person=seen.person, duties=duties, mine=mine, open_count=seen.open_count, zone=zone)


def _teams_of(seen: Seen) -> list[Team]:
    """The teams in whose rotations the reader is."""
    if seen.person is None:
        return []
    mine = seen.person.id
    return [
        team
        for team in seen.directory.teams.values()
        if any(mine in rotation.people for rotation in team.on_call.rotations)
    ]


def _duty(team: Team, seen: Seen) -> Duty:
    mine = seen.person.id if seen.person else ""
    running = [shift for shift in shifts_at(team.on_call, seen.now) if shift.person == mine]
    coming = next_shifts(team.on_call, seen.now)
    my_next = min((shift.start for shift in coming if shift.person == mine), default=None)
    following = next((seen.directory.people.get(shift.person) for shift in coming), None)
    return Duty(
        team=team.name,
        until=max(shift.end for shift in running) if running else None,
        since=None if running else my_next,
        next_name=following.name if following and following.id != mine else "",
    )


def section(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section | None:
    """The section that the reader looks at; None for their own part, and for one that there is not."""
    build = _SECTIONS.get(seen.home.section)
    return build(seen, actor, locale, a_page) if build else None


def _page(seen: Seen, found: list[Thing], a_page: int) -> list[Thing]:
    return found[seen.home.offset : seen.home.offset + a_page]


def _made(seen: Seen, count: int, rows: Iterable[Row], new: tuple[str, str] | None = None) -> Section:
    home = seen.home
    return Section(name=home.section, count=count, offset=home.offset, search=home.search, rows=tuple(rows), new=new)


def _policies(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section:
    directory, is_mine = seen.directory, may(actor.role, Permission.POLICIES)
    named = {
        one.id: Named(
            one.name, _team_name(directory, one.team), one.severity_filter, len(one.live_steps), one.is_active
        )
        for one in directory.policies.values()
    }
    label, action = (looks.edit(locale), "policy.edit.v1") if is_mine else (looks.show(locale), "policy.show.v1")
    return _named(
        seen, named, (label, action), (looks.new_policy(locale), "policy.new.v1") if is_mine else None, locale
    )


def _runbooks(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section:
    directory, is_mine = seen.directory, may(actor.role, Permission.RUNBOOKS)
    named = {
        one.id: Named(
            one.title, directory.service_name(one.service), one.severity_filter, len(one.steps), one.is_active
        )
        for one in directory.runbooks.values()
    }
    label, action = (looks.edit(locale), "runbook.edit.v1") if is_mine else (looks.show(locale), "runbook.show.v1")
    return _named(
        seen, named, (label, action), (looks.new_runbook(locale), "runbook.new.v1") if is_mine else None, locale
    )


def _named(
    seen: Seen, named: dict[str, Named], button: tuple[str, str], new: tuple[str, str] | None, locale: str
) -> Section:
    """A section of things with a name: those that have the words searched for, by name."""
    wanted = seen.home.search.casefold()
    found = [(key, one) for key, one in named.items() if wanted in f"{one.name} {one.place}".casefold()]
    found.sort(key=lambda pair: pair[1].name.casefold())
    rows = [looks.named_row(one, locale, (*button, key)) for key, one in _page(seen, found, looks.A_PAGE)]
    return _made(seen, len(found), rows, new)


def _services(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section:
    directory, wanted = seen.directory, seen.home.search.casefold()
    found = [
        one
        for one in sorted(directory.services.values(), key=lambda service: service.name.casefold())
        if wanted in " ".join((one.name, *one.aliases, _team_name(directory, one.team))).casefold()
    ]
    rows = [looks.service_row(one, _team_name(directory, one.team)) for one in _page(seen, found, a_page)]
    return _made(seen, len(found), rows)


def _teams(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section:
    directory, wanted = seen.directory, seen.home.search.casefold()
    teams = sorted(directory.teams.values(), key=lambda team: team.name.casefold())
    found = [one for one in teams if wanted in one.name.casefold()]
    rows = [
        looks.team_row(one, [person.name for person in directory.on_call(one.id, seen.now)], locale)
        for one in _page(seen, found, a_page)
    ]
    return _made(seen, len(found), rows)


def _incidents(seen: Seen, actor: Actor, locale: str, a_page: int) -> Section:
    directory, wanted = seen.directory, seen.home.search.casefold()
    found = [
        one
        for one in seen.open
        if wanted in " ".join((one.short_id, one.title, directory.service_name(one.service))).casefold()
    ]
    rows = [
        looks.open_incident_row(one, directory.service_name(one.service), locale) for one in _page(seen, found, a_page)
    ]
    return _made(seen, len(found), rows)


def _team_name(directory: Directory, team: str) -> str:
    found = directory.teams.get(team)
    return found.name if found else ""


_SECTIONS: dict[str, Callable[[Seen, Actor, str, int], Section]] = {
    "incidents": _incidents,
    "policies": _policies,
    "runbooks": _runbooks,
    "services": _services,
    "teams": _teams,
}
