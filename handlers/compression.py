"""Compressed bodies, inflated when somebody reads them and no further than a body may be long: whoever is refused
before that costs nothing."""

from __future__ import annotations

import zlib

from aiohttp import web

from domain.errors import Fault
from handlers.bodies import BadBody

LARGEST_BODY = 1024 * 1024
_MOST_PARTS = 64
"""gzip may come in parts, each of which costs something, also one that has nothing in it."""
_GZIP, _ZLIB, _BARE = 31, 15, -15
"""What zlib's `wbits` call them."""
_TAKEN = "gzip, deflate"


class Request(web.Request):
    """A request whose body is read as it was before it was compressed. The server is to leave it as it comes."""

    async def read(self) -> bytes:
        """The body. Raises BadBody, or what aiohttp does: 413 for one that is too large, before any of it is read when
        it says so itself, 415 for one compressed in a way that is not known here."""
        if self._read_bytes is None:
            if (self.content_length or 0) > LARGEST_BODY:
                raise web.HTTPRequestEntityTooLarge(LARGEST_BODY)
            sent = await super().read()
            # Should it be refused, it has not been read.
            self._read_bytes = None
            self._read_bytes = inflated(sent, self.headers.get("Content-Encoding", ""))
        return self._read_bytes


def inflated(sent: bytes, encoding: str) -> bytes:
    """What `sent` was before it was compressed as the header Content-Encoding says. Raises as `Request.read`."""
    name = encoding.strip().lower().removeprefix("x-")
    if name in ("", "identity") or not sent:
        return sent
    if name not in ("gzip", "deflate"):
        raise web.HTTPUnsupportedMediaType(headers={"Accept-Encoding": _TAKEN})
    try:
        return _inflated(sent, _GZIP if name == "gzip" else _deflate(sent))
    except zlib.error:
        raise BadBody([Fault("", f"the body is not compressed as it says ({name})")]) from None


def _deflate(sent: bytes) -> int:
    """Some leave out the head that the standard wants, whose first byte ends with an 8."""
    return _ZLIB if sent[0] & 0xF == 8 else _BARE


def _inflated(sent: bytes, form: int) -> bytes:
    found = b""
    for _ in range(_MOST_PARTS):
        part = zlib.decompressobj(form)
        found += part.decompress(sent, LARGEST_BODY + 1 - len(found))
        if len(found) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY)
        if part.eof and not part.unused_data:
            return found
        if not part.eof:
            break
        sent = part.unused_data
    raise zlib.error
