"""What a setting's value may be. Each returns it as it is kept, or raises ValueError with what is wrong with it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.notifiers.senders import mailbox
from bot.notifiers.smtp_url import parse_smtp_url

_OVH_REGION = re.compile(r"ovh-(eu|ca|us)|(kimsufi|soyoustart)-(eu|ca)")


def slack_ids(text: str) -> frozenset[str]:
    """Slack ids of people, with commas between them."""
    ids = frozenset(part.strip() for part in text.split(",") if part.strip())
    wrong = [one for one in ids if not re.fullmatch(r"[UW][A-Z0-9]{2,}", one)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not a Slack user id such as U01ADA")
    return ids


def web_address(text: str) -> str:
    """An address of the web."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    if parts.port == 0:
        raise ValueError("names port 0, where nothing listens")
    return alone(text)


def database_address(text: str) -> str:
    """A SQLite file or a PostgreSQL, by the name that SQLAlchemy has for it."""
    text = re.sub("^postgres://", "postgresql://", text)
    text = re.sub(r"^sqlite\+\w+:", "sqlite:", text)
    try:
        backend = make_url(text).get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("must be sqlite:///path/to/file or postgresql://user:password@host/name")
    if text != text.strip():
        # It would be another file's name, and a new database.
        raise ValueError("has a blank or a line break around it: set it again, the value alone")
    return _sqlite_file(text) if backend == "sqlite" else text


def _sqlite_file(text: str) -> str:
    url = make_url(text)
    if url.host or url.database in (None, "", ":memory:"):
        raise ValueError("name a file: sqlite:///vigie.db, or sqlite:////folder/vigie.db")
    if url.query or (url.database or "").startswith("file:"):
        raise ValueError("name the file alone, as in sqlite:///vigie.db: how it is opened is not to be set")
    return text


def ovh_endpoint(text: str) -> str:
    """A region of OVH's, or the address of its API."""
    return text if _OVH_REGION.fullmatch(text) else web_address(text)


def mail_server(text: str) -> str:
    """Where mails are handed in."""
    try:
        parse_smtp_url(text)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("SMTP_URL ")) from None
    return text


def mail_sender(text: str) -> str:
    """The address that mails are from, with or without a name before it."""
    try:
        mailbox(text, "MAIL_FROM")
    except ValueError as error:
        raise ValueError(str(error).removeprefix("MAIL_FROM ")) from None
    return text


def alone(text: str) -> str:
    """A key: a file's last line break comes along in many a secret store, and no header takes it."""
    if text and text.split() != [text]:
        raise ValueError("has a blank or a line break in it: set it again, the value alone")
    return text
