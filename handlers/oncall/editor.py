"""A team's schedule written by people: drafts that only their author sees, saved into the catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time

from domain import schedule_drafts as rules
from domain import wall_clock
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid, Outdated
from domain.oncall import Hours, Rotation, Unit
from domain.people import Actor, Permission, Team
from domain.schedule_drafts import ScheduleDraft
from handlers.catalog.on_call import hours, near_zone, zones
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from handlers.oncall.service import known_team
from storage import audit, catalog, homes, schedule_drafts
from storage.store import Store, Transaction, serialise


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the rotations."""

    zone: str
    hand_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationForm:
    """A rotation as its form says it; `people` are Slack ids, `weeks` counts `every` in weeks."""

    name: str
    people: tuple[str, ...]
    day: str
    time: str
    every: int
    unit: Unit = Unit.DAY
    hours: str = ""
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft, the catalog as it is, and as it is once the draft is saved; `is_resumed` from another time. `overtaken`
    says that somebody was faster than its author, who is asked whose schedule it goes on with."""

    draft: ScheduleDraft
    team: Team
    directory: Directory
    now: datetime
    is_resumed: bool = False
    overtaken: str = ""

    @property
    def saved(self) -> Directory:
        return rules.as_if_saved(self.draft, self.directory)


Change = Callable[[ScheduleDraft, Directory], ScheduleDraft]
_MEANWHILE = "somebody changed this schedule meanwhile"


class ScheduleService:
    """Change a team's rotations. `wake` is called after a change: who is paged may be somebody else now."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def begin(self, team: str, actor: Actor, *, afresh: bool = False, mine: bool = False) -> Editing:
        """The draft of a team's schedule: the author's own, unless they begin `afresh`. What they wrote in one that is
        older than the schedule goes on when they want `mine`. Raises Forbidden, NotFound."""
        permit(actor, Permission.SCHEDULES)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            found, before = known_team(directory, team), schedule_drafts.find(tx, actor.key, team)
            if before and not afresh and before.base == found.on_call:
                return self._editing(before, directory, is_resumed=before.on_call != before.base)
            is_written = before is not None and before.on_call != before.base
            if before and is_written and not (afresh or mine):
                return replace(self._editing(before, directory), overtaken=_MEANWHILE)
            edition = before.edition + 1 if before else 1
            said = before.on_call if before and mine else found.on_call
            draft = ScheduleDraft(actor.key, team, found.on_call, said, edition)
            schedule_drafts.put(tx, draft, self._clock.now())
            return self._editing(draft, directory, is_resumed=said != found.on_call)

        return await self._store.write(work)

    async def keep(self, team: str, actor: Actor, header: Header) -> Editing:
        """What is typed above the rotations. Raises Forbidden, Conflict when the draft is gone."""
        return await self._change(team, actor, lambda draft, _: _headed(draft, header))

    async def remove(self, team: str, actor: Actor, header: Header, position: int, seen: str = "") -> Editing:
        """Without a rotation; `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self._change(
            team, actor, lambda draft, _: rules.without_rotation(_headed(draft, header), position, seen)
        )

    async def put_rotation(self, team: str, actor: Actor, position: int, form: RotationForm) -> Editing:
        """A rotation as the form says, at `position` or for 0 at the end. Raises Invalid by field, Forbidden."""

        def change(draft: ScheduleDraft, directory: Directory) -> ScheduleDraft:
            before = rules.rotation_at(draft, position) if position else None
            return rules.with_rotation(draft, position, rotation(form, before, directory))

        return await self._change(team, actor, change)

    async def look(self, team: str, actor: Actor) -> Editing:
        """The draft as it is. Raises Forbidden, Conflict when it is gone."""
        permit(actor, Permission.SCHEDULES)
        return await self._store.read(lambda tx: self._editing(_draft(tx, team, actor), catalog.directory(tx)))

    async def save(self, team: str, actor: Actor, header: Header) -> Editing:
        """The draft in the catalog. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, Permission.SCHEDULES)

        def work(tx: Transaction) -> Editing | Outdated:
            serialise(tx, "catalog")
            directory, now = catalog.directory(tx), self._clock.now()
            draft, before = _headed(_draft(tx, team, actor), header), known_team(directory, team)
            if before.on_call != draft.base:
                schedule_drafts.put(tx, draft, now)
                return Outdated(_MEANWHILE)
            _check_zone(header)
            after = replace(before, on_call=draft.on_call)
            schedule_drafts.drop(tx, actor.key, team)
            if after != before:
                catalog.put_team(tx, after)
                subject = f"team {after.name}"
                audit.record(tx, actor, "schedule.save", subject, content(before), content(after), now)
                catalog.touch(tx)
                homes.refresh(tx, now)
            return self._editing(draft, catalog.directory(tx))

        saved = await self._store.write(work)
        if isinstance(saved, Outdated):
            # Raised after the transaction: what was typed must stay kept.
            raise saved
        self._wake()
        return saved

    async def _change(self, team: str, actor: Actor, change: Change) -> Editing:
        permit(actor, Permission.SCHEDULES)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            draft = change(_draft(tx, team, actor), directory)
            schedule_drafts.put(tx, draft, self._clock.now())
            return self._editing(draft, directory)

        return await self._store.write(work)

    def _editing(self, draft: ScheduleDraft, directory: Directory, *, is_resumed: bool = False) -> Editing:
        return Editing(draft, known_team(directory, draft.team), directory, self._clock.now(), is_resumed)


