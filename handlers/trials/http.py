"""`/t/{signed}`: GET shows a page with one button, only POST confirms, since mail scanners follow links."""

from __future__ import annotations

from aiohttp import web

from blocks import trials as looks
from domain.errors import NotFound
from handlers.links.http import answer, new_nonce
from handlers.links.signing import TRIALS_PATH, Links
from handlers.trials.service import Seen, TrialService


def routes(trials: TrialService, links: Links, locale: str) -> list[web.RouteDef]:
    """The page and its button; `locale` is the installation's, for readers that have none."""

    async def act(request: web.Request) -> web.Response:
        trial, nonce = links.read(request.match_info["signed"]), new_nonce()
        try:
            if trial is None:
                raise NotFound("this is a test of another time")
            seen = await (trials.confirm(trial) if request.method == "POST" else trials.look(trial))
        except NotFound:
            return answer(looks.gone(locale, nonce), nonce, 404)
        return answer(_page(seen, locale, nonce), nonce, 200)

    path = f"{TRIALS_PATH}{{signed:[A-Za-z0-9._-]{{1,100}}}}"
    return [web.get(path, act), web.post(path, act)]


def _page(seen: Seen, locale: str, nonce: str) -> str:
    return looks.page(seen.trial, seen.person.name, seen.locale or locale, nonce)
