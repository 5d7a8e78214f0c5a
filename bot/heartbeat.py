"""A sign of life to a dead man's switch: sent while Vigie is able to page, missed when it is not."""

from __future__ import annotations

import logging

import aiohttp

from bot.readiness import Readiness

log = logging.getLogger(__name__)

EVERY_SECONDS = 60


class Heartbeat:
    """Fetches `url` as long as every check of `readiness` passes."""

    def __init__(self, url: str, readiness: Readiness, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._readiness = readiness
        self._session = session

    async def beat(self) -> None:
        """One sign of life, or a line in the log that says why there is none."""
        checks = await self._readiness.check()
        wrong = [f"{name}: {check.detail}" for name, check in checks.items() if not check.ok]
        if wrong:
            log.error("no heartbeat: %s", "; ".join(wrong))
            return
        try:
            async with self._session.get(self._url) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("the heartbeat's address did not take it: %s", error)
