"""The load: keep-alive sockets and hand-made requests, so that the generator costs little of the two cores."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests showed."""

    per_second: float
    p50_ms: float
    p99_ms: float


Body = Callable[[int], bytes]


def alert(number: int) -> bytes:
    """An Alertmanager group of one alert, new for each number."""
    return _group(number, "firing")


def resolved(number: int) -> bytes:
    """What comes when the alert with this number is over."""
    return _group(number, "resolved")


def _group(number: int, status: str) -> bytes:
    labels = {"alertname": "RedisDown", "service": "redis-prod", "severity": "critical"}
    one = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": f"Redis down {number}", "description": "3 of 6 masters are down"},
        "startsAt": "2026-11-23T04:01:55.260494218Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-23T04:31:55Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=x",
        "fingerprint": f"f{number}",
    }
    group = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{number}"}}',
        "status": status,
        "receiver": "vigie",
        "truncatedAlerts": 0,
        "groupLabels": {"alertname": "RedisDown"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": [one],
    }
    return json.dumps(group).encode()


async def send(port: int, token: str, bodies: Body, count: int, connections: int) -> Load:
    """`count` requests over `connections` sockets, each sending its next when its last is answered."""
    took: list[float] = []
    each = count // connections
    started = time.perf_counter()
    await asyncio.gather(
        *(_socket(port, token, [bodies(place * each + n) for n in range(each)], took) for place in range(connections))
    )
    elapsed = time.perf_counter() - started
    took.sort()
    return Load(len(took) / elapsed, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000)


async def _socket(port: int, token: str, bodies: list[bytes], took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /api/v1/webhooks/alertmanager/ HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Token {token}\r\nContent-Length: "
    )
    for body in bodies:
        started = time.perf_counter()
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 202 " not in answer[:16]:
            raise SystemExit(f"refused: {answer[:200]!r}")
        lines = answer.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        await reader.readexactly(length)
        took.append(time.perf_counter() - started)
    writer.close()
