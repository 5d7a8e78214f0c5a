"""The API's description: nothing undocumented, nothing idle, and a running server that keeps to it whatever comes."""

from __future__ import annotations

import asyncio
import os
import re
import sys

import pytest
from schemathesis.openapi import from_dict

from bot.api import ENDPOINTS, openapi
from tests.stories.test_rest import ADMIN
from tests.world import World, world_on

# Pages for people, what a voice gateway fetches, private calendars, and the description's own page.
FOR_PEOPLE = re.compile(r"/a/|/s/|/t/|/p/|/ical/|/api/docs/")
NOBODY = {"Authorization": "", "Content-Type": "application/json"}
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
"""For each address; more look further than a test of the suite may take."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "ignored_auth",
    "negative_data_rejection",
)


async def test_every_address_is_described_and_none_is_idle(world: World) -> None:
    served = set()
    for route in world.app.listener.routes:
        if not FOR_PEOPLE.match(route.path):
            served.add((route.method, route.path))
    assert served == set(ENDPOINTS)


def test_the_description_is_openapi() -> None:
    described = openapi()
    assert described["openapi"] == "3.1.0"
    assert len(list(from_dict(described).get_all_operations())) == len(ENDPOINTS)
    identities = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(set(identities)) == len(identities)


async def test_nothing_that_a_stranger_sends_is_read(sqlite_url: str) -> None:
    """A megabyte of JSON takes a quarter of a second, in which nobody is paged: first who sends it, then what it is."""
    async with world_on(sqlite_url) as world:
        for (method, path), one in ENDPOINTS.items():
            if one.scope and one.body:
                address = re.sub(r"{\w+}", "1", path)
                async with world.http.request(method, address, data=b"{", headers=NOBODY) as answer:
                    assert answer.status == 401, f"{method} {path}"


async def test_it_is_served_with_its_page_and_asks_nobody_else(world: World) -> None:
    async with world.http.get("/api/schema/") as answer:
        assert (await answer.json())["paths"].keys() == openapi()["paths"].keys()
    async with world.http.get("/api/docs") as answer:
        page = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 4
    for address in loaded:
        assert address.startswith("/api/")
        async with world.http.get(address) as answer:
            assert answer.status == 200 and await answer.read()
    async with world.http.get("/api/docs/../secrets") as answer:
        assert answer.status == 404
    async with world.http.get("/api/docs/__init__.py") as answer:
        assert answer.status == 404


@pytest.mark.slow
@pytest.mark.timeout(580 + 4 * EXAMPLES)
async def test_the_server_keeps_to_it_whatever_comes(sqlite_url: str) -> None:
    async with world_on(sqlite_url, api_rate=10_000) as world:
        secret = await world.app.use_cases.tokens.create("schemathesis", ["admin", "ingest"], ADMIN)
        await world.alert()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{world.app.port}/api/schema/"),
            *("-H", f"Authorization: Token {secret}", "--phases", "coverage,fuzzing", "--seed", "1"),
            *("-n", str(EXAMPLES), "--checks", ",".join(CHECKS)),
            *("--suppress-health-check", "all", "--generation-database", "none", "--no-color"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()[-8000:]
        assert not world.outside.workspace.refused, world.outside.workspace.refused[:3]
