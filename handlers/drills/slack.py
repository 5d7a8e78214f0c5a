"""`/incident drill`, its form, and the button that stops a drill."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import drills as looks
from blocks import errors as words
from blocks import modals
from blocks.drill_marks import STOP
from blocks.drills import Form
from blocks.menus import options
from domain.directory import Directory
from domain.drills import Drill
from domain.errors import Fault, Invalid, VigieError
from domain.incidents import Incident, Severity
from domain.people import Actor, Permission
from domain.severities import severity_named
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, incident_name
from handlers.drills.service import DrillService, Plan
from handlers.incidents.service import permit
from handlers.incidents.slack_declare import found_services, services_of
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People, answer
from handlers.switchboard import Asked, Switchboard, show

COMMANDS = (Command("/incident", "", (Subcommand("drill", "[stop] [service] [SEV1] [10x]", Permission.DRILL),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_SPEED = re.compile(r"[x×]?(\d{1,3})[x×]?", re.IGNORECASE)
_NOWHERE = ("channel_not_found", "invalid_arguments")
_STOP = ("stop", "end", "arrêter", "arreter", "fin")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was typed after the command."""

    service: str = ""
    severity: Severity | None = None
    speed: int = looks.USUAL_SPEED


def register(app: AsyncApp, drills: DrillService, people: People, board: Switchboard) -> None:
    """Put the doors of drills in `app` and on `board`."""

    async def drill(asked: Asked) -> None:
        if asked.said.arguments and asked.said.arguments[0].casefold() in _STOP:
            await _stop_typed(asked, drills)
        else:
            await _open(asked, drills, people)

    board.answer(COMMANDS, {("/incident", "drill"): drill})
    _register_form(app, drills, people)
    _register_stop(app, drills, people)


async def _open(asked: Asked, drills: DrillService, people: People) -> None:
    """The form, filled in as far as something was typed; for whoever may not, why not."""
    view = await open_view(asked.client, asked.body, looks.title(people.default), people.default)
    locale = await people.locale(asked.body)
    try:
        permit(await asked.actor(), Permission.DRILL)
        directory, running = await people.directory() or Directory(), await drills.open_ones()
    except VigieError as error:
        content = modals.notice(looks.title(locale), words.sentence(error, locale), locale)
        await fill_view(asked.client, view, content)
        return
    wanted, user = _wanted(asked.said.rest), forms.user_id(asked.body)
    service = directory.service_by_name(wanted.service) if wanted.service else None
    form = Form(
        service=service.id if service else "",
        severity=wanted.severity,
        participants=(user,) if directory.person_by_slack(user) else (),
        channel=asked.channel if asked.channel.startswith(("C", "G")) else "",
        speed=wanted.speed,
    )
    await fill_view(asked.client, view, looks.form(form, services_of(directory), running, locale))


def _wanted(text: str) -> _Wanted:
    """`redis-prod SEV1 10x`, in any order."""
    service, severity, speed = [], None, looks.USUAL_SPEED
    for word in text.split():
        number = _SPEED.fullmatch(word)
        if severity_named(word):
            severity = severity_named(word)
        elif number:
            speed = min(max(int(number[1]), 1), 60)
        else:
            service.append(word)
    return _Wanted(" ".join(service), severity, speed)


async def _stop_typed(asked: Asked, drills: DrillService) -> None:
    """The drill that is named, else the only one that goes on."""
    locale = await asked.locale()
    name = next((one for one in map(incident_name, asked.said.arguments[1:]) if one), "")
    running = await drills.open_ones()
    if not name and len(running) > 1:
        await asked.say(looks.several_running(running, locale))
    elif not name and not running:
        await asked.say(looks.none_running(locale))
    else:
        stopped = await drills.stop(name or running[0].id, await asked.actor())
        await asked.say(looks.stopped(stopped, locale))


def _register_form(app: AsyncApp, drills: DrillService, people: People) -> None:
    @app.options(looks.SERVICE)
    async def search(ack: AsyncAck, body: Body) -> None:
        wanted = str(body.get("value") or "").strip().casefold()
        await ack(options=options(found_services(wanted, await people.directory() or Directory())))

    @app.view(looks.CALLBACK)
    async def start(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        plan = Plan(
            service=forms.chosen(body, "service"),
            severity=forms.chosen(body, "severity"),
            participants=forms.users(body, "participants"),
            channel=forms.picked(body, "channel", "selected_conversation"),
            speed=_number(forms.typed(body, "speed")),
            title=forms.typed(body, "title"),
            key=f"form {forms.view_id(body)}",
        )
        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: _start(client, drills, plan, actor)),
            fields=looks.FIELDS,
            title=looks.title(locale),
            locale=locale,
            shown=lambda made: looks.started(made[1], locale),
        )


async def _start(client: AsyncWebClient, drills: DrillService, plan: Plan, actor: Actor) -> tuple[Drill, Incident]:
    """A drill where Vigie can write. Raises Invalid naming `channel`, and as the service."""
    if plan.channel and not await _can_write(client, plan.channel):
        raise Invalid([Fault("channel", "Vigie can't write in this channel: invite it there first")])
    return await drills.start(plan, actor)


async def _can_write(client: AsyncWebClient, channel: str) -> bool:
    """Whether Slack shows Vigie this channel, and it is open; in doubt it can."""
    try:
        found = (await client.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        answer = getattr(error.response, "data", None)
        return not isinstance(answer, dict) or answer.get("error") not in _NOWHERE
    except (OSError, TimeoutError):
        return True
    return not (found.get("is_archived") or found.get("is_im") or found.get("is_mpim"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _register_stop(app: AsyncApp, drills: DrillService, people: People) -> None:
    @app.action(STOP)
    async def stop(ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        if forms.view_id(body):
            await _stop_in_form(client, body, drills, people)
            return
        try:
            stopped = await people.acting(body, lambda actor: drills.stop(forms.value(body), actor))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))
            return
        await show(respond, looks.stopped(stopped, await people.locale(body)))


async def _stop_in_form(client: AsyncWebClient, body: Body, drills: DrillService, people: People) -> None:
    """The form makes room for what became of it."""
    locale = await people.locale(body)
    try:
        stopped = await people.acting(body, lambda actor: drills.stop(forms.value(body), actor))
        content = looks.stopped_view(stopped, locale)
    except VigieError as error:
        content = modals.notice(looks.title(locale), words.sentence(error, locale), locale)
    await fill_view(client, forms.view_id(body), content)
