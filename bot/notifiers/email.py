"""E-mail over SMTP (aiosmtplib), one connection a mail, encrypted as configured and never less."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

import aiosmtplib

from bot.notifiers.base import CONNECTIONS_FOR_LETTERS, MAIL_CONNECTIONS, Email, Receipt, at_once
from bot.notifiers.dialling import Dialler, Resolve, resolved
from bot.notifiers.senders import mailbox
from bot.notifiers.smtp_url import SmtpAddress, Tls, parse_smtp_url
from domain.errors import DeliveryError
from domain.troubles import SMTP_REFUSES

_TIMEOUT_SECONDS = 24.5
"""For a whole exchange, of a dozen replies or so: a hair less than any send may take."""
_REPLY_SECONDS = 15.0
"""For one of its replies: a server that says nothing for so long hangs."""
_QUIT_SECONDS = 2.0
_REFERENCES_KEPT = 10
_FOLD = "\r\n "
_ID_HEADERS = {"message-id", "in-reply-to", "references"}
_LEADING_DOT = re.compile(rb"(?m)^\.")
_FAILURES = (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError)
"""aiosmtplib lets a certificate's failure out as `ssl.SSLCertVerificationError`, an OSError."""


class SmtpEmail:
    """An `EmailNotifier`."""

    def __init__(
        self,
        url: str,
        mail_from: str,
        timeout: float = _TIMEOUT_SECONDS,
        tls_context: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        """`url` as in `SMTP_URL`, `mail_from` as in `MAIL_FROM`; `timeout`: seconds for a whole exchange; `resolve`
        knows what names mean."""
        self._server = parse_smtp_url(url)
        self._dialler = Dialler(self._server.host, self._server.port, resolve)
        self._from = mailbox(mail_from, "MAIL_FROM")
        self._timeout = timeout
        self._slots = asyncio.Semaphore(MAIL_CONNECTIONS + CONNECTIONS_FOR_LETTERS)
        encrypted = self._server.tls is not Tls.NONE
        # Built once: reading the system's certificates takes some 20 ms.
        self._tls_context = (tls_context or ssl.create_default_context()) if encrypted else None

    async def send(self, message: Email, ready: Callable[[], Awaitable[None]] = at_once) -> Receipt:
        """Hand the mail in. No reply after its content was sent is an ambiguous `DeliveryError`.

        `ready` is asked when the server waits for the content: what it raises leaves the mail without its last dot, and
        the server forgets it (RFC 5321 §3.8)."""
        content_begun, answer = False, None
        async with self._slots:
            # In its turn, since writing a mail takes milliseconds of everybody's time.
            recipient, content = self._compose(message)
            try:
                async with asyncio.timeout(self._timeout), self._session() as client:
                    await client.mail(self._from.addr_spec)
                    await client.rcpt(recipient)
                    await _invited(client)
                    await ready()
                    content_begun = True
                    answer = await _handed_in(client, content)
            except _FAILURES as error:
                # Once it is taken, a goodbye that is long in coming changes nothing.
                if answer is None:
                    raise _delivery_error(error, content_begun) from error
        assert answer is not None
        return Receipt(message.message_id, f"{answer.code} {_words(answer.message)}")

    async def check(self) -> None:
        """Connect, encrypt, log in and name the sender, sending nothing; `DeliveryError` says what failed."""
        try:
            async with asyncio.timeout(self._timeout), self._session() as client:
                await client.mail(self._from.addr_spec)
                await client.rset()
        except _FAILURES as error:
            raise _delivery_error(error, content_begun=False) from error

    async def close(self) -> None:
        """Nothing outlives a send."""

    @contextlib.asynccontextmanager
    async def _session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        seconds = min(self._timeout, _REPLY_SECONDS)
        client = _client(self._server, self._from.domain, seconds, self._tls_context)
        try:
            await client.connect(sock=await self._dialled())
            yield client
            with contextlib.suppress(*_FAILURES):
                await client.quit(timeout=_QUIT_SECONDS)
        finally:
            client.close()

    async def _dialled(self) -> socket.socket:
        try:
            return await self._dialler.dial()
        except OSError as error:
            where = f"{self._server.host} on port {self._server.port}"
            raise aiosmtplib.SMTPConnectError(f"Error connecting to {where}: {error}") from error

    def _compose(self, message: Email) -> tuple[str, bytes]:
        """The recipient's address and the mail's bytes; what cannot be written will never be sendable."""
        try:
            recipient = mailbox(message.to, "the recipient")
            return recipient.addr_spec, compose(message, self._from, recipient).as_bytes()
        except ValueError as error:
            raise DeliveryError(f"e-mail cannot be written: {_words(str(error))}", permanent=True) from error


class _SmtpPolicy(EmailPolicy):
    """CR LF, seven bits, and message ids left whole.

    Python's folding turns an id past column 78 into encoded words, which no mail client threads by.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _ID_HEADERS:
            return f"{name}: {_FOLD.join(value.split())}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _SmtpPolicy(linesep="\r\n", cte_type="7bit")


def compose(message: Email, sender: Address, recipient: Address) -> EmailMessage:
    """The mail as it is handed in; a `ValueError` when some of it cannot be written."""
    mail = EmailMessage(_POLICY)
    for name, value in _headers(message):
        mail[name] = _words(value)
    mail["From"], mail["To"] = sender, recipient
    # Quoted-printable, said: a filter distrusts base64 text, and eight bits need a server that agrees.
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def _headers(message: Email) -> list[tuple[str, str]]:
    """Further headers come last; `EmailMessage` refuses to say twice what may be said once, most of ours."""
    headers = [
        ("Subject", message.subject),
        ("Message-ID", message.message_id),
        ("Date", format_datetime(message.sent_at)),
        # RFC 3834: no out-of-office reply is due.
        ("Auto-Submitted", "auto-generated"),
    ]
    if message.references:
        headers.append(("In-Reply-To", message.references[-1]))
        headers.append(("References", " ".join(message.references[-_REFERENCES_KEPT:])))
    return [*headers, *message.headers]


def _words(text: str) -> str:
    """`text` on one line: a line break would begin a header of the author's choice."""
    return " ".join(text.replace("\0", "").split())


def _client(server: SmtpAddress, own_name: str, timeout: float, tls_context: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        username=server.username or None,
        password=server.password or None,
        # Said, because the default asks the DNS for our own name.
        local_hostname=own_name,
        timeout=timeout,
        use_tls=server.tls is Tls.TLS,
        start_tls=server.tls is Tls.STARTTLS,
        tls_context=tls_context,
    )


async def _invited(client: aiosmtplib.SMTP) -> None:
    """The first half of DATA. The client's own method writes the content as soon as the server asks for it, also where
    this process was frozen in between and another has sent the mail meanwhile."""
    answer = await client.execute_command(b"DATA")
    if answer.code != aiosmtplib.SMTPStatus.start_input:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)


