"""A sign of life to a dead man's switch: sent while Vigie is able to page, missed when it is not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import aiohttp

from bot.notifiers.destinations import Destinations, is_inside
from bot.readiness import Readiness

log = logging.getLogger(__name__)

EVERY_SECONDS = 60
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Heartbeat:
    """Fetches `url` as long as every check of `readiness` passes and nothing worries.

    The address is whoever runs Vigie's own word, so it may be inside the network; where it redirects is not followed.
    It is as good as a password and stands in no log.
    """

    def __init__(self, url: str, readiness: Readiness, worries: Callable[[], Sequence[str]]) -> None:
        self._url = url
        self._worries = worries
        self._readiness = readiness
        self._destinations = Destinations(is_private_allowed=True, schemes=("http", "https"))

    async def beat(self) -> None:
        """One sign of life, or a line in the log that says why there is none."""
        checks = await self._readiness.check()
        wrong = [f"{name}: {check.detail}" for name, check in checks.items() if not check.ok]
        wrong += self._worries()
        if wrong:
            log.error("no heartbeat: %s", "; ".join(wrong))
            return
        if reason := await self._fetch():
            log.warning("HEARTBEAT_URL did not take the sign of life: %s", reason)

    async def _fetch(self) -> str:
        """Why the sign of life was not taken; empty when it was."""
        try:
            async with (
                self._destinations.session(_TIMEOUT, is_kept_open=False) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):
                return "" if answer.status < 300 else f"it answers {answer.status} {answer.reason}"
        except TimeoutError:
            return f"no answer within {_TIMEOUT.total:.0f} s"
        except (aiohttp.ClientError, OSError) as error:
            return "no such address may be called" if is_inside(error) else type(error).__name__
