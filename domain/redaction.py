"""What must not be read where errors and log lines are: secrets, known by their form or because they were named.

The forms are those that Vigie holds or is shown: tokens of Slack and its own, webhooks that whoever has their address
may post to, signed links, passwords in addresses and in what libraries print of a request. The rest of the text
stays: an error without its words helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

HIDDEN = "***"
SHORTEST = 6
"""A named secret of fewer characters is not looked for: it would take words with it that are none."""

_KEPT_PART = r"\g<kept>" + HIDDEN
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.IGNORECASE), with_what)
    for form, with_what in (
        # Slack: bot, user, app-level, refresh and configuration tokens, incoming webhooks, response_urls, websockets.
        (r"(?P<kept>\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-)[\w-]+", _KEPT_PART),
        (r"(?P<kept>\bhooks\.slack(?:-gov)?\.com/\w+/)[\w/-]+", _KEPT_PART),
        # Discord, by either name, of any version of its API.
        (r"(?P<kept>\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/)[\w-]+", _KEPT_PART),
        # Vigie: tokens of the API, signed links.
        (r"(?P<kept>\bvigie_)[\w-]{16,}", _KEPT_PART),
        (r"(?P<kept>/(?:a|t|s|p|ical)/)[\w-]{22}\.[\w-]{16}", _KEPT_PART),
        # Calendars that Google gives out in private.
        (r"(?P<kept>/private-)[0-9a-f]{16,}", _KEPT_PART),
        # scheme://user:password@host
        (r"(?P<kept>\b[a-z][a-z0-9+.-]{0,30}://[^\s/?#:@\"']*:)[^\s/\"']+(?=@)", _KEPT_PART),
        # Headers, as they are sent and as libraries print them.
        (r"(?P<kept>\bauthorization[\"']?\s*[:=,]\s*[\"']?(?:(?:token|bearer|basic)\s+)?)[^\s\"',;]+", _KEPT_PART),
        (r"(?P<kept>\b(?:bearer|basic)\s+)[\w+/=.~-]{16,}", _KEPT_PART),
        (r"(?P<kept>\bx-ovh-(?:consumer|application|signature)[\"']?\s*[:=,]\s*[\"']?)[^\s\"',;]+", _KEPT_PART),
        # name=value and "name": "value"
        (
            r"(?P<kept>\b(?:[\w-]{0,40}?(?:password|passwd|secret|api_?key|access_?key|private_?key|consumer_?key"
            r"|application_?key|routing_?key|(?<![a-z])token)|ticket|sig)\b[\"']?\s*(?:=|:\s*(?=[\"']))\s*[\"']?)"
            r"[^\s\"'&,;)}\]]+",
            _KEPT_PART,
        ),
        (r"(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?s:.*?)(?=-----END|\Z)", _KEPT_PART),
    )
)
# A text without any of these has nothing to hide, and most have not.
_HINT = re.compile(
    r"xox|xapp-|hooks\.slack|discord|vigie_|/a/|/t/|/s/|/p/|/ical/|/private-|://[^/\s]*@|authoriz|bearer|basic|x-ovh|passw"
    r"|secret|key|token|ticket|sig|private",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """`text` without what has the form of a secret."""
    if not _HINT.search(text):
        return text
    for form, with_what in _FORMS:
        text = form.sub(with_what, text)
    return text


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """`redacted`, that also hides these, wherever they stand."""
    named = sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True)
    if not named:
        return redacted
    any_of_them = re.compile("|".join(map(re.escape, named)))
    return lambda text: redacted(any_of_them.sub(HIDDEN, text))
