"""The demo's scenarios: alerts sent as Alertmanager sends them, and what stops working first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.clock import wall_now
from bot.demo.provider_faults import Fault
from bot.demo.stage import Stage

ALERTS = Path(__file__).parent / "alerts"
NAMES = ("redis", "gateway", "storm", "slack_down", "sms_fails", "sms_lost", "nobody")


@dataclass(frozen=True, slots=True)
class Scenario:
    """`alerts` are sent in `groups` copies, `each` alerts a group; one group is one incident, and its card comes in
    `channel`."""

    alerts: tuple[dict[str, str], ...]
    channel: str
    groups: int = 1
    each: int = 1
    breaks: str = ""


@cache
def scenarios(language: str) -> dict[str, Scenario]:
    """The scenarios in a language, by name."""
    written = yaml.safe_load((ALERTS / f"{language}.yaml").read_text("utf-8"))
    return {
        name: Scenario(
            tuple(said["alerts"]), said["channel"], said.get("groups", 1), said.get("each", 1), said.get("break", "")
        )
        for name, said in written.items()
    }


class Scenes:
    """Plays scenarios and breaks things, on one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._played = 0

    @property
    def conditions(self) -> dict[str, bool]:
        """What is broken now."""
        slack, sms = self._stage.outside.slack, self._stage.outside.ovh
        return {
            "slack": slack.faults.outage is not None,
            "sms": sms.outage is not None,
            "lost": bool(sms.network.silent),
        }

    async def play(self, name: str) -> None:
        """Break what the scenario breaks, then send its alerts. Raises KeyError for an unknown one."""
        scenario = scenarios(self._stage.language)[name]
        if scenario.breaks:
            await self.set_broken(scenario.breaks, True)
        self._played += 1
        for group in range(scenario.groups):
            for alert in scenario.alerts:
                await send(self._stage, alert, f"{name} {self._played} {group + 1}", scenario.each)

    async def set_broken(self, what: str, broken: bool) -> None:
        """Take "slack" or "sms" away, or let SMS be "lost" after they were taken; or give it back. Raises KeyError for
        anything else."""
        await {"slack": self._break_slack, "sms": self._break_sms, "lost": self._lose_sms}[what](broken)

    async def _break_slack(self, broken: bool) -> None:
        slack = self._stage.outside.slack
        await (slack.go_down("http500", sockets=True) if broken else slack.come_back())

    async def _break_sms(self, broken: bool) -> None:
        self._stage.outside.ovh.outage = Fault(status=500, message="told to fail") if broken else None

    async def _lose_sms(self, broken: bool) -> None:
        silent = self._stage.outside.ovh.network.silent
        silent.clear()
        silent |= {person.phone for person in self._stage.people if person.phone} if broken else set()


async def send(stage: Stage, alert: dict[str, str], group: str, each: int = 1) -> None:
    """One Alertmanager group of `each` alerts, over HTTP like anybody's."""
    address = f"{stage.address}/api/v1/webhooks/alertmanager/"
    headers = {"Authorization": f"Token {stage.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, json=body(alert, group, each), headers=headers) as answer,
    ):
        answer.raise_for_status()


def body(alert: dict[str, str], group: str, each: int) -> dict[str, Any]:
    """Alertmanager's webhook (prometheus.io/docs/alerting/latest/configuration, webhook_config)."""
    labels = {"alertname": alert["title"], "service": alert["service"], "severity": alert["severity"]}
    annotations = {"summary": alert["title"], "description": alert["description"]}
    started = wall_now().isoformat()
    alerts = [
        {
            "status": "firing",
            "labels": labels | {"instance": f"node-{number + 1}"},
            "annotations": annotations,
            "startsAt": started,
            "fingerprint": f"{group} {number}",
        }
        for number in range(each)
    ]
    return {
        "version": "4",
        "groupKey": group,
        "status": "firing",
        "receiver": "vigie",
        "groupLabels": {"alertname": alert["title"]},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": alerts,
    }
