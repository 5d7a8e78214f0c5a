"""Whom messages are from: `MAIL_FROM` and `OVH_SMS_SENDER`, read."""

from __future__ import annotations

import re
from email.headerregistry import Address

_ADDRESS_OCTETS = 254
"""RFC 5321 §4.5.3.1.3, less the angle brackets."""
_ATOM = r"[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_MAILBOX = re.compile(
    rf"(?P<name>[^<>@,;]*)<(?P<local>{_LOCAL})@(?P<domain>[\w.-]+)>"
    rf"|(?P<bare_local>{_LOCAL})@(?P<bare_domain>[\w.-]+)"
)
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_SMS_NAME = re.compile(r"(?=.*[A-Za-z0-9])[ -~]{1,11}")
"""Marks are left to OVH: which of them it validates is written nowhere."""
_SMS_NUMBER = re.compile(r"(\+|00)?[0-9]{3,15}")


def mailbox(text: str, what: str) -> Address:
    """The one address in `text`, as `ada@example.com` or `Vigie <vigie@example.com>`, domain in ASCII.

    Read by a pattern: the standard parser raises IndexError and AttributeError on hostile text, and takes
    quoted and commented forms no mailbox of a person has.
    """
    found = _MAILBOX.fullmatch(" ".join(text.split()))
    if not found:
        raise ValueError(f"{what} {text!r} is not one e-mail address")
    name, local = found["name"] or "", found["local"] or found["bare_local"]
    try:
        domain = (found["domain"] or found["bare_domain"]).encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain) or len(f"{local}@{domain}") > _ADDRESS_OCTETS:
        raise ValueError(f"{what} {text!r} has a domain that cannot be")
    return Address("".join(filter(str.isprintable, name)).strip(' "'), local, domain)


def sms_sender(text: str) -> str:
    """The name or number that SMS come from, as it stands in `text`; a `ValueError` when no SMS can."""
    if not _SMS_NAME.fullmatch(text) and not _SMS_NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is neither at most 11 letters and digits nor a number such as +33700000000")
    return text
