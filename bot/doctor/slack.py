"""Slack: both tokens, and the scopes that the bot's was granted."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.findings import Check, Finding, Shared, Verdict
from bot.scopes import SCOPES
from bot.settings import Settings
from domain.errors import VigieError

AREA = "Slack"
BOT, APP = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
_BOT_PLACE = 'the app\'s "OAuth & Permissions" page, "Bot User OAuth Token" (xoxb-…)'
_APP_PLACE = 'the app\'s "Basic Information" page, "App-Level Tokens", scope connections:write (xapp-…)'
_REINSTALL = '"Reinstall to Workspace" on the app\'s "OAuth & Permissions" page'
_REMEDIES = {
    "account_inactive": f"The app was removed from the workspace or its user deactivated: {_REINSTALL}.",
    "token_revoked": f"The token was revoked: {_REINSTALL}, and copy the new one.",
    "token_expired": "Token rotation is on for this app: make it anew from the manifest in docs/slack.md, without it.",
    "missing_scope": f"The app-level token has no connections:write: make one that has it on {_APP_PLACE}.",
    "ratelimited": "Slack is rate limiting this token: try again in a minute.",
}
_APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
"""An app-level token says whose it is."""
_AWAY = "Is slack.com reachable from here (DNS, firewall, proxy)? A SLACK_API_URL of your own must end in /api/."


class SlackSaysNo(VigieError):
    """Slack refused a call, or did not answer. `code` is its name for the reason, "" when there was no answer."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Slack:
    """Calls of the Web API, and the checks of both tokens."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._bot, self._app = settings.slack_bot_token, settings.slack_app_token
        self._client = AsyncWebClient(
            token=self._bot, base_url=settings.slack_api_url, session=session, retry_handlers=[]
        )
        self._identity = Shared(self._ask_identity)

    @property
    def checks(self) -> list[Check]:
        return [Check(AREA, check) for check in (self.bot_token, self.app_token, self.one_app, self.scopes)]

    async def close(self) -> None:
        await self._identity.close()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a GET of `method`. Raises SlackSaysNo."""
        return (await self._answer(method, params=arguments))[0]

    async def is_known(self) -> bool:
        """Whether Slack takes the bot token: without that nothing else can be looked at."""
        if self._fault_of_prefix(BOT, self._bot):
            return False
        try:
            await self._identity.get()
        except SlackSaysNo:
            return False
        return True

    async def bot_token(self) -> Finding:
        """Who the bot token is."""
        if fault := self._fault_of_prefix(BOT, self._bot):
            return fault
        try:
            answer, _ = await self._identity.get()
        except SlackSaysNo as error:
            return refusal(error, BOT, _BOT_PLACE)
        if not answer.get("bot_id"):
            return _wrong(f"{BOT} is a person's token and not the bot's", f"Copy it from {_BOT_PLACE}.")
        return Finding(AREA, Verdict.OK, f"{BOT} is @{answer.get('user')} in the workspace {answer.get('team')}")

    async def app_token(self) -> Finding | None:
        """Whether the app-level token opens a Socket Mode connection; none is opened."""
        if self._is_swapped:
            return None
        if fault := self._fault_of_prefix(APP, self._app):
            return fault
        try:
            await self._answer("apps.connections.open", token=self._app)
        except SlackSaysNo as error:
            return refusal(error, APP, _APP_PLACE)
        return Finding(AREA, Verdict.OK, f"{APP} opens Socket Mode connections")

    async def one_app(self) -> Finding | None:
        """Whether both tokens are of one app: on another's connection nothing comes that people press."""
        of_sockets = _APP_ID.match(self._app)
        if not of_sockets or not await self.is_known():
            return None
        answer, _ = await self._identity.get()
        try:
            bot = (await self.call("bots.info", bot=answer.get("bot_id"))).get("bot") or {}
        except SlackSaysNo:
            # A scope that is missing, or a Slack that has no such call: what is wrong is said elsewhere.
            return None
        if bot.get("app_id") in (None, of_sockets[1]):
            return None
        what = f"{APP} is of the app {of_sockets[1]}, {BOT} of {bot['app_id']}: no button and no command comes here"
        return _wrong(what, f"Take both from one app: {APP} is on {_APP_PLACE}.")

    async def scopes(self) -> Finding | None:
        """Whether the bot token carries every scope that Vigie uses."""
        if not await self.is_known():
            return None
        _, granted = await self._identity.get()
        if granted is None:
            what = "this Slack does not say which scopes the bot token has"
            return Finding(AREA, Verdict.WARNING, what, "Slack itself does; compare the app with docs/slack.md.")
        missing = [scope for scope in SCOPES if scope not in granted]
        if not missing:
            return Finding(AREA, Verdict.OK, f"all {len(SCOPES)} scopes are granted")
        lines = [f"{scope}: without it {SCOPES[scope]}." for scope in missing]
        how = f'Add {_listed(missing)} to "Bot Token Scopes" and press {_REINSTALL}.'
        return _wrong(f"the bot token lacks {_listed(missing)}", "\n".join([*lines, how]))

    @property
    def _is_swapped(self) -> bool:
        return self._bot.startswith("xapp-") and self._app.startswith("xoxb-")

    def _fault_of_prefix(self, name: str, token: str) -> Finding | None:
        """What a token's first letters say before anybody is asked."""
        place = _BOT_PLACE if name == BOT else _APP_PLACE
        if not token:
            return _wrong(f"{name} is not set", f"It is on {place}; docs/slack.md tells how to make the app.")
        if len(token.split()) > 1 or token != token.strip():
            return _wrong(f"{name} has a blank or a line break in it", "Set it again, the token alone.")
        if self._is_swapped:
            return _wrong(f"{BOT} and {APP} are swapped", f"xoxb-… is {BOT}, xapp-… is {APP}.")
        if token.startswith("xapp-" if name == BOT else "xoxb-"):
            other = "app-level token" if name == BOT else "bot token"
            return _wrong(f"{name} holds the {other}", f"The right one is on {place}.")
        return None

    async def _ask_identity(self) -> tuple[dict[str, Any], frozenset[str] | None]:
        """Who the bot token is, and its scopes if Slack says them."""
        answer, scopes = await self._answer("auth.test")
        granted = frozenset(part.strip() for part in scopes.split(",")) if scopes is not None else None
        return answer, granted

    async def _answer(
        self, method: str, token: str = "", params: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], str | None]:
        """What Slack answers, and the scopes it names beside it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        verb = "GET" if params is not None else "POST"
        try:
            answer = await self._client.api_call(method, http_verb=verb, params=params or {}, headers=headers)
        except SlackApiError as error:
            raise _said_no(method, error) from None
        except (aiohttp.ClientError, SlackClientError, OSError) as error:
            raise SlackSaysNo(f"Slack can't be reached: {str(error) or type(error).__name__}") from None
        found = answer.data if isinstance(answer.data, dict) else {}
        return found, answer.headers.get("x-oauth-scopes")


def refusal(error: SlackSaysNo, name: str, place: str) -> Finding:
    """What a refused token means."""
    if not error.code:
        return _wrong(f"{name} could not be tried: {error}", _AWAY)
    remedy = _REMEDIES.get(error.code, f"Copy it again from {place}.")
    if error.code == "ratelimited":
        return Finding(AREA, Verdict.WARNING, f"{name} could not be tried: {error}", remedy)
    return _wrong(f"{name}: {error}", remedy)


def _wrong(what: str, remedy: str) -> Finding:
    return Finding(AREA, Verdict.ERROR, what, remedy)


def _said_no(method: str, error: SlackApiError) -> SlackSaysNo:
    answer = error.response
    found = answer.data if isinstance(getattr(answer, "data", None), dict) else {}
    code = str(found.get("error") or "")
    if not code:
        return SlackSaysNo(f"Slack answers {method} with HTTP {getattr(answer, 'status_code', '?')}")
    needed = found.get("needed")
    return SlackSaysNo(f"Slack refuses {method}: {code}{f' (needs {needed})' if needed else ''}", code)


def _listed(names: list[str]) -> str:
    return ", ".join(names)
