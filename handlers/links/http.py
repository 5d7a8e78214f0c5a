"""`/a/{signed}`: GET shows a page with one button, only POST acts, since mail scanners follow links."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import parse_qsl

from aiohttp import web

from blocks import pages
from blocks.pages import DECLINE, SEEN, Shown
from domain.errors import Conflict, Fault, NotFound
from handlers.bodies import BadBody
from handlers.links.service import LinkService, Seen
from handlers.links.signing import PATH, Links


def routes(service: LinkService, links: Links, locale: str) -> list[web.RouteDef]:
    """The page and its button; `locale` is the installation's, for readers that have none."""

    async def show(request: web.Request) -> web.Response:
        found = await _found(request, service, links)
        if found is None:
            return answer(pages.gone(locale, nonce := new_nonce()), nonce, 404)
        return _page(found, locale)

    async def act(request: web.Request) -> web.Response:
        notification = links.read(request.match_info["signed"])
        if notification is None:
            return answer(pages.gone(locale, nonce := new_nonce()), nonce, 404)
        form = await form_of(request)
        try:
            if form.get("act") == DECLINE:
                return _page(await service.decline(notification), locale)
            return _page(await service.acknowledge(notification, seen_at(form)), locale)
        except NotFound:
            return answer(pages.gone(locale, nonce := new_nonce()), nonce, 404)
        except Conflict:
            return _page(await service.look(notification), locale, status=409)

    path = f"{PATH}{{signed:[A-Za-z0-9._-]{{1,100}}}}"
    return [web.get(path, show), web.post(path, act)]


async def _found(request: web.Request, service: LinkService, links: Links) -> Seen | None:
    notification = links.read(request.match_info["signed"])
    if notification is None:
        return None
    try:
        return await (service.open if _is_a_reader(request) else service.look)(notification)
    except NotFound:
        return None


def _is_a_reader(request: web.Request) -> bool:
    """Whether somebody opens the page: no look at its headers alone, and no browser that fetches it to be quick."""
    purpose = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method == "GET" and "prefetch" not in purpose


async def form_of(request: web.Request) -> Mapping[str, str]:
    """What a page's button sends, in UTF-8 as the page is: to read a megabyte that is said to be Punycode takes half an
    hour. Raises BadBody for what is no form: nobody pressed it."""
    if request.content_type not in (_FORM, "multipart/form-data"):
        return {}
    if request.content_type == _FORM and (request.charset or "utf-8").lower() == "utf-8":
        with suppress(ValueError):
            return dict(parse_qsl((await request.read()).decode(), max_num_fields=_MOST_FIELDS))
    raise BadBody([Fault("", "the body is not the form of this page")])


_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20


def seen_at(form: Mapping[str, str]) -> datetime | None:
    """When the form that is sent was shown; None for one that does not say it."""
    try:
        found = datetime.fromisoformat(form.get(SEEN, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _page(seen: Seen, locale: str, status: int = 200) -> web.Response:
    nonce = new_nonce()
    shown = Shown(
        seen.incident,
        seen.service,
        seen.team,
        seen.name,
        seen.is_expired,
        has_declined=seen.has_declined,
        is_nobody_left=seen.is_nobody_left,
        may_decline=seen.may_decline,
        seen_at=seen.at.isoformat(),
        main=seen.main,
    )
    is_late = seen.is_expired and seen.incident.is_open
    return answer(pages.acknowledge(shown, seen.locale or locale, nonce), nonce, 410 if is_late else status)


def new_nonce() -> str:
    return secrets.token_urlsafe(12)


def answer(html: str, nonce: str, status: int) -> web.Response:
    """A page that loads nothing, is framed by nobody, tells nobody where it was read and is found by no search."""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)
