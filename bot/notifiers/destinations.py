"""Where Vigie may connect to on somebody else's word: the guard against requests forged through it.

A policy names a webhook, a team its calendar. Either could name this host, its network, or the cloud's metadata
service, and read there with Vigie's rights. So the address is judged where the socket is made: after the name is
resolved, for the very address that is connected to, at each redirect. A name that means another address a moment
later (DNS rebinding) gains nothing, and there is no list of spellings to be clever about.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Collection, Iterator
from typing import Any

import aiohttp

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192")
)
"""Where clouds hand credentials to whoever asks: most of them; Amazon and Google by IPv6; Alibaba; Oracle."""
_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
"""Private before fc00::/7 was (RFC 3879); Python calls it global."""
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""IPv6 addresses that end in the IPv4 address they lead to: NAT64 (RFC 6052, RFC 8215), and the old compatible form."""


class Inside(OSError):
    """The address is inside the network, or serves secrets, and is not connected to."""

    def __init__(self) -> None:
        super().__init__(errno.EACCES, "its address is inside the network")


class Destinations:
    """The addresses that may be called.

    `is_private_allowed`: also those inside the network, because whoever runs Vigie named them. What serves a cloud's
    secrets is never called. `schemes`: https alone, unless told.
    """

    def __init__(self, *, is_private_allowed: bool = False, schemes: Collection[str] = ("https",)) -> None:
        self._is_private_allowed = is_private_allowed
        self._schemes = frozenset(schemes)

    def allows(self, address: str) -> bool:
        """Whether a connection to this IP address may be made."""
        return all(self._is_fit(one) for one in _meant(ipaddress.ip_address(address.partition("%")[0])))

    def session(self, timeout: aiohttp.ClientTimeout, *, is_kept_open: bool = True) -> aiohttp.ClientSession:
        """A session that connects nowhere else, whatever names and redirects say, and through no proxy.

        A refusal is an `aiohttp.ClientConnectorError` whose `os_error` is `Inside` (`is_inside`), or an
        `aiohttp.InvalidURL` for another scheme. The caller closes it.
        """
        connector = aiohttp.TCPConnector(socket_factory=self._socket, force_close=not is_kept_open)
        return aiohttp.ClientSession(
            timeout=timeout,
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(self._checked,),
        )

    async def _checked(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if request.url.scheme not in self._schemes:
            raise aiohttp.InvalidURL(request.url.origin(), f"only {' and '.join(sorted(self._schemes))} is called")
        return await handler(request)

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = address
        if not self.allows(str(where[0])):
            raise Inside
        return socket.socket(family, kind, protocol)

    def _is_fit(self, address: Address) -> bool:
        if address in _METADATA or address.is_link_local or address.is_multicast:
            return False
        is_outside = address.is_global and not address.is_reserved and address not in _SITE_LOCAL
        return self._is_private_allowed or is_outside


def is_inside(error: BaseException) -> bool:
    """Whether a request failed because of where it led to."""
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, Inside)


def _meant(address: Address) -> Iterator[Address]:
    """The address, or every address that is packed into it."""
    inner = tuple(_packed(address)) if isinstance(address, ipaddress.IPv6Address) else ()
    yield from inner or (address,)


def _packed(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if int(address) > 1 and any(address in network for network in _TRANSLATED):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
