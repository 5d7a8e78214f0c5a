"""A PostgreSQL behind a network that is gone in mid-conversation; says after how many seconds that was noticed.

To be run in a network namespace of its own, as root: it takes that namespace's loopback down, so that what is sent
reaches nobody and nobody says so.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import time

from sqlalchemy import text

from domain.errors import Unavailable
from storage.store import Store
from tests.postgresql import PostgreSQL

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
PORT = 5432


def loopback(*, is_up: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP if is_up else 0))


def main() -> None:
    loopback(is_up=True)
    server = PostgreSQL()
    server.listen(PORT)
    store = Store(f"postgresql://{server.url.username}@127.0.0.1:{PORT}/postgres")
    ask = text("SELECT 1")
    assert store.read_now(lambda tx: tx.execute(ask).scalar()) == 1
    loopback(is_up=False)
    began = time.monotonic()
    try:
        store.read_now(lambda tx: tx.execute(ask).scalar())
    except Unavailable:
        sys.stdout.write(f"{time.monotonic() - began:.1f}")
    finally:
        loopback(is_up=True)
        store.close()
        server.stop()


if __name__ == "__main__":
    main()
