"""Vigie's own house: settings that are wrong, its clock, its links, and who notices when it dies."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.doctor.findings import Check, Finding, Verdict
from bot.settings import Settings

AREA = "Vigie"
_HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


class House:
    """The checks that need nobody else."""

    def __init__(self, settings: Settings, wrong: Mapping[str, str]) -> None:
        """`wrong` is what `settings.survey` found: each setting's name and what is wrong with it."""
        self._settings = settings
        self._wrong = wrong

    @property
    def checks(self) -> list[Check]:
        return [Check(AREA, check) for check in (self.values, self.clock, self.links, self.secret, self.heartbeat)]

    async def values(self) -> Finding | None:
        """Settings whose value can't be."""
        if not self._wrong:
            return None
        lines = [f"{name}: {reason}." for name, reason in self._wrong.items()]
        what = f"{len(lines)} wrong setting{'s' if len(lines) > 1 else ''}: Vigie does not start"
        return Finding(AREA, Verdict.ERROR, what, "\n".join(lines))

    async def clock(self) -> Finding | None:
        """Whether time runs as the world's does."""
        speed = self._settings.clock_speed
        if "CLOCK_SPEED" in self._wrong:
            return None
        if speed == 1:
            return Finding(AREA, Verdict.OK, "time runs as fast as the world's")
        pace = f"{speed:g} times too fast" if speed > 1 else f"{1 / speed:g} times too slow"
        what = f"time runs {pace}: steps of a policy come at the wrong minute"
        return Finding(AREA, Verdict.ERROR, what, "Take CLOCK_SPEED away: it is for drills and tests.")

    async def links(self) -> Finding | None:
        """Whether messages can link to this Vigie."""
        address = self._settings.public_url
        if "PUBLIC_URL" in self._wrong:
            return None
        if not address:
            what = "PUBLIC_URL is not set: SMS and e-mails have no link to acknowledge by"
            return Finding(AREA, Verdict.WARNING, what, "Set it to the https:// address that phones reach Vigie by.")
        parts = urlsplit(address)
        if parts.scheme != "https":
            what = f"links to {address} are not encrypted: whoever reads along can acknowledge"
            return Finding(AREA, Verdict.WARNING, what, "Put Vigie behind https:// and say so in PUBLIC_URL.")
        return Finding(AREA, Verdict.OK, f"links go to {address}")

    async def secret(self) -> Finding | None:
        """Whether links can be signed."""
        secret = self._settings.secret_key
        if "SECRET_KEY" in self._wrong:
            return None
        remedy = f"Set SECRET_KEY to what this prints: {_HOW_TO_MAKE_ONE}"
        if not secret:
            what = "SECRET_KEY is not set: links can't be signed"
            return Finding(AREA, Verdict.WARNING, what, remedy)
        return Finding(AREA, Verdict.OK, "SECRET_KEY is set")

    async def heartbeat(self) -> Finding | None:
        """Whether anybody notices that Vigie itself is gone. It is not tried: a sign of life is Vigie's to give."""
        address = self._settings.heartbeat_url
        if "HEARTBEAT_URL" in self._wrong:
            return None
        if address:
            return Finding(AREA, Verdict.OK, f"signs of life go to {urlsplit(address).hostname} (not tried)")
        what = "HEARTBEAT_URL is not set: nobody notices if Vigie itself dies"
        remedy = "Set it to the address of a dead man's switch, on other machines than Vigie's, that pages you."
        return Finding(AREA, Verdict.WARNING, what, remedy)
