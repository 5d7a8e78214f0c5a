"""Slack, OVH and SMTP in a process of their own, driven over a pipe of lines: `python -m bench.doubles`.

It prints its settings as JSON, then answers one JSON line to each command line: `sms` (arrival times of all SMS, epoch
seconds), `texts` (with whom they went to), `clicks N` (Acknowledge pressed on N cards, with the milliseconds until
Slack had its answer), `messages` (how many are in the channel).
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bot.demo.outside import Outside
from bot.demo.records import Message
from bot.notifiers.base import Sms
from bot.notifiers.sms import OvhSms


async def main() -> None:
    outside = Outside()
    await outside.start()
    await _warmed(outside)
    _say(outside.environment())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        _say(await _answer(outside, line))
    await outside.stop()


async def _warmed(outside: Outside) -> None:
    """What is measured is how late Vigie is, and not how long a double takes over its first SMS."""
    said = outside.environment()
    keys = (said["OVH_APPLICATION_KEY"], said["OVH_APPLICATION_SECRET"], said["OVH_CONSUMER_KEY"])
    sms = OvhSms(said["OVH_ENDPOINT"], *keys, said["OVH_SMS_SERVICE"], said["OVH_SMS_SENDER"])
    await sms.send(Sms("+33600000000", "warm", "warm"))
    await sms.close()
    outside.ovh.inbox.messages.clear()


async def _answer(outside: Outside, line: list[str]) -> Any:
    match line[0]:
        case "sms":
            return [sms.at.timestamp() for sms in outside.ovh.inbox.messages]
        case "texts":
            return [{"to": sms.to, "at": sms.at.timestamp()} for sms in outside.ovh.inbox.messages]
        case "messages":
            return len(outside.workspace.messages_in("sre-incidents"))
        case "clicks":
            return await _clicks(outside, int(line[1]))
        case unknown:
            raise SystemExit(f"unknown: {unknown}")


async def _clicks(outside: Outside, count: int) -> list[float]:
    john, before = outside.slack.member("john"), len(outside.slack.sockets.ack_latencies)
    for card in _cards(outside)[:count]:
        await john.click(card, "Acknowledge")
        await asyncio.sleep(0.02)
    return [seconds * 1000 for seconds in outside.slack.sockets.ack_latencies[before:]]


def _cards(outside: Outside) -> list[Message]:
    messages = outside.workspace.messages_in("sre-incidents")
    return [message for message in messages if "Acknowledge" in message.buttons]


def _say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
