"""The schedule editor's doors: the modal at the bottom is the team's schedule, a rotation's form lies on top of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks import schedule_editor as looks
from blocks.kit import Block
from blocks.schedules import DAYS, Outlook
from domain.directory import Directory
from domain.errors import Outdated, VigieError
from domain.oncall import Unit
from domain.people import Actor, Permission, Team, may
from domain.schedule_drafts import rotation_at
from domain.schedules import gaps, overlaps, shifts
from domain.stand_ins import may_end
from handlers import forms
from handlers.catalog.on_call import hours_text
from handlers.modals import fill_view, open_view, push_view, submit
from handlers.oncall import forms as filled
from handlers.oncall.editor import Editing, Header, RotationForm, ScheduleService, shown
from handlers.slack import Body, People

_FIELDS = {name: name for name in looks.ROTATION_FIELDS}


def register(app: AsyncApp, editor: ScheduleService, people: People) -> None:
    """Put the doors of the editor in `app`."""
    _register_openings(app, editor, people)
    _register_list(app, editor, people)
    _register_form(app, editor, people)


def outlook(team: Team, directory: Directory, now: datetime, actor: Actor) -> Outlook:
    """The coming days of a team, with what `actor` may do about them."""
    schedule, until = directory.schedule(team.id), now + timedelta(days=DAYS)
    may_edit = may(actor.role, Permission.SCHEDULES)
    is_own = may(actor.role, Permission.COVER) and team.has(actor.person)
    known = (one for one in schedule.overrides if one.person in directory.people)
    return Outlook(
        team=team,
        directory=directory,
        now=now,
        shifts=shifts(schedule, now, until),
        gaps=gaps(schedule, now, until),
        overlaps=overlaps(schedule, now, until),
        overrides=[one for one in known if one.end > now and may_end(actor, one)],
        may_cover=may_edit or is_own,
        may_edit=may_edit,
    )


def _editor(editing: Editing, actor: Actor, locale: str) -> Block:
    if editing.overtaken:
        return looks.outdated(words.conflict(editing.overtaken, locale), editing.team.id, locale)
    saved = editing.saved
    coming = outlook(saved.teams[editing.team.id], saved, editing.now, actor)
    now_on = [person.id for person in editing.directory.on_call(editing.team.id, editing.now)]
    return looks.editor(editing.draft, coming, now_on, locale, is_resumed=editing.is_resumed)


async def _fill(
    client: AsyncWebClient, view: str, work: Awaitable[Editing], made: Callable[[Editing], Block], locale: str
) -> None:
    try:
        content = made(await work)
    except VigieError as error:
        content = modals.notice(looks.title(locale), words.sentence(error, locale), locale)
    await fill_view(client, view, content)


def _header(body: Body) -> Header:
    return Header(filled.text(body, "zone"), filled.ticked(body, "hand_off"))


def _register_openings(app: AsyncApp, editor: ScheduleService, people: People) -> None:
    @app.action("oncall.schedule.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        is_in_modal = (body.get("view") or {}).get("type") == "modal"
        # In another modal it takes that one's place: Slack stacks three at most, and a rotation's form comes on top.
        view = forms.view_id(body) if is_in_modal else ""
        view = view or await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        work = editor.begin(forms.value(body), actor)
        await _fill(client, view, work, lambda editing: _editor(editing, actor, locale), locale)

    @app.action("schedule.restart.v1")
    async def restart(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        work = editor.begin(forms.value(body), actor, afresh=True)
        await _fill(client, forms.view_id(body), work, lambda editing: _editor(editing, actor, locale), locale)

    @app.action("schedule.mine.v1")
    async def mine(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        work = editor.begin(forms.value(body), actor, mine=True)
        await _fill(client, forms.view_id(body), work, lambda editing: _editor(editing, actor, locale), locale)

    @app.view("schedule.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        team, edition = filled.draft(forms.metadata(body))

        def refused(error: VigieError) -> Block | None:
            return looks.outdated(words.sentence(error, locale), team, locale) if isinstance(error, Outdated) else None

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: editor.save(team, actor, _header(body))),
            fields=looks.header_fields(edition),
            title=looks.title(locale),
            locale=locale,
            shown=lambda saved: looks.saved(saved.team, locale),
            refused=refused,
        )


def _register_list(app: AsyncApp, editor: ScheduleService, people: People) -> None:
    @app.action("schedule.add.v1")
    async def add(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _open(client, body, editor, people, 0)

    @app.action("schedule.preview.v1")
    async def preview(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        work = editor.keep(filled.draft(forms.metadata(body))[0], actor, _header(body))
        await _fill(client, forms.view_id(body), work, lambda editing: _editor(editing, actor, locale), locale)

    @app.action("schedule.rotation.v1")
    async def change(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        option = forms.action(body).get("selected_option") or {}
        verb, number, seen = (*str(option.get("value", "")).split(":"), "", "")[:3]
        position = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        if verb == "edit":
            await _open(client, body, editor, people, position)
            return
        locale, actor = await people.locale(body), await people.actor(body)
        work = editor.remove(filled.draft(forms.metadata(body))[0], actor, _header(body), position, seen)
        await _fill(client, forms.view_id(body), work, lambda editing: _editor(editing, actor, locale), locale)


async def _open(client: AsyncWebClient, body: Body, editor: ScheduleService, people: People, position: int) -> None:
    """The form of a rotation on top of the schedule's, whose typed fields are kept with the draft."""
    view = await push_view(client, body, looks.rotation_title(people.default), people.default)
    locale, actor = await people.locale(body), await people.actor(body)
    team, _ = filled.draft(forms.metadata(body))
    work = editor.keep(team, actor, _header(body))
    await _fill(client, view, work, lambda editing: _form(editing, position, locale), locale)


