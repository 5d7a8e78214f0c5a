"""`/p/{signed}`: where a voice gateway says what became of a call. The address names the call, the signature who says
it; docs/phone.md describes both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from blocks import telephone as looks
from domain.errors import Fault, Invalid, NotFound
from domain.telephone import LOST, CallState, Key
from handlers.alerts import signatures
from handlers.bodies import parse_object
from handlers.links.signing import CALL_TRIALS_PATH, CALLS_PATH, Links
from handlers.telephone.service import TelephoneService
from handlers.trials.service import TrialService

_MOST_BYTES = 16 * 1024
_NAME = "{signed:[A-Za-z0-9._-]{1,100}}"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Who may say something here: `secrets` are those that are signed with, `now` the world's time."""

    secrets: tuple[str, ...]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Said:
    """What a gateway says: a key that was pressed, or ("") what became of the call."""

    state: CallState
    key: str


def routes(
    calls: TelephoneService, trials: TrialService, links: Links, gateway: Gateway, locale: str
) -> list[web.RouteDef]:
    """The addresses of calls, and of calls that people try out; `locale` is the installation's."""

    async def wanted(request: web.Request) -> web.Response:
        await _body(request, gateway)
        return web.json_response({"wanted": await calls.is_wanted(_named(request, links.of_calls))})

    async def told(request: web.Request) -> web.Response:
        said = _said(await _body(request, gateway))
        call = _named(request, links.of_calls)
        if not said.key:
            await calls.note(call, said.state)
            return web.json_response({"status": said.state.value, "say": ""})
        heard = await calls.press(call, said.key)
        words = looks.reply(heard.answered, heard.incident, heard.locale or locale)
        return web.json_response({"status": heard.answered.value, "say": words})

    async def tried(request: web.Request) -> web.Response:
        said = _said(await _body(request, gateway))
        trial = _named(request, links.of_call_trials)
        if said.key:
            return await _confirmed(trials, trial, said.key, locale)
        if said.state in LOST:
            await trials.lose(trial, LOST[said.state])
        return web.json_response({"status": said.state.value, "say": ""})

    return [
        web.post(f"{CALL_TRIALS_PATH}{_NAME}", tried),
        web.get(f"{CALLS_PATH}{_NAME}", wanted, allow_head=False),
        web.post(f"{CALLS_PATH}{_NAME}", told),
    ]


async def _confirmed(trials: TrialService, trial: str, key: str, locale: str) -> web.Response:
    seen = await (trials.confirm(trial) if key == Key.ACKNOWLEDGE else trials.look(trial))
    is_done = key == Key.ACKNOWLEDGE
    words = looks.test_reply(seen.locale or locale, is_confirmed=is_done)
    return web.json_response({"status": "confirmed" if is_done else "unknown_key", "say": words})


async def _body(request: web.Request, gateway: Gateway) -> bytes:
    """The body, once its signature is known to be the gateway's. Raises Unauthorized, Invalid."""
    # Read to its end: a body comes in as many pieces as the network likes.
    body = await request.read()
    if len(body) > _MOST_BYTES:
        raise Invalid([Fault("", f"the body is longer than {_MOST_BYTES} bytes")])
    signatures.check(signatures.voice(gateway.secrets), request.headers, body, gateway.now())
    return body


def _named(request: web.Request, links: Links) -> str:
    found = links.read(request.match_info["signed"])
    if found is None:
        raise NotFound("there is no such call")
    return found


def _said(body: bytes) -> Said:
    """What the body says. Raises Invalid naming what is wrong."""
    told: Any = parse_object(body)
    if not isinstance(told, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    event, key = told.get("event"), told.get("key", "")
    if event == "key":
        if not isinstance(key, str) or len(key) != 1:
            raise Invalid([Fault("key", 'must be the key that was pressed, such as "1"')])
        return Said(CallState.ANSWERED, key)
    states = [state.value for state in CallState if state is not CallState.RINGING]
    if event not in states:
        raise Invalid([Fault("event", f"must be one of key, {', '.join(states)}")])
    return Said(CallState(event), "")
