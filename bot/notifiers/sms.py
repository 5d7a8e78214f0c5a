"""SMS through OVH (api-sms-cookbook; OpenAPI of eu.api.ovh.com/1.0/sms.json)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.notifiers.base import SMS_CONNECTIONS, Fate, Incoming, Receipt, Sms, at_once
from bot.notifiers.ovh_api import OvhApi, OvhNotFound
from bot.notifiers.ovh_session import READ_SECONDS
from domain.errors import DeliveryError

_LONG_TURN_SECONDS = 0.5
_NEWEST_JOBS = 20
"""How many SMS that wait at OVH are looked into for one of ours, which leave at once: others of the account may have
hundreds that wait for a date, and OVH takes some 60 calls a minute."""
_VALIDITY_MINUTES = 240
"""After four hours a page is worth less than the confusion it makes; OVH's default is two days."""


@dataclass(frozen=True, slots=True)
class OvhCredential:
    """What OVH says of the keys in use: `status` is `validated` when they are good."""

    status: str
    rules: tuple[tuple[str, str], ...]
    """(method, path) of the calls allowed; a star in a path stands for anything."""
    expiration: str = ""
    """OVH's ISO 8601 time; empty for never."""


class OvhSms:
    """A `Notifier[Sms]`. OVH has no idempotency key: after an ambiguous error, ask `lookup` first."""

    def __init__(
        self,
        endpoint: str,
        application_key: str,
        application_secret: str,
        consumer_key: str,
        service: str,
        sender: str = "",
        validity_minutes: int = _VALIDITY_MINUTES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """`sender` is a name validated at OVH; without one, a short number that can be answered sends.

        `read_seconds` is how long OVH may be silent in an answer.
        """
        if not service:
            raise ValueError("OVH needs the name of the SMS service")
        self._api = OvhApi(endpoint, application_key, application_secret, consumer_key, read_seconds=read_seconds)
        self._path = f"/sms/{quote(service, safe='')}"
        self._sender = sender
        self._common = _common_fields(sender, validity_minutes)
        # As many as there are connections: who waits for one here can be asked whether it is still wanted.
        self._turns = asyncio.Semaphore(SMS_CONNECTIONS)

    async def send(self, message: Sms, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        asked_at = asyncio.get_running_loop().time()
        async with self._turns:
            # OVH may be asked for its time first.
            await self._api.warm_up()
            if asyncio.get_running_loop().time() - asked_at > _LONG_TURN_SECONDS:
                await ready()
            answer = await self._api.post(
                f"{self._path}/jobs",
                {"message": message.text, "receivers": [message.to], "tag": message.tag, **self._common},
            )
        return _receipt(answer, message.to)

    async def lookup(self, tag: str) -> Receipt | None:
        """The SMS sent or queued under `tag`, to know whether a send whose answer was lost went out.

        A job leaves /jobs when its record appears in /outgoing, so /jobs is listed first and /outgoing is
        read again if one left meanwhile: a message on its way is not missed, unless so many came after it that OVH
        would rather be asked no more.
        """
        pending = _numbers(await self._api.get(f"{self._path}/jobs"))
        if found := await self._outgoing(tag):
            return found
        for number in pending[:_NEWEST_JOBS]:
            job = await self._job(number)
            if job is None:
                if found := await self._outgoing(tag):
                    return found
            elif job.get("tag") == tag:
                return Receipt(str(number), "pending")
        return None

    async def fate(self, tag: str) -> Fate:
        """Whether the phone got the SMS sent under `tag`, or why it will not. Of several, one that arrived counts."""
        numbers = _numbers(await self._api.get(f"{self._path}/outgoing", tag=tag))
        fates = [await self._fate_of(number) for number in numbers]
        arrived = [fate for fate in fates if fate.delivered_at]
        unknown = [fate for fate in fates if not fate.failure]
        return next(iter([*arrived, *unknown, *fates]), Fate())

    @property
    def can_be_answered(self) -> bool:
        """A short number can, and a number of one's own; a name can't."""
        return not self._sender or self._sender.removeprefix("+").isdigit()

    async def incoming(self, since: datetime) -> list[str]:
        """The ids of the SMS that came in since a moment of the world's time."""
        moment = since.isoformat(timespec="seconds")
        numbers = await self._api.get(f"{self._path}/incoming", **{"creationDatetime.from": moment})
        return [str(number) for number in numbers or ()]

    async def read(self, identity: str) -> Incoming | None:
        """One SMS that came in; None when it is gone."""
        try:
            record = await self._api.get(f"{self._path}/incoming/{quote(identity, safe='')}")
        except OvhNotFound:
            return None
        written_at = _moment(str(record.get("creationDatetime") or ""))
        return Incoming(
            identity, _number(str(record.get("sender") or "")), str(record.get("message") or ""), written_at
        )

    async def _fate_of(self, number: int) -> Fate:
        try:
            record = _record(await self._api.get(f"{self._path}/outgoing/{number}"))
        except OvhNotFound:
            return Fate()
        if record.get("deliveredAt"):
            return Fate(delivered_at=_moment(str(record["deliveredAt"])))
        return Fate(failure=await self._failure(record.get("ptt")))

    async def credits(self) -> float:
        """SMS credits left on the account."""
        return float((await self._api.get(self._path))["creditsLeft"])

    async def sender_status(self) -> str:
        """`enable` when OVH accepts the configured sender, or what it lacks; `enable` without a sender."""
        if not self._sender:
            return "enable"
        answer = await self._api.get(f"{self._path}/senders/{quote(self._sender, safe='')}")
        return str(answer["status"])

    async def credential(self) -> OvhCredential:
        """What the keys may do. Keys that are not validated yet may ask this too."""
        answer = await self._api.get("/auth/currentCredential")
        rules = tuple((str(rule["method"]), str(rule["path"])) for rule in answer.get("rules") or ())
        return OvhCredential(str(answer.get("status", "")), rules, str(answer.get("expiration") or ""))

    async def clock_delta(self) -> int:
        """How many seconds OVH's clock is ahead of ours."""
        return await self._api.clock_delta()

    async def warm_up(self) -> None:
        """Read OVH's clock and connect before the first page needs it."""
        await self._api.warm_up()

    async def close(self) -> None:
        await self._api.close()

    async def _outgoing(self, tag: str) -> Receipt | None:
        numbers = _numbers(await self._api.get(f"{self._path}/outgoing", tag=tag))
        return Receipt(str(numbers[0]), "sent") if numbers else None

    async def _job(self, number: int) -> dict[str, Any] | None:
        try:
            return _record(await self._api.get(f"{self._path}/jobs/{number}"))
        except OvhNotFound:
            return None

    async def _failure(self, ptt: object) -> str:
        """The network's word on a message not delivered; empty while that may still change."""
        if ptt is None:
            return ""
        try:
            meaning = _record(await self._api.get("/sms/ptts", ptt=str(ptt)))
        except OvhNotFound:
            return ""
        if meaning.get("duration") != "permanent":
            return ""
        return f"the phone's network refused it: {meaning.get('description') or f'code {ptt}'}"[:300]


def _common_fields(sender: str, validity_minutes: int) -> dict[str, object]:
    """What every SMS says. Without `noStopClause` OVH sends nothing at night (22-8) nor at weekends."""
    who: dict[str, object] = {"sender": sender} if sender else {"senderForResponse": True}
    return {
        **who,
        "noStopClause": True,
        "priority": "high",
        "charset": "UTF-8",
        "validityPeriod": validity_minutes,
    }


def _numbers(answer: Any) -> list[int]:
    """Ids of records, the newest first."""
    if answer is None:
        return []
    if not isinstance(answer, list) or not all(isinstance(one, int) for one in answer):
        raise DeliveryError("OVH's list of records can't be read", permanent=False)
    return sorted(answer, reverse=True)


def _record(answer: Any) -> dict[str, Any]:
    """One record. Raises DeliveryError for what is none, such as a gateway's `null`."""
    if not isinstance(answer, dict):
        raise DeliveryError("OVH's record can't be read", permanent=False)
    return answer


def _number(said: str) -> str:
    """A phone's number as the catalog has it; OVH may write 0033 for +33."""
    plain = "".join(said.split())
    return f"+{plain[2:]}" if plain.startswith("00") else plain


def _moment(said: str) -> datetime:
    """OVH's ISO 8601 time; one that can't be read is long ago, which still says that it arrived."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _receipt(answer: Any, number: str) -> Receipt:
    """OVH says 200 for a number it refuses too."""
    if not isinstance(answer, dict):
        raise DeliveryError("OVH's answer can't be read", permanent=False, ambiguous=True)
    if answer.get("invalidReceivers"):
        raise DeliveryError(f"OVH refused the number {number}", permanent=True)
    if not answer.get("ids"):
        raise DeliveryError("OVH took the request but sent no SMS", permanent=True)
    return Receipt(str(answer["ids"][0]), f"{answer.get('totalCreditsRemoved', 0)} credits")
