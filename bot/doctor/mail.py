"""E-mail: the server is reached, encrypted as configured, takes the login and the sender. Nothing is sent."""

from __future__ import annotations

import ipaddress
import ssl

import aiosmtplib

from bot.doctor.absence import off
from bot.doctor.database import Database
from bot.doctor.findings import SECONDS, Check, Finding, Verdict
from bot.notifiers.email import SmtpEmail
from bot.notifiers.smtp_url import SmtpAddress, Tls, parse_smtp_url
from bot.settings import Settings
from domain.errors import DeliveryError
from domain.policies import Channel

AREA = "e-mail"
_TIMEOUT = SECONDS - 0.5
_AWAY = "Are host and port of SMTP_URL right and reachable from here? Many hosters block port 25: take 587 or 465."
_LOGIN = "Mend user and password in SMTP_URL (percent-encoded: @ is %40, : is %3A, / is %2F, # is %23)."
_CERTIFICATE = (
    "Name the server in SMTP_URL as its certificate does, or have it renewed; a CA of your own goes in SSL_CERT_FILE."
)
_RELAY = "or ?tls=none if it is a relay on this machine"
_ENCRYPTION = {
    Tls.STARTTLS: f"No STARTTLS is offered: say ?tls=tls if it speaks TLS from the start (port 465), {_RELAY}.",
    Tls.TLS: f"The server does not speak TLS from the start here: say ?tls=starttls (port 587), {_RELAY}.",
    Tls.NONE: "The server wants encryption: say ?tls=starttls (port 587) or ?tls=tls (port 465).",
}


class Mail:
    """The checks of the mail server, or of there being none."""

    def __init__(self, settings: Settings, database: Database | None) -> None:
        self._settings = settings
        self._database = database

    @property
    def checks(self) -> list[Check]:
        if not self._settings.smtp_url:
            return [Check(AREA, self.absent)]
        return [Check(AREA, self.server), Check(AREA, self.secrecy)]

    async def absent(self) -> Finding:
        """E-mail that is off."""
        remedy = "Set SMTP_URL=smtp://user:password@host:587?tls=starttls, and MAIL_FROM."
        return await off(AREA, Channel.EMAIL, self._database, remedy)

    async def server(self) -> Finding:
        """Whether the server would take a mail of ours, all but the mail itself."""
        settings, server = self._settings, parse_smtp_url(self._settings.smtp_url)
        place = f"{server.host}:{server.port}"
        try:
            await SmtpEmail(settings.smtp_url, settings.sender_address, timeout=_TIMEOUT).check()
        except ValueError as error:
            return Finding(AREA, Verdict.ERROR, str(error), "Set MAIL_FROM to an address such as vigie@example.com.")
        except DeliveryError as error:
            what, remedy = _explained(error, server, settings.sender_address)
            return Finding(AREA, Verdict.ERROR, f"{place}: {what}", remedy)
        login = "the login and " if server.username else ""
        encrypted = "unencrypted" if server.tls is Tls.NONE else f"over {server.tls.upper()}"
        return Finding(AREA, Verdict.OK, f"{place} takes {login}mail from {settings.sender_address}, {encrypted}")

    async def secrecy(self) -> Finding | None:
        """Whether mails and the password cross a network that others may listen to."""
        server = parse_smtp_url(self._settings.smtp_url)
        if server.tls is not Tls.NONE or _is_this_machine(server.host):
            return None
        what = f"{'the password and ' if server.username else ''}mails go to {server.host} unencrypted"
        return Finding(AREA, Verdict.WARNING, what, "Say ?tls=starttls or ?tls=tls in SMTP_URL.")


def _explained(error: DeliveryError, server: SmtpAddress, sender: str) -> tuple[str, str]:
    """What went wrong and how to mend it."""
    cause = error.__cause__
    if certificate := next((one for one in (cause, cause and cause.__cause__) if _is_certificate(one)), None):
        return f"its certificate is not trusted: {_reason(certificate)}", _CERTIFICATE
    match cause:
        case aiosmtplib.SMTPAuthenticationError():
            return f"refuses the login of {server.username}: {error.reason}", _LOGIN
        case aiosmtplib.SMTPSenderRefused(code=530):
            return f"wants a login or encryption first: {error.reason}", f"{_LOGIN} {_ENCRYPTION[Tls.NONE]}"
        case aiosmtplib.SMTPSenderRefused():
            return f"takes no mail from {sender}: {error.reason}", "Set MAIL_FROM to an address it lets you send from."
        case ssl.SSLError():
            return f"TLS does not come about: {error.reason}", _ENCRYPTION[server.tls]
        case aiosmtplib.SMTPConnectError() if isinstance(cause.__cause__, ssl.SSLError):
            return f"TLS does not come about: {error.reason}", _ENCRYPTION[server.tls]
    if error.permanent and not isinstance(cause, aiosmtplib.SMTPResponseException):
        return error.reason, _ENCRYPTION[server.tls]
    return error.reason, _AWAY


def _is_certificate(error: BaseException | None) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError)


def _reason(error: BaseException) -> str:
    return str(getattr(error, "verify_message", "") or error)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
