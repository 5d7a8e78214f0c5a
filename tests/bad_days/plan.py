"""What goes wrong on a bad day, and when: drawn from a seed, so that the same day can be had again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class What(StrEnum):
    """One thing that happens."""

    ALERT = "alert"
    NONSENSE = "nonsense"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    KILL = "kill"
    """kill -9"""
    RESTART = "restart"
    """SIGTERM, and started again."""
    FREEZE = "freeze"
    SLACK_AWAY = "slack away"
    SLACK_SLOW = "slack slow"
    SLACK_LIMITS = "slack limits"
    """429"""
    SLACK_LOSES_ANSWERS = "slack loses answers"
    SMS_FAULT = "sms fault"
    MAIL_FAULT = "mail fault"
    CONNECTIONS_CUT = "connections cut"
    DATABASE_CRASH = "database crash"
    QUIET = "quiet"


_OFTEN = {
    What.ALERT: 8,
    What.NONSENSE: 2,
    What.ACKNOWLEDGE: 3,
    What.RESOLVE: 1,
    What.KILL: 2,
    What.RESTART: 1,
    What.FREEZE: 2,
    What.SLACK_AWAY: 3,
    What.SLACK_SLOW: 1,
    What.SLACK_LIMITS: 2,
    What.SLACK_LOSES_ANSWERS: 2,
    What.SMS_FAULT: 4,
    What.MAIL_FAULT: 4,
    What.QUIET: 2,
}
_OF_A_SERVER = {What.FREEZE: 4, What.CONNECTIONS_CUT: 2, What.DATABASE_CRASH: 1}
FAULTS = ("refused", "cut", "accepted, then cut", "slow", "accepted, then refused", "refused for good")
OUTAGES = ("http500", "refuse", "hang")
FROZEN_SECONDS = (0.3, 1.0, 3.0)
FROZEN_AMONG_MANY_SECONDS = (0.5, 2.0, 4.0, 12.0)


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that happens `at` seconds after the day's begin: for how long, how often, to which one and how."""

    at: float
    what: What
    seconds: float
    times: int
    which: int
    how: str
    outage: str


def plan(seed: int, seconds: float, *, is_on_a_server: bool) -> list[Blow]:
    """The day of `seed`; `is_on_a_server` when two processes share a PostgreSQL, which fails too."""
    chance, at, blows = Random(f"{seed} {is_on_a_server}"), 0.0, []
    often = _OFTEN | _OF_A_SERVER if is_on_a_server else _OFTEN
    frozen = FROZEN_AMONG_MANY_SECONDS if is_on_a_server else FROZEN_SECONDS
    while (at := at + chance.uniform(0.05, 0.6)) < seconds:
        what = chance.choices(list(often), list(often.values()))[0]
        length = chance.choice(frozen) if what is What.FREEZE else chance.uniform(0.3, 4.0)
        blows.append(
            Blow(
                at=at,
                what=what,
                seconds=length,
                times=chance.randrange(1, 4),
                which=chance.randrange(10_000),
                how=chance.choice(FAULTS),
                outage=chance.choice(OUTAGES),
            )
        )
    return blows
