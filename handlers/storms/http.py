"""`/s/{signed}`: a message for many as a page, which only POST acts by; `/api/v1/storms/`: what is held back now."""

from __future__ import annotations

from aiohttp import web

from blocks import pages
from blocks import storms as looks
from domain.errors import NotFound
from handlers.auth import Auth
from handlers.links.http import answer, form_of, new_nonce, seen_at
from handlers.links.signing import STORMS_PATH, Links
from handlers.lists import page_of
from handlers.storms import schema
from handlers.storms.service import Held, Seen, StormService


def routes(storms: StormService, links: Links, auth: Auth, locale: str) -> list[web.RouteDef]:
    """The page with its button, and the list for scripts, which takes the scope `read`; `locale` is for readers that
    have none of their own."""

    async def act(request: web.Request) -> web.Response:
        bundle, nonce = links.read(request.match_info["signed"]), new_nonce()
        try:
            if bundle is None:
                raise NotFound("this message is of another time")
            if request.method == "POST":
                form = await form_of(request)
                return _page(await storms.acknowledge_as_reader(bundle, seen_at(form)), locale, nonce)
            said = request.query.get("page", "1")
            number = int(said) if said.isdecimal() and len(said) < 7 else 1
            return _page(await storms.look(bundle, number), locale, nonce)
        except NotFound:
            return answer(pages.gone(locale, nonce), nonce, 404)

    async def held(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = [_fields(one) for one in await storms.held()]
        return web.json_response(page_of(found, request.rel_url, schema.LISTING))

    path = f"{STORMS_PATH}{{signed:[A-Za-z0-9._-]{{1,100}}}}"
    return [web.get(path, act), web.post(path, act), web.get("/api/v1/storms/", held)]


def _page(seen: Seen, locale: str, nonce: str) -> web.Response:
    told = looks.Told(bundle=seen.bundle, tally=seen.tally, locale=seen.locale or locale, at=seen.at)
    status = 410 if seen.is_expired and seen.tally.waiting else 200
    return answer(looks.page(told, seen.page, nonce, is_expired=seen.is_expired), nonce, status)


def _fields(one: Held) -> schema.HeldBack:
    return {
        "kind": one.kind,
        "channel": one.channel,
        "name": one.name,
        "incidents": one.incidents,
        "cards": one.cards,
        "since": one.since.isoformat(),
        "due_at": one.due_at.isoformat() if one.due_at else None,
    }
