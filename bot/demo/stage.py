"""Everything the demo shows, started together and gone without a trace: a real Vigie and the world outside it."""

from __future__ import annotations

import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from blocks import demo as told
from bot.app import App
from bot.demo.clock import DemoClock
from bot.demo.outside import PEOPLE, Outside
from bot.settings import Settings
from domain.contacts import Contact, address_of
from domain.errors import VigieError
from domain.people import Actor, Person, Role
from handlers.catalog.service import CatalogService
from storage import audit, catalog, contacts
from storage.store import Transaction

SAMPLES = Path(__file__).parent / "sample"
SOMEBODY = Actor(key="demo", name="demo", role=Role.ADMIN)
HOST = "127.0.0.1"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs. `token` lets alerts in; `language` is the sample's and the page's; `people` are the sample's."""

    app: App
    clock: DemoClock
    outside: Outside
    token: str
    language: str
    people: tuple[Person, ...]

    @property
    def address(self) -> str:
        """Vigie's own HTTP."""
        return f"http://{HOST}:{self.app.port}"


@asynccontextmanager
async def stage(settings: Settings, say: Say) -> AsyncIterator[Stage]:
    """Start it all, each step told to `say`; the end of the block stops it and takes its folder away.

    `settings.port` is where Vigie's own HTTP listens and `settings.clock_speed` how fast time runs at first.
    """
    settings = settings.model_copy(update={"port": settings.port or free_port()})
    clock = DemoClock(settings.clock_speed)
    async with AsyncExitStack() as ending:
        world, vigie = told.opening(settings.locale)
        say(world)
        outside = Outside(clock.now, wall=lambda: clock.now().timestamp())
        ending.push_async_callback(outside.stop)
        await outside.start()
        folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="vigie-demo-"))
        say(vigie)
        app = App(_configured(settings, outside, folder), clock)
        ending.callback(app.close)
        await CatalogService(app.store, clock).load(_samples(settings.locale), SOMEBODY)
        await app.store.write(lambda tx: prove(tx, clock.now()))
        token = await app.use_cases.tokens.create("demo", ["ingest", "read", "write"], SOMEBODY)
        await app.start()
        ending.push_async_callback(app.stop)
        await outside.slack.sockets.wait_connected(2)
        for member in PEOPLE:
            outside.workspace.direct_channel(member.slack)
        people = (await app.use_cases.incidents.directory()).people.values()
        yield Stage(app, clock, outside, token, settings.locale, tuple(people))


def _configured(settings: Settings, outside: Outside, folder: str) -> Settings:
    outward = outside.environment() | outside.voice_environment()
    environment: dict[str, Any] = {name.lower(): value for name, value in outward.items()}
    environment["phone_private_addresses"] = True
    # A short number sends, which can be answered.
    environment["ovh_sms_sender"] = ""
    database = f"sqlite:///{folder}/vigie.db"
    links = {"public_url": f"http://{HOST}:{settings.port}", "secret_key": secrets.token_urlsafe(32)}
    return settings.model_copy(update={**environment, **links, "host": HOST, "database_url": database})


def prove(tx: Transaction, now: datetime) -> None:
    """The sample's people have typed in their codes long ago."""
    for person in catalog.directory(tx).people.values():
        for contact in Contact:
            address = address_of(person, contact)
            if address:
                contacts.verify(tx, person.id, contact, address, now)
                said = {contact.value: address}
                audit.record(tx, SOMEBODY, "person.verify", f"person {person.handle}", None, said, now)
    catalog.touch(tx)


def _samples(language: str) -> list[tuple[str, str]]:
    return [(path.name, path.read_text("utf-8")) for path in sorted((SAMPLES / language).glob("*.yaml"))]


def free_port(wanted: int = 0) -> int:
    """`wanted` when nothing listens there, else another that is free.

    From below the range that systems lend to connections: what is free now is not lent in the next moment. By chance
    of the system's own: tests start many at once, and seed the common one alike.
    """
    for port in filter(None, [wanted, *(20_000 + secrets.randbelow(12_000) for _ in range(100))]):
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return port
    raise VigieError(f"no port is free on {HOST}")
