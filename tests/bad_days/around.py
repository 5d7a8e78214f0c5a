"""Everything outside Vigie, and how it is struck: Slack, OVH, the mail server, the database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from bot.demo.faults import Planned
from bot.demo.outside import Outside
from bot.demo.provider_faults import Fault
from bot.demo.rates import RateLimits
from tests.bad_days.plan import Blow, What
from tests.postgresql import PostgreSQL

FAULTS = {
    "refused": Fault(status=500),
    "cut": Fault(cut=True),
    "accepted, then cut": Fault(accept=True, cut=True),
    "slow": Fault(delay=2.0),
    "accepted, then refused": Fault(status=500, accept=True),
    "refused for good": Fault(status=550),
}
Act = Callable[[], Awaitable[None]]


def outside() -> Outside:
    """Everything outside Vigie, as fast as it can be."""
    return Outside(rates=RateLimits(enabled=False))


class Around:
    """Strikes, and mends by itself. `struck` counts what may excuse a double, `soon` does something later."""

    def __init__(
        self,
        outside: Outside,
        server: PostgreSQL | None,
        note: Callable[..., None],
        struck: Counter[str],
        soon: Callable[[float, Act], None],
    ) -> None:
        self._outside = outside
        self._server = server
        self._note = note
        self._struck = struck
        self._soon = soon

    def deeds(self) -> dict[What, Callable[[Blow], Awaitable[None]]]:
        """How each of them strikes."""
        return {
            What.SLACK_AWAY: self._slack_goes,
            What.SLACK_SLOW: self._slack_is_slow,
            What.SLACK_LIMITS: self._slack_limits,
            What.SLACK_LOSES_ANSWERS: self._slack_loses_answers,
            What.SMS_FAULT: self._sms_fault,
            What.MAIL_FAULT: self._mail_fault,
            What.CONNECTIONS_CUT: self._cut_connections,
            What.DATABASE_CRASH: self._crash_database,
        }

    def heal(self) -> None:
        """Nothing is wrong any more."""
        self._outside.slack.faults.end()
        self._outside.slack.faults.delay("*", 0)
        for method in ("chat.postMessage", "chat.update"):
            self._outside.slack.faults.forget(method)
        self._outside.ovh.faults.clear()
        self._outside.mail.faults.clear()

    async def _slack_goes(self, blow: Blow) -> None:
        self._note("slack away", blow.outage)
        self._outside.slack.faults.begin(blow.outage)  # type: ignore[arg-type]
        if blow.which % 2:
            self._outside.slack.sockets.drop()
        self._soon(blow.seconds, self._slack_is_back)

    async def _slack_is_slow(self, blow: Blow) -> None:
        self._note("slack slow")
        self._outside.slack.faults.delay("*", blow.seconds / 2)
        self._soon(blow.seconds, self._slack_is_back)

    async def _slack_is_back(self) -> None:
        self._outside.slack.faults.end()
        self._outside.slack.faults.delay("*", 0)

    async def _slack_limits(self, blow: Blow) -> None:
        method = ("chat.postMessage", "chat.update")[blow.which % 2]
        self._note("slack limits", method, blow.times)
        self._outside.slack.faults.plan(method, Planned(error="ratelimited", retry_after=1), blow.times)

    async def _slack_loses_answers(self, blow: Blow) -> None:
        self._note("slack loses answers", blow.times)
        self._outside.slack.lose_answer_next("chat.postMessage", blow.times)

    async def _sms_fault(self, blow: Blow) -> None:
        self._note("sms", blow.how, blow.times)
        self._outside.ovh.faults.next(FAULTS[blow.how], blow.times)

    async def _mail_fault(self, blow: Blow) -> None:
        self._note("mail", blow.how, blow.times)
        # Those that are slow have their mail, and their answer may be a killed process's.
        self._struck["mail in doubt"] += blow.times * blow.how.startswith(("accepted", "slow"))
        self._outside.mail.faults.next(FAULTS[blow.how], blow.times)

    async def _cut_connections(self, blow: Blow) -> None:
        self._note("connections cut")
        self._struck["cut"] += 1
        assert self._server
        await asyncio.to_thread(self._server.cut)

    async def _crash_database(self, blow: Blow) -> None:
        self._note("database crash")
        self._struck["crash"] += 1
        assert self._server
        await asyncio.to_thread(self._server.crash)
        await asyncio.sleep(blow.seconds)
        await asyncio.to_thread(self._server.start)
