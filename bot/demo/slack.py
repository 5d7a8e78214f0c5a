"""Slack on loopback: Web API, Socket Mode, response URLs and uploads behind one port, as strict as Slack."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from aiohttp import web

from bot.demo import responses
from bot.demo.arguments import Arguments, read_arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import SlackError
from bot.demo.faults import Faults, OutageMode, Planned
from bot.demo.interactions import ResponseUrls, Triggers
from bot.demo.member import Member
from bot.demo.methods import METHODS
from bot.demo.methods_base import Method
from bot.demo.methods_files import private_file, receive_upload
from bot.demo.rates import RateLimiter, RateLimits
from bot.demo.records import Call
from bot.demo.sockets import SocketHub
from bot.demo.workspace import Workspace


class SlackServer:
    """The far side of the network for a bot under test or on show."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_token: str = "xoxb-double",
        app_token: str = "xapp-double",
        scopes: Collection[str] | None = None,
        events: Collection[str] = ("app_home_opened",),
        now: Callable[[], float] = time.monotonic,
        host: str = "127.0.0.1",
        port: int = 0,
        ack_timeout: float = 3.0,
        retry_delays: tuple[float, ...] = (0.1, 1.0, 5.0),
        trigger_lifetime: float = 3.0,
        rates: RateLimits | None = None,
    ) -> None:
        self.workspace = workspace
        self.bot_token = bot_token
        self.app_token = app_token
        self.events = frozenset(events)
        self.host = host
        self.port = port
        self.sockets = SocketHub(
            workspace.app_id, ack_timeout=ack_timeout, retry_delays=retry_delays, now=time.monotonic
        )
        self.backend = Backend(
            workspace,
            self.sockets,
            Triggers(now, trigger_lifetime),
            ResponseUrls(now),
            now,
            scopes,
        )
        self.faults = Faults()
        self.limiter = RateLimiter(rates or RateLimits(), now)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # -- life ----------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Where the server listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """The base_url for a Slack client."""
        return f"{self.base_url}/api/"

    async def start(self) -> None:
        """Listen; with port 0 a free one is taken and kept."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self._link)
        app.router.add_post("/response/{key}", self._response)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        assert self._runner is not None, "start() comes first"
        self._site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await self._site.start()
        self.port = int(self._runner.addresses[0][1])
        self.backend.base_url = self.base_url

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        self.faults.end()
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def member(self, name: str) -> Member:
        """A person of the workspace who can act in it, by name or id."""
        return Member(self.backend, self.workspace.user(name), self.events)

    # -- bad days ------------------------------------------------------------------------------------

    async def go_down(self, mode: OutageMode = "http500", *, sockets: bool = False) -> None:
        """Slack is out: errors, no connection at all, or silence; with `sockets` the open links break too."""
        self.faults.begin(mode)
        if mode == "refuse" and self._site is not None:
            await self._site.stop()
            self._site = None
        if sockets:
            self.sockets.drop()

    async def come_back(self) -> None:
        """The outage is over."""
        self.faults.end()
        if self._site is None:
            await self._listen()

    def fail_next(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of a method with an error of Slack's."""
        self.faults.plan(method, Planned(error=error), times)

    def rate_limit_next(self, method: str, retry_after: int, times: int = 1) -> None:
        """Answer the next calls of a method with 429."""
        self.faults.plan(method, Planned(retry_after=retry_after), times)

    def lose_answer_next(self, method: str, times: int = 1) -> None:
        """Do what the next calls ask, then cut the line: the app can't know."""
        self.faults.plan(method, Planned(lose_answer=True), times)

    def stop_after(self, calls: int) -> None:
        """Do what the next `calls` ask, lose the answer to the last of them, and then answer nothing."""
        self.faults.stop_after(calls)

    def delay(self, method: str, seconds: float) -> None:
        """Make a method slow ("*" for all of them); 0 ends it."""
        self.faults.delay(method, seconds)

    # -- the Web API ---------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        outage = await self._outage(request)
        if outage is not None:
            down: JSON = {"ok": False, "error": "outage"}
            call = Call(name, {}, down, self.backend.now(), status=outage.status, injected=True)
            self.workspace.record(call)
            return outage
        await self.faults.wait(name)
        try:
            args = await read_arguments(request)
        except SlackError as error:
            return self._answer(name, Arguments({}), error.to_json())
        planned = self.faults.take(name, args.text("channel"))
        if planned is not None and planned.retry_after is not None:
            return self._too_many(name, args, planned.retry_after, injected=True)
        if planned is not None and planned.error is not None:
            if planned.accept:
                await self._call(request, name, args)
            return self._answer(name, args, {"ok": False, "error": planned.error}, injected=True)
        response = await self._call(request, name, args)
        if self.faults.is_last() or (planned is not None and planned.lose_answer):
            _cut(request)
        return response

    async def _outage(self, request: web.Request) -> web.Response | None:
        match self.faults.outage:
            case "http500":
                return web.Response(status=500, text="Internal Server Error")
            case "refuse":
                _cut(request)
                return web.Response(status=503)
            case "hang":
                await self.faults.hang()
                _cut(request)
                return web.Response(status=503)
        return None

    async def _call(self, request: web.Request, name: str, args: Arguments) -> web.Response:
        try:
            method = self._permitted(request, name, args)
            wait = self.limiter.retry_after(name, method.tier, self._channel_id(args.text("channel")))
            if wait is not None:
                return self._too_many(name, args, wait)
            body = {"ok": True, **await method.handler(self.backend, args)}
        except SlackError as error:
            body = error.to_json()
        return self._answer(name, args, body)

    def _channel_id(self, name: str) -> str:
        """One name for a channel however it is addressed, so that its allowance can't be had twice."""
        if name in self.workspace.users:
            return self.workspace.direct_channel(name).id
        channel = self.workspace.find_channel(name)
        return channel.id if channel else name

    def _permitted(self, request: web.Request, name: str, args: Arguments) -> Method:
        """The method, if this token may call it."""
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or args.text("token")
        args.values.pop("token", None)
        if method.token is not None:
            self._check_token(method, token)
        if method.token == "bot" and not self._scope_granted(method):
            granted = ",".join(sorted(self.backend.scopes or ()))
            raise SlackError("missing_scope", needed=",".join(method.scopes), provided=granted)
        return method

    def _check_token(self, method: Method, token: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if token not in (self.bot_token, self.app_token):
            raise SlackError("invalid_auth")
        if token != (self.bot_token if method.token == "bot" else self.app_token):
            raise SlackError("not_allowed_token_type")

    def _scope_granted(self, method: Method) -> bool:
        return not method.scopes or any(self.backend.has_scope(scope) for scope in method.scopes)

    def _answer(self, name: str, args: Arguments, body: JSON, *, injected: bool = False) -> web.Response:
        body.setdefault("ok", True)
        self.workspace.record(Call(name, args.values, body, self.backend.now(), injected=injected))
        return web.json_response(body, headers=self._scopes_of(name))

    def _scopes_of(self, name: str) -> dict[str, str]:
        """What Slack says of the bot token's rights beside each of its answers, when the double was given them."""
        method = METHODS.get(name)
        if self.backend.scopes is None or method is None or method.token != "bot":
            return {}
        return {"X-OAuth-Scopes": ",".join(sorted(self.backend.scopes))}

    def _too_many(self, name: str, args: Arguments, wait: int, *, injected: bool = False) -> web.Response:
        body: JSON = {"ok": False, "error": "ratelimited"}
        call = Call(name, args.values, body, self.backend.now(), status=429, injected=injected)
        self.workspace.record(call)
        return web.json_response(body, status=429, headers={"Retry-After": str(wait)})

    # -- what is not the Web API ---------------------------------------------------------------------

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if self.faults.outage is not None:
            return web.Response(status=503)
        return await self.sockets.serve(request)

    async def _response(self, request: web.Request) -> web.Response:
        outage = await self._outage(request)
        if outage is not None:
            return outage
        args, status = Arguments({}), 200
        try:
            args = await read_arguments(request)
            body: JSON = {"ok": True, **responses.respond(self.backend, request.match_info["key"], args)}
        except SlackError as error:
            body, status = error.to_json(), 404 if error.error.endswith("_url") else 400
        self.workspace.record(Call("response_url", args.values, body, self.backend.now(), status=status))
        return web.json_response(body, status=status)

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        try:
            receive_upload(self.backend, request.match_info["file"], content)
        except SlackError as error:
            return web.Response(status=400, text=error.error)
        return web.Response(text=f"OK - {len(content)}")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        outage = await self._outage(request)
        if outage is not None:
            return outage
        known = request.headers.get("Authorization", "") == f"Bearer {self.bot_token}"
        content = private_file(self.backend, request.match_info["file"]) if known else None
        if content is None:
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        return web.Response(body=content, content_type="text/plain")


def _cut(request: web.Request) -> None:
    """Break the connection under a request."""
    if request.transport is not None:
        request.transport.close()
