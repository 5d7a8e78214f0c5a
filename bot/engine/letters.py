"""A page as a mail: its words, and what makes it one thread in a mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blocks.notifications import MailWords
from bot.notifiers.base import Email
from domain.notifications import Notification

_REFERENCES = 20


def letter(page: Notification, said: MailWords, earlier: Sequence[str], domain: str, now: datetime) -> Email:
    """The mail of `page`. `earlier` are the ids of those sent before it, which it answers; Message-IDs end with
    `domain`."""
    return Email(
        to=page.recipient.address,
        subject=said.subject,
        text=said.text,
        html=said.html,
        message_id=_message_id(page.id, domain),
        sent_at=now,
        references=tuple(_message_id(one, domain) for one in earlier[-_REFERENCES:]),
    )


def _message_id(page: str, domain: str) -> str:
    """The same at each attempt: a mailbox drops the second copy of a mail whose answer was lost."""
    return f"<{page}@{domain}>"
