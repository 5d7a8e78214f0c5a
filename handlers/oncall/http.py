"""`GET /ical/{signed}.ics`: a private calendar; the link is all that it takes."""

from __future__ import annotations

from aiohttp import web

from blocks import calendars as looks
from domain.errors import NotFound
from handlers.links.signing import CALENDARS_PATH, Links
from handlers.oncall.feeds import Feed, FeedService

_HEADERS = {"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


def routes(service: FeedService, links: Links, locale: str) -> list[web.RouteDef]:
    """The calendar; `links` are those of calendars; `locale` is the installation's, for teams and readers that have
    none."""

    async def show(request: web.Request) -> web.Response:
        feed = links.read(request.match_info["signed"])
        try:
            if feed is None:
                raise NotFound("this calendar leads nowhere any more")
            found = await service.read(feed)
        except NotFound as error:
            return web.Response(status=404, text=f"{error}\n", headers=_HEADERS)
        body = looks.feed(
            found.shifts, found.directory, found.now, _locale(found) or locale, team=found.team, person=found.person
        )
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=_HEADERS)

    return [web.get(f"{CALENDARS_PATH}{{signed:[A-Za-z0-9._-]{{1,100}}}}.ics", show)]


def _locale(found: Feed) -> str:
    if found.person:
        return found.directory.language_of(found.directory.people[found.person])
    return found.directory.teams[found.team].locale
