"""A pooler between Vigie and PostgreSQL, as PgBouncer is: it greets by itself, and lends what it has to the server."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import make_url

_STARTUP = 196608
_READY = ord("Z")
_TERMINATE = ord("X")
_ASKS = b"QS"
"""What the server answers until it is ready again: a query, and the end of one that came in parts."""
_GREETING = {"server_version": "15.0", "client_encoding": "UTF8", "standard_conforming_strings": "on"}


class Pooler:
    """Listens on 127.0.0.1. A session of the server's is lent for a client's session or, when it `is_by_transaction`,
    for one transaction: the one that was given back last is lent first."""

    def __init__(self, url: str) -> None:
        server = make_url(url)
        self._server, self._user, self._database = server.query["host"], server.username or "", server.database or ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._free: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Condition()
        self._lent = 0
        self.is_by_transaction = False
        self.most = 1_000
        """How many sessions it has to lend: whoever comes when they are lent is greeted, and waits."""
        host, port = self._listener.getsockname()
        self.url = server.set(host=host, port=port, query={"sslmode": "disable"}).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
        for server in self._free:
            server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._run(self._serve, client)

    def _run(self, work: Callable[..., None], *given: socket.socket) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, client: socket.socket) -> None:
        """One client: what it says goes to the session that it is lent."""
        server: socket.socket | None = None
        with client, suppress(OSError, EOFError):
            _read(client, struct.unpack("!I", _read(client, 4))[0] - 4)
            client.sendall(_greeting())
            while True:
                kind, message = _message(client)
                if kind == _TERMINATE:
                    break
                server = server or self._taken(client)
                server.sendall(message)
                if kind in _ASKS and self._answer(client, server) and self.is_by_transaction:
                    self._give_back(server)
                    server = None
        if server:
            # What its client has left open or locked there is over.
            server.close()
            self._give_back(None)

    def _answer(self, client: socket.socket, server: socket.socket) -> bool:
        """What the server says to one question; whether no transaction is open after it."""
        while True:
            kind, said = _message(server)
            client.sendall(said)
            if kind == _READY:
                return said[-1:] == b"I"

    def _give_back(self, server: socket.socket | None) -> None:
        with self._lock:
            self._free += [server] if server else []
            self._lent -= 1
            self._lock.notify()

    def _taken(self, client: socket.socket) -> socket.socket:
        with self._lock:
            while self._lent >= self.most:
                self._lock.wait(0.05)
                # One that has hung up while it waited is lent nothing.
                if select.select([client], [], [], 0)[0] and not client.recv(1, socket.MSG_PEEK):
                    raise EOFError
            self._lent += 1
            if self._free:
                return self._free.pop()
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._server}/.s.PGSQL.5432")
        names = f"user\0{self._user}\0database\0{self._database}\0\0".encode()
        server.sendall(struct.pack("!II", len(names) + 8, _STARTUP) + names)
        while _message(server)[0] != _READY:
            continue
        return server


def _greeting() -> bytes:
    said = struct.pack("!cII", b"R", 8, 0)
    for name, value in _GREETING.items():
        pair = f"{name}\0{value}\0".encode()
        said += struct.pack("!cI", b"S", len(pair) + 4) + pair
    return said + struct.pack("!cIII", b"K", 12, 0x7FFFFFF1, 1) + struct.pack("!cIc", b"Z", 5, b"I")


def _message(of: socket.socket) -> tuple[int, bytes]:
    """Its kind, and all of it."""
    head = _read(of, 5)
    return head[0], head + _read(of, struct.unpack("!I", head[1:])[0] - 4)


def _read(of: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = of.recv(length - len(found))
        if not more:
            raise EOFError
        found += more
    return found