def _draft(tx: Transaction, team: str, actor: Actor) -> ScheduleDraft:
    found = schedule_drafts.find(tx, actor.key, team)
    if found is None:
        raise Conflict("this draft is saved or gone; open the schedule again")
    return found


def _headed(draft: ScheduleDraft, header: Header) -> ScheduleDraft:
    """A zone that there is not is kept out: the preview goes on with the one before, and saving says so."""
    zone = header.zone if header.zone in zones() else draft.on_call.timezone
    return replace(draft, on_call=replace(draft.on_call, timezone=zone, hand_off=header.hand_off))


def _check_zone(header: Header) -> None:
    if header.zone not in zones():
        raise Invalid([Fault("zone", f"must be a zone such as {near_zone(header.zone)}")])


def rotation(form: RotationForm, before: Rotation | None, directory: Directory) -> Rotation:
    """The rotation that a form means. Raises Invalid by field."""
    people, wrong = _people(form, before, directory)
    begins, times = _begins(form), _hours(form)
    if begins is None:
        wrong.append(Fault("day", "choose the day of the first turn"))
    if times is None:
        wrong.append(Fault("hours", "write times such as mon-fri 09:00-18:00, one a line"))
    if begins is None or times is None or wrong:
        raise Invalid(wrong)
    made = Rotation(
        name=" ".join(form.name.split())[: rules.LONGEST_NAME],
        start=begins,
        every=form.every,
        people=people,
        unit=form.unit,
        hours=times,
        layer=form.layer,
    )
    wrong = list(rules.rotation_faults(made))
    if wrong:
        raise Invalid(wrong)
    return made


def _people(form: RotationForm, before: Rotation | None, directory: Directory) -> tuple[tuple[str, ...], list[Fault]]:
    """Those that are picked; whom no picker shows (no Slack account) stays, after them if their order has changed."""
    found = [directory.person_by_slack(slack) for slack in form.people]
    strangers = [Fault("people", "Vigie does not know one of them: add them to the people first")]
    wrong = strangers if None in found else []
    picked = tuple(person.id for person in found if person)
    unseen = tuple(one for one in (before.people if before else ()) if not shown(one, directory))
    seen = tuple(one for one in (before.people if before else ()) if one not in unseen)
    if before and dict.fromkeys(seen) == dict.fromkeys(picked) and list(dict.fromkeys(seen)) == list(picked):
        return before.people, wrong
    return (*picked, *dict.fromkeys(unseen)), wrong


def shown(person: str, directory: Directory) -> str:
    """The Slack id by which a picker shows somebody, "" when it can't."""
    found = directory.people.get(person)
    return found.slack if found else ""


def _begins(form: RotationForm) -> datetime | None:
    try:
        return datetime.combine(wall_clock.written(form.day), time.fromisoformat(form.time))
    except ValueError:
        return None


def _hours(form: RotationForm) -> tuple[Hours, ...] | None:
    """The times of a week, None when a line can't be read."""
    found = [hours(line) for line in form.hours.splitlines() if line.strip()]
    return None if None in found else tuple(one for one in found if one)