def _form(editing: Editing, position: int, locale: str) -> Block:
    rotation = rotation_at(editing.draft, position) if position else None
    people = dict.fromkeys(rotation.people if rotation else ())
    known = [editing.directory.people[one] for one in people if one in editing.directory.people]
    return looks.rotation_form(
        rotation,
        [slack for one in people if (slack := shown(one, editing.directory))],
        [one.name for one in known if not one.slack],
        "\n".join(hours_text(one) for one in rotation.hours) if rotation else "",
        f"{editing.team.id}|{position}",
        locale,
    )


def _register_form(app: AsyncApp, editor: ScheduleService, people: People) -> None:
    @app.view("schedule.rotation.v1")
    async def keep(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        team, position = filled.draft(forms.metadata(body))
        is_kept = await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: editor.put_rotation(team, actor, position, _filled(body))),
            fields=_FIELDS,
            title=looks.rotation_title(locale),
            locale=locale,
        )
        if is_kept:
            await _redraw(client, body, editor, people, team)


async def _redraw(client: AsyncWebClient, body: Body, editor: ScheduleService, people: People, team: str) -> None:
    """The schedule's form below, with the rotation in it."""
    locale, actor = await people.locale(body), await people.actor(body)
    below = str(body["view"].get("previous_view_id") or body["view"].get("root_view_id") or "")
    work = editor.look(team, actor)
    await _fill(client, below, work, lambda editing: _editor(editing, actor, locale), locale)


def _filled(body: Body) -> RotationForm:
    unit, every = filled.chosen(body, "unit"), _number(filled.text(body, "every"))
    return RotationForm(
        name=filled.text(body, "name"),
        people=filled.users(body, "people"),
        day=filled.picked(body, "day", "selected_date"),
        time=filled.picked(body, "time", "selected_time"),
        every=every * 7 if unit == "week" else every,
        unit=Unit.HOUR if unit == "hour" else Unit.DAY,
        hours=filled.text(body, "hours"),
        layer=_number(filled.text(body, "layer") or "0"),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1
