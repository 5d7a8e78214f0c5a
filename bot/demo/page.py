"""The demo's page: files, one WebSocket, and what the page may ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.demo.hands import Hands, Refused
from bot.demo.live import Live, call_json, mail_json, post_json, sms_json
from bot.demo.records import JSON
from bot.demo.scenarios import NAMES, Scenes, scenarios
from bot.demo.stage import HOST, Stage

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
SPEEDS = (1, 60)


class Page:
    """A web page on 127.0.0.1 that shows one stage and lets people act on it."""

    def __init__(self, stage: Stage, commands: list[JSON], shortcuts: list[JSON]) -> None:
        """`commands` and `shortcuts` are those of the app's manifest."""
        self._stage = stage
        self._offered: JSON = {"commands": commands, "shortcuts": shortcuts}
        self._hands = Hands(stage.outside.slack)
        self._scenes = Scenes(stage)
        self._live = Live(stage.outside.workspace, self._everything)
        self._runner: web.AppRunner | None = None
        self.port = 0
        self._turns: dict[str, Callable[[JSON], Awaitable[None]]] = {
            "clock": self._turn_clock,
            "scenario": self._play,
            "condition": self._set_condition,
            "call": self._answer_call,
            "reply": self._answer_sms,
        }
        self._replies: list[JSON] = []
        stage.outside.ovh.inbox.subscribe(lambda sms: self._live.tell(("sms", sms.reference), _sms(sms)))
        stage.outside.mail.inbox.subscribe(self._mail_came)
        stage.outside.voice.subscribe(lambda call: self._live.tell(("call", call.id), _call(call)))
        stage.outside.discord.subscribe(lambda post: self._live.tell(("post", post.reference), _post(post)))

    @property
    def address(self) -> str:
        """Where to point a browser."""
        return f"http://{HOST}:{self.port}"

    async def start(self, port: int) -> None:
        """Listen on `port`, on a free one for 0. Raises OSError when it is taken."""
        application = web.Application(middlewares=[_only_from_here])
        application.router.add_get("/", _index)
        application.router.add_get("/live", self._serve)
        application.router.add_get("/mail/{number:\\d+}", self._mail)
        application.router.add_static("/static/", STATIC)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every tab's connection and stop listening."""
        await self.drop_tabs()
        if self._runner is not None:
            await self._runner.cleanup()

    async def drop_tabs(self) -> None:
        """Cut every tab off, as a restart does."""
        await self._live.close()

    def _everything(self) -> JSON:
        outside, stage = self._stage.outside, self._stage
        return {
            "sms": [sms_json(sms) for sms in outside.ovh.inbox.messages],
            "mails": [mail_json(number, mail) for number, mail in enumerate(outside.mail.inbox.messages)],
            "replies": self._replies,
            "calls": [call_json(call) for call in outside.voice.inbox.messages],
            "posts": [post_json(post) for post in outside.discord.inbox.messages],
            "webhook": outside.discord.public_webhook,
            "people": [{"id": one.slack, "phone": one.phone, "email": one.email} for one in stage.people],
            "clock": self._clock(),
            "conditions": self._scenes.conditions,
            "scenarios": [{"name": name, "channel": scenarios(stage.language)[name].channel} for name in NAMES],
            "language": stage.language,
            "api": {"address": stage.address, "token": stage.token},
            **self._offered,
        }

    def _clock(self) -> JSON:
        clock = self._stage.clock
        return {"now": clock.now().timestamp(), "speed": clock.speed, "paused": clock.is_paused}

    # -- what the page asks for ----------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await self._live.serve(request, self._hear)

    async def _hear(self, wish: Any) -> JSON:
        try:
            turn = self._turns.get(str(wish.get("do")))
            if turn is None:
                return await self._hands.do(wish)
            await turn(wish)
        except Refused as refused:
            return {"refused": refused.reason}
        except (AttributeError, KeyError, StopIteration, TypeError, ValueError):
            return {"refused": "unknown"}
        return {}

    async def _turn_clock(self, wish: JSON) -> None:
        clock = self._stage.clock
        if "advance" in wish:
            clock.advance(timedelta(minutes=float(wish["advance"])))
        elif wish.get("paused"):
            clock.pause()
        else:
            clock.run(float(wish["speed"]))
        self._stage.app.worker.wake()
        self._live.tell("clock", {"type": "clock", "clock": self._clock()})

    async def _play(self, wish: JSON) -> None:
        await self._scenes.play(str(wish["name"]))
        self._tell_conditions()

    async def _set_condition(self, wish: JSON) -> None:
        await self._scenes.set_broken(str(wish["name"]), bool(wish["broken"]))
        self._tell_conditions()

    async def _answer_call(self, wish: JSON) -> None:
        """Somebody presses a key of a telephone that rings, or lets it ring in vain."""
        voice = self._stage.outside.voice
        call = next(one for one in voice.inbox.messages if one.id == str(wish["call"]))
        if wish.get("key"):
            await voice.press(call, str(wish["key"]))
        else:
            await voice.report(call, "no_answer" if call.state == "ringing" else "ended")

    async def _answer_sms(self, wish: JSON) -> None:
        """Somebody answers the SMS on their phone, and the answer is read at once: nobody waits here for the next
        look at the operator's."""
        number, text = str(wish["to"]), str(wish["text"]).strip()[:160]
        stage = self._stage
        if not text:
            return
        stage.outside.ovh.network.answer(number, text)
        reply = {"id": len(self._replies), "from": number, "text": text, "at": stage.clock.now().timestamp()}
        self._replies.append(reply)
        self._live.tell(("reply", reply["id"]), {"type": "reply", "reply": reply})
        await stage.app.use_cases.reading.read()
        stage.app.worker.wake()

    def _tell_conditions(self) -> None:
        self._live.tell("conditions", {"type": "conditions", "conditions": self._scenes.conditions})

    # -- mail ----------------------------------------------------------------------------------------

    def _mail_came(self, mail: Any) -> None:
        number = len(self._stage.outside.mail.inbox.messages) - 1
        self._live.tell(("mail", number), {"type": "mail", "mail": mail_json(number, mail)})

    async def _mail(self, request: web.Request) -> web.Response:
        mails = self._stage.outside.mail.inbox.messages
        number = int(request.match_info["number"])
        if number >= len(mails):
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": MAIL_POLICY}
        return web.Response(text=mails[number].html, content_type="text/html", headers=headers)


def _sms(sms: Any) -> JSON:
    return {"type": "sms", "sms": sms_json(sms)}


def _post(post: Any) -> JSON:
    return {"type": "post", "post": post_json(post)}


def _call(call: Any) -> JSON:
    return {"type": "call", "call": call_json(call)}


async def _index(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html")


@web.middleware
async def _only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Another site's page must neither read nor drive this one, whatever name it gives to 127.0.0.1."""
    host = request.host.rpartition(":")[0] or request.host
    origin = request.headers.get("Origin")
    if host not in (HOST, "localhost") or (origin is not None and origin != f"http://{request.host}"):
        raise web.HTTPForbidden
    answer = await handler(request)
    if not answer.prepared:
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
    return answer
