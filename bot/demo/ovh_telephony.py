"""OVH's telephony, small: click2Call, which rings, says nothing and tells nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from aiohttp import web

from bot.demo.ovh_rules import OvhError

_NUMBER = re.compile(r"00[1-9]\d{6,14}")


@dataclass
class Telephony:
    """One billing account with one SIP line. `rung` are the numbers that were called."""

    billing_account: str = "ab12345-ovh-1"
    line: str = "0033972000000"
    rung: list[str] = field(default_factory=list)

    def routes(self) -> list[web.RouteDef]:
        path = f"/1.0/telephony/{self.billing_account}/line/{self.line}"
        return [web.get(path, self._look), web.post(f"{path}/click2Call", self._call)]

    async def _look(self, _: web.Request) -> web.Response:
        return web.json_response({"serviceName": self.line, "description": "Vigie", "serviceType": "line"})

    async def _call(self, request: web.Request) -> web.Response:
        number = str(json.loads(await request.text()).get("calledNumber", ""))
        if not _NUMBER.fullmatch(number):
            raise OvhError(400, "INVALID_ARGUMENT", "Invalid parameter calledNumber")
        self.rung.append(number)
        return web.json_response(None)
