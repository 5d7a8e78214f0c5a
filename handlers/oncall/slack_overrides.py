"""Standing in, in Slack: typed in a line, or by a form; and giving it back."""

from __future__ import annotations

import re
from datetime import timedelta

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks import stand_ins as looks
from blocks.stand_ins import Cover
from domain.directory import Directory
from domain.errors import Fault, Invalid, VigieError
from domain.people import Actor, Permission, Team, may
from handlers import forms
from handlers.commands import ME
from handlers.modals import fill_view, open_view, submit
from handlers.oncall import forms as filled
from handlers.oncall import moments
from handlers.oncall.service import OnCallService, Standing, Wanted
from handlers.slack import Body, People, answer
from handlers.switchboard import Answer, Asked, show

_FIELDS = {name: name for name in looks.OVERRIDE_FIELDS}
_USUAL = timedelta(hours=2)
_END = re.compile(r"override\.end\.v1\.\d+")


def register(app: AsyncApp, oncall: OnCallService, people: People) -> Answer:
    """Put the form and the buttons in `app`; gives back what answers `/oncall override`."""

    async def override(asked: Asked) -> None:
        if not asked.said.arguments:
            await _open(asked.client, asked.body, oncall, people, "")
            return
        directory, _ = await oncall.look()
        actor = await asked.actor()
        standing = await oncall.override(typed(asked.said.arguments, actor, directory, oncall), actor)
        await asked.say(
            looks.overridden(standing.override, standing.directory, standing.relieves, await asked.locale())
        )

    @app.action("override.open.v1")
    async def opened(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _open(client, body, oncall, people, forms.value(body))

    @app.action(_END)
    async def ended(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        try:
            standing = await oncall.end(forms.value(body), actor)
        except VigieError as error:
            await answer(respond, error, locale)
            return
        await show(respond, looks.ended(standing.override, standing.directory, locale))

    _register_form(app, oncall, people)
    return override


def typed(arguments: tuple[str, ...], actor: Actor, directory: Directory, oncall: OnCallService) -> Wanted:
    """`@bob 2h SRE Core`: who, for how long, in which team. Raises Invalid, NotFound, Conflict."""
    place = next((n for n, word in enumerate(arguments) if moments.length(word)), -1)
    length = moments.length(arguments[place]) if place >= 0 else None
    if length is None:
        raise Invalid([Fault("end", "say for how long: /oncall override @name 2h")])
    who, rest = " ".join(arguments[:place]), " ".join(arguments[place + 1 :])
    person = moments.person(who, directory).id if who and who.casefold() not in ME else actor.person
    if not person:
        raise Invalid([Fault("person", "say who: /oncall override @name 2h")])
    team = moments.own_team(rest, actor, directory)
    return Wanted(team=team.id, person=person, end=oncall.now() + length)


async def _open(client: AsyncWebClient, body: Body, oncall: OnCallService, people: People, team: str) -> None:
    view = await open_view(client, body, looks.override_title(people.default), people.default)
    locale, actor = await people.locale(body), await people.actor(body)
    try:
        directory, now = await oncall.look()
        teams = _teams(actor, directory)
        minute = now.replace(second=0, microsecond=0)
        cover = Cover(
            teams=teams,
            team=team or (teams[0].id if len(teams) == 1 else ""),
            person=actor.slack,
            start=minute,
            end=minute + _USUAL,
            may_choose=may(actor.role, Permission.SCHEDULES),
        )
        shown = looks.override_form(cover, locale) if teams else looks.no_team(locale)
    except VigieError as error:
        shown = modals.notice(looks.override_title(locale), words.sentence(error, locale), locale)
    await fill_view(client, view, shown)


def _teams(actor: Actor, directory: Directory) -> list[Team]:
    """Those that somebody may stand in for, their own first."""
    ordered = sorted(directory.teams.values(), key=lambda one: (not one.has(actor.person), one.name.casefold()))
    return [one for one in ordered if may(actor.role, Permission.SCHEDULES) or one.has(actor.person)]


def _register_form(app: AsyncApp, oncall: OnCallService, people: People) -> None:
    @app.view("override.form.v1")
    async def stand_in(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)

        async def work(actor: Actor) -> Standing:
            directory, now = await oncall.look()
            start, end = filled.moment(body, "start"), filled.moment(body, "end")
            wanted = Wanted(
                team=filled.chosen(body, "team"),
                person=known(filled.user(body, "person"), directory),
                start=start,
                end=end or now,
                instead_of=known(filled.user(body, "instead_of"), directory),
                reason=filled.text(body, "reason"),
            )
            return await oncall.override(wanted, actor)

        await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields=_shown(body),
            title=looks.override_title(locale),
            locale=locale,
            shown=lambda made: looks.done(
                looks.overridden(made.override, made.directory, made.relieves, locale),
                looks.override_title(locale),
                locale,
            ),
        )


def known(slack: str, directory: Directory) -> str:
    """The person who has this Slack id; an id that nobody has for a stranger, "" for nobody."""
    found = directory.person_by_slack(slack) if slack else None
    return found.id if found else ("?" if slack else "")


def _shown(body: Body) -> dict[str, str]:
    """The fields that the form shows: a fault of another is said at the first."""
    present = {block.get("block_id") for block in body.get("view", {}).get("blocks", ())}
    return {field: block for field, block in _FIELDS.items() if block in present}
