"""Teams kept by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import organisation as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.people import Actor, Permission, Team
from domain.user_groups import written
from handlers.catalog.edits import check, check_current, check_unused, digest, keep, named, record
from handlers.incidents.service import permit
from handlers.teams.forms import CHANNEL_ID, TeamForm
from storage import catalog, incidents, messages
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

NEW = Team(id="", name="")


@dataclass(frozen=True, slots=True)
class Editing:
    """A team with what the catalog says; `seen` tells what the form began from. `channel` is its channel's Slack id, as
    far as Vigie knows it."""

    team: Team
    directory: Directory
    seen: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A team as it is now; `is_gone` when it was deleted."""

    team: Team
    directory: Directory
    is_changed: bool = True
    is_gone: bool = False


class TeamService:
    """Look, write, take away. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def now(self) -> datetime:
        """The time, for who is on call."""
        return self._clock.now()

    async def show(self, team: str) -> Editing:
        """A team as it is. Raises NotFound."""

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            found = named(directory.teams, team, "team")
            return Editing(found, directory, channel=_id_of(found.channel, messages.channels(tx)))

        return await self._store.read(work)

    async def begin(self, team: str, actor: Actor) -> Editing:
        """A team to change, "" for a new one. Raises Forbidden, NotFound."""
        permit(actor, Permission.PEOPLE)
        if not team:
            return Editing(NEW, await self._store.read(catalog.directory))
        found = await self.show(team)
        return replace(found, seen=digest(found.team))

    async def save(self, team: str, seen: str, actor: Actor, form: TeamForm) -> Saved:
        """A team as the form says. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, Permission.PEOPLE)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.teams, team, "team") if team else None
            if before:
                check_current(tx, directory, before, seen)
            after = _said(form, before, messages.channels(tx))
            check(rules.team_faults(after, directory))
            is_changed = keep(tx, actor, before, after, catalog.put_team, self._clock.now())
            return Saved(after, catalog.directory(tx), is_changed)

        return await self._changed(work)

    async def remove(self, team: str, actor: Actor) -> Saved:
        """Without this team. Raises InUse, NotFound, Forbidden."""
        permit(actor, Permission.PEOPLE)

        def work(tx: Transaction) -> Saved:
            # What an incident that opens now is about stays: nothing opens meanwhile.
            serialise(tx, "intake")
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.teams, team, "team")
            check_unused(_uses(tx, before, directory))
            catalog.drop_team(tx, before)
            record(tx, actor, "delete", before, None, self._clock.now())
            return Saved(before, directory, is_gone=True)

        return await self._changed(work)

    async def _changed(self, work: Callable[[Transaction], Saved]) -> Saved:
        saved = await self._store.write(work)
        self._wake()
        return saved


def _said(form: TeamForm, before: Team | None, channels: dict[str, str]) -> Team:
    old = before or NEW
    return replace(
        old,
        id=old.id or new_id(),
        name=form.name,
        channel=_channel(form.channel, old.channel, channels),
        lead=form.lead,
        members=old.members if form.members is None else _in_order(form.members, old.members),
        locale=form.locale,
        digest=form.digest,
        user_group=old.user_group if form.user_group is None else written(form.user_group),
        response=form.response.applied(old.response) if form.response else old.response,
    )


def _in_order(members: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    """Whoever was there stays where they were: a menu has an order of its own."""
    stayed = tuple(one for one in before if one in members)
    return (*stayed, *(one for one in members if one not in stayed))


def _channel(picked: str, before: str, channels: dict[str, str]) -> str:
    """By name where Vigie knows it, as the files write it; what was picked before is left as it was written."""
    if not picked or picked == _id_of(before, channels):
        return before
    names = (name for name, channel in channels.items() if channel == picked and not name.startswith(("@", "mailto:")))
    name = next(names, "")
    return f"#{name}" if name else picked


def _id_of(channel: str, channels: dict[str, str]) -> str:
    """The Slack id behind what is written, "" when nobody knows."""
    return channel if CHANNEL_ID.fullmatch(channel) else channels.get(channel.removeprefix("#"), "")


def _uses(tx: Transaction, team: Team, directory: Directory) -> Iterator[str]:
    yield from rules.uses_of_team(team, directory)
    for short_id in incidents.open_of(tx, team=team.id):
        yield f"the incident {short_id} is open"
