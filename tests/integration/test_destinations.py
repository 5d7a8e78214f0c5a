"""`Destinations`: what somebody else names is not called when it is inside the network, however it is spelled."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.local import LocalServer
from bot.heartbeat import Heartbeat
from bot.notifiers.destinations import Destinations, is_inside
from handlers.health.http import Check

TIMEOUT = aiohttp.ClientTimeout(total=5)
ANY = ("http", "https")
INSIDE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.0.1", "172.16.0.1", "192.168.1.1", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "::127.0.0.1", "2001:0:a00:1::f5ff:fffe",
    "fec0::1",
]  # fmt: skip
METADATA = [
    "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", [*INSIDE, *METADATA])
def test_nothing_inside_the_network_is_called(address: str) -> None:
    assert not Destinations().allows(address)


@pytest.mark.parametrize("address", METADATA)
def test_what_serves_a_clouds_secrets_is_never_called(address: str) -> None:
    assert not Destinations(is_private_allowed=True).allows(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_rest_of_the_world_is(address: str) -> None:
    assert Destinations().allows(address)


def test_inside_when_whoever_runs_it_says_so() -> None:
    assert all(Destinations(is_private_allowed=True).allows(one) for one in ("127.0.0.1", "10.1.2.3", "fc00::1", "::1"))


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_the_same_in_every_spelling(address: ipaddress.IPv4Address) -> None:
    number, destinations = int(address), Destinations()
    spellings = (f"::ffff:{address}", str(ipaddress.IPv6Address((0x64FF9B << 96) | number)))
    assert {destinations.allows(one) for one in spellings} == {destinations.allows(str(address))}
    if not destinations.allows(str(address)):
        assert not destinations.allows(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))))


class Elsewhere(LocalServer):
    """A server on 127.0.0.1: `/moved?to=…` redirects, anything else is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{any:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        self.calls.append(request.path)
        if to := request.query.get("to"):
            raise web.HTTPFound(to)
        return web.Response(status=int(request.query.get("status", "200")))


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    async with Elsewhere() as server:
        yield server


class Names(aiohttp.abc.AbstractResolver):
    """DNS of an attacker: each look-up of any name gives the next address, the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[aiohttp.abc.ResolveResult]:
        self.asked += 1
        address = self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]
        return [{"hostname": host, "host": address, "port": port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """There is nothing to close."""


async def refusal(session: aiohttp.ClientSession, url: str) -> Exception:
    with pytest.raises((aiohttp.ClientError, aiohttp.InvalidURL)) as caught:
        await session.get(url)
    return caught.value


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_no_spelling_of_this_machine_is_reached(elsewhere: Elsewhere, host: str) -> None:
    async with Destinations(schemes=ANY).session(TIMEOUT) as session:
        assert is_inside(await refusal(session, f"http://{host}:{elsewhere.port}/"))
    assert elsewhere.calls == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
async def test_numbers_that_are_addresses_are_not_reached_either(elsewhere: Elsewhere, host: str) -> None:
    async with Destinations(schemes=ANY).session(TIMEOUT) as session:
        await refusal(session, f"http://{host}:{elsewhere.port}/")
    assert elsewhere.calls == []


async def test_only_https_unless_told(elsewhere: Elsewhere) -> None:
    async with Destinations(is_private_allowed=True).session(TIMEOUT) as session:
        assert isinstance(await refusal(session, f"{elsewhere.origin}/"), aiohttp.InvalidURL)
        for url in ("file:///etc/passwd", "ftp://example.com/", "gopher://example.com/"):
            await refusal(session, url)
    assert elsewhere.calls == []


async def test_a_redirect_is_judged_anew(elsewhere: Elsewhere) -> None:
    async with Destinations(is_private_allowed=True, schemes=("http",)).session(TIMEOUT) as session:
        assert is_inside(await refusal(session, f"{elsewhere.origin}/moved?to=http://169.254.169.254/latest/"))
        assert isinstance(
            await refusal(session, f"{elsewhere.origin}/moved?to=https://127.0.0.1:1/"), aiohttp.InvalidURL
        )
    assert elsewhere.calls == ["/moved", "/moved"]


async def test_a_name_that_means_another_address_a_moment_later_gains_nothing(elsewhere: Elsewhere) -> None:
    """The address connected to is the one that was judged: there is no second look-up between the two."""
    async with Destinations(schemes=ANY).session(TIMEOUT) as session:
        names = Names("127.0.0.1")
        session.connector._resolver = names  # type: ignore[union-attr]
        assert is_inside(await refusal(session, f"http://rebound.example:{elsewhere.port}/"))
    assert (names.asked, elsewhere.calls) == (1, [])


class Ready:
    """A readiness that is always so."""

    async def check(self) -> dict[str, Check]:
        return {"database": Check(True, "")}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ping/s3cret", ""),
        ("/ping/s3cret?status=404", "it answers 404 Not Found"),
        ("/ping/s3cret?to=http://169.254.169.254/latest/meta-data", "it answers 302 Found"),
    ],
)
async def test_a_heartbeat_goes_where_it_is_told_and_no_further(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture, path: str, said: str
) -> None:
    with caplog.at_level(logging.WARNING):
        await Heartbeat(elsewhere.origin + path, Ready(), list).beat()  # type: ignore[arg-type]
    assert elsewhere.calls == ["/ping/s3cret"]
    assert said in caplog.text and bool(said) == bool(caplog.text)
    assert "s3cret" not in caplog.text
