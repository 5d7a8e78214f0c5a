"""What this machine can do with pages: each claimed durably, signed, posted, its receipt durable, and nothing else.

`python -m bench.page_ceiling COUNT MOMENT`, with an OVH's settings in the environment: so many SMS, all due at MOMENT
(epoch seconds).
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time

from bench.ceiling import GroupCommit
from bot.notifiers.base import Sms
from bot.notifiers.sms import OvhSms

AT_ONCE = 200
"""As many as Vigie claims in one transaction."""


async def main(count: int, moment: float) -> None:
    said = os.environ
    keys = (said["OVH_APPLICATION_KEY"], said["OVH_APPLICATION_SECRET"], said["OVH_CONSUMER_KEY"])
    sms = OvhSms(said["OVH_ENDPOINT"], *keys, said["OVH_SMS_SERVICE"], said["OVH_SMS_SENDER"])
    await sms.warm_up()
    with tempfile.TemporaryDirectory() as folder:
        kept = GroupCommit(f"{folder}/pages.db")
        await asyncio.sleep(max(moment - time.time(), 0))
        async with asyncio.TaskGroup() as sending:
            for start in range(0, count, AT_ONCE):
                claimed = range(start, min(start + AT_ONCE, count))
                await asyncio.gather(*(kept.put((f"claim {number}", "")) for number in claimed))
                for number in claimed:
                    sending.create_task(_send(sms, kept, number))
    await sms.close()


async def _send(sms: OvhSms, kept: GroupCommit, number: int) -> None:
    receipt = await sms.send(Sms("+33600000000", f"SEV1 page {number}", f"ceiling {number}"))
    await kept.put((f"receipt {number}", receipt.reference))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
