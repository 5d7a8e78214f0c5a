"""What an alert, a tick and a click cost with a thousand incidents open, and with a million: the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench import client
from bench.pages import lateness
from bench.running import HALF_AN_HOUR, Running, running
from bench.table import Figure

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_ALERTS = 800
_CLICKS = 10
_IDLE_SECONDS = 10
_DUE = 100


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one size, in milliseconds; `idle` in per cent of a core."""

    alert: float
    alert_cpu: float
    click: float
    page: float
    page_cpu: float
    idle: float


async def measure(kind: str, sizes: tuple[int, ...]) -> list[Figure]:
    """One line a size, and how the largest compares with the smallest."""
    found: dict[int, Costs] = {}
    for size in sizes:
        async with running(kind, open_incidents=size, policy=HALF_AN_HOUR) as stage:
            found[size] = await _costs(stage)
    figures = [Figure(f"{kind}: {size:,} incidents open", _said(costs)) for size, costs in found.items()]
    least, most = found[sizes[0]], found[sizes[-1]]
    ratio = f"alert × {most.alert_cpu / least.alert_cpu:.2f}, page × {most.page_cpu / least.page_cpu:.2f} (CPU)"
    return [*figures, Figure(f"{kind}: {sizes[-1]:,} against {sizes[0]:,}", ratio, "flat")]


def _said(costs: Costs) -> str:
    return (
        f"alert {costs.alert:.2f} ms ({costs.alert_cpu:.2f} CPU), click {costs.click:.1f} ms, "
        f"{_DUE} pages p50 {costs.page:.0f} ms late ({costs.page_cpu:.2f} CPU each), idle {costs.idle:.1f} %"
    )


async def _costs(stage: Running) -> Costs:
    before = stage.vigie.cpu_seconds
    await asyncio.sleep(_IDLE_SECONDS)
    idle = (stage.vigie.cpu_seconds - before) / _IDLE_SECONDS * 100
    before = stage.vigie.cpu_seconds
    load = await client.send(stage.port, stage.token, lambda n: client.alert(5_000_000 + n), _ALERTS, 1)
    alert_cpu = (stage.vigie.cpu_seconds - before) * 1000 / _ALERTS
    await asyncio.sleep(_CLICKS + 2)
    clicks = sorted(await asyncio.to_thread(stage.doubles.ask, f"clicks {_CLICKS}"))
    late, page_cpu = await lateness(stage, _DUE)
    return Costs(load.p50_ms, alert_cpu, clicks[len(clicks) // 2], late[len(late) // 2], page_cpu, idle)
