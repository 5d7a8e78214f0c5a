"""Telephones rung through OVH's click2Call (api.ovh.com, /telephony/{billingAccount}/line/{serviceName}/click2Call).

It rings a SIP line first and bridges it to the number then: nothing is spoken, no key is heard, and OVH never says what
became of it. Something must answer the line.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.notifiers.base import Call, Receipt
from bot.notifiers.ovh_api import OvhApi
from bot.notifiers.ovh_session import READ_SECONDS


class OvhCalls:
    """A `CallNotifier` that rings, and no more. After an answer that is lost it rings again: better twice than not."""

    rings_only = True

    def __init__(
        self,
        endpoint: str,
        application_key: str,
        application_secret: str,
        consumer_key: str,
        billing_account: str,
        line: str,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """`line` is the SIP line that rings first, such as 0033972000000; `billing_account` is whose it is."""
        self._api = OvhApi(endpoint, application_key, application_secret, consumer_key, read_seconds=read_seconds)
        self._path = f"/telephony/{quote(billing_account, safe='')}/line/{quote(line, safe='')}"

    async def send(self, message: Call) -> Receipt:
        await self._api.post(f"{self._path}/click2Call", {"calledNumber": dialled(message.to)})
        return Receipt(message.id, "rings only")

    async def check(self) -> str:
        """The line's description at OVH, "" when it has none. Raises DeliveryError."""
        line = await self._api.get(self._path)
        return str((line or {}).get("description") or "")

    async def close(self) -> None:
        await self._api.close()


def dialled(number: str) -> str:
    """A number as OVH's telephony writes it: +33… is 0033…"""
    return f"00{number[1:]}" if number.startswith("+") else number
