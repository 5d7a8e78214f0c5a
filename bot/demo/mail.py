"""A mail server, small: SMTP as aiosmtpd speaks it, the rules a strict relay has, and a mailbox."""

from __future__ import annotations

import asyncio
import contextlib
import email
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default as modern
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.demo.inbox import Inbox
from bot.demo.provider_faults import Fault, Faults

_LINE_OCTETS = 998
"""RFC 5322 §2.1.1."""
_REQUIRED_ONCE = ("From", "To", "Date", "Message-ID")
_ID_HEADERS = ("Message-ID:", "In-Reply-To:", "References:")


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail in somebody's mailbox."""

    to: str
    sender: str
    message: EmailMessage
    raw: bytes
    at: datetime
    """By the clock given to the server."""
    monotonic: float
    """`time.monotonic()` at arrival."""

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if isinstance(part, EmailMessage) else ""


class SmtpServer:
    """A relay on 127.0.0.1. `inbox` is what mailboxes got; `faults` strike at DATA."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        credentials: tuple[str, str] | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """With `credentials` (user, password) nobody gets in without them; `tls_context` offers STARTTLS."""
        self.inbox: Inbox[ReceivedMail] = Inbox()
        self.faults = Faults()
        self.recipient_answers: dict[str, str] = {}
        """What to say to RCPT for an address, such as `550 5.1.1 no such user`."""
        self.sender_answers: dict[str, str] = {}
        """The same to MAIL, such as `553 5.7.1 not your address`."""
        self.connections = 0
        self.port = 0
        self._now = now
        self._credentials = credentials
        self._tls_context = tls_context
        self._closing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._protocols: list[SMTP] = []

    @property
    def url(self) -> str:
        """What to give as `SMTP_URL`."""
        login = "{}:{}@".format(*self._credentials) if self._credentials else ""
        return f"smtp://{login}127.0.0.1:{self.port}?tls={'starttls' if self._tls_context else 'none'}"

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._closing.set()
        if self._server:
            self._server.close()
        for protocol in self._protocols:
            if isinstance(protocol.transport, asyncio.Transport):
                protocol.transport.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _protocol(self) -> SMTP:
        self.connections += 1
        protocol = SMTP(
            self,
            hostname="localhost",
            ident="Vigie demo",
            loop=asyncio.get_running_loop(),
            tls_context=self._tls_context,
            require_starttls=self._tls_context is not None,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )
        self._protocols.append(protocol)
        return protocol

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: object
    ) -> AuthResult:
        given = (login.login, login.password) if isinstance(login, LoginPassword) else None
        wanted = tuple(part.encode() for part in self._credentials or ())
        return AuthResult(success=given == wanted, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._credentials and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if answer := self.sender_answers.get(address):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.recipient_answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        if fault := self.faults.take():
            return await self._misbehave(server, fault, envelope, raw)
        return self._accept(envelope, raw)

    def _accept(self, envelope: Envelope, raw: bytes) -> str:
        if complaint := complaint_about(raw):
            return f"554 5.6.0 {complaint}"
        message = email.message_from_bytes(raw, policy=modern)
        assert isinstance(message, EmailMessage)
        for address in envelope.rcpt_tos:
            sender = envelope.mail_from or ""
            self.inbox.add(ReceivedMail(address, sender, message, raw, self._now(), time.monotonic()))
        return f"250 2.0.0 queued as {len(self.inbox)}"

    async def _misbehave(self, server: SMTP, fault: Fault, envelope: Envelope, raw: bytes) -> str:
        usual = self._accept(envelope, raw) if fault.proceeds else "250 2.0.0 not kept"
        if fault.delay:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), fault.delay)
        if fault.cut and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"{fault.status} {fault.message}" if fault.status else usual


def complaint_about(raw: bytes) -> str:
    """What a strict relay holds against a mail; empty for none (RFC 5322 §2.1, §3.6; RFC 2045 §6.2)."""
    head = raw.partition(b"\r\n\r\n")[0]
    message = email.message_from_bytes(raw, policy=modern)
    checks = {
        "eight-bit header": not head.isascii(),
        "eight-bit body without 8BITMIME": not raw.isascii(),
        f"line over {_LINE_OCTETS} octets": any(len(line) > _LINE_OCTETS for line in raw.split(b"\r\n")),
        "bare line feed": raw.count(b"\n") != raw.count(b"\r\n"),
        "message id in encoded words": _has_encoded_id(head),
        "not exactly one From, To, Date and Message-ID": not _has_required(message),
        "a Date that is none": not _has_date(message),
    }
    return next((complaint for complaint, holds in checks.items() if holds), "")


def _has_required(message: email.message.Message) -> bool:
    return all(len(message.get_all(name, [])) == 1 for name in _REQUIRED_ONCE)


def _has_date(message: email.message.Message) -> bool:
    return getattr(message.get("Date"), "datetime", None) is not None


def _has_encoded_id(head: bytes) -> bool:
    unfolded = head.decode("latin-1").replace("\r\n ", " ").split("\r\n")
    return any("=?" in line for line in unfolded if line.startswith(_ID_HEADERS))
