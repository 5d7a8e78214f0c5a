"""The Home tab's doors: it opens, its tabs and pages turn, and its incidents have their buttons.

Whoever clicks sees the outcome at once; everybody else's Home tab follows through the outbox.
"""

from __future__ import annotations

import re
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import home as looks
from domain.home import Home
from handlers import forms
from handlers.home.forms import place_of
from handlers.home.service import HomeService
from handlers.incidents.service import IncidentService
from handlers.modals import fill_view, open_view
from handlers.openings import tried
from handlers.slack import Body, People

EVENTS = ("app_home_opened",)
"""What the app must be subscribed to."""
_GOES = re.compile(r"home\.go\.v1\..+")
_LINKS = re.compile(r"home\.open\.v1\..+")
_ACKNOWLEDGES = re.compile(r"home\.acknowledge\.v1\..+")


def register(app: AsyncApp, homes: HomeService, incidents: IncidentService, people: People) -> None:
    """Put the doors of the Home tab in `app`."""
    _register_places(app, homes, people)
    _register_search(app, homes, people)
    _register_incidents(app, homes, incidents, people)


async def publish(client: AsyncWebClient, homes: HomeService, home: Home, user: str) -> None:
    """Show somebody their Home tab, in the stead of whatever is there. Slack may be away: the next click comes."""
    try:
        shown = await client.views_publish(user_id=user, view=looks.home(home))
    except (SlackApiError, OSError, TimeoutError):
        return
    await homes.published(user, str(shown["view"]["hash"]))


def _register_places(app: AsyncApp, homes: HomeService, people: People) -> None:
    @app.event("app_home_opened")
    async def opened(body: Body, client: AsyncWebClient) -> None:
        event = body.get("event", {})
        if event.get("tab") == "home":
            # What somebody reads is known before the first Home tab is drawn for them, then kept.
            await people.locale(body)
            user = forms.user_id(body)
            await publish(client, homes, await homes.open(user, ""), user)

    @app.action(_GOES)
    async def go(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        user = forms.user_id(body)
        home = await homes.go(user, forms.user_name(body), place_of(forms.value(body)))
        await publish(client, homes, home, user)

    @app.action(_LINKS)
    async def follow(ack: AsyncAck) -> None:
        await ack()


def _register_search(app: AsyncApp, homes: HomeService, people: People) -> None:
    @app.action("home.search.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.search_title(people.default), people.default)
        form = looks.search_form(place_of(forms.value(body)), await people.locale(body))
        await fill_view(client, view, form)

    @app.view("home.search.v1")
    async def search(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        user = forms.user_id(body)
        place = replace(place_of(forms.metadata(body)), search=forms.typed(body, "search"), page=1)
        await publish(client, homes, await homes.go(user, forms.user_name(body), place), user)


def _register_incidents(app: AsyncApp, homes: HomeService, incidents: IncidentService, people: People) -> None:
    @app.action(_ACKNOWLEDGES)
    async def acknowledge(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        work = people.acting(body, lambda actor: incidents.acknowledge(forms.value(body), actor))
        await tried(client, body, people, work)
        user = forms.user_id(body)
        await publish(client, homes, await homes.open(user, forms.user_name(body)), user)
