"""Private calendar links in Slack: shown to the one who asks alone, and made anew when one has leaked."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import calendars as looks
from blocks.calendars import Link
from domain.directory import Directory
from domain.errors import Conflict, VigieError
from domain.people import Actor, Permission, may
from handlers import forms
from handlers.links.signing import Links
from handlers.oncall import moments
from handlers.oncall.feeds import PERSON, TEAM, FeedService
from handlers.oncall.service import OnCallService
from handlers.slack import Body, People, answer
from handlers.switchboard import Answer, Asked, show

_RENEW = re.compile(r"feed\.renew\.v1\.\d+")
_TEAMS_SHOWN = 5


def register(app: AsyncApp, oncall: OnCallService, feeds: FeedService, links: Links, people: People) -> Answer:
    """Put the button in `app`; gives back what answers `/oncall calendar`."""

    async def calendar(asked: Asked) -> None:
        directory, _ = await oncall.look()
        actor = await asked.actor()
        subjects = _subjects(" ".join(asked.said.arguments), actor, directory)
        shown = [await _link(one, actor, directory, feeds, links) for one in subjects]
        await asked.say(looks.links(shown, await asked.locale()))

    @app.action(_RENEW)
    async def renew(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        directory, _ = await oncall.look()
        try:
            made = await _link(forms.value(body), actor, directory, feeds, links, afresh=True)
        except VigieError as error:
            await answer(respond, error, locale)
            return
        await show(respond, looks.links([made], locale))

    return calendar


def _subjects(written: str, actor: Actor, directory: Directory) -> list[str]:
    own = [f"{PERSON}{actor.person}"] if actor.person and not written else []
    return own + [f"{TEAM}{one.id}" for one in moments.teams_for(written, actor, directory)[:_TEAMS_SHOWN]]


async def _link(
    subject: str, actor: Actor, directory: Directory, feeds: FeedService, links: Links, *, afresh: bool = False
) -> Link:
    feed = await feeds.link(subject, actor, afresh=afresh)
    url = links.to(feed)
    if not url:
        raise Conflict("there are no links: set PUBLIC_URL and SECRET_KEY")
    team = directory.teams.get(subject.removeprefix(TEAM))
    may_renew = team is None or may(actor.role, Permission.SCHEDULES)
    return Link(team.name if team else actor.name, f"{url}.ics", subject if may_renew else "")
