"""One bad day, lived through by `python -m bot run` between the doubles of everything outside."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.clock import wall_now
from bot.demo.outside import Outside
from tests.bad_days import catalog
from tests.bad_days.around import Around
from tests.bad_days.plan import Blow, What
from tests.postgresql import PostgreSQL
from tests.stories.process import Process
from tests.world import alert_body

SPEED = 60
SETTINGS = {
    "CLOCK_SPEED": str(SPEED),
    "PAGE_LIMITS": "off",
    "LOG_LEVEL": "WARNING",
    "SECRET_KEY": "of the tests, and of nobody else",
}
WEBHOOK = "/api/v1/webhooks/alertmanager/"
DOORS = (WEBHOOK, "/api/v1/webhooks/generic/", "/v2/enqueue")
NONSENSE = (b"", b"[]", b"null", b"{", b'{"alerts": 5}', b"\xff\xfe\0", b'{"a":' * 100, b'{"alerts":[{}]}')
SETTLED_SECONDS = 2.0
"""A process that has just begun is let live for as long: a day of nothing but starts shows nothing."""


@dataclass(slots=True)
class Machine:
    """One of the processes, and what was done to it."""

    process: Process
    is_up: bool = False
    is_frozen: bool = False
    up_at: float = 0.0


@dataclass(slots=True)
class Told:
    """What people and tools did, and what Vigie answered."""

    opened: dict[str, str] = field(default_factory=dict)
    """Incidents of accepted alerts, by the alert's group."""
    acknowledged: dict[str, datetime] = field(default_factory=dict)
    """When the answer came."""
    resolved: set[str] = field(default_factory=set)
    in_doubt: set[str] = field(default_factory=set)
    """Somebody asked for an acknowledgement, and may have got it: the answer was lost."""
    nonsense: list[str] = field(default_factory=list)
    """Answers to nonsense that are no refusal."""


