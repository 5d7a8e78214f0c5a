"""Swaps in Slack: asking a colleague by a form, and their two buttons."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks import stand_ins as looks
from domain.directory import Directory
from domain.errors import Fault, Invalid, VigieError
from domain.people import Actor
from domain.stand_ins import Swap, own_shifts
from handlers import forms
from handlers.modals import fill_view, open_view, submit
from handlers.oncall import forms as filled
from handlers.oncall import moments
from handlers.oncall.service import OnCallService
from handlers.oncall.slack_overrides import known
from handlers.oncall.swaps import Question, SwapService
from handlers.slack import Body, People, answer, say
from handlers.switchboard import Answer, Asked

_FIELDS = {name: name for name in looks.SWAP_FIELDS}


def register(app: AsyncApp, oncall: OnCallService, swaps: SwapService, people: People) -> Answer:
    """Put the form and the buttons in `app`; gives back what answers `/oncall swap`."""

    async def swap(asked: Asked) -> None:
        view = await open_view(asked.client, asked.body, looks.swap_title(people.default), people.default)
        locale, actor = await asked.locale(), await asked.actor()
        try:
            directory, now = await oncall.look()
            wanted = " ".join(asked.said.arguments)
            colleague = moments.person(wanted, directory).slack if wanted else ""
            own = own_shifts(directory, actor.person, now) if actor.person else ()
            shown = looks.swap_form(own, colleague, locale)
        except VigieError as error:
            shown = modals.notice(looks.swap_title(locale), words.sentence(error, locale), locale)
        await fill_view(asked.client, view, shown)

    _register_form(app, oncall, swaps, people)
    _register_answers(app, swaps, people)
    return swap


def _register_form(app: AsyncApp, oncall: OnCallService, swaps: SwapService, people: People) -> None:
    @app.view("swap.form.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)

        async def work(actor: Actor) -> tuple[Swap, Directory]:
            directory, _ = await oncall.look()
            return await swaps.ask(_question(body, directory), actor)

        await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields=_FIELDS,
            title=looks.swap_title(locale),
            locale=locale,
            shown=lambda made: looks.done(looks.asked(*made, locale), looks.swap_title(locale), locale),
        )


def _question(body: Body, directory: Directory) -> Question:
    """What the form asks. Raises Invalid."""
    shift = filled.shift(filled.chosen(body, "shift"))
    if shift is None:
        raise Invalid([Fault("shift", "choose one of your shifts")])
    team, start, end = shift
    only_from, only_until = filled.moment(body, "start"), filled.moment(body, "end")
    return Question(
        team=team,
        asked=known(filled.user(body, "asked"), directory),
        start=max(start, only_from or start),
        end=min(end, only_until or end),
        reason=filled.text(body, "reason"),
    )


def _register_answers(app: AsyncApp, swaps: SwapService, people: People) -> None:
    @app.action("swap.accept.v1")
    async def accept(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await _answer(body, respond, swaps, people, is_accepted=True)

    @app.action("swap.refuse.v1")
    async def refuse(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await _answer(body, respond, swaps, people, is_accepted=False)


async def _answer(body: Body, respond: AsyncRespond, swaps: SwapService, people: People, *, is_accepted: bool) -> None:
    locale, actor = await people.locale(body), await people.actor(body)
    try:
        await swaps.answer(forms.value(body), actor, is_accepted=is_accepted)
    except VigieError as error:
        await answer(respond, error, locale)
        return
    await say(respond, looks.answered(locale, is_accepted=is_accepted))