async def _handed_in(client: aiosmtplib.SMTP, content: bytes) -> aiosmtplib.SMTPResponse:
    """The second half: the content with its dots doubled (RFC 5321 §4.5.2), and what the server says to it."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    client.protocol.write(_LEADING_DOT.sub(b"..", content) + b".\r\n")
    answer = await client.protocol.read_response(client.timeout)
    if answer.code != aiosmtplib.SMTPStatus.completed:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    return answer


def _delivery_error(error: Exception, content_begun: bool) -> DeliveryError:
    """RFC 5321 §4.2.1: 4yz passes, 5yz stays. Without a reply, the content may have been taken."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        reason = f"SMTP {error.code} {_words(str(error.message))}"[:300]
        is_of_us = _is_of_us(error)
        return DeliveryError(
            reason, permanent=error.code >= 500, is_mendable=is_of_us, code=SMTP_REFUSES if is_of_us else ""
        )
    is_unsafe = _is_unsafe(error)
    return DeliveryError(
        f"SMTP: {type(error).__name__}: {_words(str(error)) or 'no answer in time'}"[:300],
        permanent=is_unsafe or (isinstance(error, ValueError) and not isinstance(error, OSError)),
        is_mendable=is_unsafe,
        ambiguous=content_begun,
        code=SMTP_REFUSES if is_unsafe else "",
    )


def _is_of_us(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether it is Vigie that the server refuses, and no other mail will fare better: user and password, or that there
    are none (RFC 4954 §6), the host, or the sender. 552 is a mail that is too large (RFC 1870)."""
    return error.code == 530 or (isinstance(error, _REFUSALS_OF_US) and error.code >= 500 and error.code != 552)


_REFUSALS_OF_US = (
    aiosmtplib.SMTPAuthenticationError,
    aiosmtplib.SMTPConnectResponseError,
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPSenderRefused,
)


def _is_unsafe(error: Exception) -> bool:
    """A certificate nobody trusts, or a server without the encryption or login that is configured."""
    certificate = any(isinstance(each, ssl.SSLCertVerificationError) for each in (error, error.__cause__))
    return certificate or type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}