class Day:
    """Plays blows. `server` is the PostgreSQL that may be struck too."""

    def __init__(self, outside: Outside, url: str, folder: Path, processes: int, server: PostgreSQL | None) -> None:
        self.outside = outside
        self.folder = folder
        self.log = folder / "log.txt"
        self.machines = [Machine(Process(outside, url, **SETTINGS)) for _ in range(processes)]
        self.told = Told()
        self.diary: list[str] = []
        self.struck: Counter[str] = Counter()
        self._around = Around(outside, server, self.note, self.struck, self._soon)
        self._begun = 0.0
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        self._later: set[asyncio.Task[None]] = set()
        self._alerts: set[asyncio.Task[None]] = set()
        self._healed = 0.0

    async def begin(self) -> None:
        """Everything is up."""
        file = self.folder / "catalog.yaml"
        file.write_text(catalog.written())
        first = self.machines[0].process
        await first.prepare(str(file))
        for machine in self.machines:
            machine.process.token = first.token
            machine.process.output = self.log.open("a")
            await self._start(machine)

    async def live(self, blows: list[Blow]) -> None:
        """The whole day, and its end: from then on nothing is wrong any more."""
        loop = asyncio.get_running_loop()
        self._begun = loop.time()
        deeds = self._deeds()
        for blow in blows:
            await asyncio.sleep(max(self._begun + blow.at - loop.time(), 0))
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                await deeds[blow.what](blow)
        await self._heal()

    async def end(self) -> list[int]:
        """Stop everything: the exit codes."""
        await self._http.close()
        codes = [await machine.process.stop() for machine in self.machines]
        for machine in self.machines:
            if machine.process.output:
                machine.process.output.close()
        return codes

    async def get(self, path: str) -> Any:
        """What the first process answers, as often as it may be asked. Raises ClientResponseError when it refuses."""
        process = self.machines[0].process
        headers = {"Authorization": f"Token {process.token}"}
        async with self._http.get(f"http://127.0.0.1:{process.port}{path}", headers=headers) as answer:
            if answer.status == 429:
                await asyncio.sleep(float(answer.headers["Retry-After"]))
                return await self.get(path)
            answer.raise_for_status()
            return await answer.json()

    def _deeds(self) -> dict[What, Callable[[Blow], Awaitable[None]]]:
        return {
            What.ALERT: self._alert,
            What.NONSENSE: self._talk_nonsense,
            What.ACKNOWLEDGE: self._acknowledge,
            What.RESOLVE: self._resolve,
            What.KILL: self._kill,
            What.RESTART: self._restart,
            What.FREEZE: self._freeze,
            What.QUIET: self._rest,
            **self._around.deeds(),
        }

    def since_healed(self) -> float:
        """Seconds since nothing is wrong any more."""
        return asyncio.get_running_loop().time() - self._healed

    def note(self, *words: object) -> None:
        """A line of the day's diary."""
        at = asyncio.get_running_loop().time() - self._begun
        self.diary.append(" ".join([f"{at:7.2f}", *map(str, words)]))

    def _soon(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await act()

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # What people and tools do.

    async def _alert(self, blow: Blow) -> None:
        """Its sender does not give up before it got its 202."""
        task = asyncio.create_task(self._deliver(f"{len(self._alerts)}-{blow.which}", blow.which))
        self._alerts.add(task)

    async def _deliver(self, name: str, which: int) -> None:
        service = catalog.service_of(list(catalog.TEAMS)[which % len(catalog.TEAMS)])
        body = alert_body(f"Down {name}", service=service, group=f"g{name}", fingerprint=f"f{name}")
        while name not in self.told.opened:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                status, said = await self._ask(self._one(which), WEBHOOK, body)
                if status == 202:
                    self.told.opened[name] = said["incident"]["short_id"]
                    self.note("alert", name, said["incident"]["short_id"])
                    return
            which += 1
            await asyncio.sleep(0.3)

    async def _talk_nonsense(self, blow: Blow) -> None:
        for door in DOORS:
            headers = {"Authorization": f"Token {self.machines[0].process.token}"}
            url = f"http://127.0.0.1:{self._one(blow.which).process.port}{door}"
            async with self._http.post(url, data=NONSENSE[blow.which % len(NONSENSE)], headers=headers) as answer:
                if answer.status == 500:
                    self.told.nonsense.append(f"{door} {await answer.text()}")

    async def _acknowledge(self, blow: Blow) -> None:
        told = self.told
        free = [one for one in told.opened.values() if one not in told.acknowledged and one not in told.in_doubt]
        if not free:
            return
        name = free[blow.which % len(free)]
        told.in_doubt.add(name)
        status, said = await self._ask(self._one(blow.which), f"/api/v1/incidents/{name}/acknowledge/", {})
        if status == 200 and said["status"] == "ACKNOWLEDGED":
            told.acknowledged[name] = wall_now()
            told.in_doubt.discard(name)
        self.note("acknowledge", name, status)

    async def _resolve(self, blow: Blow) -> None:
        told = self.told
        free = [one for one in told.acknowledged if one not in told.resolved]
        if not free:
            return
        name = free[blow.which % len(free)]
        status, _ = await self._ask(self._one(blow.which), f"/api/v1/incidents/{name}/resolve/", {"note": "mended"})
        if status == 200:
            told.resolved.add(name)
        self.note("resolve", name, status)

    async def _rest(self, blow: Blow) -> None:
        await asyncio.sleep(blow.seconds)

    def _one(self, which: int) -> Machine:
        up = [machine for machine in self.machines if machine.is_up and not machine.is_frozen]
        return (up or self.machines)[which % len(up or self.machines)]

    async def _ask(self, machine: Machine, path: str, body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Token {machine.process.token}"}
        url = f"http://127.0.0.1:{machine.process.port}{path}"
        async with self._http.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    # What strikes Vigie's own processes.

    async def _start(self, machine: Machine) -> None:
        await machine.process.start(ready=False)
        machine.is_frozen = False
        await machine.process.wait_alive()
        machine.is_up, machine.up_at = True, asyncio.get_running_loop().time()

    def _struck_down(self, blow: Blow) -> Machine | None:
        """The one that a blow strikes, unless it is down or has only just come up."""
        machine = self.machines[blow.which % len(self.machines)]
        is_settled = asyncio.get_running_loop().time() - machine.up_at > SETTLED_SECONDS
        return machine if machine.is_up and is_settled and not machine.is_frozen else None

    async def _kill(self, blow: Blow) -> None:
        if machine := self._struck_down(blow):
            machine.is_up = False
            self.struck["kill"] += 1
            self.note("kill", self.machines.index(machine))
            await machine.process.kill()
            self._soon(blow.seconds / 2, lambda: self._start(machine))

    async def _restart(self, blow: Blow) -> None:
        if machine := self._struck_down(blow):
            machine.is_up = False
            self.note("restart", self.machines.index(machine))
            code = await machine.process.stop()
            self.note("stopped with", code)
            if code:
                self.struck["bad exit"] += 1
            self._soon(0, lambda: self._start(machine))

    async def _freeze(self, blow: Blow) -> None:
        if machine := self._struck_down(blow):
            machine.is_frozen = True
            self.struck["freeze"] += 1
            self.note("freeze", self.machines.index(machine), blow.seconds)
            machine.process.send(signal.SIGSTOP)

            async def thaw() -> None:
                machine.process.send(signal.SIGCONT)
                machine.is_frozen = False

            self._soon(blow.seconds, thaw)

    async def _heal(self) -> None:
        self.note("nothing is wrong any more")
        while self._later:
            await asyncio.wait(self._later)
        self._around.heal()
        await asyncio.gather(*self._alerts)
        self._healed = asyncio.get_running_loop().time()
