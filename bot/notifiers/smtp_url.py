"""`SMTP_URL`, read: smtp://user:pass@host:587?tls=starttls|tls|none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit


class Tls(StrEnum):
    """How the connection is encrypted. There is no "if offered": that would fall back to plain text."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_DEFAULT_PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    tls: Tls
    username: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpAddress:
    """The address in `url`; a `ValueError` says what is wrong, never showing the password.

    User and password are percent-decoded. `tls` is starttls unless said; the port follows it (587, 465, 25).
    """
    parts = _split(url)
    tls = _tls(parts.query)
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(username) is not bool(password):
        raise ValueError("SMTP_URL has a user without a password, or a password without a user")
    host = parts.hostname or ""
    return SmtpAddress(host, parts.port or _DEFAULT_PORTS[tls], tls, username, password)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("SMTP_URL has a wrong host or port (1 to 65535 is expected)") from None
    if parts.scheme != "smtp":
        raise ValueError("SMTP_URL must begin with smtp:// (encryption is said by ?tls=starttls|tls|none)")
    if not parts.hostname or port == 0:
        raise ValueError("SMTP_URL has no host or port 0: smtp://user:pass@host:587?tls=starttls")
    if parts.path.strip("/") or parts.fragment:
        raise ValueError("SMTP_URL has something after the host: in a password / ? # @ are %2F %3F %23 %40")
    return parts


def _tls(query: str) -> Tls:
    options = parse_qs(query, keep_blank_values=True)
    if unknown := sorted(set(options) - {"tls"}):
        raise ValueError(f"SMTP_URL has an unknown option {unknown[0]!r}: only tls is known")
    mode = options.get("tls", [Tls.STARTTLS.value])[-1]
    if mode not in set(Tls):
        raise ValueError(f"SMTP_URL has tls={mode!r}: expected starttls, tls or none")
    return Tls(mode)
